// What one person does to what is under way: stop it, tell a merchant again, ask a provider now. Each with its record, in one
// commit (migration 0012).
import type { SwitchKey } from '../payout/stop.ts'
import { STOPS_SOMETHING } from './switches.ts'
import type { Whole } from './whole.ts'

/** Who does it, and by what it came. */
export interface By {
  readonly personId: string
  readonly credential: string
}

/** The payout that it is about; `shown` is its id as people know it, for the record. */
export interface PayoutMeant {
  readonly merchantId: string
  readonly number: bigint
  readonly shown: string
}

export async function tripByPerson(
  whole: Whole,
  { scope, id, why }: SwitchKey & { readonly why: string },
  by: By,
): Promise<'tripped' | 'already' | 'unknown'> {
  const [row] = await whole.rows<{ tripped: boolean | null }>(TRIP, [
    scope,
    id,
    by.personId,
    by.credential,
    why,
  ])
  if (row === undefined || row.tripped === null) return 'unknown'
  return row.tripped ? 'tripped' : 'already'
}

/** How many notices of that step are due now; none: there is none. `later`: a later step was told, so nothing is. */
export async function resendNotice(
  whole: Whole,
  { merchantId, number, shown }: PayoutMeant,
  sequence: number,
  by: By,
): Promise<number | 'later'> {
  const [row] = await whole.rows<{ count: number }>(
    { name: 'resend_notice', text: 'select resend_notice($1, $2, $3, $4, $5, $6) as count' },
    [merchantId, number, sequence, by.personId, by.credential, shown],
  )
  return row?.count === -1 ? 'later' : (row?.count ?? 0)
}

/** False: there is no attempt whose end is looked for. */
export async function inquireNow(
  whole: Whole,
  { merchantId, number, shown }: PayoutMeant,
  by: By,
): Promise<boolean> {
  const [row] = await whole.rows<{ due: boolean }>(
    { name: 'inquire_now', text: 'select inquire_now($1, $2, $3, $4, $5) as due' },
    [merchantId, number, by.personId, by.credential, shown],
  )
  return row?.due ?? false
}

/** What a person asks for that leaves no other trace of who it was: payouts as a file, a cancellation. */
export interface NewAct {
  readonly what: string
  readonly subject: string
  /** Null: it concerns several. */
  readonly merchantId: string | null
}

export async function recordAct(whole: Whole, { what, subject, merchantId }: NewAct, by: By): Promise<void> {
  await whole.rows(
    {
      name: 'record_act',
      text: 'insert into act (who, credential, what, subject, merchant_id) values ($1, $2, $3, $4, $5)',
    },
    [by.personId, by.credential, what, subject, merchantId],
  )
}

const TRIP = {
  name: 'person_trips_switch',
  text: `select case when ${STOPS_SOMETHING}
    then person_trips_switch($1::text, $2::text, $3::text, $4::text, $5::text) end as tripped`,
}
