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

/** `told` hears of each commit after which somebody is to be told of something. */
export function createAdvance(store: Pick<Store, 'advancePayouts'>, told: () => void = () => {}): Advance {
  const group = groupCommit<PayoutStep, StepVerdict>({
    maxBatch: BATCH_MAX,
    maxWaiting: WAITING_MAX,
    keysOf: step => [`${step.merchantId}/${step.number}`],
    async commit(batch) {
      const verdicts = await store.advancePayouts(batch)
      if (batch.some((step, place) => step.notices.length > 0 && verdicts[place]?.kind === 'done')) told()
      return verdicts
    },
  })
  return { step: step => group.submit(step), idle: () => group.idle() }
}
