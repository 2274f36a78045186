// The server is killed with SIGKILL again and again while it creates orders at a provider that pays in two steps, and
// pays them. The step that pays arrives at most once for each order, whatever the process was doing when it died.
//
// What was killed between the committed right to send and an answer may or may not have arrived. This provider's status
// of an order does not tell its check from its payment, so such a payout stays without an end: its money in flight, and
// never sent again.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { seededRandom, systemRandom } from '../../src/lib/random.ts'
import { matchBooks, statesNow, unsentAttempts } from '../books.ts'
import { createNative, findNative } from '../client.ts'
import { type House, openHouse, type Server, startServer } from '../house.ts'
import { eventually, freePort } from '../program.ts'
import { startRail } from '../rail.ts'

const COUNT = 200
const KILLS = 4

test('kill -9 between two steps: no order is paid twice, and what nobody can tell stays in doubt', {
  timeout: 180_000,
}, async () => {
  const seed = systemRandom.below(1_000_000)
  const random = seededRandom(seed)
  await using rail = await startRail({ protocol: 'payneteasy', latencyMs: 150, seed })
  await using house = await openHouse({
    ...{ railUrl: rail.url, protocol: 'payneteasy', concurrency: 16 },
    // An attempt counts as lost when this time and 15 s are over; the setting is what keeps this test short.
    settings: { timeout_total_ms: '2000' },
  })
  const port = await freePort()
  let server = await startServer(house, { port })
  try {
    for (let place = 0; place < COUNT; place += 1) await submit(server, place)
    let ended = 0
    for (let kills = 0; kills < KILLS; kills += 1) {
      await sleep(400 + random.below(600))
      await kill(server)
      server = await startServer(house, { port })
      ended = (await statesNow(house)).paid ?? 0
    }

    await eventually(
      'nothing moves any more but what nobody can tell',
      () => moving(house),
      count => count === 0,
      { withinMs: 120_000, everyMs: 500 },
    )
    const states = await statesNow(house)
    const orders = await rail.books()
    const { breaches } = await matchBooks(house, orders)
    expect(breaches).toEqual([])
    expect(Math.max(...orders.map(({ timesPaid }) => timesPaid))).toBe(1)
    expect(await secondSendsTwice(house)).toEqual([])

    // The test is worth what it met: payouts were paid after a kill, and sends of both steps were lost with theirs.
    expect(states.paid ?? 0).toBeGreaterThan(ended)
    const [lost, unsent] = [await lostSends(house, 'S5'), await lostSends(house, 'S0')]
    expect(lost + unsent).toBeGreaterThan(0)
    // What its journal proves to have never left is not left in doubt: it is dead, and was sent under another number.
    expect(await unsentAlive(house)).toBe(0)
    for (const reference of await untold(house))
      expect(await findNative(server.url, reference)).toMatchObject({
        ...{ state: expect.stringMatching(/^(in_doubt|pending)$/), money: 'in_flight' },
        attempts: 1 + (await unsentAttempts(house, reference)),
      })
    console.log(
      `two steps: seed ${seed}, ${KILLS} kills, ${lost} sends lost, ${unsent} that never left by the journal, ${COUNT} payouts ended as ${JSON.stringify(states)}`,
    )
  } finally {
    await server[Symbol.asyncDispose]()
  }
})

async function submit({ url }: Server, place: number): Promise<void> {
  const answer = await createNative(url, {
    reference: `two-${place}`,
    amount: `${1 + place}.25`,
    wallet: '01812345678',
  })
  expect(answer.status).toBe(201)
}

async function kill({ program }: Server): Promise<void> {
  program.signal('SIGKILL')
  expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' })
}

/** Attempts whose step that pays was sent more than once; from the record of every exchange. */
async function secondSendsTwice({ pool }: House): Promise<readonly unknown[]> {
  const { rows } = await pool.query(
    `select merchant_id, payout_number, attempt_no from exchange
     where kind = 'send' and request like '%payout-pay/%'
     group by merchant_id, payout_number, attempt_no having count(*) > 1`,
  )
  return rows
}

async function lostSends({ pool }: House, row: 'S5' | 'S0'): Promise<number> {
  const { rows } = await pool.query<{ lost: number }>(
    'select count(*)::int as lost from exchange where row_name = $1',
    [row],
  )
  return rows[0]?.lost ?? 0
}

/** Attempts whose first step never left, and which are not dead all the same. */
async function unsentAlive({ pool }: House): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from exchange x join attempt a on a.merchant_id = x.merchant_id
       and a.payout_number = x.payout_number and a.attempt_no = x.attempt_no
     where x.row_name = 'S0' and x.verdict like 'dead %' and a.state <> 'dead'`,
  )
  return rows[0]?.count ?? 0
}

/** Payouts that go on by themselves: all that have not ended, but for those below. */
async function moving(house: House): Promise<number> {
  const { rows } = await house.pool.query<{ count: number }>(
    `select count(*)::int as count from payout where state not in ('paid', 'failed', 'cancelled', 'returned')`,
  )
  return (rows[0]?.count ?? 0) - (await untold(house)).length
}

/**
 * Payouts that were asked about more than once after their sender was lost, and of which the provider still says
 * nothing that is certain: their first step never arrived, or the answer to the second was lost.
 */
async function untold({ pool }: House): Promise<readonly string[]> {
  const { rows } = await pool.query<{ reference: string }>(
    `select p.reference from payout p
       join attempt a on a.merchant_id = p.merchant_id and a.payout_number = p.payout_number
     where p.state in ('in_doubt', 'pending') and a.state <> 'dead' and a.inquiries >= 3
       and a.facts ->> 'payRequestId' is null
       and ((a.facts ->> 'stepsSent')::int = 2 or not (a.facts ->> 'created')::boolean)`,
  )
  return rows.map(({ reference }) => reference)
}
