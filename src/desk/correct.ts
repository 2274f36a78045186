// A correction of the books by two people: one balanced movement between accounts of a payout's merchant. What was booked
// stays, and money of payouts that have not ended is never touched.
import type { Account } from '../ledger/accounts.ts'
import { mayBeCorrected } from '../ledger/recipes.ts'
import type { Money } from '../money/money.ts'
import type { CorrectionContent } from '../payout/decision.ts'
import { payoutId } from '../payout/number.ts'
import type { NewEvidence } from '../store/people-store.ts'
import { type Actor, whoIs } from './actor.ts'
import { findAsked, type PayoutAsked } from './decide.ts'
import { evidenceFacts, evidenceRefusal } from './evidence.ts'
import {
  newProposal,
  type ProposalFound,
  type ProposalParts,
  proposeRefusal,
  recordProposal,
} from './proposals.ts'
import { NOTHING_THERE, refused } from './refused.ts'

export interface CorrectionAsked {
  readonly payout: PayoutAsked
  readonly debit: string
  readonly credit: string
  readonly amount: Money
  readonly because: string
  readonly evidence: readonly NewEvidence[]
}

export async function proposeCorrection(
  parts: ProposalParts,
  actor: Actor,
  asked: CorrectionAsked,
): Promise<ProposalFound> {
  const found = await findAsked(parts, actor, asked.payout)
  if (found === null) return NOTHING_THERE
  const { payout, maker } = found
  const may = proposeRefusal('correction', actor, payout.merchantId)
  if (may !== null) return may
  if (maker === whoIs(actor))
    return refused('second_person_needed', 'Who made the payout has no part in correcting it.')
  const { debit, credit, amount } = asked
  if (debit === credit || !isCorrectable(debit) || !isCorrectable(credit))
    return refused(
      'invalid_request',
      'A correction moves between two of: available, fees, suspense, recall_receivable, float:<provider account>.',
    )
  if (amount.currency !== payout.amount.currency)
    return refused('invalid_request', `The payout is in ${payout.amount.currency}.`)
  const evidence = evidenceRefusal(asked.evidence)
  if (evidence !== null) return evidence
  const content: CorrectionContent = {
    debit,
    credit,
    currency: amount.currency,
    minor: String(amount.minor),
    because: asked.because,
    evidence: asked.evidence.map(evidenceFacts),
  }
  const about = {
    merchantId: payout.merchantId,
    subject: payoutId(payout.number, payout.tag),
    payoutNumber: payout.number,
    // It rests on what was booked, which stays whatever becomes of an attempt.
    attemptNo: null,
    content,
    evidence: asked.evidence,
  }
  return recordProposal(parts, newProposal('correction', about, actor, parts.random))
}

const ACCOUNT = /^(?:available|fees|suspense|recall_receivable|float:[a-z0-9_-]{1,40})$/

function isCorrectable(account: string): account is Account {
  // What the expression lets through is an account; the second half says so in the ledger's own words.
  return ACCOUNT.test(account) && mayBeCorrected(account as Account)
}
