// Runs one statement that is one whole transaction, and says plainly when nobody can know whether it happened.
import pg from 'pg'
import { Unavailable } from '../errors.ts'
import { CommitInDoubt, isRetryable, isUnavailable, type Pool } from './postgres.ts'

/** Serialization failures and deadlocks rolled everything back; the same batch again is the same work. */
const RETRIES_MAX = 5

/** Connections that gave a warning since they were last asked: a warning at a commit is a doubt (SAFETY A4). */
const warned = new WeakSet<pg.ClientBase>()

export interface Whole {
  /** Rows of one statement. Throws Unavailable where the database cannot be reached or its answer was lost. */
  rows<Row extends pg.QueryResultRow>(
    statement: { name: string; text: string },
    values: readonly unknown[],
  ): Promise<Row[]>
}

export function wholeStatements(pool: Pool): Whole {
  pool.on('connect', client => client.on('notice', () => warned.add(client)))
  return {
    async rows(statement, values) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await runOnce(pool, statement, values)
        } catch (error) {
          if (isRetryable(error) && tries < RETRIES_MAX) continue
          throw asUnavailable(error)
        }
      }
    },
  }
}

async function runOnce<Row extends pg.QueryResultRow>(
  pool: Pool,
  statement: { name: string; text: string },
  values: readonly unknown[],
): Promise<Row[]> {
  const client = await pool.connect()
  let broken = true
  // A warning from before is not about this statement: a rollback behind a COMMIT that was refused gives one, for example.
  warned.delete(client)
  try {
    const result = await client.query<Row>({ ...statement, values: [...values] })
    if (warned.delete(client)) throw new CommitInDoubt('the database warned about the commit')
    broken = false
    return result.rows
  } catch (error) {
    // A refusal by the server leaves the connection whole; everything else costs it.
    broken = !(error instanceof Error && 'severity' in error && error.severity === 'ERROR')
    throw error
  } finally {
    client.release(broken)
  }
}

/** Taken back by a time-out or by somebody at the server: rolled back, and nothing is wrong with what was asked. */
function isCancelled(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '57014'
}

/** The error as callers know it: what may or may not have been done is `Unavailable`, a mistake of ours stays itself. */
export function asUnavailable(error: unknown): unknown {
  if (error instanceof CommitInDoubt || isUnavailable(error) || isCancelled(error))
    return new Unavailable('unavailable', 'the database did not answer', error)
  return error
}
