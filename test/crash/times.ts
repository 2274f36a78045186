// Leases, lost sends, inquiries and notices take seconds to minutes. The harness waits for none of them: it moves the times
// that lie ahead, and this is the one thing in a run that does not happen in an installation.
import pg from 'pg'
import type { House } from '../house.ts'

/** Longer than every lease and every time after which a send counts as lost. */
const SHIFT = '10 minutes'

/**
 * What a wait of ten minutes would do, without the wait: every time that a dead process left behind lies that much
 * further back. Sends of a process that lives stay as they are; claims name nobody, and whoever loses one meets its fence.
 * The schema refuses such an edit, so the harness, who owns this copy of it, lifts that rule for the one statement.
 */
export function shiftTimes(house: House, pid: number): Promise<void> {
  return unlessDeadlocked(() => shiftOnce(house, pid))
}

async function shiftOnce({ pool }: House, pid: number): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('alter table attempt disable trigger attempt_facts_stay')
    await client.query(
      `update attempt set created_at = created_at - $1::interval, next_look_at = next_look_at - $1::interval
        where incarnation in (select incarnation from incarnation where pid = $2)`,
      [SHIFT, pid],
    )
    await client.query('alter table attempt enable trigger attempt_facts_stay')
    await client.query(`update queue set due_at = due_at - $1::interval`, [SHIFT])
    await client.query(`update notice set due_at = due_at - $1::interval where due_at is not null`, [SHIFT])
    await client.query(`update receipt_due set due_at = due_at - $1::interval`, [SHIFT])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

/**
 * Questions, retries and notices come due at once. Left alone: a send whose sender lives, and what somebody has claimed. A claim
 * is told from a wait by its length: one of a question lasts 35 s, one of a notice 60 s.
 */
export async function hurry({ pool }: House): Promise<void> {
  await unlessDeadlocked(async () => {
    await pool.query(
      `with hurried as (update attempt set next_look_at = now()
        where state in ('in_doubt', 'pending') and next_look_at > now()
          and next_look_at not between now() + interval '25 seconds' and now() + interval '36 seconds'),
      queued as (update queue set due_at = now() where due_at > now() and claim is null)
    update notice set due_at = now() where due_at > now() and due_at < now() + interval '40 seconds'`,
    )
  })
}

/** These statements take rows in an order of their own, and where that crosses a living process the database ends one of the two. */
async function unlessDeadlocked(write: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await write()
      return
    } catch (error) {
      const isDeadlock = error instanceof pg.DatabaseError && error.code === '40P01'
      if (!isDeadlock || tries === TRIES_MAX) throw error
    }
  }
}

const TRIES_MAX = 10
