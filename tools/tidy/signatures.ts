import ts from 'typescript'
import { isTest, lineAt, type Source, sourcesOf, walk } from './source.ts'
import type { Tree } from './tree.ts'

const signatureWord =
  /^(?:\w+_)?(?:sign|signature|hmac|mac|digest|control|secret)$|(?:Sign|Signature|Hmac|Mac|Digest|Control|Secret)$/

const comparing: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
])

/**
 * Every comparison of a signature or a secret that stops at the first difference: how long it takes tells a stranger
 * how much was right. Asking whether there is one (`=== undefined`, `=== ''`) is no comparison.
 */
export function signatureFindings(tree: Tree): readonly string[] {
  return sourcesOf(tree)
    .filter(source => source.path.startsWith('src/') && !isTest(source.path))
    .flatMap(unsafeComparisons)
}

function unsafeComparisons(source: Source): readonly string[] {
  const found: string[] = []
  walk(source, node => {
    const pair = compared(node)
    if (pair === null || pair.some(isFixed)) return
    const name = pair.map(nameOf).find(text => signatureWord.test(text))
    if (name === undefined) return
    const line = lineAt(source, node.getStart(source.file))
    found.push(`${source.path}:${line} compares ${name} outside equalConstantTime`)
  })
  return found
}

function compared(node: ts.Node): readonly [ts.Expression, ts.Expression] | null {
  if (ts.isBinaryExpression(node))
    return comparing.has(node.operatorToken.kind) ? [node.left, node.right] : null
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null
  const [other] = node.arguments
  if (other === undefined || !['equals', 'compare', 'localeCompare'].includes(node.expression.name.text))
    return null
  return [node.expression.expression, other]
}

function isFixed(expression: ts.Expression): boolean {
  if (ts.isStringLiteralLike(expression) || ts.isNumericLiteral(expression)) return true
  if (ts.isIdentifier(expression)) return expression.text === 'undefined' || isConstant(expression.text)
  return [ts.SyntaxKind.NullKeyword, ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(
    expression.kind,
  )
}

// A named constant (`sign === MINUS`) is as fixed as a literal, unless it is itself the secret.
function isConstant(name: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(name) && !/SIGN|MAC|DIGEST|CONTROL|SECRET/.test(name)
}

// The last name of an expression: `sign`, `body.sign`, `body['sign']`, `fields.get('sign')`, `paypro.sign(body)`.
function nameOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return expression.text
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text
  if (ts.isElementAccessExpression(expression)) return textOf(expression.argumentExpression)
  if (ts.isCallExpression(expression)) {
    const [only] = expression.arguments
    const named = only === undefined ? '' : textOf(only)
    return named === '' ? nameOf(expression.expression) : named
  }
  if (ts.isParenthesizedExpression(expression) || ts.isAwaitExpression(expression))
    return nameOf(expression.expression)
  return ''
}

function textOf(expression: ts.Expression): string {
  return ts.isStringLiteralLike(expression) ? expression.text : ''
}
