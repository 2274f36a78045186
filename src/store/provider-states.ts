// How each provider account stands: what stops it, what it holds, what is open there, and when it last answered.
import type { SwitchScope } from '../payout/stop.ts'
import type { ProviderAccountState } from './console-store.ts'
import { ms, storedCurrency } from './rows.ts'
import type { Whole } from './whole.ts'

/** Open attempts and newest attempts that are looked at: beyond it, counts are of these alone. */
const OPEN_MAX = 100_000
const NEWEST_MAX = 2_000

/** `routed`: those through which one of these merchants is paid; else every one. Figures are of these merchants. */
export async function providerAccountStates(
  whole: Whole,
  { merchants, routed }: { readonly merchants: readonly string[]; readonly routed: boolean },
): Promise<readonly ProviderAccountState[]> {
  const rows = await whole.rows<StateRow>(STATES, [merchants, routed, OPEN_MAX, NEWEST_MAX])
  return rows.map(row => ({
    id: row.provider_account_id,
    protocol: row.protocol,
    name: row.name,
    active: row.active,
    stopped:
      row.stop === null ? null : { scope: row.stop.scope, why: row.stop.why, sinceMs: row.stop.since_ms },
    safeMode:
      row.sign === null || row.entered_ms === null ? null : { sign: row.sign, sinceMs: row.entered_ms },
    // A float prints as the negative of its balance (ledger/accounts.ts).
    floats: row.floats.map(({ currency, minor }) => ({
      minor: -BigInt(minor),
      currency: storedCurrency(currency),
    })),
    openAttempts: row.open_attempts,
    inDoubt: row.in_doubt,
    lastExchangeAtMs: row.last_exchange_ms,
    lastFailedAtMs: row.last_failed_ms,
  }))
}

interface StateRow {
  provider_account_id: string
  protocol: string
  name: string
  active: boolean
  stop: { scope: SwitchScope; why: string; since_ms: number } | null
  sign: string | null
  entered_ms: number | null
  floats: { currency: string; minor: string }[]
  open_attempts: number
  in_doubt: number
  last_exchange_ms: number | null
  last_failed_ms: number | null
}

const STATES = {
  name: 'provider_account_states',
  text: `with open as materialized (
      select provider_account_id, state from attempt
      where state in ('sending', 'in_doubt', 'pending') and merchant_id = any ($1) limit $3
    ), newest as materialized (
      select a.* from unnest($1::text[]) m (id) cross join lateral (
        select merchant_id, payout_number, attempt_no, provider_account_id from attempt where merchant_id = m.id
        order by payout_number desc, attempt_no desc limit greatest(1, $4::integer / greatest(1, cardinality($1)))) a
    ), heard as materialized (
      select n.provider_account_id, max(x.started_at) as last_at,
        max(x.started_at) filter (where x.verdict like 'in_doubt%') as failed_at
      from newest n join exchange x on x.merchant_id = n.merchant_id and x.payout_number = n.payout_number
        and x.attempt_no = n.attempt_no
      group by 1
    )
    select o.provider_account_id, o.protocol, o.name, o.active,
      (select json_build_object('scope', k.scope, 'why', k.why, 'since_ms', ${ms('k.since')}) from kill_switch k
        where k.tripped and (k.scope = 'global' or (k.scope = 'rail' and k.scope_id = o.protocol)
          or (k.scope = 'provider_account' and k.scope_id = o.provider_account_id))
        order by array_position(array['global', 'rail', 'provider_account'], k.scope) limit 1) as stop,
      s.sign, ${ms('s.entered_at')} as entered_ms,
      (select coalesce(json_agg(f order by f.currency), '[]') from (
        select currency, sum(minor)::text as minor from balance
        where merchant_id = any ($1) and account = 'float:' || o.provider_account_id group by 1) f) as floats,
      (select count(*)::integer from open where provider_account_id = o.provider_account_id) as open_attempts,
      (select count(*)::integer from open where provider_account_id = o.provider_account_id
        and state = 'in_doubt') as in_doubt,
      ${ms('h.last_at')} as last_exchange_ms, ${ms('h.failed_at')} as last_failed_ms
    from provider_account o
      left join safe_mode s on s.provider_account_id = o.provider_account_id and s.released_at is null
      left join heard h on h.provider_account_id = o.provider_account_id
    where not $2::boolean or exists (select from route r
      where r.provider_account_id = o.provider_account_id and r.merchant_id = any ($1))
    order by o.provider_account_id`,
}
