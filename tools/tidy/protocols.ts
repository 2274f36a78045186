import ts from 'typescript'
import { isTest, lineAt, literalText, type Source, sourcesOf, walk } from './source.ts'
import { existsIn, type Tree } from './tree.ts'

const home = 'src/protocols/'
const registry = 'src/protocols/registered.ts'
const everyProtocolHolds = [
  'README.md',
  'index.ts',
  'wire.ts',
  'sign.ts',
  'status.ts',
  'connector.ts',
  'door.ts',
  'vectors/',
]

/** The only shared places that may call a protocol by its name. */
export const mayNameProtocols: readonly { readonly place: string; readonly why: string }[] = [
  { place: registry, why: 'the one line to add' },
  { place: 'src/cli/', why: 'a person types the name; the demo shows all of them' },
  { place: 'src/simulator/', why: 'tables of what each fake provider is like' },
]

export function protocolNames(tree: Tree): readonly string[] {
  const below = [...tree.keys()].filter(path => path.startsWith(home)).map(path => path.slice(home.length))
  return [...new Set(below.filter(path => path.includes('/')).map(path => path.slice(0, path.indexOf('/'))))]
}

/** Every protocol folder that lacks one of its files or its line in the registry. */
export function folderFindings(tree: Tree): readonly string[] {
  const registered = sourcesOf(tree).find(source => source.path === registry)?.imports ?? []
  return protocolNames(tree).flatMap(name => {
    const missing = everyProtocolHolds.filter(file => !existsIn(tree, `${home}${name}/${file}`))
    const isRegistered = registered.some(one => one.target === `${home}${name}/index.ts` && !one.typeOnly)
    return [
      ...missing.map(file => `${home}${name}/ lacks ${file}`),
      ...(isRegistered ? [] : [`${home}${name}/ is not registered in ${registry}`]),
    ]
  })
}

/** Every shared file that says the name of a protocol: it would treat that one differently from the next one. */
export function nameFindings(tree: Tree): readonly string[] {
  const names = protocolNames(tree)
  return sourcesOf(tree)
    .filter(({ path }) => path.startsWith('src/') && !isTest(path))
    .filter(({ path }) => !mayNameProtocols.some(({ place }) => path.startsWith(place)))
    .flatMap(source => {
      const foreign = names.filter(name => !source.path.startsWith(`${home}${name}/`))
      return foreign.length === 0 ? [] : namesIn(source, foreign)
    })
}

function namesIn(source: Source, names: readonly string[]): readonly string[] {
  const name = new RegExp(`(?<![a-z0-9])(?:${names.join('|')})(?![a-z0-9])`, 'i')
  const found: string[] = []
  walk(source, node => {
    const text = literalText(node) ?? (ts.isIdentifier(node) ? node.text : '')
    const said = name.exec(text)
    if (said === null) return
    found.push(`${source.path}:${lineAt(source, node.getStart(source.file))} names the protocol ${said[0]}`)
  })
  return found
}
