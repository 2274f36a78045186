// What must hold at the end of a run: all books laid side by side, and every answer that anybody ever got.
import { parseCallbackPath } from '../../src/dispatch/callback-url.ts'
import { payoutCode } from '../../src/payout/number.ts'
import type { PrintedOrder } from '../../src/simulator/control.ts'
import { type Matched, unsentAttempts } from '../books.ts'
import { findNative } from '../client.ts'
import { type House, MERCHANT } from '../house.ts'
import { eventually } from '../program.ts'

export interface Answers {
  /** The 16 characters of each payout by its reference, as first answered and as answered at the end. */
  readonly first: ReadonlyMap<string, string>
  readonly again: ReadonlyMap<string, string>
}

export interface Judgement {
  /** Payouts that were acknowledged and are gone, or have neither an end nor a person. */
  readonly lost: number
  /** Orders at the provider that arrived or were paid more than once, and payouts of which two attempts were paid. */
  readonly double: number
  /** A sentence for each guarantee that did not hold, these included. */
  readonly breaches: readonly string[]
}

/** `url`: where the native API answers now. */
export async function judge(
  house: House,
  matched: Matched,
  parts: {
    readonly url: string
    readonly orders: readonly PrintedOrder[]
    readonly answers: Answers
    /** The addresses of callbacks that the killed process acknowledged. */
    readonly taken: readonly string[]
  },
): Promise<Judgement> {
  const gone = await answerBreaches(house, parts.answers)
  const open = matched.open.map(reference => `${reference} is still open`)
  return {
    lost: gone.lost + open.length,
    double: parts.orders.filter(isDouble).length + (await paidTwice(house, parts.orders)),
    breaches: [
      ...matched.breaches,
      ...open,
      ...gone.breaches,
      ...(await doubtBreaches(parts.url, house, matched.neverArrived)),
      ...(await noticeBreaches(house)),
      ...(await callbackBreaches(house, parts.taken)),
      ...(await decisionBreaches(house)),
      ...(await receiptBreaches(house)),
    ],
  }
}

function isDouble({ timesArrived, timesPaid }: PrintedOrder): boolean {
  return timesArrived > 1 || timesPaid > 1
}

async function paidTwice({ pool }: House, orders: readonly PrintedOrder[]): Promise<number> {
  const paid = orders.filter(({ timesPaid }) => timesPaid > 0).map(({ reference }) => reference)
  const { rows } = await pool.query(
    `select payout_number from attempt where merchant_id = $1 and reference = any ($2)
      group by payout_number having count(*) > 1`,
    [MERCHANT, paid],
  )
  return rows.length
}

/** Each order has one payout, which is the one that every answer ever named. */
async function answerBreaches(
  house: House,
  { first, again }: Answers,
): Promise<{ lost: number; breaches: readonly string[] }> {
  const page = { limit: 100, before: null, state: null, reference: null }
  const stored = await house.store.listPayouts(MERCHANT, page)
  const codes = new Map(stored.map(({ reference, number, tag }) => [reference, payoutCode(number, tag)]))
  const breaches = stored.length === first.size ? [] : [`${stored.length} payouts of ${first.size} orders`]
  let lost = 0
  for (const [reference, code] of first) {
    if (codes.get(reference) !== code) lost += 1
    if (codes.get(reference) !== code || again.get(reference) !== code)
      breaches.push(`${reference} was ${code}, then ${again.get(reference)}, and is ${codes.get(reference)}`)
  }
  return { lost, breaches }
}

/** What never arrived is for a person: its money in flight, and nothing sent again that may have left. */
async function doubtBreaches(
  url: string,
  house: House,
  references: readonly string[],
): Promise<readonly string[]> {
  const breaches: string[] = []
  for (const reference of references) {
    const { state, money, attempts } = await findNative(url, reference)
    if (
      state !== 'in_doubt' ||
      money !== 'in_flight' ||
      attempts !== 1 + (await unsentAttempts(house, reference))
    )
      breaches.push(`${reference} never arrived and is ${state}, its money ${money}, in attempt ${attempts}`)
  }
  return breaches
}

/** One notice for each step that the door tells, at least once acknowledged. */
async function noticeBreaches({ pool }: House): Promise<readonly string[]> {
  const { rows: left } = await pool.query<{ reference: string; state: string }>(
    `select p.reference, n.state from notice n join payout p on p.merchant_id = n.merchant_id
       and p.payout_number = n.payout_number where n.state <> 'acknowledged'`,
  )
  const { rows: untold } = await pool.query<{ reference: string }>(
    `select p.reference from payout p where p.notify_url is not null and p.state in ('paid', 'failed')
       and not exists (select from notice n where n.merchant_id = p.merchant_id and n.payout_number = p.payout_number)`,
  )
  return [
    ...left.map(({ reference, state }) => `the notice of ${reference} is ${state}`),
    ...untold.map(({ reference }) => `${reference} has ended and nobody is told`),
  ]
}

/** What was acknowledged is stored: its provider does not come again. */
async function callbackBreaches({ pool }: House, taken: readonly string[]): Promise<readonly string[]> {
  const breaches: string[] = []
  for (const address of taken) {
    const about = parseCallbackPath(address)
    const { rowCount } = await pool.query(
      `select from callback where merchant_id = $1 and payout_number = $2 and attempt_no = $3`,
      [about?.merchantId, about?.number, about?.attemptNo],
    )
    if (rowCount === 0) breaches.push(`the callback at ${address} was acknowledged and is not stored`)
  }
  return breaches
}

/** What two people agreed on is done, once. */
async function decisionBreaches({ pool }: House): Promise<readonly string[]> {
  const { rows } = await pool.query<{ reference: string; agreed: number; state: string }>(
    `select p.reference, p.state, count(*)::int as agreed from agreement g join payout p
       on p.merchant_id = g.merchant_id and p.payout_number = g.payout_number
     group by p.merchant_id, p.payout_number having count(*) > 1 or p.state <> 'paid'`,
  )
  return rows.map(one => `${one.reference} was decided ${one.agreed} times and is ${one.state}`)
}

/** One receipt for each payment, and a log of as many leaves; what a leaf is, the database itself checks. */
async function receiptBreaches({ pool }: House): Promise<readonly string[]> {
  const { rows } = await pool.query<{ reference: string; receipts: number }>(
    `select p.reference, (select count(*)::int from receipt r where r.merchant_id = p.merchant_id
       and r.payout_number = p.payout_number and r.kind = 'paid') as receipts
     from payout p where p.state = 'paid'`,
  )
  const { rows: logs } = await pool.query<{ size: number; receipts: number }>(
    'select size::int, (select count(*)::int from receipt) as receipts from receipt_log',
  )
  return [
    ...rows
      .filter(({ receipts }) => receipts !== 1)
      .map(({ reference, receipts }) => `${reference} is paid and has ${receipts} receipts`),
    ...logs
      .filter(({ size, receipts }) => size !== receipts)
      .map(({ size, receipts }) => `the log has ${size} leaves of ${receipts} receipts`),
  ]
}

/** Notices and receipts follow their payouts by a moment; a breach is only what stays. Never rejects. */
export async function untilTold(house: House, hurry: () => Promise<void>): Promise<void> {
  await eventually(
    'every notice is acknowledged and every payment has its receipt',
    async () => {
      await hurry()
      return [...(await noticeBreaches(house)), ...(await receiptBreaches(house))]
    },
    breaches => breaches.length === 0,
    { withinMs: TOLD_MS_MAX, everyMs: 100 },
  ).catch(() => {})
}

const TOLD_MS_MAX = 60_000
