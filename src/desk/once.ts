// Answers a request that may come once, such as one with a nonce, and gives the same answer to the same request again.
// The use is on record before the work is done. Where the process ends before the answer is kept, the same request runs
// the work again: it finds what the first run did, because everything behind a door is safe to repeat.
import type { OneTimeAnswer, OneTimeUse } from '../protocols/protocol.ts'
import type { Store } from '../store/store.ts'

/** @throws Unavailable, and what `work` throws; the same request again is then answered as if it were the first. */
export async function answerOnce(
  use: OneTimeUse,
  work: () => Promise<string>,
  store: Pick<Store, 'beginOneTimeUse' | 'answerOneTimeUse'>,
): Promise<OneTimeAnswer> {
  const begun = await store.beginOneTimeUse(use)
  if (begun.kind === 'other') return { kind: 'other' }
  if (begun.kind === 'same' && begun.answer !== null) return { kind: 'repeated', answer: begun.answer }
  // Two that came at one moment both do the work, and both give the answer that was kept first.
  return { kind: 'answered', answer: await store.answerOneTimeUse(use, await work()) }
}
