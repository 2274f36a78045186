// What the verdict on a send still means when its payout moved on meanwhile: the sender was paused longer than its
// time, an inquiry or a callback was faster, or the commit of this very verdict lost its answer. Nothing here makes a
// verdict stronger; an answer that came late may be noted, or may contradict, but it never takes an acceptance back.
import type { NewIncident, PayoutAndAttempt } from '../store/store.ts'
import type { Certainty } from './certainty.ts'
import type { StoredFacts } from './facts.ts'

export interface Late {
  /** The attempt is still the payout's own and alive. */
  readonly live: boolean
  readonly certainty: Certainty
  readonly incident: NewIncident | null
  /** The attempt has to be asked about, because this answer does not fit what is known. */
  readonly ask: boolean
  readonly contradicted: boolean
  readonly paidAfterDeath: boolean
}

export function lateVerdict(
  certainty: Certainty,
  attemptNo: number,
  found: Pick<PayoutAndAttempt, 'attempt'>,
  facts: StoredFacts,
  /** An acceptance that was known before this send began is no later one. */
  atIntent: Pick<StoredFacts, 'acceptanceSeen'>,
): Late {
  const { attempt } = found
  if (attempt === null || attempt.attemptNo !== attemptNo || attempt.state === 'dead') {
    if (certainty.kind !== 'accepted') return NOTED_ONLY
    // It was taken, and ended unpaid afterwards: what came first is told last. Its provider is asked once more all the same.
    const isOwn = attempt?.attemptNo === attemptNo
    if (isOwn && attempt.proof === 'failed_final' && certainty.as !== 'paid')
      return { ...NOTED_ONLY, ask: true }
    return afterDeath(certainty.as)
  }
  switch (attempt.state) {
    case 'sending':
      return asItIs(certainty)
    case 'in_doubt':
      return certainty.kind === 'dead' &&
        ((facts.acceptanceSeen && !atIntent.acceptanceSeen) || facts.contradicted)
        ? contradiction('dead')
        : asItIs(certainty)
    case 'pending':
      if (certainty.kind === 'accepted') return asItIs(certainty)
      return certainty.kind === 'dead' ? contradiction('dead') : NOTED
    case 'paid':
    case 'returned':
      return certainty.kind === 'dead' ? contradiction('dead') : NOTED
  }
}

const UNCHANGED: Certainty = { kind: 'unchanged' }
const NOTED: Late = {
  live: true,
  certainty: UNCHANGED,
  incident: null,
  ask: false,
  contradicted: false,
  paidAfterDeath: false,
}
const NOTED_ONLY: Late = { ...NOTED, live: false }

function asItIs(certainty: Certainty): Late {
  return { ...NOTED, certainty }
}

function contradiction(said: string): Late {
  const incident = {
    kind: 'contradiction',
    detail: `the answer to the send proves it ${said}, an inquiry found it`,
  }
  return { ...NOTED, incident, ask: true, contradicted: true }
}

function afterDeath(said: string): Late {
  const incident = {
    kind: 'answer_after_death',
    detail: `the answer to the send says ${said} of a dead attempt`,
  }
  return { ...NOTED_ONLY, incident, ask: true, paidAfterDeath: true }
}
