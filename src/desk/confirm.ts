// Lets a payout go that waits for its merchant's second call. The answer is kept by the very step that releases the
// payout: whoever repeats the call gets the same bytes, and of a payout that was not released nobody was told that it was.
import { Unavailable } from '../errors.ts'
import { transition } from '../payout/lifecycle.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { Confirmed } from '../protocols/protocol.ts'
import type { NewNotice, PayoutStep, Store } from '../store/store.ts'
import type { Directory } from './directory.ts'

export interface ConfirmParts {
  readonly store: Pick<Store, 'findForStep' | 'advancePayouts' | 'findConfirmation'>
  readonly directory: Pick<Directory, 'assertCurrent'>
  /** What has to be told, and to whom, when this payout arrives in that state. */
  noticesFor(payout: Payout, state: PayoutState): readonly NewNotice[]
  /** Told after a commit that put a payout into the queue. */
  onAccepted(): void
}

/** @throws Unavailable where it is not known whether it was released; the same call again tells. */
export async function confirmPayout(
  merchantId: string,
  number: bigint,
  answer: string,
  parts: ConfirmParts,
): Promise<Confirmed> {
  const { store, directory } = parts
  directory.assertCurrent()
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const found = await store.findForStep(merchantId, number)
    if (found === null) return { kind: 'not_waiting' }
    const step = releaseOf(found.payout, answer, parts)
    if (step === null) {
      const kept = await store.findConfirmation(merchantId, number)
      return kept === null ? { kind: 'not_waiting' } : { kind: 'replayed', answer: kept }
    }
    const [verdict] = await store.advancePayouts([step])
    if (verdict?.kind !== 'done') continue
    parts.onAccepted()
    return { kind: 'confirmed', answer }
  }
  throw new Unavailable('unavailable', 'the payout moved on each time it was read')
}

/** A payout that waits changes a few times at most, and only by people. */
const ROUNDS_MAX = 6

/** The step out of waiting for this call, or null where the payout waits for no such thing. */
function releaseOf(payout: Payout, confirmation: string, { noticesFor }: ConfirmParts): PayoutStep | null {
  if (payout.waitReason !== 'confirmation') return null
  const next = transition(payout.state, { kind: 'release' })
  if (!next.ok) return null
  return {
    merchantId: payout.merchantId,
    number: payout.number,
    version: payout.version,
    to: next.to,
    waitReason: next.waitReason,
    why: null,
    claim: null,
    attempt: null,
    // Its money is held since it was accepted.
    recipe: null,
    postings: [],
    queue: { kind: 'put', dueInMs: 0, counted: false, why: null },
    confirmation,
    notices: noticesFor(payout, next.to),
    exchange: null,
    incident: null,
  }
}
