// The harness itself: what it calls a primary, a standby, a kill and a promotion is one.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isUnavailable, openPool } from '../../src/store/postgres.ts'
import { openLine } from '../line.ts'
import { temporaryFolder } from '../postgres.ts'
import { eventually } from '../program.ts'
import { makeCluster, type Postgres, startPostgres, withSession } from './postgres.ts'
import { startStandby, type Waits } from './standby.ts'

let folder = ''
const closing = new AsyncDisposableStack()
beforeAll(async () => {
  folder = await temporaryFolder()
  closing.defer(() => rm(folder, { recursive: true, force: true }))
})
afterAll(() => closing.disposeAsync())

async function primaryNamed(name: string): Promise<Postgres> {
  const primary = await startPostgres(await makeCluster(join(folder, name)))
  closing.defer(() => primary.stop())
  await withSession(primary.url, ask => ask('create table said (what text)'))
  return primary
}

async function standbyOf(
  primary: Postgres,
  name: string,
  waits: Waits,
  port = primary.port,
): Promise<Postgres> {
  const standby = await startStandby(primary, { dataDir: join(folder, name), waits, through: { port } })
  closing.defer(() => standby.stop())
  return standby
}

const said = (server: Postgres) =>
  withSession(server.url, async ask =>
    (await ask<{ what: string }>('select what from said')).map(({ what }) => what),
  )
const say = (server: Postgres, what: string) =>
  withSession(server.url, ask => ask('insert into said values ($1)', [what]))
const timeline = (server: Postgres) =>
  withSession(server.url, async ask => {
    const [row] = await ask<{ timeline: string }>(
      'select server_timeline from left(pg_walfile_name(pg_current_wal_lsn()), 8) as server_timeline',
    )
    return row
  })

test('what a synchronous primary acknowledged is on the promoted standby, on a timeline of its own', async () => {
  const primary = await primaryNamed('sync')
  const standby = await standbyOf(primary, 'sync-standby', 'on')
  await expect(say(standby, 'refused')).rejects.toThrow(/read-only/)
  const before = await timeline(primary)
  await say(primary, 'acknowledged')
  await primary.kill()
  await expect(said(primary)).rejects.toThrow(/ECONNREFUSED/)
  expect(await standby.promote()).toBeLessThan(60_000)
  expect(await said(standby)).toEqual(['acknowledged'])
  await say(standby, 'goes on')
  expect(await timeline(standby)).not.toEqual(before)
})

test('a synchronous primary whose standby is gone acknowledges nothing', async () => {
  const primary = await primaryNamed('waits')
  const standby = await standbyOf(primary, 'waits-standby', 'remote_apply')
  await standby.kill()
  const waiting = say(primary, 'never acknowledged').then(
    () => 'acknowledged',
    () => 'broken',
  )
  const isWaiting = () =>
    withSession(
      primary.superUrl,
      async ask => (await ask("select from pg_stat_activity where wait_event = 'SyncRep'")).length,
    )
  await eventually('the commit waits', isWaiting, count => count === 1)
  await primary.kill()
  expect(await waiting).toBe('broken')
})

test('what an asynchronous primary acknowledged after its stream was cut is lost with it', async () => {
  const primary = await primaryNamed('async')
  await using line = await openLine(primary.url)
  const standby = await standbyOf(primary, 'async-standby', 'no', Number(new URL(line.url).port))
  await say(primary, 'kept')
  await eventually(
    'it arrives',
    () => said(standby),
    rows => rows.length === 1,
  )
  await line.cut()
  await say(primary, 'lost')
  await primary.kill()
  await standby.promote()
  expect(await said(standby)).toEqual(['kept'])
})

test('of a primary and its standby the one that takes writes is used, before and after a promotion', async () => {
  const primary = await primaryNamed('list')
  const standby = await standbyOf(primary, 'list-standby', 'on')
  const { password } = primary.cluster
  const url = `postgres://quittance:${password}@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/quittance`
  const pool = openPool({ url, size: 3, applicationName: 'test', log: { warn: () => {} } })
  closing.defer(() => pool.end())
  const alone = openPool({ url: standby.url, size: 1, applicationName: 'test', log: { warn: () => {} } })
  closing.defer(() => alone.end())
  const isStandby = async () => (await pool.query('select pg_is_in_recovery() as follows')).rows[0]?.follows
  const write = () => pool.query("insert into said values ('written')")

  expect(await Promise.all([isStandby(), isStandby(), isStandby()])).toEqual([false, false, false])
  await write()
  await expect(alone.query('select 1')).rejects.toSatisfy(isUnavailable)

  await primary.kill()
  await expect(Promise.all([write(), write(), write()])).rejects.toSatisfy(isUnavailable)
  await standby.promote()
  await eventually(
    'it is found',
    () =>
      write().then(
        () => true,
        () => false,
      ),
    found => found,
  )
  expect((await alone.query('select 1')).rowCount).toBe(1)
  expect((await said(standby)).every(what => what === 'written')).toBe(true)
})
