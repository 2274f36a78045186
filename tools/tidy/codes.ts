import ts from 'typescript'
import { type Source, sourcesOf, walk } from './source.ts'
import type { Tree } from './tree.ts'

const list = 'src/errors.ts'
const page = 'docs/errors.md'

/** Every code of `ERRORS` without a row in docs/errors.md, and every row there without a code. */
export function codeFindings(tree: Tree): readonly string[] {
  const source = sourcesOf(tree).find(candidate => candidate.path === list)
  const text = tree.get(page)
  if (source === undefined && text === undefined) return []
  if (source === undefined) return [`${page} explains codes, but there is no ${list}`]
  if (text === undefined) return [`${list} lists codes, but there is no ${page}`]

  const codes = codesOf(source)
  if (codes.length === 0) return [`${list} has no object ERRORS with the codes as its keys`]
  const rows = rowsOf(text)
  return [
    ...codes.filter(code => !rows.includes(code)).map(code => `${page} has no row for ${code}`),
    ...rows
      .filter(code => !codes.includes(code))
      .map(code => `${page} has a row for ${code}, which is no code`),
    ...rows.filter((code, at) => rows.indexOf(code) !== at).map(code => `${page} has two rows for ${code}`),
  ]
}

function codesOf(source: Source): readonly string[] {
  const codes: string[] = []
  walk(source, node => {
    if (!ts.isVariableDeclaration(node) || node.name.getText(source.file) !== 'ERRORS') return
    const object = node.initializer === undefined ? null : unwrap(node.initializer)
    for (const property of object?.properties ?? []) {
      const name = property.name
      if (name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteralLike(name))) codes.push(name.text)
    }
  })
  return codes
}

// `{…}`, `{…} as const satisfies …`, `Object.freeze({…})`.
function unwrap(expression: ts.Expression): ts.ObjectLiteralExpression | null {
  if (ts.isObjectLiteralExpression(expression)) return expression
  if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression))
    return unwrap(expression.expression)
  const [argument] = ts.isCallExpression(expression) ? expression.arguments : []
  return argument === undefined ? null : unwrap(argument)
}

function rowsOf(text: string): readonly string[] {
  return [...text.matchAll(/^\|\s*`([^`]+)`\s*\|/gm)].map(match => match[1] ?? '')
}
