// What the harness reads of the database behind the program, and how it hurries what only waits.
import type { House } from '../house.ts'

/** The first provider account that is in safe mode, or null. */
export async function safeModeSign({ pool }: House): Promise<string | null> {
  const { rows } = await pool.query<{ sign: string }>(
    'select sign from safe_mode where released_at is null limit 1',
  )
  return rows[0]?.sign ?? null
}

/** Whether every queued payout was asked for, and nothing is under way that was sent before. */
export async function isSwept({ pool }: House): Promise<boolean> {
  const { rows } = await pool.query<{ left: number }>(
    `select (select count(*)::int from queue q where not exists (select from reference_question k
         where k.merchant_id = q.merchant_id and k.payout_number = q.payout_number and k.said is not null))
       + (select count(*)::int from attempt where state = 'sending') as left`,
  )
  return rows[0]?.left === 0
}

/** Sends that got their right after the failover and before the release: there may be none. */
export async function rightsGiven({ pool }: House, afterMs: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ reference: string }>(
    'select reference from attempt where incarnation > 0 and created_at > to_timestamp($1::double precision / 1000)',
    [afterMs],
  )
  return rows.map(({ reference }) => reference)
}

/** Our references at the provider that an attempt or an incident names. */
export async function explained({
  pool,
}: House): Promise<{ readonly attempts: ReadonlySet<string>; readonly incidents: string }> {
  const attempts = await pool.query<{ reference: string }>('select reference from attempt')
  const incidents = await pool.query<{ detail: string }>("select detail from incident where kind = 'phantom'")
  return {
    attempts: new Set(attempts.rows.map(({ reference }) => reference)),
    incidents: incidents.rows.map(({ detail }) => detail).join('\n'),
  }
}

export async function findings({ pool }: House): Promise<readonly string[]> {
  const { rows } = await pool.query<{ said: string }>(
    "select invariant || ' ' || subject || ': ' || detail as said from finding",
  )
  return rows.map(({ said }) => `the auditor found ${said}`)
}

/**
 * Inquiries and payouts that were put back come due at once. What is claimed is left to whoever claimed it, unless that was
 * ten seconds ago: then its claim was lost with its process, and only its lease of thirty is still to end.
 */
export async function hurry({ pool }: House): Promise<void> {
  await pool.query(
    `update attempt set next_look_at = now() where next_look_at > now() and state in ('in_doubt', 'pending')`,
  )
  await pool.query(
    `update queue set due_at = now() where due_at > now() and (claim is null or due_at < now() + interval '20 seconds')`,
  )
}
