/** One of our own mistakes: a thing that had to be true was not. Nobody handles it; the request or the process ends. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed'
}

/**
 * States what must be true here, and stays on in production: a wrong payout is worse than a crashed request.
 * The message names the rule and never carries a value, because it ends in logs.
 *
 * @throws AssertionFailed
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message)
}

/**
 * Ends a `switch` over a tagged union: the compiler refuses the call while a case is missing.
 * At run time it fires when a value came from outside its type; only short text is shown, an object may hold secrets.
 *
 * @throws AssertionFailed
 */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable case: ${describe(value)}`)
}

const SHOWN_LENGTH_MAX = 40

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, SHOWN_LENGTH_MAX))
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return value === null ? 'null' : typeof value
}
