// The kill switch in the database: what is tripped, who tripped and released what, and the act that stops. Going on takes
// two people, as a proposal (stops.ts). The rules stand in migrations 0005 and 0009; nothing here could break them.
import type { SwitchKey, SwitchScope } from '../payout/stop.ts'
import { ms } from './rows.ts'
import type { Whole } from './whole.ts'

export interface KillSwitches {
  /** What is tripped now; cheap, for polling. */
  trippedSwitches(): Promise<readonly TrippedSwitch[]>
  /** From its commit on no send right of that scope is given. What was given before: dispatch/trip.ts. */
  tripSwitch(trip: NewTrip): Promise<Tripped>
  /** Trips and releases, the newest first. */
  switchEvents(limit: number): Promise<readonly SwitchEvent[]>
}

export interface NewTrip extends SwitchKey {
  /** Who trips it, such as `host:ana`. 1 to 200 characters. */
  readonly by: string
  /** For those who have to decide on the release. 1 to 1,000 characters. */
  readonly why: string
}

/** A switch that is tripped at the moment. */
export interface TrippedSwitch extends SwitchKey {
  readonly sinceMs: number
  readonly by: string
  readonly why: string
}

/** One trip or release, as it is kept for ever. A trip of a tripped switch is one too. */
export interface SwitchEvent extends SwitchKey {
  readonly atMs: number
  readonly act: 'trip' | 'release'
  readonly by: string
  readonly confirmedBy: string | null
  readonly why: string
  readonly finding: string | null
}

/** `already`: it was tripped before, which is noted. `unknown`: there is nothing of that name, so nothing was stopped. */
export type Tripped = 'tripped' | 'already' | 'unknown'

export async function tripSwitch(whole: Whole, { scope, id, by, why }: NewTrip): Promise<Tripped> {
  const [row] = await whole.rows<{ tripped: boolean | null }>(TRIP, [scope, id, by, why])
  if (row === undefined || row.tripped === null) return 'unknown'
  return row.tripped ? 'tripped' : 'already'
}

/** Every process asks this four times a second. */
export async function trippedSwitches(whole: Whole): Promise<readonly TrippedSwitch[]> {
  const rows = await whole.rows<SwitchRow & { since_ms: number }>(TRIPPED, [])
  return rows.map(row => ({
    scope: row.scope,
    id: row.scope_id,
    sinceMs: row.since_ms,
    by: row.acted_by,
    why: row.why,
  }))
}

export async function switchEvents(whole: Whole, limit: number): Promise<readonly SwitchEvent[]> {
  const rows = await whole.rows<EventRow>(EVENTS, [limit])
  return rows.map(row => ({
    scope: row.scope,
    id: row.scope_id,
    atMs: row.at_ms,
    act: row.act,
    by: row.acted_by,
    confirmedBy: row.confirmed_by,
    why: row.why,
    finding: row.finding,
  }))
}

interface SwitchRow {
  scope: SwitchScope
  scope_id: string
  acted_by: string
  why: string
}

interface EventRow extends SwitchRow {
  at_ms: number
  act: SwitchEvent['act']
  confirmed_by: string | null
  finding: string | null
}

/**
 * Whether there is something of that scope ($1) and id ($2). A switch for a name that nobody has would be tripped and stop
 * nothing: whoever mistyped it has to hear that.
 */
export const STOPS_SOMETHING = `case $1::text
      when 'merchant' then exists (select from merchant where merchant_id = $2)
      when 'provider_account' then exists (select from provider_account where provider_account_id = $2)
      when 'rail' then exists (select from provider_account where protocol = $2)
      else true end`

const TRIP = {
  name: 'trip_switch',
  text: `select case when ${STOPS_SOMETHING}
    then trip_switch($1::text, $2::text, $3::text, $4::text) end as tripped`,
}
const TRIPPED = {
  name: 'tripped_switches',
  text: `select scope, scope_id, acted_by, why, ${ms('since')} as since_ms from kill_switch where tripped
    order by since, scope, scope_id`,
}
const EVENTS = {
  name: 'switch_events',
  text: `select scope, scope_id, act, acted_by, confirmed_by, why, finding, ${ms('at')} as at_ms from kill_switch_event
    order by event_no desc limit $1`,
}
