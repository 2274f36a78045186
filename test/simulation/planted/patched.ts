// The text of a file with a bug in it.
import type { Patch, Planted } from './planted.ts'

/** A migration is no module: it is changed where it is read. */
const READS_MIGRATIONS = 'src/store/migrate.ts'
const READ = "const sql = (await readFile(join(path, name), 'utf8')).replaceAll('\\r\\n', '\\n')"

export function patchesOf({ number, patches = [] }: Planted): readonly Patch[] {
  const sql = patches.filter(({ file }) => file.endsWith('.sql'))
  const others = patches.filter(({ file }) => !file.endsWith('.sql'))
  return sql.length === 0 ? others : [...others, readPatched(number, sql)]
}

/** All of them in one patch: they share the line at which a migration is read. */
function readPatched(number: string, patches: readonly Patch[]): Patch {
  const steps = patches.map(({ file, from, to }) => {
    const [name, text, other] = [file.split('/').at(-1), from, to].map(value => JSON.stringify(value))
    const fits = `if (name === ${name} && sql.split(${text}).length !== 2) throw new Error('patch ${number} does not fit')`
    return `${fits}\nif (name === ${name}) sql = sql.replace(${text}, () => ${other})`
  })
  return { file: READS_MIGRATIONS, from: READ, to: [READ.replace('const', 'let'), ...steps].join('\n') }
}

/** The source of this file under the patches that are its own. @throws where one does not fit exactly once */
export function patched(source: string, path: string, root: string, patches: readonly Patch[]): string {
  let text = source
  for (const { file, from, to } of patches) {
    if (path !== root + file) continue
    if (text.split(from).length !== 2) throw new Error(`a patch does not fit ${file}`)
    text = text.replace(from, () => to)
  }
  return text
}
