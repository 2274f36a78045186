// One call on one store, and its answer in the shape in which the two are compared.
import type { Store } from '../../src/store/store.ts'
import { type ClaimNames, claimedRows } from './claimed.ts'
import { byText, NOT_SERIALIZED, type Plain, plainError, plainResult } from './plain.ts'
import type { Call } from './script.ts'

export interface Answer {
  readonly call: Call
  /** What came back, or the refusal as text. */
  readonly result: unknown
  readonly plain: Plain
}

/** `group` and `place` say where in the script the call stands: a claim is named by that. */
export async function answerOf(
  store: Store,
  claims: ClaimNames,
  call: Call,
  group: number,
  place: number,
): Promise<Answer> {
  // Each function takes what its own type says; here they are all called alike.
  const run = store[call.name] as (...args: readonly unknown[]) => Promise<unknown>
  try {
    const answered = await run(...claims.spoken(call))
    const result = call.name === 'claimDue' ? claims.named(answered, group, place) : answered
    const shown = plainResult(call.name, result)
    const isClaim = claimedRows(call.name, result) !== null
    return { call, result, plain: isClaim ? [...(shown as readonly Plain[])].sort(byText) : shown }
  } catch (error) {
    const refusal = plainError(error)
    return { call, result: refusal, plain: refusal }
  }
}

/** Counts under the function's name every kind of thing that was answered. */
export function countAnswer(answers: Map<string, number>, { call, plain }: Answer): void {
  for (const kind of kindsOf(plain)) {
    const name = `${call.name} ${kind}`
    answers.set(name, (answers.get(name) ?? 0) + 1)
  }
}

function kindsOf(answer: Plain): readonly string[] {
  if (!Array.isArray(answer)) return [verdictOf(answer) ?? (answer === null ? 'null' : 'value')]
  return answer.length === 0 ? ['nothing'] : answer.map((item: Plain) => verdictOf(item) ?? 'row')
}

function verdictOf(value: Plain): string | null {
  if (typeof value === 'string') {
    const isWord = /^[a-z_]+$/.test(value) || value.startsWith('refused: ') || value === NOT_SERIALIZED
    return isWord ? value : null
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null
  return 'by' in value ? `${value.kind} ${value.by}` : `${value.kind}`
}
