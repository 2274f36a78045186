import { isoTime } from '../lib/clock.ts'
import { sha256Hex } from '../lib/digest.ts'
import { printDecimal } from '../money/decimal.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { PayoutState } from '../payout/payout.ts'
import type { ExchangeRow, NoticeRow, PayoutEventRow, PostingRow } from '../store/store.ts'
import type { ApiProofImage } from './needs.ts'
import type { AttemptShown, EventShown, NoticeShown, PostingShown, ProofImageShown } from './schema-answer.ts'

export function eventResource(event: PayoutEventRow): EventShown {
  return {
    object: 'event',
    sequence: event.sequence,
    at: isoTime(event.atMs),
    state: visible(event.state),
    wait_reason: event.waitReason,
    why: event.why,
    attempt: event.attemptNo,
  }
}

export function postingResource(posting: PostingRow): PostingShown {
  return {
    object: 'posting',
    sequence: posting.sequence,
    recipe: posting.recipe,
    debit: posting.debit,
    credit: posting.credit,
    amount: printDecimal(posting.amount),
    currency: posting.amount.currency,
    at: isoTime(posting.atMs),
  }
}

export function attemptResource(attempt: Attempt, exchanges: readonly ExchangeRow[]): AttemptShown {
  return {
    object: 'attempt',
    number: attempt.attemptNo,
    state: attempt.state,
    provider_account: attempt.providerAccountId,
    reference: attempt.reference,
    their_id: attempt.theirId,
    doubt: attempt.doubt,
    proof: attempt.proof,
    created_at: isoTime(attempt.createdAtMs),
    next_check_at: attempt.nextInquiryAtMs === null ? null : isoTime(attempt.nextInquiryAtMs),
    inquiries: attempt.inquiries,
    exchanges: exchanges.map(exchange => ({
      number: exchange.exchangeNo,
      kind: exchange.kind,
      started_at: isoTime(exchange.startedAtMs),
      duration_ms: exchange.durationMs,
      status: exchange.status,
      row: exchange.row,
      verdict: exchange.verdict,
      request: exchange.request,
      answer: exchange.answer,
    })),
  }
}

export function noticeResource(notice: NoticeRow): NoticeShown {
  return {
    object: 'notice',
    sequence: notice.sequence,
    target: notice.target,
    url: notice.url,
    state: notice.state,
    tries: notice.tries,
    last_status: notice.lastStatus,
    last_said: notice.lastSaid,
    acknowledged_at: notice.acknowledgedAtMs === null ? null : isoTime(notice.acknowledgedAtMs),
  }
}

export function proofImageResource({ mediaType, bytes, source }: ApiProofImage): ProofImageShown {
  return {
    object: 'proof_image',
    source,
    media_type: mediaType,
    size: bytes.length,
    sha256: sha256Hex(bytes),
    data_uri: `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`,
  }
}

/** `accepted` never outlives its transaction; were it stored as an event, the payout was queued by it. */
function visible(state: PayoutState): EventShown['state'] {
  return state === 'accepted' ? 'queued' : state
}
