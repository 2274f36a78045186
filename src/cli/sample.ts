// The sample of the demo: which payouts it sends, by which way in, and how each must end. Pure.
import { assert } from '../lib/assert.ts'
import { type Beneficiary, WALLET_OPERATORS } from '../payout/beneficiary.ts'
import type { PayoutState } from '../payout/payout.ts'
import { type Behaviour, behaviourNamed } from '../simulator/magic.ts'

export const SAMPLE_WAYS = ['paypro', 'api', 'avanor', 'payneteasy'] as const
export type SampleWay = (typeof SAMPLE_WAYS)[number]

export interface SamplePayout {
  readonly reference: string
  readonly via: SampleWay
  readonly beneficiary: Beneficiary
  /** Decimal text with two decimals. */
  readonly amount: string
  readonly currency: SampleCurrency
  /** What the simulated provider does with it. */
  readonly behaviour: Behaviour
  readonly ends: PayoutState
}

export type SampleCurrency = 'BDT' | 'EUR' | 'USD'

type Tale = readonly [way: SampleWay, load: SampleLoad, behaviour: string, ends: PayoutState]
type SampleLoad = 'wallet BDT' | 'card USD' | 'bank EUR' | 'bank USD'

/**
 * What the simulated provider does, and how the payout ends all the same; each ends within seconds. Wallets go through
 * one provider, cards through another and bank accounts through a third, whichever door they came by. The native way
 * takes no card numbers.
 */
const STORY: readonly Tale[] = [
  ['paypro', 'wallet BDT', 'paid_soon', 'paid'],
  ['api', 'wallet BDT', 'paid_at_once', 'paid'],
  ['avanor', 'wallet BDT', 'answer_lost', 'paid'],
  ['payneteasy', 'wallet BDT', 'failed_later', 'failed'],
  ['paypro', 'wallet BDT', 'answer_server_error', 'paid'],
  ['api', 'bank EUR', 'paid_soon', 'paid'],
  ['avanor', 'wallet BDT', 'request_doubled', 'paid'],
  ['payneteasy', 'bank EUR', 'paid_soon', 'paid'],
  ['paypro', 'wallet BDT', 'refused', 'failed'],
  ['api', 'wallet BDT', 'answer_garbage', 'paid'],
  ['avanor', 'card USD', 'paid_at_once', 'paid'],
  ['payneteasy', 'wallet BDT', 'paid_then_returned', 'returned'],
  ['paypro', 'wallet BDT', 'answer_reset', 'paid'],
  ['api', 'bank USD', 'paid_soon', 'paid'],
  ['avanor', 'bank EUR', 'paid_soon', 'paid'],
  ['payneteasy', 'card USD', 'failed_later', 'failed'],
  ['paypro', 'wallet BDT', 'hidden_for_a_while', 'paid'],
  ['api', 'wallet BDT', 'answer_lost_then_failed', 'failed'],
  ['avanor', 'wallet BDT', 'no_response', 'paid'],
  ['payneteasy', 'bank EUR', 'failed_later', 'failed'],
  ['paypro', 'wallet BDT', 'answer_half', 'paid'],
  ['api', 'wallet BDT', 'callback_forged', 'paid'],
  ['avanor', 'card USD', 'answer_lost', 'paid'],
  ['payneteasy', 'bank USD', 'answer_late', 'paid'],
]

/** `run` makes the references of one run unlike those of every other. Beyond the story, wallets are ordinary ones. */
export function planSample(count: number, run: string): readonly SamplePayout[] {
  return Array.from({ length: count }, (_, place) => {
    const [via, load, name, ends] = STORY[place] ?? ordinaryTale(place)
    const behaviour = behaviourNamed(name)
    assert(behaviour !== null, 'the story tells of behaviours that there are')
    return {
      reference: `demo-${run}-${String(place + 1).padStart(Math.max(3, String(count).length), '0')}`,
      via,
      beneficiary: beneficiaryOf(load, via, behaviour, place),
      amount: ordinaryAmount(place),
      currency: CURRENCIES[load],
      behaviour,
      ends,
    }
  })
}

const CURRENCIES: Readonly<Record<SampleLoad, SampleCurrency>> = {
  'wallet BDT': 'BDT',
  'card USD': 'USD',
  'bank EUR': 'EUR',
  'bank USD': 'USD',
}

function ordinaryTale(place: number): Tale {
  return [SAMPLE_WAYS[place % SAMPLE_WAYS.length] ?? 'api', 'wallet BDT', 'paid_soon', 'paid']
}

function beneficiaryOf(load: SampleLoad, via: SampleWay, behaviour: Behaviour, place: number): Beneficiary {
  if (load === 'card USD') return { kind: 'card', number: behaviour.card }
  if (load !== 'wallet BDT')
    return { kind: 'bank_account', account: behaviour.bankAccount, bank: 'SANDBOX-BANK', holder: null }
  const operator = WALLET_OPERATORS[place % WALLET_OPERATORS.length]
  assert(operator !== undefined, 'there are wallet operators')
  const number = behaviour.name === 'paid_soon' ? ordinaryWallet(place) : behaviour.wallet
  // The sandbox merchant's payway at that door is bKash's.
  return { kind: 'wallet', operator: via === 'avanor' ? 'bkash' : operator, number }
}

function ordinaryWallet(place: number): string {
  return `018${String(10_000_000 + ((place * 7_654_321) % 89_999_999)).padStart(8, '0')}`
}

/** 150.00 to some 400, never all round, so that a wrong sum shows; beyond the story small, so that thousands fit. */
function ordinaryAmount(place: number): string {
  const whole = place < STORY.length ? 150 + ((place * 37) % 250) : 1 + (place % 4)
  return `${whole}.${String((place * 25) % 100).padStart(2, '0')}`
}
