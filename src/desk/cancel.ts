// Cancels a payout that has not left. The step is computed from the version that was read and applied to no other, so
// a dispatcher that claims the payout at the same moment and this cancellation cannot both win: either its intent is
// stale and nothing is sent, or this step is, and the payout is found on its way.
import { Unavailable } from '../errors.ts'
import { recipePostings } from '../ledger/recipes.ts'
import { type Refusal, transition } from '../payout/lifecycle.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { NewNotice, PayoutStep, Store } from '../store/store.ts'
import type { Directory } from './directory.ts'

export type Cancelled =
  /** Also where it was cancelled before: asking twice is asking once. */
  | { readonly kind: 'cancelled'; readonly payout: Payout }
  | { readonly kind: 'refused'; readonly why: Refusal; readonly payout: Payout }
  | { readonly kind: 'not_found' }

export interface CancelParts {
  readonly store: Pick<Store, 'findForStep' | 'advancePayouts'>
  readonly directory: Pick<Directory, 'assertCurrent'>
  /** What has to be told, and to whom, when this payout arrives in that state. */
  noticesFor(payout: Payout, state: PayoutState): readonly NewNotice[]
}

/** @throws Unavailable */
export async function cancelPayout(
  merchantId: string,
  number: bigint,
  parts: CancelParts,
): Promise<Cancelled> {
  parts.directory.assertCurrent()
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    const found = await parts.store.findForStep(merchantId, number)
    if (found === null) return { kind: 'not_found' }
    const { payout } = found
    if (payout.state === 'cancelled') return { kind: 'cancelled', payout }

    const step = cancellation(payout, parts)
    if (step.kind === 'refused') return step
    const [verdict] = await parts.store.advancePayouts([step.step])
    // Read once more: the times of the step are the database's own. A stale step finds out what overtook it.
    if (verdict?.kind === 'done') continue
  }
  throw new Unavailable('unavailable', 'the payout moved on each time it was read')
}

/** A payout that is not sent yet changes a few times at most, and only by people or a claim. */
const ROUNDS_MAX = 6

function cancellation(
  payout: Payout,
  { noticesFor }: CancelParts,
): { kind: 'step'; step: PayoutStep } | Extract<Cancelled, { kind: 'refused' }> {
  const next = transition(payout.state, { kind: 'cancel' })
  if (!next.ok) return { kind: 'refused', why: next.refusal, payout }
  return {
    kind: 'step',
    step: {
      merchantId: payout.merchantId,
      number: payout.number,
      version: payout.version,
      to: next.to,
      waitReason: next.waitReason,
      why: 'cancelled by the merchant',
      claim: null,
      attempt: null,
      recipe: next.recipe,
      postings: next.recipe === null ? [] : recipePostings(next.recipe, payout.amount, NO_FLOAT),
      queue: { kind: 'drop' },
      confirmation: null,
      notices: noticesFor(payout, next.to),
      exchange: null,
      incident: null,
    },
  }
}

/** The money of a payout that was not sent stands at no provider account. */
const NO_FLOAT = ''
