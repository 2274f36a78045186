// One run of one process. The database numbers it, so that a lease or a send right names who holds it.
import { assert } from '../lib/assert.ts'
import type { StoredIncarnation } from './installation.ts'
import { ms } from './rows.ts'
import type { Whole } from './whole.ts'

export async function beginIncarnation(
  whole: Whole,
  process: { kind: string; host: string; pid: number },
): Promise<bigint> {
  const [row] = await whole.rows<{ incarnation: bigint }>(
    {
      name: 'begin_incarnation',
      text: 'insert into incarnation (kind, host, pid) values ($1, $2, $3) returning incarnation',
    },
    [process.kind, process.host, process.pid],
  )
  assert(row !== undefined, 'an incarnation has its number')
  return row.incarnation
}

export async function findIncarnation(whole: Whole, incarnation: bigint): Promise<StoredIncarnation | null> {
  const [row] = await whole.rows<{
    incarnation: bigint
    host: string
    pid: number
    started_at_ms: number
    has_ended: boolean
    journal_id: string
    journal_bytes: bigint
    installation_id: string
  }>(
    {
      name: 'find_incarnation',
      text: `select incarnation, host, pid, ${ms('started_at')} as started_at_ms, ended_at is not null as has_ended,
          journal_id::text, journal_bytes, installation_id::text
        from incarnation cross join installation where incarnation = $1`,
    },
    [incarnation],
  )
  if (row === undefined) return null
  return {
    incarnation: row.incarnation,
    host: row.host,
    pid: row.pid,
    startedAtMs: row.started_at_ms,
    hasEnded: row.has_ended,
    installation: row.installation_id,
    journalId: row.journal_id,
    journalBytes: Number(row.journal_bytes),
  }
}

export async function touchIncarnation(
  whole: Whole,
  incarnation: bigint,
  journalBytes: number,
): Promise<void> {
  await whole.rows(
    {
      name: 'touch_incarnation',
      text: `update incarnation set seen_at = now(), journal_bytes = greatest(journal_bytes, $2)
        where incarnation = $1`,
    },
    [incarnation, journalBytes],
  )
}

export async function endIncarnation(whole: Whole, incarnation: bigint): Promise<void> {
  await whole.rows(
    {
      name: 'end_incarnation',
      text: 'update incarnation set seen_at = now(), ended_at = now() where incarnation = $1',
    },
    [incarnation],
  )
}

/** Of these incarnations, those that hold a send right whose end is not recorded. */
export async function withOpenSends(
  whole: Whole,
  incarnations: readonly bigint[],
): Promise<readonly bigint[]> {
  const rows = await whole.rows<{ incarnation: bigint }>(
    {
      name: 'with_open_sends',
      text: `select distinct r.incarnation from attempt a cross join lateral (values (${RIGHT_OF_INCARNATION})) r (incarnation)
        where ${SEND_IS_OPEN} and r.incarnation = any ($1::bigint[])`,
    },
    [[...incarnations]],
  )
  return rows.map(row => row.incarnation)
}

/** Makes the look at every send without an end due at once whose right one of these incarnations holds. */
export async function wakeOpenSends(whole: Whole, incarnations: readonly bigint[]): Promise<void> {
  await whole.rows(
    {
      name: 'wake_open_sends',
      text: `update attempt a set next_look_at = least(a.next_look_at, now())
        where ${SEND_IS_OPEN} and ${RIGHT_OF_INCARNATION} = any ($1::bigint[])`,
    },
    [[...incarnations]],
  )
}

/** Of these incarnations, those with an attempt that has not ended. */
export async function withLiveAttempts(
  whole: Whole,
  incarnations: readonly bigint[],
): Promise<readonly bigint[]> {
  const rows = await whole.rows<{ incarnation: bigint }>(
    {
      name: 'with_live_attempts',
      text: `select distinct r.incarnation
        from attempt a cross join lateral (values (a.incarnation), (${RIGHT_OF_INCARNATION})) r (incarnation)
        where a.state in ('sending', 'in_doubt', 'pending') and r.incarnation = any ($1::bigint[])`,
    },
    [[...incarnations]],
  )
  return rows.map(row => row.incarnation)
}

/** The second of two steps has a sender of its own. */
const RIGHT_OF_INCARNATION = `coalesce((a.facts ->> 'payIncarnation')::bigint, a.incarnation)`
const SEND_IS_OPEN = `a.state in ('sending', 'in_doubt') and a.facts ->> 'lastPossibleByteAfterMs' is null`
