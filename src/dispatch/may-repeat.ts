// Whether an attempt in doubt may be sent once more: the same reference and the same content, to the same place. Only a
// provider that declares that it takes the same reference as the same payout, also after an error, is sent anything
// twice, and only for half of the time that it declares: clocks differ, and the other half is for the way there.
import { type Capabilities, isQueryable } from '../protocols/capabilities.ts'
import type { DueAttempt } from '../store/store.ts'
import { parseFacts, type StoredFacts } from './facts.ts'
import { LOST_MARGIN_MS } from './schedule.ts'

/** Who did not answer three times is asked or looked at by people, and not sent to any more. */
export const REPEATS_MAX = 2

/**
 * Whether the contract allows repeats at all. A repeat of two steps is none of these, and neither is one that would need
 * a mark of its own in the request: no connector writes one.
 */
export function takesRepeats(contract: Capabilities): boolean {
  return (
    contract.idempotentOnOurReference &&
    contract.errorsRemembered &&
    !contract.twoStep &&
    contract.repeatForm !== 'repeat_flag'
  )
}

/** Milliseconds since the attempt was created before which the first byte of a repeat has to leave. */
export function repeatUntilMs(contract: Capabilities): number {
  return takesRepeats(contract) ? contract.idempotencyWindowMs / 2 : 0
}

/**
 * Whether this attempt may be sent again now. `ageMs` counts from its intent, so it is never less than the time since
 * its first byte.
 */
export function mayRepeat(
  { attempt, facts: stored }: DueRepeat,
  contract: Capabilities,
  ageMs: number,
): boolean {
  if (!takesRepeats(contract) || attempt.state !== 'in_doubt' || ageMs >= repeatUntilMs(contract))
    return false
  const facts = parseFacts(stored)
  if (facts.repeats >= REPEATS_MAX || facts.contradicted || facts.acceptanceSeen || facts.failureSeen)
    return false
  if (attempt.doubt === null || !SILENT.has(attempt.doubt)) return false
  return senderIsOver(facts, contract, ageMs) && (!isQueryable(contract) || isUnknownThere(facts))
}

export type DueRepeat = Pick<DueAttempt, 'attempt' | 'facts'>

/**
 * Doubts in which nothing was said about the payout. What was said of it, such as a refusal or a duplicate, is asked
 * about and not drowned by another send.
 */
const SILENT: ReadonlySet<string> = new Set([
  'lost',
  'reset',
  'timeout',
  'incomplete',
  'status',
  'unreadable',
  'no_response',
  'repeat',
])

/** An attempt is in doubt only after the time of its first sender; each repeat has a time of its own. */
function senderIsOver({ repeatedAfterMs }: StoredFacts, contract: Capabilities, ageMs: number): boolean {
  return repeatedAfterMs === null || ageMs > repeatedAfterMs + contract.timeoutsMs.total + LOST_MARGIN_MS
}

/** The last thing that the provider said is that it does not know the payout, and it said so after the last send. */
function isUnknownThere({ observations, repeatedAfterMs }: StoredFacts): boolean {
  const last = observations.at(-1)
  return last !== undefined && last.said === 'not_found' && last.afterMs > (repeatedAfterMs ?? 0)
}
