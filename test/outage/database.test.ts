// The database goes away while payouts come in and go out. Nobody is told that a payout was taken unless it is on
// record, nobody is told that it failed, and whoever asks again with the same key or reference has one payout.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { allEnded, matchBooks, statesNow } from '../books.ts'
import { type Answer, createDoor, createNative, doorShown } from '../client.ts'
import { type House, MERCHANT, openHouse, type Server, startServer } from '../house.ts'
import { type DatabaseLine, openLine } from '../line.ts'
import { eventually } from '../program.ts'
import { type RailProgram, startRail } from '../rail.ts'

let rail: RailProgram
let house: House
let line: DatabaseLine
let server: Server
const closing = new AsyncDisposableStack()

beforeAll(async () => {
  rail = closing.use(await startRail({ latencyMs: 500 }))
  house = closing.use(await openHouse({ railUrl: rail.url }))
  line = closing.use(await openLine(house.databaseUrl))
  server = closing.use(await startServer(house, { databaseUrl: line.url }))
})
afterAll(() => closing.disposeAsync())
// What is under way when the line is cut could be lost at its own commit; each test means the one that it names.
afterEach(async () => {
  const all = (await recorded()).length
  await eventually(
    'all have ended',
    () => statesNow(house),
    states => allEnded(states, all),
    CLAIM_ENDS,
  )
})
/** A claim whose answer was lost comes due again after 30 s. */
const CLAIM_ENDS = { withinMs: 45_000 }

test('while it is away the API says 503 and when to come again, the door says 500 and "processing", and nothing is kept', {
  timeout: 60_000,
}, async () => {
  await line.cut()
  expectNotNow(await createNative(server.url, { reference: 'away-native' }))
  expectProcessing(await createDoor(server.url, { tradeNo: 'away-door', remark: 'r' }), 'r')
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200)
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(503)
  expect(await recorded('away-native', 'away-door')).toEqual([])

  await line.open()
  const native = await untilTaken(() => createNative(server.url, { reference: 'away-native' }))
  expect(native.headers.get('idempotency-replayed')).toBeNull()
  await untilTaken(() => createDoor(server.url, { tradeNo: 'away-door', remark: 'r' }))
  expect(await recorded('away-native', 'away-door')).toEqual(['away-door', 'away-native'])
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200)
})

test('while it is silent nobody waits for long who comes later, and who waited is not told that it failed', {
  timeout: 60_000,
}, async () => {
  line.silence()
  const waiting = Promise.all([
    createNative(server.url, { reference: 'silent-native' }),
    createDoor(server.url, { tradeNo: 'silent-door' }),
  ])
  // Rights that nobody has confirmed for five seconds move no money: from then on nobody waits at all.
  await sleep(6_500)
  const startMs = Date.now()
  expectNotNow(await createNative(server.url, { reference: 'silent-later' }))
  expectProcessing(await createDoor(server.url, { tradeNo: 'silent-later-door' }))
  expect(Date.now() - startMs).toBeLessThan(2_000)

  await line.cut()
  const [native, door] = await waiting
  expectNotNow(native)
  expectProcessing(door)
  await line.open()
  await untilTaken(() => createNative(server.url, { reference: 'silent-native' }))
  await untilTaken(() => createDoor(server.url, { tradeNo: 'silent-door' }))
  expect(await recorded('silent-native', 'silent-door', 'silent-later')).toEqual([
    'silent-door',
    'silent-native',
  ])
})

test('cut before the database heard of them: they are not there, and the retry is the first', {
  timeout: 60_000,
}, async () => {
  const sprung = line.cutAt('accept_payouts', { before: true })
  expectNotNow(await createNative(server.url, { reference: 'unheard-native' }))
  await sprung
  expect(await recorded('unheard-native')).toEqual([])
  await line.open()
  const taken = await untilTaken(() => createNative(server.url, { reference: 'unheard-native' }))
  expect(taken.headers.get('idempotency-replayed')).toBeNull()
  expect(await recorded('unheard-native')).toEqual(['unheard-native'])
})

