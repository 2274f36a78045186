// Turns what a door or the API was asked for into a payout on record.
//
// The first answer is made before the commit and stored with it, so that every repeat, in any process and after any
// crash, gets the same bytes. It is given to the client only after the commit. What is refused here is refused by the
// store too, after it has looked for a repeat: a payout that was accepted yesterday still gets its first answer when
// its route is gone today.
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { beneficiaryMethod } from '../payout/beneficiary.ts'
import { PAYOUT_TAG_LIMIT } from '../payout/number.ts'
import type { Submission, SubmissionRefusal, Submitted } from '../protocols/protocol.ts'
import type { NewPayout } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { Intake, IntakeVerdict } from './intake.ts'
import type { Numbers } from './numbers.ts'

export interface SubmitParts {
  readonly directory: Pick<Directory, 'assertCurrent' | 'pays'>
  readonly numbers: Numbers
  readonly intake: Pick<Intake, 'accept'>
  readonly clock: Clock
  readonly random: Random
}

/** @throws Unavailable where it is not known whether the payout was recorded; the same reference or key tells. */
export async function submitPayout(submission: Submission, parts: SubmitParts): Promise<Submitted> {
  assert(submission.amount.minor > 0n, 'a payout is of more than nothing')
  parts.directory.assertCurrent()
  const number = parts.numbers.take() ?? (await parts.numbers.wait())
  const payout = newPayout(submission, number, parts)
  return submittedOf(await parts.intake.accept(payout), payout)
}

function newPayout(submission: Submission, number: bigint, parts: SubmitParts): NewPayout {
  const { merchantId, amount, beneficiary } = submission
  const tag = parts.random.below(PAYOUT_TAG_LIMIT)
  const createdAtMs = parts.clock.now()
  const to = submission.needsConfirmation ? 'waiting' : 'queued'
  const available = parts.directory.pays(merchantId, amount.currency, beneficiaryMethod(beneficiary))
  return {
    merchantId,
    number,
    tag,
    reference: submission.reference,
    idempotencyKey: submission.idempotencyKey,
    fingerprint: submission.fingerprint,
    amount,
    beneficiary,
    description: submission.description,
    metadata: submission.metadata,
    door: submission.door,
    doorCredentialId: submission.doorCredentialId,
    requestId: submission.requestId,
    notifyUrl: submission.notifyUrl,
    createdAtMs,
    to,
    waitReason: submission.needsConfirmation ? 'confirmation' : null,
    firstAnswer: submission.firstAnswer({ number, tag, createdAtMs, state: to }),
    refuse: available ? null : NOT_AVAILABLE,
  }
}

const NOT_AVAILABLE: SubmissionRefusal = 'method_not_available'

function submittedOf(verdict: IntakeVerdict, payout: NewPayout): Submitted {
  switch (verdict.kind) {
    case 'accepted':
      return { kind: 'accepted', number: payout.number, tag: payout.tag, answer: payout.firstAnswer }
    case 'replayed':
    case 'conflict':
      return verdict
    case 'insufficient':
      return { kind: 'refused', why: 'insufficient_funds' }
    case 'refused':
      assert(verdict.why === NOT_AVAILABLE, 'the store refuses for the reason it was given')
      return { kind: 'refused', why: NOT_AVAILABLE }
  }
}
