// Reads for the API, the doors and the console. Decisions read through findForStep alone, and are fenced by version.
import type { Account } from '../ledger/accounts.ts'
import type { Recipe } from '../ledger/recipes.ts'
import type { Seal } from '../lib/seal.ts'
import type { Attempt } from '../payout/attempt.ts'
import type { Payout, PayoutKey, PayoutState, WaitReason } from '../payout/payout.ts'
import { type SwitchKey, stoppedWords } from '../payout/stop.ts'
import type { Contracts } from './contracts.ts'
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  ms,
  PAYOUT_COLUMNS,
  type PayoutRow,
  rowAttempt,
  rowPayout,
  storedCurrency,
} from './rows.ts'
import type {
  ExchangeRow,
  NoticeRow,
  PayoutAndAttempt,
  PayoutEventRow,
  PayoutPage,
  PostingRow,
} from './store.ts'
import type { Whole } from './whole.ts'

export async function findPayout(
  whole: Whole,
  seal: Seal,
  merchantId: string,
  by: PayoutKey,
): Promise<Payout | null> {
  const [row] =
    by.by === 'reference'
      ? await whole.rows<ShownRow>(FIND_BY_REFERENCE, [merchantId, by.reference])
      : await whole.rows<ShownRow>(FIND_BY_NUMBER, [merchantId, by.number])
  if (row === undefined || (by.by === 'code' && row.tag !== by.tag)) return null
  return shownPayout(row, seal)
}

export async function findForStep(
  whole: Whole,
  seal: Seal,
  contracts: Contracts,
  merchantId: string,
  number: bigint,
): Promise<PayoutAndAttempt | null> {
  const [row] = await whole.rows<PayoutRow & Partial<AttemptRow>>(FIND_FOR_STEP, [merchantId, number])
  return row === undefined ? null : rowPayoutAndAttempt(row, seal, contracts)
}

/** A payout beside its last attempt, whose columns are empty where there is none. */
export async function rowPayoutAndAttempt(
  row: PayoutRow & Partial<AttemptRow>,
  seal: Seal,
  contracts: Contracts,
): Promise<PayoutAndAttempt> {
  const payout = rowPayout(row, seal)
  if (row.attempt_no === undefined || row.attempt_no === null)
    return { payout, attempt: null, facts: null, incarnation: null, contract: null }
  // The number is there, so the row of the attempt is.
  const attempt = row as PayoutRow & AttemptRow
  return {
    payout,
    attempt: rowAttempt(attempt),
    facts: attempt.facts,
    incarnation: attempt.incarnation,
    contract: await contracts.termsOf(attempt.contract_id),
  }
}

export async function listPayouts(
  whole: Whole,
  seal: Seal,
  merchantId: string,
  page: PayoutPage,
): Promise<readonly Payout[]> {
  const rows = await whole.rows<ShownRow>(LIST, [
    merchantId,
    page.before,
    page.state,
    page.reference,
    page.limit,
  ])
  return rows.map(row => shownPayout(row, seal))
}

export type ShownRow = PayoutRow & { readonly stopped_by: SwitchKey | null }

/** What is stopped says so, whatever it waited for before: nobody writes that to each payout of a stopped merchant. */
export function shownPayout(row: ShownRow, seal: Seal): Payout {
  const payout = rowPayout(row, seal)
  return row.stopped_by === null ? payout : { ...payout, why: stoppedWords(row.stopped_by) }
}

