// The sample of the demo: which payouts it sends, by which way in, and how each must end. Pure.
import { assert } from '../lib/assert.ts'
import { WALLET_OPERATORS, type WalletOperator } from '../payout/beneficiary.ts'
import type { PayoutState } from '../payout/payout.ts'
import { type Behaviour, behaviourNamed } from '../simulator/magic.ts'

export interface SamplePayout {
  readonly reference: string
  readonly via: 'paypro' | 'api'
  readonly operator: WalletOperator
  readonly wallet: string
  /** Decimal text, BDT. */
  readonly amount: string
  /** What the simulated provider does with it. */
  readonly behaviour: Behaviour
  readonly ends: PayoutState
}

/** What the simulated provider does, and how the payout ends all the same; each ends within seconds. */
const STORY: readonly (readonly [behaviour: string, ends: PayoutState])[] = [
  ['paid_soon', 'paid'],
  ['paid_at_once', 'paid'],
  ['answer_lost', 'paid'],
  ['failed_later', 'failed'],
  ['answer_server_error', 'paid'],
  ['request_doubled', 'paid'],
  ['refused', 'failed'],
  ['answer_garbage', 'paid'],
  ['paid_then_returned', 'returned'],
  ['answer_reset', 'paid'],
  ['hidden_for_a_while', 'paid'],
  ['answer_lost_then_failed', 'failed'],
  ['paid_soon', 'paid'],
  ['answer_half', 'paid'],
  ['answer_late', 'paid'],
  ['no_response', 'paid'],
  ['failed_at_once', 'failed'],
  ['answer_redirected', 'paid'],
  ['callback_forged', 'paid'],
  ['called_duplicate', 'paid'],
  ['answer_client_error', 'paid'],
  ['callback_doubled', 'paid'],
  ['answer_empty', 'paid'],
  ['answer_twice', 'paid'],
]

/** `run` makes the references of one run unlike those of every other. Beyond the story, wallets are ordinary ones. */
export function planSample(count: number, run: string): readonly SamplePayout[] {
  return Array.from({ length: count }, (_, place) => {
    const [name, ends] = STORY[place] ?? ['paid_soon', 'paid']
    const behaviour = behaviourNamed(name)
    assert(behaviour !== null, 'the story tells of behaviours that there are')
    const operator = WALLET_OPERATORS[place % WALLET_OPERATORS.length]
    assert(operator !== undefined, 'there are wallet operators')
    return {
      reference: `demo-${run}-${String(place + 1).padStart(Math.max(3, String(count).length), '0')}`,
      via: place % 2 === 0 ? 'paypro' : 'api',
      operator,
      wallet: name === 'paid_soon' ? ordinaryWallet(place) : behaviour.wallet,
      amount: ordinaryAmount(place),
      behaviour,
      ends,
    }
  })
}

function ordinaryWallet(place: number): string {
  return `018${String(10_000_000 + ((place * 7_654_321) % 89_999_999)).padStart(8, '0')}`
}

/** 150.00 to some 400, never all round, so that a wrong sum shows; beyond the story small, so that thousands fit. */
function ordinaryAmount(place: number): string {
  const taka = place < STORY.length ? 150 + ((place * 37) % 250) : 1 + (place % 4)
  return `${taka}.${String((place * 25) % 100).padStart(2, '0')}`
}
