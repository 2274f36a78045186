// What stops sends, as people see it who decide on its release: a tripped kill switch, or a provider account in safe mode,
// each with what would go on. Each function is one snapshot. Who releases, and that two do, stands in proposals.ts.
import type { Money } from '../money/money.ts'
import type { SwitchKey } from '../payout/stop.ts'
import { ms, storedCurrency } from './rows.ts'
import type { SafeModeSign } from './safe-mode.ts'
import type { TrippedSwitch } from './switches.ts'
import type { Whole } from './whole.ts'

/** Of one currency. */
export interface Waiting {
  readonly count: number
  readonly amount: Money
}

export interface StoppedSwitch extends TrippedSwitch {
  /** The number of its last trip: with another one it is another stop. */
  readonly trip: string
  /** Payouts in the queue that could go through it, and those that wait for the step that pays. */
  readonly waiting: readonly Waiting[]
}

/** What stands against a release of safe mode, as the database names it (0009-releases.sql). */
export const HINDRANCES = [
  'safe_mode_sweep_goes_on',
  'safe_mode_needs_an_audit',
  'safe_mode_needs_clean_books',
] as const
export type Hindrance = (typeof HINDRANCES)[number]

export interface StoppedAccount {
  readonly providerAccountId: string
  readonly sign: SafeModeSign
  readonly sinceMs: number
  /** Of which restore it is: after another one it is another stop. */
  readonly entry: string
  /** Null: two people may release it. */
  readonly hindrance: Hindrance | null
  /** Attempts whose end is not known. */
  readonly atRisk: readonly Waiting[]
  /** Payouts in the queue that could go through it. */
  readonly waiting: readonly Waiting[]
  readonly asked: ReferencesAsked
  /** Payments of which this database knows nothing, at whichever account. */
  readonly phantoms: number
}

/** How many references were asked for, by what was said of them. */
export interface ReferencesAsked {
  readonly found: number
  readonly notFound: number
  /** Only a person can ask about these. */
  readonly unaskable: number
  readonly open: number
}

/** Those that are tripped; `only`: this one alone. */
export async function stoppedSwitches(
  whole: Whole,
  only: SwitchKey | null,
): Promise<readonly StoppedSwitch[]> {
  const rows = await whole.rows<SwitchRow>(SWITCHES, [only?.scope ?? null, only?.id ?? null])
  return rows.map(row => ({
    ...{ scope: row.scope, id: row.scope_id, sinceMs: row.since_ms, by: row.acted_by, why: row.why },
    trip: row.trip,
    waiting: row.waiting.map(rowWaiting),
  }))
}

/** Those in safe mode; `only`: this one alone. */
export async function stoppedAccounts(whole: Whole, only: string | null): Promise<readonly StoppedAccount[]> {
  const rows = await whole.rows<AccountRow>(ACCOUNTS, [only])
  return rows.map(row => ({
    ...{
      providerAccountId: row.provider_account_id,
      sign: row.sign,
      sinceMs: row.since_ms,
      entry: row.entry,
    },
    hindrance: row.hindrance,
    atRisk: row.at_risk.map(rowWaiting),
    waiting: row.waiting.map(rowWaiting),
    asked: { found: row.found, notFound: row.not_found, unaskable: row.unaskable, open: row.open },
    phantoms: row.phantoms,
  }))
}

interface WaitingRow {
  currency: string
  count: number
  minor: string
}

interface SwitchRow {
  scope: SwitchKey['scope']
  scope_id: string
  acted_by: string
  why: string
  since_ms: number
  trip: string
  waiting: WaitingRow[]
}

interface AccountRow {
  provider_account_id: string
  sign: SafeModeSign
  since_ms: number
  entry: string
  hindrance: Hindrance | null
  at_risk: WaitingRow[]
  waiting: WaitingRow[]
  found: number
  not_found: number
  unaskable: number
  open: number
  phantoms: number
}

function rowWaiting({ currency, count, minor }: WaitingRow): Waiting {
  return { count, amount: { minor: BigInt(minor), currency: storedCurrency(currency) } }
}

// Each payout once for each account that its routes name.
const QUEUED = `select distinct p.merchant_id, p.payout_number, p.currency, p.minor, r.provider_account_id, o.protocol
  from queue q
    join payout p on p.merchant_id = q.merchant_id and p.payout_number = q.payout_number and p.state = 'queued'
    left join route r on r.merchant_id = p.merchant_id and r.currency = p.currency and r.method in (p.method, '*')
    left join provider_account o on o.provider_account_id = r.provider_account_id`
const HALF_SENT = `select p.merchant_id, p.payout_number, p.currency, p.minor, a.provider_account_id, o.protocol
  from attempt a
    join payout p on p.merchant_id = a.merchant_id and p.payout_number = a.payout_number
    left join provider_account o on o.provider_account_id = a.provider_account_id
  where a.state in ('sending', 'in_doubt') and a.facts ->> 'created' = 'true' and a.facts ->> 'stepsSent' = '1'`
const byCurrency = (from: string) => `(select coalesce(json_agg(c order by c.currency), '[]') from (
    select l.currency, count(*)::integer as count, sum(l.minor)::text as minor from (${from}) l group by l.currency) c)`

const SWITCHES = {
  name: 'stopped_switches',
  text: `with line as materialized (${QUEUED} union ${HALF_SENT})
    select k.scope, k.scope_id, k.acted_by, k.why, ${ms('k.since')} as since_ms,
      last_trip(k.scope, k.scope_id)::text as trip,
      ${byCurrency(`select distinct w.merchant_id, w.payout_number, w.currency, w.minor from line w
        where k.scope = 'global' or (k.scope = 'merchant' and w.merchant_id = k.scope_id)
          or (k.scope = 'currency' and w.currency = k.scope_id) or (k.scope = 'rail' and w.protocol = k.scope_id)
          or (k.scope = 'provider_account' and w.provider_account_id = k.scope_id)`)} as waiting
    from kill_switch k
    where k.tripped and ($1::text is null or (k.scope = $1 and k.scope_id = $2::text))
    order by k.since, k.scope, k.scope_id`,
}
const asked = (which: string) => `(select count(*)::integer from reference_question k
    where k.provider_account_id = s.provider_account_id and ${which})`
const ACCOUNTS = {
  name: 'stopped_accounts',
  text: `with queued as materialized (${QUEUED})
    select s.provider_account_id, s.sign, ${ms('s.entered_at')} as since_ms, i.entered_by::text as entry,
      safe_mode_hindrance(s.provider_account_id) as hindrance,
      ${byCurrency(`select p.currency, p.minor
        from attempt a join payout p on p.merchant_id = a.merchant_id and p.payout_number = a.payout_number
        where a.provider_account_id = s.provider_account_id and a.state in ('sending', 'in_doubt', 'pending')`)} as at_risk,
      ${byCurrency(`select w.currency, w.minor from queued w
        where w.provider_account_id = s.provider_account_id`)} as waiting,
      ${asked(`k.said = 'found'`)} as found,
      ${asked(`k.said = 'not_found' and k.next_at is null`)} as not_found,
      ${asked(`k.said = 'unaskable'`)} as unaskable,
      ${asked('k.next_at is not null')} as open,
      (select count(*)::integer from incident where kind = 'phantom') as phantoms
    from safe_mode s cross join installation i
    where s.released_at is null and ($1::text is null or s.provider_account_id = $1)
    order by s.provider_account_id`,
}
