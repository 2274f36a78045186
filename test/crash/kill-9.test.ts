// The server is killed with SIGKILL while it takes and sends payouts, and started again on the same database. Whatever
// it was doing at that moment, every payout that it acknowledged stands, every one that arrived at the provider ends,
// and none is paid twice.
//
// An attempt whose sender died counts as lost when the sender's time is over, which is the account's time for one
// exchange and 15 s. The account's setting is what keeps this test short; nothing of the program knows of the test.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { seededRandom, systemRandom } from '../../src/lib/random.ts'
import { payoutCode } from '../../src/payout/number.ts'
import { matchBooks, unsentAttempts } from '../books.ts'
import { createDoor, createNative, doorShown, findNative } from '../client.ts'
import { type House, MERCHANT, openHouse, type Server, startServer } from '../house.ts'
import { eventually, freePort } from '../program.ts'
import { startRail } from '../rail.ts'

const COUNT = 500
/** At these shares of the payouts acknowledged, and once more when all are acknowledged and some are being sent. */
const KILLS_AT = [0.05, 0.3, 0.55, 0.8]
const CLIENTS = 12

/** What the simulated provider does with them; docs/simulator.md has the whole table. */
const WALLETS = [
  ...Array<string>(10).fill('01812345678'), // paid 50 to 300 ms later
  '01700000001', // paid in the answer
  '01700000002', // paid after 10 s
  '01700000004', // taken, then failed
  '01700000021', // paid, the answer is lost
  '01700000023', // paid, the connection is reset
  '01700000025', // paid, the answer comes 3 s late: later than we wait
]

test('kill -9 again and again under load: nothing acknowledged is lost, nothing is paid twice', {
  timeout: 180_000,
}, async () => {
  const seed = systemRandom.below(1_000_000)
  const random = seededRandom(seed)
  const startedMs = Date.now()
  await using rail = await startRail({ latencyMs: 40, seed })
  await using house = await openHouse({ railUrl: rail.url, settings: { timeout_total_ms: '2000' } })
  const port = await freePort()
  let server = await startServer(house, { port })
  const stop = new AbortController()
  try {
    const orders = Array.from({ length: COUNT }, (_, place) => ({
      reference: `crash-${place}`,
      wallet: WALLETS[random.below(WALLETS.length)] ?? '',
      amount: `${1 + random.below(500)}.${10 + random.below(90)}`,
    }))
    const acknowledged = new Map<string, string>()
    let retries = 0
    const submit = async (order: (typeof orders)[number]): Promise<void> => {
      for (;;) {
        const code = await submitOnce(server.url, order)
        if (code !== null) {
          acknowledged.set(order.reference, code)
          return
        }
        retries += 1
        await sleep(20 + (retries % 80), undefined, { signal: stop.signal })
      }
    }
    const queue = orders.values()
    const clients = Array.from({ length: CLIENTS }, async () => {
      for (const order of queue) await submit(order)
    })

    let kills = 0
    const killAndRestart = async (): Promise<void> => {
      await sleep(random.below(60))
      await kill(server)
      kills += 1
      server = await startServer(house, { port })
    }
    const serving = (async () => {
      for (const share of KILLS_AT) {
        await eventually(
          'clients go on',
          () => acknowledged.size,
          size => size >= share * COUNT,
          QUICK,
        )
        await killAndRestart()
      }
      await Promise.all(clients)
      await killAndRestart()
    })()
    await Promise.all([serving, ...clients])
    const takenMs = Date.now() - startedMs

    const { breaches, states, neverArrived } = await eventually(
      'every payout has ended, or never arrived and was asked about',
      async () => matchBooks(house, await rail.books()),
      ({ open }) => open.length === 0,
      { withinMs: 100_000, everyMs: 500 },
    )
    expect(breaches).toEqual([])
    await expectInDoubt(server.url, house, neverArrived)

    // Every answer that a client ever got names the payout that stands, and there is no other.
    expect(acknowledged.size).toBe(COUNT)
    const stored = await codesOf(house)
    expect(stored.size).toBe(COUNT)
    for (const [reference, number] of acknowledged) expect(stored.get(reference)).toBe(number)

    // The test is worth what it met: senders died with bytes on the line, and inquiries settled what they left.
    const { lost, unsent, doubts } = await doubtsOf(house)
    expect(kills).toBe(KILLS_AT.length + 1)
    expect(lost).toBeGreaterThan(0)
    expect(unsent).toBeGreaterThan(0)
    console.log(
      `kill -9: seed ${seed}, ${kills} kills, ${COUNT} payouts, ${retries} repeats by clients, ` +
        `${lost} sends lost and in doubt, ${unsent} that never left by the journal, ${doubts} doubts in all, ` +
        `${neverArrived.length} that never arrived and stay in doubt; ended as ${JSON.stringify(states)}; ${takenMs} ms until the last kill, ${Date.now() - startedMs} ms in all`,
    )
  } finally {
    stop.abort()
    await server[Symbol.asyncDispose]()
  }
})

