// What becomes of a breach: a finding that stays and the switch of the narrowest scope that holds it, in one commit. It is
// never one without the other: where the switch cannot be tripped the finding is not kept either, and comes again.
import type { Breach } from './breach.ts'
import type { Session } from './session.ts'

export interface Finding {
  readonly finding: string
  readonly invariant: string
  readonly scope: string
  readonly scopeId: string
  readonly subject: string
  readonly detail: string
}

/** @returns those that nobody had found before */
export function recordFindings(
  session: Session,
  breaches: readonly Breach[],
  snapshot: string,
): Promise<readonly Finding[]> {
  return session.write(async query => {
    const found = await query<Finding & { finding: string }>(FIND, [
      JSON.stringify(breaches.map(shown)),
      snapshot,
    ])
    const scopes = new Map(found.map(one => [`${one.scope} ${one.scopeId}`, one]))
    for (const { finding, scope, scopeId, invariant, subject, detail } of scopes.values()) {
      const why = `${invariant} does not hold: ${subject}: ${detail}`.slice(0, WHY_LENGTH_MAX)
      await query('select trip_switch($1, $2, $3, $4, $5)', [scope, scopeId, 'auditor', why, finding])
    }
    return found
  })
}

/** What the longest column takes; a payout that is wrong in many ways is still one finding. */
const SUBJECT_LENGTH_MAX = 300
const DETAIL_LENGTH_MAX = 1_000
const WHY_LENGTH_MAX = 900

function shown(breach: Breach): Breach {
  const { subject, detail } = breach
  return {
    ...breach,
    subject: subject.slice(0, SUBJECT_LENGTH_MAX),
    detail: detail.slice(0, DETAIL_LENGTH_MAX),
  }
}

// A merchant that is not there cannot be stopped, so that what lies there stops everybody.
const FIND = `insert into finding (invariant, scope, scope_id, subject, detail, snapshot)
  select b.invariant, case when m.merchant_id is null then 'global' else 'merchant' end, coalesce(m.merchant_id, ''),
    b.subject, b.detail, $2
  from jsonb_to_recordset($1::jsonb) b (invariant text, "merchantId" text, subject text, detail text)
    left join merchant m on m.merchant_id = b."merchantId"
  on conflict do nothing
  returning finding_no as finding, invariant, scope, scope_id as "scopeId", subject, detail`

export interface Passed {
  readonly whole: boolean
  readonly ms: number
}

/** Says that it lives and, after a pass, how long that took. */
export async function beat(session: Session, passed: Passed | null): Promise<void> {
  const ms = passed === null ? null : Math.round(passed.ms)
  await session.write(query => query(BEAT, [ms, passed?.whole === true ? ms : null]))
}

const BEAT = `insert into auditor_heartbeat as h (beat_at, passed_at, pass_ms, whole_at, whole_ms)
  select now(), case when $1::integer is not null then now() end, $1::integer,
    case when $2::integer is not null then now() end, $2::integer
  on conflict (only_row) do update set beat_at = excluded.beat_at,
    passed_at = coalesce(excluded.passed_at, h.passed_at), pass_ms = coalesce(excluded.pass_ms, h.pass_ms),
    whole_at = coalesce(excluded.whole_at, h.whole_at), whole_ms = coalesce(excluded.whole_ms, h.whole_ms)`

/** What a pass over everything saw, and how much was wrong in it; safe mode ends only behind such a pass. */
export async function recordWhole(
  session: Session,
  { seen, breaches }: { readonly seen: { readonly snapshot: string }; readonly breaches: number },
): Promise<void> {
  await session.write(query => query(WHOLE, [seen.snapshot, breaches]))
}

// One that was made by hand is no sign of life of the one that runs.
const WHOLE = `insert into auditor_heartbeat as h (beat_at, whole_snapshot, whole_breaches)
  values (to_timestamp(0), $1, $2)
  on conflict (only_row) do update set whole_snapshot = excluded.whole_snapshot, whole_breaches = excluded.whole_breaches`

/** Whether something happened that a pass over everything has to have seen, and the last one has not. */
export async function wantsWhole(session: Session): Promise<boolean> {
  const [row] = await session.read<{ wanted: boolean }>(WANTED)
  return row?.wanted === true
}

const WANTED = `select whole_wanted_by is not null and (whole_snapshot is null
    or not pg_visible_in_snapshot(whole_wanted_by, whole_snapshot::pg_snapshot)) as wanted
  from auditor_heartbeat`
