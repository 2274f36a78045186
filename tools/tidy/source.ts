import { posix } from 'node:path'
import ts from 'typescript'
import type { Tree } from './tree.ts'

/** One TypeScript file, parsed once and read by every check. */
export interface Source {
  readonly path: string
  readonly text: string
  /** The text with comments blanked and the contents of strings, templates and regular expressions too; lines stay. */
  readonly code: string
  readonly file: ts.SourceFile
  readonly imports: readonly Import[]
}

export interface Import {
  /** As written; null where it is computed. */
  readonly specifier: string | null
  /** Path in the tree for a relative specifier, else null. */
  readonly target: string | null
  /** Gone once types are stripped. */
  readonly typeOnly: boolean
  /** An address such as `new URL('./worker.ts', import.meta.url)`: it loads the file without an import. */
  readonly byUrl: boolean
  readonly line: number
}

const parsed = new WeakMap<Tree, readonly Source[]>()

/** Every `.ts` and `.tsx` file of the tree. */
export function sourcesOf(tree: Tree): readonly Source[] {
  const known = parsed.get(tree)
  if (known !== undefined) return known
  const sources = [...tree].filter(([path]) => /\.tsx?$/.test(path)).map(([path, text]) => parse(path, text))
  parsed.set(tree, sources)
  return sources
}

/** A test, or what only tests are made of. */
export function isTest(path: string): boolean {
  return /\.(?:test|fixture)\.tsx?$/.test(path)
}

export function lineAt(source: Source, position: number): number {
  return source.file.getLineAndCharacterOfPosition(position).line + 1
}

/** Calls `see` with every node of the file, parents first. */
export function walk(source: Source, see: (node: ts.Node) => void): void {
  const visit = (node: ts.Node): void => {
    see(node)
    ts.forEachChild(node, visit)
  }
  visit(source.file)
}

/** The text of a string or a piece of a template, null for any other node. */
export function literalText(node: ts.Node): string | null {
  const isText =
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddle(node) ||
    ts.isTemplateTail(node)
  return isText ? node.text : null
}

function parse(path: string, text: string): Source {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false, kind)
  const source = { path, text, file, code: '', imports: [] }
  return { ...source, code: blank(source), imports: importsOf(source) }
}

// Literals are found by the parser, comments between them by eye: outside a literal, two slashes are always a comment.
function blank(source: Source): string {
  const characters = [...source.text.split('')]
  const literals: { readonly from: number; readonly to: number }[] = []
  walk(source, node => {
    if (literalText(node) === null && !ts.isRegularExpressionLiteral(node) && !ts.isJsxText(node)) return
    literals.push({ from: node.getStart(source.file), to: node.getEnd() })
  })
  literals.sort((one, other) => one.from - other.from)

  const erase = (from: number, to: number): void => {
    for (let at = from; at < to; at++) if (characters[at] !== '\n') characters[at] = ' '
  }
  let at = 0
  for (const literal of [...literals, { from: source.text.length, to: source.text.length }]) {
    while (at < literal.from) {
      const end = commentEnd(source.text, at)
      if (end > at) erase(at, end)
      at = Math.max(end, at + 1)
    }
    // The quotes stay, so that `process['env']` is still seen to be an access.
    if (at <= literal.from) erase(literal.from + 1, literal.to - 1)
    at = Math.max(at, literal.to)
  }
  return characters.join('')
}

function commentEnd(text: string, at: number): number {
  if (text.startsWith('//', at)) {
    const end = text.indexOf('\n', at)
    return end === -1 ? text.length : end
  }
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2)
    return end === -1 ? text.length : end + 2
  }
  return at
}

function importsOf(source: Source): readonly Import[] {
  const found: Import[] = []
  const add = (
    node: ts.Node,
    argument: ts.Node | undefined,
    kind: { typeOnly?: boolean; byUrl?: boolean },
  ): void => {
    const specifier = argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : null
    found.push({
      specifier,
      target: specifier === null ? null : resolve(source.path, specifier),
      typeOnly: kind.typeOnly ?? false,
      byUrl: kind.byUrl ?? false,
      line: lineAt(source, node.getStart(source.file)),
    })
  }
  walk(source, node => {
    if (ts.isImportDeclaration(node))
      add(node, node.moduleSpecifier, { typeOnly: bringsOnlyTypes(node.importClause) })
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined)
      add(node, node.moduleSpecifier, { typeOnly: node.isTypeOnly || passesOnlyTypes(node.exportClause) })
    else if (ts.isImportTypeNode(node))
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, { typeOnly: true })
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node, node.arguments[0], {})
    else if (
      ts.isCallExpression(node) &&
      ts.isIdentifier(node.expression) &&
      node.expression.text === 'require'
    )
      add(node, node.arguments[0], {})
    else if (isModuleUrl(node)) add(node, node.arguments?.[0], { byUrl: true })
  })
  return found
}

function bringsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false
  return named.elements.length > 0 && named.elements.every(element => element.isTypeOnly)
}

function passesOnlyTypes(clause: ts.NamedExportBindings | undefined): boolean {
  if (clause === undefined || !ts.isNamedExports(clause)) return false
  return clause.elements.length > 0 && clause.elements.every(element => element.isTypeOnly)
}

function isModuleUrl(node: ts.Node): node is ts.NewExpression {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'URL')
    return false
  const [address] = node.arguments ?? []
  return address !== undefined && ts.isStringLiteralLike(address) && /^\.\.?\/.*\.tsx?$/.test(address.text)
}

function resolve(from: string, specifier: string): string | null {
  return /^\.\.?\//.test(specifier) ? posix.join(posix.dirname(from), specifier) : null
}
