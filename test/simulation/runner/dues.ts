// When something may come due, read from what was committed. Too early costs a poll that finds nothing; too late would
// hide a loop that sleeps, so every moment that a commit can stand for is named.
import type {
  AttemptChanged,
  DueAttempt,
  NoticeResult,
  PayoutStep,
  ProofSearchResult,
  StepVerdict,
} from '../../../src/store/store.ts'
import type { StoreFunction } from '../process/store-port.ts'
import type { Polls } from '../time/polls.ts'

const PROOF_AFTER_MS = 2_000

export function noteDues(
  polls: Polls,
  nowMs: number,
  name: StoreFunction,
  args: readonly unknown[],
  result: unknown,
): void {
  const inMs = (ms: number): number => Math.ceil(nowMs + ms) + 1
  const lease = (): number => inMs((args[0] as { leaseMs: number }).leaseMs)
  const found = Array.isArray(result) ? result.length : 0
  switch (name) {
    case 'acceptPayouts':
      polls.mayBeDue('queue', inMs(0))
      break
    case 'claimDue':
      if (found > 0) polls.mayBeDue('queue', lease())
      break
    case 'claimAttempts':
      if (found > 0) polls.mayBeDue('attempts', lease())
      for (const { attempt } of result as readonly DueAttempt[])
        if (attempt.nextInquiryAtMs !== null)
          polls.mayBeDue('attempts', Math.ceil(attempt.nextInquiryAtMs) + 1)
      break
    case 'recordCallbacks':
      polls.mayBeDue('attempts', inMs(0))
      break
    case 'claimNotices':
      if (found > 0) polls.mayBeDue('notices', lease())
      break
    case 'recordNotices':
      polls.mayBeDue('notices', inMs(0))
      for (const { next } of args[0] as readonly NoticeResult[])
        if (next.kind === 'again') polls.mayBeDue('notices', inMs(next.dueInMs))
      break
    case 'claimProofSearches':
      if (found > 0) polls.mayBeDue('proofs', lease())
      break
    case 'recordProofSearch': {
      const { nextInMs } = args[0] as ProofSearchResult
      if (nextInMs !== null) polls.mayBeDue('proofs', inMs(nextInMs))
      break
    }
    case 'advancePayouts': {
      const verdicts = result as readonly StepVerdict[]
      ;(args[0] as readonly PayoutStep[]).forEach((step, place) => {
        if (verdicts[place]?.kind === 'done') noteStep(polls, step, inMs)
      })
      break
    }
    default:
  }
}

function noteStep(polls: Polls, step: PayoutStep, inMs: (ms: number) => number): void {
  const { queue, attempt, notices } = step
  if (queue.kind === 'put') polls.mayBeDue('queue', inMs(queue.dueInMs))
  if (attempt?.kind === 'opened') polls.mayBeDue('attempts', inMs(attempt.lostInMs))
  if (attempt?.kind === 'changed') noteChange(polls, attempt, inMs)
  for (const { dueInMs } of notices) polls.mayBeDue('notices', inMs(dueInMs))
  if (step.to === 'paid') polls.mayBeDue('proofs', inMs(PROOF_AFTER_MS))
}

/** A callback that came while the send was open makes the look due at once. */
function noteChange(
  polls: Polls,
  { nextLookInMs, state }: AttemptChanged,
  inMs: (ms: number) => number,
): void {
  if (nextLookInMs === null) return
  polls.mayBeDue('attempts', inMs(nextLookInMs))
  if (state !== null) polls.mayBeDue('attempts', inMs(0))
}
