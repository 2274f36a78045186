import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/postgres.ts'
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
