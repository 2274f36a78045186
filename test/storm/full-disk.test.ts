// The disk of the database is full, and later it is not. What was answered as taken is there, what was refused is refused in
// words that say "not now", nothing is half-written, and all goes on when there is room.
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { allEnded, matchBooks, statesNow } from '../books.ts'
import { createNative } from '../client.ts'
import { openHouse, startServer } from '../house.ts'
import { createMigratedDatabase, makeDatabasesOn } from '../postgres.ts'
import { eventually } from '../program.ts'
import { startRail } from '../rail.ts'
import { hurry } from './heal.ts'
import { openSmallDisk } from './small-disk.ts'

const CLIENTS = 8
const REFUSALS = 40
const ORDERS_MAX = 40_000

test('a full disk refuses and says so, loses nothing and repeats nothing, and with room again all goes on', {
  timeout: 600_000,
}, async () => {
  await using disk = await openSmallDisk()
  makeDatabasesOn(disk.url)
  await using rail = await startRail({ latencyMs: 20 })
  await using house = await openHouse({
    railUrl: rail.url,
    settings: { timeout_total_ms: '2000' },
    database: await createMigratedDatabase('disk'),
  })
  house.pool.on('error', () => {})
  await using server = await startServer(house)
  expect((await createNative(server.url, { reference: 'before' })).status).toBe(201)

  await disk.fill()
  const taken = new Map<string, string>([['before', '']])
  const refused = new Map<string, number>()
  let number = 0
  const client = async (): Promise<void> => {
    while (refused.size < REFUSALS && number < ORDERS_MAX) {
      number += 1
      const reference = `full-${number}`
      const answer = await createNative(server.url, { reference, description: 'd'.repeat(120) })
      if (answer.status === 201) taken.set(reference, answer.text)
      else refused.set(reference, answer.status)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  // What Postgres meets where files have a limit has no code of its own, and is told as a fault of ours.
  const words = disk.how === 'tmpfs' ? [503] : [500, 503]
  for (const status of refused.values()) expect(words).toContain(status)
  expect(refused.size).toBeGreaterThanOrEqual(REFUSALS)
  expect((await fetch(`${server.url}/health/live`)).status).toBe(200)
  await sleep(1_000)

  await disk.free()
  for (const [reference, text] of taken) {
    if (reference === 'before') continue
    const again = await again201(server.url, reference)
    expect(again).toBe(text)
  }
  for (const reference of refused.keys()) await again201(server.url, reference)
  const count = taken.size + refused.size
  const { breaches } = await eventually(
    'all have ended',
    async () => {
      await hurry(house)
      const matched = await matchBooks(house, await rail.books())
      return { ...matched, states: await statesNow(house) }
    },
    ({ states, open, neverArrived }) => allEnded(states, count - neverArrived.length) && open.length === 0,
    { withinMs: 240_000, everyMs: 500 },
  )
  expect(breaches).toEqual([])
  const { rows } = await house.pool.query<{ findings: number }>(
    'select count(*)::int as findings from finding',
  )
  expect(rows[0]?.findings).toBe(0)
  console.log(
    `full disk (${disk.how}): ${taken.size} taken, ${refused.size} refused, ${count} payouts in the end`,
  )
})

async function again201(url: string, reference: string): Promise<string> {
  const answer = await eventually(
    `${reference} is taken`,
    () => createNative(url, { reference, description: 'd'.repeat(120) }),
    ({ status }) => status === 201,
  )
  return answer.text
}
