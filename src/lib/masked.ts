/**
 * A value that must not appear by accident: printed, logged, joined or serialised it shows its masked form. Only
 * `reveal` gives the value, so each place that shows it can be found by that word. This is the first wall; the
 * redaction of the log is the second.
 */
export class Masked {
  readonly #value: string
  readonly #shown: string

  constructor(value: string, shown: string) {
    this.#value = value
    this.#shown = shown
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return this.#shown
  }

  toJSON(): string {
    return this.#shown
  }

  /** What the console and the debugger of Node print. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#shown
  }
}

/**
 * The first 2 and the last 3 characters, `01••••••789`; 6 characters or fewer are wholly masked. The number of dots is
 * always the same, so that it does not tell the length. For wallets and phones.
 */
export function maskMiddle(value: string): string {
  const characters = Array.from(value)
  if (characters.length <= WHOLLY_MASKED_MAX) return DOTS
  return characters.slice(0, 2).join('') + DOTS + characters.slice(-3).join('')
}

const DOTS = '••••••'
const WHOLLY_MASKED_MAX = 6
