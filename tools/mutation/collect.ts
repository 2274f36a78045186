// What a test of the core sees as `vitest` in a mutation run: the real `expect`, and a `test` that only collects. Whatever else a
// test asks for is missing here, and its import then fails aloud.
import { format } from 'node:util'

export { expect } from 'vitest'

export interface Collected {
  readonly id: string
  readonly file: string
  readonly title: string
  /** It says that it may take long, and so is asked last. */
  readonly isSlow: boolean
  readonly run: () => unknown
}

let waiting: Omit<Collected, 'id' | 'file'>[] = []

/** The tests that were declared since the last call, in their order. */
export function takeCollected(file: string): readonly Collected[] {
  const tests = waiting.map((one, place) => ({ ...one, id: `${file} ${place + 1}: ${one.title}`, file }))
  waiting = []
  return tests
}

type Body = (...values: never[]) => unknown

export function test(title: string, ...rest: readonly [Body] | readonly [object, Body]): void {
  const run = rest.at(-1)
  if (typeof run !== 'function') throw new Error(`${title} is no test`)
  waiting.push({ title, isSlow: rest.length === 2, run: () => run() })
}

test.each = (cases: readonly unknown[]) => (title: string, run: Body) => {
  for (const one of cases) {
    const values = Array.isArray(one) ? one : [one]
    waiting.push({ title: format(title, ...values), isSlow: false, run: () => run(...(values as never[])) })
  }
}