test('cut while they commit: the answer is lost, the payout stands, and every retry gets its first answer', {
  timeout: 60_000,
}, async () => {
  for (const { reference, create, expectLost } of [
    {
      reference: 'lost-native',
      create: () => createNative(server.url, { reference: 'lost-native' }),
      expectLost: expectNotNow,
    },
    {
      reference: 'lost-door',
      create: () => createDoor(server.url, { tradeNo: 'lost-door' }),
      expectLost: expectProcessing,
    },
  ]) {
    const isThere = async (): Promise<boolean> => (await recorded(reference)).length === 1
    const sprung = line.cutAt('accept_payouts', { after: isThere })
    expectLost(await create())
    await sprung
    expect(await recorded(reference)).toEqual([reference])

    await line.open()
    const again = await untilTaken(create)
    const oncemore = await untilTaken(create)
    expect(oncemore.text).toBe(again.text)
    expect(again.text).toBe(await firstAnswerOf(reference))
    if (reference === 'lost-native') expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await recorded(reference)).toEqual([reference])
  }
})

test('away while providers answer: what was sent is kept in memory and recorded when it is back', {
  timeout: 60_000,
}, async () => {
  const references = Array.from({ length: 20 }, (_, place) => `sending-${place}`)
  const sent = await Promise.all(references.map(reference => createNative(server.url, { reference })))
  for (const answer of sent) expect(answer.status).toBe(201)
  // Every intent is committed, and the provider takes half a second to answer.
  await eventually(
    'they are being sent',
    () => sendingOf('sending-'),
    count => count === 20,
    { everyMs: 20 },
  )
  await line.cut()
  await eventually(
    'the provider has all of them',
    () => rail.books(),
    orders => orders.length >= 20 && orders.every(({ state }) => state === 'paid'),
  )
  await sleep(1_500)
  expect(await sendingOf('sending-')).toBe(20)

  await line.open()
  const all = (await recorded()).length
  await eventually(
    'all are paid',
    () => statesNow(house),
    states => allEnded(states, all),
  )
  const { breaches, states } = await matchBooks(house, await rail.books())
  expect(breaches).toEqual([])
  expect(states).toEqual({ paid: all })
  expect(await house.pool.query(`select from exchange where row_name = 'S5'`)).toMatchObject({ rowCount: 0 })
})

function expectNotNow({ status, headers, text }: Answer): void {
  expect({ status, type: headers.get('content-type') }).toEqual({
    status: 503,
    type: 'application/problem+json',
  })
  expect(headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/)
  expect(JSON.parse(text)).toMatchObject({ code: 'unavailable', status: 503, retryable: true })
}

/** Never a code that a client of PayPro may take for a failure. */
function expectProcessing(answer: Answer, remark = ''): void {
  expect(answer.status).toBe(500)
  expect(doorShown(answer)).toMatchObject({
    msg: 'system error, query by tradeNo',
    code: '00032',
    success: false,
    data: { platFormTradeNo: '', status: '0015', remark },
  })
}

/** Asks again with the same content, as a client should, until it is taken. */
function untilTaken(create: () => Promise<Answer>): Promise<Answer> {
  return eventually('it is taken', create, ({ status }) => status === 200 || status === 201, {
    withinMs: 20_000,
  })
}

/** References on record, sorted: of those given, or of all. Asked past the line. */
async function recorded(...references: readonly string[]): Promise<readonly string[]> {
  const { rows } = await house.pool.query<{ reference: string }>(
    `select reference from payout where merchant_id = $1 and (cardinality($2::text[]) = 0 or reference = any ($2))
     order by reference`,
    [MERCHANT, references],
  )
  return rows.map(({ reference }) => reference)
}

async function firstAnswerOf(reference: string): Promise<string> {
  const { rows } = await house.pool.query<{ first_answer: string }>(
    'select first_answer from payout where reference = $1',
    [reference],
  )
  return rows[0]?.first_answer ?? ''
}

async function sendingOf(prefix: string): Promise<number> {
  const { rows } = await house.pool.query<{ count: number }>(
    `select count(*)::int as count from payout where reference like $1 || '%' and state = 'sending'`,
    [prefix],
  )
  return rows[0]?.count ?? 0
}
