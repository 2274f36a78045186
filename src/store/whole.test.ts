import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts'
import { eventually } from '../../test/program.ts'
import { Unavailable } from '../errors.ts'
import { openPool, type Pool } from './postgres.ts'
import { type Whole, wholeStatements } from './whole.ts'

let database: TestDatabase
let pool: Pool
let whole: Whole

beforeAll(async () => {
  database = await createTestDatabase()
  // One connection: what happens on it is followed by the next statement.
  pool = openPool({ url: database.url, size: 1, applicationName: 'test', log: { warn: () => undefined } })
  whole = wholeStatements(pool)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

test('a statement during which the database warned is in doubt', async () => {
  await pool.query(`create function warn() returns integer language plpgsql as $$
    begin raise warning 'as a wait for the standby that is cancelled does'; return 1; end $$`)
  await expect(whole.rows({ name: 'warn', text: 'select warn()' }, [])).rejects.toThrow(Unavailable)
})

test('a warning from before a statement is no doubt about it', async () => {
  // There is no transaction to roll back: the server warns.
  await pool.query('rollback')
  await expect(whole.rows({ name: 'one', text: 'select 1 as one' }, [])).resolves.toEqual([{ one: 1 }])
})

test('a statement that somebody cancels did nothing, and is no mistake of ours', async () => {
  await pool.query('create table kept (value integer)')
  const pid = await backendOf(pool)
  const other = openPool({
    url: database.url,
    size: 1,
    applicationName: 'test',
    log: { warn: () => undefined },
  })
  const text = 'with done as (insert into kept values (1)) select pg_sleep(60)'
  const cancelled = expect(whole.rows({ name: 'sleep', text }, [])).rejects.toThrow(Unavailable)
  try {
    await eventually(
      'it was cancelled',
      () => other.query(CANCEL, [pid]),
      ({ rowCount }) => rowCount === 1,
      { everyMs: 20 },
    )
    await cancelled
  } finally {
    await other.end()
  }
  expect((await pool.query('select from kept')).rowCount).toBe(0)
})

const CANCEL = `select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'`

async function backendOf(asked: Pool): Promise<number> {
  const { rows } = await asked.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}
