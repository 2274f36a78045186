import { isTest, lineAt, literalText, sourcesOf, walk } from './source.ts'
import type { Tree } from './tree.ts'

// A statement begins like one and is written in one case, which "Select a merchant from the list" is not.
const statement = [
  'select\\s[^]*\\sfrom\\s',
  'insert\\s+into\\s',
  'update\\s+[\\w."]+\\s+set\\s',
  'delete\\s+from\\s',
  'with\\s+\\w+\\s+as\\s*\\(',
  '(?:create|alter|drop)\\s+(?:or\\s+replace\\s+)?(?:unlogged\\s+)?(?:table|index|unique|function|trigger|schema|role|type|view|sequence|database)\\b',
  'truncate\\s+\\w',
  '(?:begin|commit|rollback)\\s*;?\\s*$',
  '(?:un)?listen\\s+\\w+\\s*;?\\s*$',
].join('|')
const sql = new RegExp(`^\\s*(?:${statement}|${upper(statement)})`)

// The auditor judges the store, and so asks the database with words of its own.
const homes = ['src/store/', 'src/auditor/']

/** Every SQL statement outside `src/store/` and the auditor. The system tests may look into the database with their own eyes. */
export function sqlFindings(tree: Tree): readonly string[] {
  return sourcesOf(tree)
    .filter(
      ({ path }) => path.startsWith('src/') && !homes.some(home => path.startsWith(home)) && !isTest(path),
    )
    .flatMap(source => {
      const found: string[] = []
      walk(source, node => {
        const text = literalText(node)
        if (text === null || !sql.test(text)) return
        found.push(
          `${source.path}:${lineAt(source, node.getStart(source.file))} holds SQL, which lives in src/store/`,
        )
      })
      return found
    })
}

// The words in capitals, the classes of the expression (\s, \w, \b) as they are.
function upper(pattern: string): string {
  return pattern.replace(/(?<!\\)[a-z]/g, letter => letter.toUpperCase())
}
