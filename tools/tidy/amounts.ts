import ts from 'typescript'
import { isTest, lineAt, type Source, sourcesOf, walk } from './source.ts'
import type { Tree } from './tree.ts'

// Here every number may be money, so none is turned into a double without a row below.
const exactFolders = ['src/money/', 'src/ledger/']

const counts: readonly { readonly path: string; readonly text: string; readonly why: string }[] = [
  {
    path: 'src/money/money.ts',
    text: 'left',
    why: 'how many shares get a unit more: fewer than there are shares',
  },
]

const amountWord =
  /amount|balance|minor|money|float|fees?(?![a-z])|funds?(?![a-z])|sum(?![a-z])|price|(?:held|available|inFlight)$/i

/** Every place where an amount is turned into a double: `Number(…)`, `parseInt(…)`, a unary plus, `.toFixed`. */
export function amountFindings(tree: Tree): readonly string[] {
  return sourcesOf(tree)
    .filter(({ path }) => (path.startsWith('src/') || path.startsWith('console/src/')) && !isTest(path))
    .flatMap(doubles)
}

function doubles(source: Source): readonly string[] {
  const everywhere = exactFolders.some(folder => source.path.startsWith(folder))
  const found: string[] = []
  walk(source, node => {
    const operand = turnedIntoDouble(node)
    if (operand === null) return
    const text = operand.getText(source.file)
    if (everywhere ? isCount(source.path, text) : !amountWord.test(text)) return
    found.push(`${source.path}:${lineAt(source, node.getStart(source.file))} makes a double of ${text}`)
  })
  return found
}

function isCount(path: string, text: string): boolean {
  return counts.some(count => count.path === path && count.text === text)
}

function turnedIntoDouble(node: ts.Node): ts.Node | null {
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.PlusToken) return node.operand
  if (!ts.isCallExpression(node)) return null
  const callee = node.expression
  if (ts.isPropertyAccessExpression(callee) && callee.name.text === 'toFixed') return callee.expression
  const name = ts.isPropertyAccessExpression(callee)
    ? callee.name.text
    : ts.isIdentifier(callee)
      ? callee.text
      : ''
  return ['Number', 'parseInt', 'parseFloat'].includes(name) ? (node.arguments[0] ?? callee) : null
}
