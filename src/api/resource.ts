import { unreachable } from '../lib/assert.ts'
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { Attempt } from '../payout/attempt.ts'
import { type Beneficiary, beneficiaryMasked } from '../payout/beneficiary.ts'
import { payoutId } from '../payout/number.ts'
import { MONEY_PLACE, type Payout, type PayoutState } from '../payout/payout.ts'
import type { PayoutShown } from './schema-answer.ts'

/** What of a payout its resource is made of. */
export type PayoutFacts = Omit<
  Payout,
  'merchantId' | 'doorCredentialId' | 'requestId' | 'notifyUrl' | 'version'
>

/** A payout as the API shows it. `attempt` is its live or last one, where that was read. */
export function payoutResource(payout: PayoutFacts, attempt: Attempt | null, livemode: boolean): PayoutShown {
  const createdAt = isoTime(payout.createdAtMs)
  return {
    id: payoutId(payout.number, payout.tag),
    object: 'payout',
    livemode,
    number: payout.number.toString(),
    reference: payout.reference,
    amount: printDecimal(payout.amount),
    currency: payout.amount.currency,
    method: payout.method,
    beneficiary: beneficiaryShown(payout.beneficiary),
    description: payout.description,
    metadata: payout.metadata,
    ...stateShown(payout.state),
    wait_reason: payout.waitReason,
    why: payout.disputed === true ? DISPUTED_WORDS : payout.why,
    since: payout.stateSinceMs === payout.createdAtMs ? createdAt : isoTime(payout.stateSinceMs),
    safe_to_retry: SAFE_TO_RETRY.has(payout.state) && payout.disputed !== true,
    next_check_at: nextCheckAt(payout.state, attempt),
    door: payout.door,
    created_at: createdAt,
    paid_at: payout.paidAtMs === null ? null : isoTime(payout.paidAtMs),
    attempts: payout.attempts,
  }
}

/** Only what can never be paid any more, or has come back: everywhere else a second payout might be a second payment. */
const SAFE_TO_RETRY: ReadonlySet<PayoutState> = new Set(['failed', 'cancelled', 'returned'])

const DISPUTED_WORDS =
  'It ended unpaid, and its provider says that it was paid or may be; a person looks at it. Do not pay it again.'

/** States in which the provider is asked. */
const CHECKED: ReadonlySet<PayoutState> = new Set(['sending', 'pending', 'in_doubt'])

function stateShown(state: PayoutState): Pick<PayoutShown, 'state' | 'money'> {
  const money = MONEY_PLACE[state]
  // It lasts inside one transaction, and whoever reads sees what was committed.
  if (state === 'accepted' || money === 'nowhere') return { state: 'queued', money: 'held' }
  return { state, money }
}

function nextCheckAt(state: PayoutState, attempt: Attempt | null): string | null {
  const at = attempt?.nextInquiryAtMs ?? null
  return at === null || !CHECKED.has(state) ? null : isoTime(at)
}

function beneficiaryShown(beneficiary: Beneficiary): PayoutShown['beneficiary'] {
  const masked = beneficiaryMasked(beneficiary)
  switch (beneficiary.kind) {
    case 'wallet':
      return { kind: 'wallet', operator: beneficiary.operator, number: masked }
    case 'bank_account':
      return {
        kind: 'bank_account',
        account: masked,
        bank: beneficiary.bank,
        holder: beneficiary.holder === null ? null : initials(beneficiary.holder),
      }
    case 'card':
      return { kind: 'card', number: masked }
    default:
      return unreachable(beneficiary)
  }
}

function initials(name: string): string {
  return name
    .split(' ')
    .filter(part => part !== '')
    .map(part => `${[...part][0] ?? ''}.`)
    .join(' ')
}
