/** A mistake of our own code with money, such as adding two currencies. Nobody handles it: the request ends. */
export class MoneyMistake extends Error {
  override readonly name = 'MoneyMistake'
}

/**
 * States what must be true of an amount, in production too. This folder imports nothing of ours, so it brings its own.
 *
 * @throws MoneyMistake
 */
export function moneyMust(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new MoneyMistake(rule)
}
