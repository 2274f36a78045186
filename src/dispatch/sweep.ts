// The sweep of safe mode: every queued payout is asked for under its next reference, at every provider account in safe
// mode that its routes allow. Found: the attempt is recorded as it was, and is in doubt. Not found: asked once more when
// an accepted payout would have shown by then. Not askable: a person. It sends nothing and ends nothing.

import { Unavailable } from '../errors.ts'
import { createLoop, type Loop } from '../lib/loop.ts'
import type { ReferenceQuestion } from '../store/store.ts'
import { askReference, type ReferenceKnown, referenceOf } from './ask-reference.ts'
import { jitterOf } from './chance.ts'
import type { Berth } from './fleet.ts'
import { recordFound } from './found.ts'
import type { Work } from './work.ts'

const QUESTIONS_AT_ONCE = 32
/** Longer than any inquiry may take. */
const LEASE_MS = 180_000
const UNCLEAR_AGAIN_MS = 10_000
/** So often a provider must not know a reference, the second time after its query lag. */
const NOT_FOUND_NEEDED = 2

export function createSweep(work: Work): Loop {
  const { options, fleet } = work
  const { store } = options

  async function round(): Promise<boolean> {
    const due = await store.claimReferenceQuestions({ limit: QUESTIONS_AT_ONCE, leaseMs: LEASE_MS })
    await Promise.all(due.map(ask))
    return due.length === QUESTIONS_AT_ONCE
  }

  async function ask(question: ReferenceQuestion): Promise<void> {
    const berth = fleet.berth(question.providerAccountId)
    const place = berth?.asks.take() ?? { ok: false, inMs: UNCLEAR_AGAIN_MS }
    if (berth === null || !place.ok) return answer(question, 'unclear', place.ok ? 0 : place.inMs)
    try {
      await settle(question, berth)
    } catch (error) {
      // Asked again when the claim ends.
      if (!(error instanceof Unavailable)) work.needs.failed(error)
    } finally {
      berth.asks.release()
    }
  }

  async function settle(question: ReferenceQuestion, { ready }: Berth): Promise<void> {
    const { payout, attemptNo } = question
    const known = await askReference(payout, attemptNo, ready, work.needs)
    if (known === 'found') {
      const reference = referenceOf(payout, attemptNo, ready)
      const found = { attemptNo, reference, requestHash: new Uint8Array(32), by: 'its provider knows it' }
      await recordFound(payout, found, ready, work.needs)
    }
    const lagMs = question.notFound + 1 < NOT_FOUND_NEEDED ? ready.capabilities.queryLagMs : null
    // Without a word for "not found" the last answer is for people, who see how many of these there are.
    const nextInMs = NEXT_IN_MS[known] === 'lag' ? lagMs : NEXT_IN_MS[known]
    await answer(question, known === 'untold' ? 'unaskable' : known, nextInMs)
  }

  function answer(
    { payout, attemptNo, providerAccountId }: ReferenceQuestion,
    said: Exclude<ReferenceKnown, 'untold'>,
    nextInMs: number | null,
  ): Promise<void> {
    const { merchantId, number } = payout
    return store.answerReferenceQuestion({ merchantId, number, attemptNo, providerAccountId, said, nextInMs })
  }

  // Workers that started together do not ask together for ever.
  return createLoop({ ...work.loop(round), pollMs: () => SWEEP_MS * (1 + jitterOf(options.random) / 4) })
}

const SWEEP_MS = 5_000
const NEXT_IN_MS: Readonly<Record<ReferenceKnown, number | 'lag' | null>> = {
  found: null,
  not_found: 'lag',
  untold: null,
  unclear: UNCLEAR_AGAIN_MS,
  unaskable: null,
}
