// What the rest of the program knows of the auditor: its last words, and whether its role is there. It calls nobody here.
import type { Pool } from './postgres.ts'
import type { Whole } from './whole.ts'

/** A part of the store. */
export interface AuditorStore {
  /** When the auditor was last heard, and what it has found. */
  auditorSigns(): Promise<AuditorSigns>
}

/** Ages are by the clock of the database; null: it never was. */
export interface AuditorSigns {
  readonly beatAgeMs: number | null
  readonly passAgeMs: number | null
  readonly passMs: number | null
  readonly wholeMs: number | null
  readonly findings: number
}

export async function auditorSigns(whole: Whole): Promise<AuditorSigns> {
  const [row] = await whole.rows<{
    beat_age_ms: number | null
    pass_age_ms: number | null
    pass_ms: number | null
    whole_ms: number | null
    findings: number
  }>(SIGNS, [])
  return {
    beatAgeMs: row?.beat_age_ms ?? null,
    passAgeMs: row?.pass_age_ms ?? null,
    passMs: row?.pass_ms ?? null,
    wholeMs: row?.whole_ms ?? null,
    findings: row?.findings ?? 0,
  }
}

const SIGNS = {
  name: 'auditor_signs',
  text: `select (extract(epoch from clock_timestamp() - h.beat_at) * 1000)::float8 as beat_age_ms,
      (extract(epoch from clock_timestamp() - h.passed_at) * 1000)::float8 as pass_age_ms,
      h.pass_ms, h.whole_ms, (select count(*)::int from finding) as findings
    from (select) one left join auditor_heartbeat h on true`,
}

/** Makes the auditor's role and its rights where this user may. False where an administrator has to make the role. */
export async function prepareAuditorRole(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ ready: boolean }>('select auditor_role_ready() as ready')
  return rows[0]?.ready === true
}
