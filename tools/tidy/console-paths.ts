import ts from 'typescript'
import { lineAt, literalText, type Source, sourcesOf, walk } from './source.ts'
import type { Tree } from './tree.ts'

const document = 'docs/openapi.json'
const client = 'console/src/api/'

/** Every path that the console asks for and that the API's document does not have. */
export function consolePathFindings(tree: Tree): readonly string[] {
  const text = tree.get(document)
  if (text === undefined) return []
  // Our own document; a test compares it with the routes that are served.
  const { paths } = JSON.parse(text) as { readonly paths: Readonly<Record<string, unknown>> }
  const served = Object.keys(paths)
  return sourcesOf(tree)
    .filter(({ path }) => path.startsWith(client))
    .flatMap(source =>
      pathsOf(source)
        .filter(({ pattern }) => !served.some(path => pattern.test(path)))
        .map(({ line, asked }) => `${source.path}:${line} asks for ${asked}, which is in no route`),
    )
}

interface Asked {
  readonly line: number
  readonly asked: string
  readonly pattern: RegExp
}

function pathsOf(source: Source): readonly Asked[] {
  const found: Asked[] = []
  walk(source, node => {
    const parts = partsOf(node)
    if (parts === null || !parts[0]?.startsWith('/v1/')) return
    found.push({
      line: lineAt(source, node.getStart(source.file)),
      asked: parts.join('…'),
      pattern: new RegExp(`^${parts.map(part => part.replaceAll('.', '\\.')).join('[^/]+')}$`),
    })
  })
  return found
}

/** The fixed parts of a text, with something between each two of them. */
function partsOf(node: ts.Node): readonly string[] | null {
  if (ts.isTemplateExpression(node))
    return [node.head.text, ...node.templateSpans.map(span => span.literal.text)]
  return ts.isStringLiteralLike(node) ? [literalText(node) ?? ''] : null
}
