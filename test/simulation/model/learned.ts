// What a decision is bound to: the revision with which something new was last known of an attempt. Written from
// 0009-releases.sql, attempt_knows and attempt_learns.
import type { AttemptRow } from './rows.ts'

interface Known {
  readonly observations?: readonly { readonly said?: unknown }[]
  readonly alarmed?: unknown
}

function knows({ attempt, facts }: AttemptRow): string {
  const { observations = [], alarmed = [], ...rest } = (facts ?? {}) as Known
  const said = observations.at(-1)?.said ?? null
  const told = (Array.isArray(alarmed) ? alarmed : []).map(String).filter(one => !one.includes(' for '))
  const others = Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([attempt.doubt, attempt.theirId, facts === null, others, said, told.toSorted()])
}

/** The column of the row that follows. A change of state is a new version of the payout, and tells by itself. */
export function learnedBy(before: AttemptRow, after: AttemptRow): number {
  const { state, revision } = after.attempt
  if (revision === before.attempt.revision || state !== before.attempt.state) return before.learned
  if (state !== 'in_doubt' && state !== 'pending') return before.learned
  return knows(before) === knows(after) ? before.learned : revision
}
