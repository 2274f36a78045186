import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../../test/postgres.ts'
import { MigrationRefused, migrate, migrationState } from './migrate.ts'
import { openPool, type Pool } from './postgres.ts'

const FIRST = { '0001-first.sql': 'create table first (id int8); insert into first values (1);' }
const SECOND = { ...FIRST, '0002-second.sql': 'alter table first add note text' }
const THIRD = { ...SECOND, '0003-third.sql': 'create table third ()' }

test('files are applied in order, once, and their names are told', async () => {
  const pool = await freshPool()
  const lines: string[] = []
  const folder = await folderOf(SECOND)
  expect(await migrationState(pool, folder)).toBe('behind')
  expect(await migrate(pool, { folder, log: line => lines.push(line) })).toEqual({
    applied: ['0001-first.sql', '0002-second.sql'],
    already: 0,
  })
  expect(lines).toEqual(['migrated 0001-first.sql', 'migrated 0002-second.sql'])
  expect(await migrationState(pool, folder)).toBe('current')

  expect(await migrate(pool, { folder, log })).toEqual({ applied: [], already: 2 })
  const more = pathToFileURL(`${await folderOf(THIRD)}/`)
  expect(await migrationState(pool, more)).toBe('behind')
  expect(await migrate(pool, { folder: more, log })).toEqual({ applied: ['0003-third.sql'], already: 2 })
  expect((await pool.query('select id from first')).rows).toEqual([{ id: 1n }])
})

test('two processes that migrate at once apply every file once', async () => {
  const pool = await freshPool()
  const files = {
    '0001-slow.sql': 'create table slow (); select pg_sleep(0.2)',
    '0002-next.sql': 'create table next ()',
  }
  const folder = await folderOf(files)
  const [one, two] = await Promise.all([migrate(pool, { folder, log }), migrate(pool, { folder, log })])
  expect([...one.applied, ...two.applied].sort()).toEqual(Object.keys(files))
  expect(one.already + two.already).toBe(2)
  expect(await namesIn(pool)).toEqual(Object.keys(files))
})

test('a file that fails leaves nothing behind, nor does it stop what stood before it', async () => {
  const pool = await freshPool()
  const broken = { ...FIRST, '0002-broken.sql': 'create table half (); insert into half values (1, 2, 3)' }
  const error = await failure(migrate(pool, { folder: await folderOf(broken), log }))
  expect(error).toMatchObject({ message: expect.stringContaining('0002-broken.sql failed: ') })
  expect(await namesIn(pool)).toEqual(['0001-first.sql'])
  expect((await pool.query(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }])

  expect(await migrate(pool, { folder: await folderOf(SECOND), log })).toEqual({
    applied: ['0002-second.sql'],
    already: 1,
  })
})

test('a file that ends its own transaction is found out', async () => {
  const pool = await freshPool()
  const folder = await folderOf({ '0001-ends.sql': 'create table early (); commit' })
  expect(await failure(migrate(pool, { folder, log }))).toMatchObject({
    message: expect.stringContaining('neither commits'),
  })
  expect(await namesIn(pool)).toEqual([])
})

test('a file that takes longer than an ordinary statement may is waited for', async () => {
  const pool = await freshPool(100)
  const folder = await folderOf({ '0001-long.sql': 'select pg_sleep(0.4)' })
  expect(await migrate(pool, { folder, log })).toEqual({ applied: ['0001-long.sql'], already: 0 })
})

test('a file that was changed after it was applied is refused by name', async () => {
  const pool = await freshPool()
  await migrate(pool, { folder: await folderOf(SECOND), log })
  const changed = await folderOf({ ...THIRD, '0001-first.sql': 'create table first (id int4)' })
  expect(await migrationState(pool, changed)).toBe('changed')
  await expectRefusal(pool, changed, 'the migration 0001-first.sql was changed')

  // Only the line ends differ: that is no change.
  const windows = await folderOf({ '0001-lines.sql': 'select 1;\r\nselect 2;\r\n' })
  const other = await freshPool()
  await migrate(other, { folder: await folderOf({ '0001-lines.sql': 'select 1;\nselect 2;\n' }), log })
  expect(await migrationState(other, windows)).toBe('current')
})

test('a database that is newer than the program is refused by name', async () => {
  const pool = await freshPool()
  await migrate(pool, { folder: await folderOf(THIRD), log })
  for (const files of [SECOND, {}]) {
    const folder = await folderOf(files)
    expect(await migrationState(pool, folder)).toBe('newer')
    const first = Object.keys(THIRD)[Object.keys(files).length]
    await expectRefusal(pool, folder, `the database knows the migration ${first}`)
  }
})

test('another file in the place of an applied one is refused by name', async () => {
  const pool = await freshPool()
  await migrate(pool, { folder: await folderOf(SECOND), log })
  const replaced = await folderOf({
    ...FIRST,
    '0002-other.sql': 'create table other ()',
    '0003-third.sql': 'select 1',
  })
  expect(await migrationState(pool, replaced)).toBe('changed')
  await expectRefusal(pool, replaced, '0002-second.sql where this program has 0002-other.sql')
})

test('files that are no sequence are refused by name', async () => {
  const pool = await freshPool()
  const refused: [Record<string, string>, string][] = [
    [{ ...FIRST, '0003-third.sql': 'select 1' }, '0002 is missing before 0003-third.sql'],
    [{ '0002-second.sql': 'select 1' }, '0001 is missing before 0002-second.sql'],
    [{ ...SECOND, '0002-zwei.sql': 'select 1' }, '0003 is missing before 0002-zwei.sql'],
    [{ ...FIRST, '2-second.sql': 'select 1' }, '2-second.sql is not named'],
  ]
  for (const [files, why] of refused) await expectRefusal(pool, await folderOf(files), why)
  // What is not SQL is none of our business.
  expect(await migrationState(pool, await folderOf({ 'README.md': 'about them' }))).toBe('current')
})

function log(): void {}

async function freshPool(statementTimeoutMs = 10_000): Promise<Pool> {
  const database = await createTestDatabase('migrate')
  const warn = { warn: () => {} }
  const pool = openPool({
    url: database.url,
    size: 3,
    applicationName: 'quittance test',
    log: warn,
    statementTimeoutMs,
  })
  onTestFinished(async () => {
    await pool.end()
    await database.drop()
  })
  return pool
}

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-migrations-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await Promise.all(Object.entries(files).map(([name, sql]) => writeFile(join(folder, name), sql)))
  return folder
}

async function namesIn(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query(`select to_regclass('schema_migration') is not null as made`)
  if (!rows[0].made) return []
  return (await pool.query('select name from schema_migration order by name')).rows.map(row => row.name)
}

async function expectRefusal(pool: Pool, folder: string, why: string): Promise<void> {
  const before = await namesIn(pool)
  const error = await failure(migrate(pool, { folder, log }))
  expect(error).toBeInstanceOf(MigrationRefused)
  expect(error).toMatchObject({ message: expect.stringContaining(why) })
  expect(await namesIn(pool)).toEqual(before)
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it was meant to fail'),
    error => error,
  )
}
