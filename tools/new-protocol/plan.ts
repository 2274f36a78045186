// What `npm run new-protocol` writes, as text: the files of a new folder out of the templates, and the list of
// protocols with one line more. Nothing is written here.

/** The templates, by the name of the file they become below the folder. */
export const TEMPLATE_FILES: readonly { readonly template: string; readonly file: string }[] = [
  ...[
    'README.md',
    'index.ts',
    'wire.ts',
    'sign.ts',
    'status.ts',
    'connector.ts',
    'door.ts',
    'builder.ts',
    'document.ts',
    'sandbox.ts',
    'conformance.fixture.ts',
    'sign.test.ts',
    'status.test.ts',
    'vectors.test.ts',
    'door.test.ts',
  ].map(file => ({ template: `${file}.txt`, file })),
  { template: 'vectors-README.md.txt', file: 'vectors/README.md' },
]

/** Null, or why a protocol cannot be called so. `folders` are the ones there are. */
export function nameRefused(name: string, folders: readonly string[]): string | null {
  if (!/^[a-z][a-z0-9]{2,19}$/.test(name))
    return 'a name is 3 to 20 small letters and digits, a letter first: it is a folder, a word in code and part of setting names'
  if (TAKEN.has(name)) return `${name} is a word of the language or of this project`
  if (folders.includes(name)) return `src/protocols/${name}/ is there already, and nothing is overwritten`
  return null
}

/** A template with the name in it, as a word, as the beginning of a type and in capitals. */
export function templateFilled(template: string, name: string): string {
  return template
    .replaceAll('__name__', name)
    .replaceAll('__Name__', name.slice(0, 1).toUpperCase() + name.slice(1))
    .replaceAll('__NAME__', name.toUpperCase())
}

/** The list of protocols with one line more, or null where it does not look as it should. */
export function listWith(list: string, name: string): string | null {
  const lines = list.split('\n')
  const line = `export { ${name} } from './${name}/index.ts'`
  const exports = lines.filter(each => each.startsWith('export {'))
  if (exports.length === 0) return null
  // Among the others in the order that the formatter keeps: by address.
  const after = lines.findIndex(each => each.startsWith('export {') && addressOf(each) > addressOf(line))
  const last = lines.findLastIndex(each => each.startsWith('export {'))
  lines.splice(after === -1 ? last + 1 : after, 0, line)
  return lines.join('\n')
}

function addressOf(line: string): string {
  return /from '([^']*)'/.exec(line)?.[1] ?? ''
}

/** Words that cannot name a constant, and those that mean something else here. */
const TAKEN = new Set(
  (
    'api await break case catch class const console continue debugger default delete desk door else enum eval ' +
    'export extends false finally for function implements import instanceof interface let new null package private ' +
    'protected protocol protocols public rail registry return static super switch this throw true try typeof undefined ' +
    'var void while with yield arguments async constructor prototype'
  ).split(' '),
)