export async function payoutEvents(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly PayoutEventRow[]> {
  const rows = await whole.rows<{
    sequence: number
    at_ms: number
    state: PayoutState
    wait_reason: WaitReason | null
    why: string | null
    attempt_no: number | null
  }>(EVENTS, [merchantId, number])
  return rows.map(row => ({
    sequence: row.sequence,
    atMs: row.at_ms,
    state: row.state,
    waitReason: row.wait_reason,
    why: row.why,
    attemptNo: row.attempt_no,
  }))
}

export async function payoutPostings(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly PostingRow[]> {
  const rows = await whole.rows<{
    sequence: number
    recipe: Recipe
    debit: Account
    credit: Account
    currency: string
    minor: bigint
    at_ms: number
  }>(POSTINGS, [merchantId, number])
  return rows.map(row => ({
    merchantId,
    number,
    sequence: row.sequence,
    recipe: row.recipe,
    debit: row.debit,
    credit: row.credit,
    amount: { minor: row.minor, currency: storedCurrency(row.currency) },
    atMs: row.at_ms,
  }))
}

export async function payoutAttempts(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly Attempt[]> {
  return (await whole.rows<AttemptRow>(ATTEMPTS, [merchantId, number])).map(rowAttempt)
}

export async function payoutExchanges(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly ExchangeRow[]> {
  const rows = await whole.rows<{
    exchange_no: number
    attempt_no: number
    kind: ExchangeRow['kind']
    started_at_ms: number
    duration_ms: number
    status: number | null
    row_name: string
    verdict: string
    request: string | null
    answer: string | null
  }>(EXCHANGES, [merchantId, number])
  return rows.map(row => ({
    exchangeNo: row.exchange_no,
    attemptNo: row.attempt_no,
    kind: row.kind,
    startedAtMs: row.started_at_ms,
    durationMs: row.duration_ms,
    status: row.status,
    row: row.row_name,
    verdict: row.verdict,
    request: row.request,
    answer: row.answer,
  }))
}

export async function payoutNotices(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<readonly NoticeRow[]> {
  return (await whole.rows<NoticeColumns>(NOTICES, [merchantId, number])).map(rowNotice)
}

export interface NoticeColumns {
  sequence: number
  target: string
  url: string
  state: NoticeRow['state']
  tries: number
  last_status: number | null
  last_said: string | null
  acknowledged_at_ms: number | null
}

export function rowNotice(row: NoticeColumns): NoticeRow {
  return {
    sequence: row.sequence,
    target: row.target,
    url: row.url,
    state: row.state,
    tries: row.tries,
    lastStatus: row.last_status,
    lastSaid: row.last_said,
    acknowledgedAtMs: row.acknowledged_at_ms,
  }
}

/** The switch that a payout waits for: one that is queued, or whose attempt has the step that pays before it. */
const STOPPED_BY = `case p.state when 'queued' then send_stop(p.merchant_id, p.currency, null)
  when 'sending' then (select send_stop(p.merchant_id, p.currency, a.provider_account_id) from attempt a
    where a.merchant_id = p.merchant_id and a.payout_number = p.payout_number and a.attempt_no = p.attempts
      and a.facts ->> 'created' = 'true' and a.facts ->> 'stepsSent' = '1') end as stopped_by`

/** A queued payout says why it was put back; whoever computes a step from it reads its own row alone. */
const FOUND_COLUMNS = PAYOUT_COLUMNS.replace(
  'p.why',
  `case when p.state = 'queued' then coalesce((select q.why from queue q
    where q.merchant_id = p.merchant_id and q.payout_number = p.payout_number), p.why) else p.why end as why`,
)

/** Whether something speaks for a payment of a payout that ended unpaid: from then on no second one is safe. */
const DISPUTED = `case when p.state in ('failed', 'cancelled') then exists (select from incident i
    where i.merchant_id = p.merchant_id and i.payout_number = p.payout_number and i.kind in
      ('paid_after_death', 'answer_after_death', 'contradiction', 'proof_contradicts', 'refused_step'))
  else false end as disputed`

/** Columns of a payout as `shownPayout` reads them; `p` is the table's name in the query. */
export const SHOWN_COLUMNS = `${FOUND_COLUMNS}, ${STOPPED_BY}, ${DISPUTED}`

const FIND_BY_NUMBER = {
  name: 'find_payout_by_number',
  text: `select ${SHOWN_COLUMNS} from payout p where p.merchant_id = $1 and p.payout_number = $2`,
}
const FIND_BY_REFERENCE = {
  name: 'find_payout_by_reference',
  text: `select ${SHOWN_COLUMNS} from payout p where p.merchant_id = $1 and p.reference = $2`,
}
const FIND_FOR_STEP = {
  name: 'find_for_step',
  text: `select ${ATTEMPT_COLUMNS}, ${PAYOUT_COLUMNS}, ${DISPUTED} from payout p
    left join attempt a on a.merchant_id = p.merchant_id and a.payout_number = p.payout_number
      and a.attempt_no = p.attempts
    where p.merchant_id = $1 and p.payout_number = $2`,
}
const LIST = {
  name: 'list_payouts',
  text: `select ${SHOWN_COLUMNS} from payout p
    where p.merchant_id = $1 and p.payout_number < coalesce($2::bigint, 9007199254740992)
      and ($3::text is null or p.state = $3) and ($4::text is null or p.reference = $4)
    order by p.payout_number desc limit $5`,
}
const EVENTS = {
  name: 'payout_events',
  text: `select sequence, ${ms('at')} as at_ms, state, wait_reason, why, attempt_no from payout_event
    where merchant_id = $1 and payout_number = $2 order by sequence`,
}
const POSTINGS = {
  name: 'payout_postings',
  text: `select sequence, recipe, debit, credit, currency, minor, ${ms('at')} as at_ms from posting
    where merchant_id = $1 and number = $2 order by sequence, leg`,
}
const ATTEMPTS = {
  name: 'payout_attempts',
  text: `select ${ATTEMPT_COLUMNS} from attempt a where a.merchant_id = $1 and a.payout_number = $2 order by a.attempt_no`,
}
const EXCHANGES = {
  name: 'payout_exchanges',
  text: `select exchange_no, attempt_no, kind, ${ms('started_at')} as started_at_ms, duration_ms, status, row_name, verdict,
      request, answer
    from exchange where merchant_id = $1 and payout_number = $2 order by exchange_no`,
}
const NOTICES = {
  name: 'payout_notices',
  text: `select sequence, target, url, state, tries, last_status, last_said, ${ms('acknowledged_at')} as acknowledged_at_ms
    from notice where merchant_id = $1 and payout_number = $2 order by sequence, target`,
}
