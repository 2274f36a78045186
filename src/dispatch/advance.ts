// Steps of many payouts share one commit: what arrives while a batch commits forms the next batch. A batch that the
// database refuses for a reason of ours is tried again step by step, so that one bad step cannot hold up the others.
import { Unavailable } from '../errors.ts'
import { type GroupCommit, groupCommit } from '../lib/group-commit.ts'
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
  const group: GroupCommit<PayoutStep, Ended> = groupCommit({
    maxBatch: BATCH_MAX,
    maxWaiting: WAITING_MAX,
    keysOf: step => [`${step.merchantId}/${step.number}`],
    commit: batch => commit(store, batch),
  })
  return {
    async step(step) {
      const ended = await group.submit(step)
      if ('error' in ended) throw ended.error
      return ended
    },
    idle: () => group.idle(),
  }
}

type Ended = StepVerdict | { readonly error: unknown }

async function commit(
  store: Pick<Store, 'advancePayouts'>,
  batch: readonly PayoutStep[],
): Promise<readonly Ended[]> {
  try {
    return await store.advancePayouts(batch)
  } catch (error) {
    // Where the database is gone it is gone for each of them.
    if (error instanceof Unavailable || batch.length === 1) return batch.map(() => ({ error }))
  }
  const ended: Ended[] = []
  for (const step of batch) ended.push(...(await commit(store, [step])))
  return ended
}
