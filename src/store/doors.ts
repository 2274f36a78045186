// What doors need kept beside payouts: the answer to a merchant's second call, and what may come once.
import { assert } from '../lib/assert.ts'
import type { Whole } from './whole.ts'

/** One thing that may come once: who sent it, what it is, and for how long that is remembered. */
export interface OneTimeUse {
  readonly door: string
  readonly publicId: string
  readonly key: string
  /** 32 bytes. */
  readonly fingerprint: Uint8Array
  readonly keepMs: number
}

export type OneTimeUsed =
  | { readonly kind: 'new' }
  | { readonly kind: 'same'; readonly answer: string | null }
  | { readonly kind: 'other' }

export async function findConfirmation(
  whole: Whole,
  merchantId: string,
  number: bigint,
): Promise<string | null> {
  const [row] = await whole.rows<{ answer: string }>(FIND_CONFIRMATION, [merchantId, number])
  return row?.answer ?? null
}

export async function beginOneTimeUse(whole: Whole, use: OneTimeUse): Promise<OneTimeUsed> {
  const [row] = await whole.rows<{ fresh: boolean; same: boolean; answer: string | null }>(BEGIN, [
    use.door,
    use.publicId,
    use.key,
    Buffer.from(use.fingerprint),
    Math.round(use.keepMs),
  ])
  assert(row !== undefined, 'a use is begun or known')
  if (row.fresh) return { kind: 'new' }
  return row.same ? { kind: 'same', answer: row.answer } : { kind: 'other' }
}

/** The first answer stays; it is the one that is given back. */
export async function answerOneTimeUse(whole: Whole, use: OneTimeUse, answer: string): Promise<string> {
  const values = [use.door, use.publicId, use.key, answer]
  const [row] = await whole.rows<{ answer: string }>(ANSWER, values)
  // A use that expired meanwhile is kept no more.
  return row?.answer ?? answer
}

export async function forgetOneTimeUses(whole: Whole): Promise<void> {
  await whole.rows(FORGET, [FORGET_MAX])
}

/** Bounded, so that no statement holds many rows for long. */
const FORGET_MAX = 10_000

const FIND_CONFIRMATION = {
  name: 'find_confirmation',
  text: 'select answer from confirmation where merchant_id = $1 and payout_number = $2',
}
// The update changes nothing; it makes the statement wait for, and return, the row that stands.
const BEGIN = {
  name: 'begin_one_time_use',
  text: `insert into one_time_use as u (door, public_id, key, fingerprint, expires_at)
      values ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')
      on conflict (door, public_id, key) do update set expires_at = u.expires_at
      returning xmax = 0 as fresh, fingerprint = $4 as same, answer`,
}
const ANSWER = {
  name: 'answer_one_time_use',
  text: `update one_time_use set answer = coalesce(answer, $4)
    where door = $1 and public_id = $2 and key = $3 returning answer`,
}
const FORGET = {
  name: 'forget_one_time_uses',
  text: `delete from one_time_use where (door, public_id, key) in (
      select door, public_id, key from one_time_use where expires_at < now() order by expires_at limit $1
      for update skip locked)`,
}
