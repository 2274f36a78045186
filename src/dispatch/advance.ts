// Steps of many payouts share one commit: what arrives while a batch commits forms the next batch.
import { groupCommit } from '../lib/group-commit.ts'
import type { PayoutStep, StepVerdict, Store } from '../store/store.ts'

export interface Advance {
  /**
   * Commits one step; steps of one payout are committed in the order given.
   *
   * @throws Unavailable where nobody knows whether it was committed; anything else is a mistake of ours
   */
  step(step: PayoutStep): Promise<StepVerdict>
  idle(): Promise<void>
}

const BATCH_MAX = 500
/** Every caller waits for its answer, so this is bounded by their number already. */
const WAITING_MAX = 20_000

export function createAdvance(store: Pick<Store, 'advancePayouts'>): Advance {
  const group = groupCommit<PayoutStep, StepVerdict>({
    maxBatch: BATCH_MAX,
    maxWaiting: WAITING_MAX,
    keysOf: step => [`${step.merchantId}/${step.number}`],
    commit: batch => store.advancePayouts(batch),
  })
  return { step: step => group.submit(step), idle: () => group.idle() }
}
