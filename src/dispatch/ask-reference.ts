// Asks a provider whether it knows a reference under which nothing was sent, as far as this database knows. Only after a
// restore, when the database may have forgotten that something was (SAFETY.md section 10).
import { attemptReference } from '../payout/attempt.ts'
import type { Payout } from '../payout/payout.ts'
import type { InquirySubject } from '../protocols/protocol.ts'
import type { ReadyAccount } from './accounts.ts'
import type { Call } from './call.ts'
import { callMoment } from './chance.ts'
import type { InquireNeeds } from './inquire.ts'
import { withRequestId } from './order.ts'

/**
 * `untold`: it answered, and shows no order of ours; most providers have no word of their own for "not found", so that it
 * may as well be an error. `unclear`: no answer that can be read. `unaskable`: this provider cannot be asked by our reference.
 */
export type ReferenceKnown = 'found' | 'not_found' | 'untold' | 'unclear' | 'unaskable'

export function referenceOf(payout: Payout, attemptNo: number, { capabilities }: ReadyAccount): string {
  const { merchantId, reference } = payout
  return attemptReference({ merchantId, reference, attemptNo }, capabilities.reference)
}

/** More attempts of one payout are not looked for: as many as an outage of an hour makes. */
const ATTEMPTS_MAX = 100

/**
 * Under which references a payout may have been sent from its next attempt on, through any of these accounts; that of the
 * next attempt through the first of them comes first.
 */
export function referencesFrom(
  payout: Payout,
  accounts: readonly ReadyAccount[],
): readonly { readonly providerAccountId: string; readonly reference: string }[] {
  const numbers = Array.from({ length: ATTEMPTS_MAX }, (_, place) => payout.attempts + 1 + place)
  return numbers.flatMap(attemptNo =>
    accounts.map(ready => ({
      providerAccountId: ready.account.id,
      reference: referenceOf(payout, attemptNo, ready),
    })),
  )
}

/** Never rejects. */
export async function askReference(
  payout: Payout,
  attemptNo: number,
  ready: ReadyAccount,
  needs: Pick<InquireNeeds, 'clock' | 'random' | 'failed'> & { readonly call: Pick<Call, 'ask'> },
): Promise<ReferenceKnown> {
  const { connector, account, capabilities } = ready
  if (!capabilities.queryableByOurReference) return 'unaskable'
  const { connect, headers, total } = capabilities.timeoutsMs
  const subject: InquirySubject = {
    reference: referenceOf(payout, attemptNo, ready),
    theirId: null,
    amount: payout.amount,
    step: capabilities.twoStep ? 'first' : 'only',
    payRequestId: null,
  }
  try {
    const request = withRequestId(connector.inquire(subject, account, callMoment(needs)), payout)
    const result = await needs.call.ask(request, {
      ...{ connectMs: connect, headersMs: headers, totalMs: total },
      maxAnswerBytes: capabilities.maxAnswerBytes,
    })
    if (result.kind !== 'answered' || result.status === 409 || result.status >= 500) return 'unclear'
    const answer = connector.readInquiry(result.answer, subject, account)
    if (answer.kind !== 'read') return 'unclear'
    if (answer.said === 'not_found') return 'not_found'
    // Whatever it says of it, it knows it. Our own reference comes back also where it does not; its own number does not.
    const shows = answer.said !== 'unknown' || answer.theirId !== null
    return shows ? 'found' : 'untold'
  } catch (error) {
    needs.failed(error)
    return 'unclear'
  }
}