const QUICK = { withinMs: 60_000, everyMs: 5 }

async function kill({ program }: Server): Promise<void> {
  program.signal('SIGKILL')
  expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' })
}

/** By turns at the native API and at the door. The 16 characters of the payout, or null where nobody can tell. */
async function submitOnce(
  url: string,
  { reference, amount, wallet }: { reference: string; amount: string; wallet: string },
): Promise<string | null> {
  try {
    if (Number.parseInt(reference.slice(6), 10) % 2 === 0) {
      const answer = await createNative(url, { reference, amount, wallet })
      if (answer.status >= 500) return null
      expect(answer.status).toBe(201)
      return (JSON.parse(answer.text) as { id: string }).id.slice(3)
    }
    const answer = await createDoor(url, { tradeNo: reference, amount, walletId: wallet })
    if (answer.status >= 500) return null
    const { code, data } = doorShown(answer)
    expect([code, data.status]).toEqual(['0000', '0015'])
    return data.platFormTradeNo
  } catch (error) {
    // `fetch failed`, and what the runtime says where a connection broke in the middle of an answer.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return null
    throw error
  }
}

/**
 * A sender that died between its journal and its first byte leaves an attempt that never arrived; before that, its journal
 * proves that nothing left, and the payout is sent again. This provider's "not
 * found" proves nothing (its contract gives no time after which it would), so such a payout waits for a person: its
 * money in flight, never back, and never sent again.
 */
async function expectInDoubt(url: string, house: House, references: readonly string[]): Promise<void> {
  for (const reference of references)
    expect(await findNative(url, reference)).toMatchObject({
      state: 'in_doubt',
      money: 'in_flight',
      safe_to_retry: false,
      attempts: 1 + (await unsentAttempts(house, reference)),
    })
}

async function codesOf(house: House): Promise<ReadonlyMap<string, string>> {
  const codes = new Map<string, string>()
  for (let before: bigint | null = null; ; ) {
    const page = await house.store.listPayouts(MERCHANT, { limit: 100, before, state: null, reference: null })
    for (const { reference, number, tag } of page) codes.set(reference, payoutCode(number, tag))
    const last = page.at(-1)
    if (last === undefined) return codes
    before = last.number
  }
}

/** Attempts that counted as lost (row S5), those proven never to have left (S0), and steps into doubt for whatever reason. */
async function doubtsOf({ pool }: House): Promise<{ lost: number; unsent: number; doubts: number }> {
  const { rows } = await pool.query<{ lost: number; unsent: number; doubts: number }>(
    `select (select count(*)::int from exchange where row_name = 'S5') as lost,
       (select count(*)::int from exchange where row_name = 'S0') as unsent,
       (select count(*)::int from payout_event where state = 'in_doubt') as doubts`,
  )
  return rows[0] ?? { lost: 0, unsent: 0, doubts: 0 }
}
