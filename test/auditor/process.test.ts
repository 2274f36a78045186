// The auditor as it runs: a child of the program, started again when it dies, never left behind, one active at a time.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { byHand, tripsOf } from '../auditor-kit.ts'
import { type House, MERCHANT, openHouse } from '../house.ts'
import { eventually, startProgram } from '../program.ts'
import { type RailProgram, startRail } from '../rail.ts'

/** Two programs and two children begin at once, on a machine that may have other things to do. */
const START_MS_MAX = 120_000

let rail: RailProgram
let house: House
beforeAll(async () => {
  rail = await startRail()
  house = await openHouse({ railUrl: rail.url })
}, 120_000)
afterAll(async () => {
  await house[Symbol.asyncDispose]()
  await rail[Symbol.asyncDispose]()
})

/** Processes of the system that are an auditor of this test's database, by their connections. */
async function auditors(): Promise<number> {
  const { rows } = await house.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = 'quittance auditor'`,
  )
  return rows[0]?.count ?? 0
}

async function activeOnes(): Promise<number> {
  const { rows } = await house.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_locks l join pg_database d on d.oid = l.database
     where d.datname = current_database() and l.locktype = 'advisory' and l.objid = 2834867 and l.granted`,
  )
  return rows[0]?.count ?? 0
}

async function beatAgeMs(): Promise<number> {
  const { rows } = await house.pool.query<{ age: number | null }>(
    `select (extract(epoch from clock_timestamp() - max(beat_at)) * 1000)::float8 as age from auditor_heartbeat`,
  )
  return rows[0]?.age ?? Number.POSITIVE_INFINITY
}

async function activePid(): Promise<number> {
  const { rows } = await house.pool.query<{ pid: number }>(
    `select l.pid from pg_locks l join pg_database d on d.oid = l.database
     where d.datname = current_database() and l.locktype = 'advisory' and l.objid = 2834867 and l.granted`,
  )
  return rows[0]?.pid ?? 0
}

test('two servers have two auditors and one of them is active; one that dies comes back, and none is left behind', async () => {
  await using one = startProgram(['serve'], house.environment())
  await using two = startProgram(['serve'], house.environment())
  for (const program of [one, two]) await program.until(/"serve is up"/, START_MS_MAX)
  await eventually('two auditors, with two connections each', auditors, count => count === 4)
  await eventually('one is active', activeOnes, count => count === 1)
  await eventually('it is heard', beatAgeMs, age => age < 60_000)

  // Its turn ends with its connection, and so does the process; the other one takes it, and it is started again.
  const before = await activePid()
  await house.pool.query('select pg_terminate_backend($1)', [before])
  await eventually('another is active', activePid, pid => pid !== 0 && pid !== before)
  await eventually('it was started again', auditors, count => count === 4)
  expect(await activeOnes()).toBe(1)
  expect(one.out() + two.out()).toMatch(/"child":"auditor".*"the auditor has ended; it is started again"/)
  expect(one.out() + two.out()).toMatch(/"child":"auditor".*"the auditor is active"/)

  // A parent that cannot say goodbye takes its child along all the same.
  one.signal('SIGKILL')
  await one.ended
  await eventually('the orphan is gone', auditors, count => count <= 2)
  two.signal('SIGTERM')
  expect((await two.ended).code).toBe(0)
  await eventually('none is left', auditors, count => count === 0)
}, 400_000)

test('once: 0 and a sentence where all holds, 1 and each breach where it does not, as JSON too', async () => {
  const environment = { DATABASE_URL: house.databaseUrl }
  const clean = startProgram(['auditor', '--once'], environment)
  expect((await clean.ended).code).toBe(0)
  expect(clean.out()).toMatch(/payouts read, the books are clean/)

  await byHand(house.databaseUrl, `update balance set minor = minor + 1 where account = 'available'`)
  const broken = startProgram(['auditor', '--once', '--json'], environment)
  expect((await broken.ended).code).toBe(1)
  const lines = broken.out().trim().split('\n')
  const [first, last] = [lines[0], lines.at(-1)].map(
    line => JSON.parse(line ?? '') as Record<string, unknown>,
  )
  expect(first).toMatchObject({ invariant: 'I5', merchantId: MERCHANT })
  expect(last).toMatchObject({ payouts: 0, breaches: lines.length - 1 })
  expect(new Set(await tripsOf(house.pool))).toEqual(new Set([`merchant ${MERCHANT} I5`]))
  await byHand(house.databaseUrl, `update balance set minor = minor - 1 where account = 'available'`)
}, 240_000)

test('a running one finds what is broken by hand, without being asked', async () => {
  await using program = startProgram(['auditor', '--every', '200', '--exit-with-parent'], {
    DATABASE_URL: house.databaseUrl,
  })
  await program.until(/read the whole books/, START_MS_MAX)
  const trips = (await tripsOf(house.pool)).length
  await byHand(house.databaseUrl, `update balance set minor = minor + 7 where account = 'available'`)
  await program.until(/"alarm":"finding".*"invariant":"I5"/)
  await eventually(
    'it tripped',
    () => tripsOf(house.pool),
    found => found.length === trips + 1,
  )
  await sleep(1_000)
  expect(await tripsOf(house.pool)).toHaveLength(trips + 1)
  await byHand(house.databaseUrl, `update balance set minor = minor - 7 where account = 'available'`)
}, 240_000)
