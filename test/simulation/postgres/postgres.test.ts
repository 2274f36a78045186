import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../postgres.ts'
import { drawOptions } from '../options.ts'
import { createScheduler } from '../time/scheduler.ts'
import { createBeside } from './beside.ts'
import { openWorldDatabase, type WorldDatabase } from './database.ts'
import { createPasses } from './passes.ts'
import { playOverPostgres } from './play.ts'
import { createTurns } from './turn.ts'
import { openWorldStore } from './world-store.ts'

const NOW_MS = Date.UTC(2026, 0, 5)
const clock = { now: () => NOW_MS }

let made: TestDatabase
let database: WorldDatabase
beforeAll(async () => {
  made = await createTestDatabase('simulation')
  database = await openWorldDatabase(made.url)
})
afterAll(async () => {
  await database.close()
  await made.drop()
})
beforeEach(() => database.clear())

test('a history over Postgres is the same one each time, and the model answers alike', async () => {
  const options = drawOptions(8)
  const play = () => playOverPostgres(database, { options, stopEarly: false, besideModel: true })
  const [first, second] = [await play(), await play()]
  expect(first.violations).toEqual([])
  expect(first.payouts).toBeGreaterThan(0)
  expect(second.hash).toBe(first.hash)
})

test('an answer that the model does not give is told, and what follows from it is not', async () => {
  await database.pool.query('alter sequence payout_number_block increment 500')
  try {
    const { store, parted } = opened()
    await store.takeNumbers(1)
    expect(parted).toEqual([])
    await store.takeNumbers(1)
    await store.takeNumbers(1)
    expect(parted).toHaveLength(1)
    expect(parted[0]).toMatch(/^model: takeNumbers is answered .*501n.*, by the model .*1001n/)
  } finally {
    await database.pool.query('alter sequence payout_number_block increment 1000')
  }
})

test('a row that the model does not have is told at the end', async () => {
  const { store, parted } = opened()
  await store.putMerchant({ merchantId: 'm_1', name: 'One', active: true })
  await store.audit()
  expect(parted).toEqual([])
  await database.pool.query(
    `insert into incident (merchant_id, payout_number, kind, detail) values ('m_1', 1, 'a', 'b')`,
  )
  await store.audit()
  expect(parted).toHaveLength(1)
  expect(parted[0]).toMatch(/^model: rows of incident/)
})

test('what the auditor of production finds is told', async () => {
  const { store, parted } = opened()
  await store.putMerchant({ merchantId: 'm_1', name: 'One', active: true })
  await database.pool.query(`insert into account_opening (merchant_id, currency) values ('m_1', 'BDT')`)
  await database.pool.query('alter table balance disable trigger user')
  await database.pool.query(`update balance set minor = 5 where account = 'available'`)
  await database.pool.query('alter table balance enable trigger user')
  await store.audit()
  expect(parted[0]).toMatch(/^I5: the auditor finds of m_1: available BDT/)
})

test('the database has the time of the history and not of the machine', async () => {
  const { store } = opened()
  await store.tripSwitch({ scope: 'global', id: '', by: 'host:ana', why: 'it looks wrong' })
  expect((await store.trippedSwitches()).map(({ sinceMs }) => sinceMs)).toEqual([NOW_MS])
  expect([...store.tables().switches.keys()]).toEqual(['global '])
  const by = { proposedBy: 'ana', why: 'all is well', scope: 'global' as const, id: '' }
  expect(await store.releaseSwitch({ ...by, confirmedBy: ' Ana' })).toBe('one_person')
  expect(await store.releaseSwitch({ ...by, confirmedBy: 'ben' })).toBe('released')
  expect(await store.releaseSwitch({ ...by, confirmedBy: 'ben' })).toBe('not_tripped')
  expect(store.tables().switches.size).toBe(0)
})

test('a database that was cleared is as it was made', async () => {
  const rows = async () => await database.reader.rows(String)
  const before = await rows()
  await playOverPostgres(database, { options: drawOptions(8), stopEarly: false, besideModel: false })
  expect(await rows()).not.toEqual(before)
  await database.clear()
  expect(await rows()).toEqual(before)
})

test('no event runs while a call is open, nor before what follows from its answer', async () => {
  const turns = createTurns()
  const scheduler = createScheduler(0, turns)
  const seen: string[] = []
  const answered = Promise.withResolvers<void>()
  scheduler.at(1, () => {
    void turns
      .take(() => answered.promise)
      .then(() => turns.take(async () => void seen.push('second call')))
      .then(() => seen.push('answer'))
  })
  scheduler.at(2, () => seen.push('next event'))
  const run = scheduler.run(Number.POSITIVE_INFINITY, () => false)
  for (let nth = 0; nth < 20; nth += 1) await new Promise(resolve => setImmediate(resolve))
  expect(seen).toEqual([])
  answered.resolve()
  await run
  expect(seen).toEqual(['second call', 'answer', 'next event'])
})

function opened() {
  const parted: string[] = []
  const beside = createBeside(clock)
  const turns = createTurns()
  const passes = createPasses(database.session)
  const report = (invariant: string, said: string) => void parted.push(`${invariant}: ${said}`)
  const store = openWorldStore({ database, turns, clock, beside, passes, report })
  return { store, parted }
}
