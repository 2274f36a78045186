// The process is killed at the two moments that the send journal tells apart: between the committed intent and the entry,
// and between the entry and the first byte.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createNative, findNative } from '../client.ts'
import { type House, openHouse, startServer } from '../house.ts'
import { eventually, startProgram } from '../program.ts'
import { startRail } from '../rail.ts'

const HELD = fileURLToPath(new URL('./held-program.ts', import.meta.url))

async function killHeld(house: House, at: 'intent' | 'journal'): Promise<void> {
  await using program = startProgram([], house.environment({ HELD_AT: at, LOG_LEVEL: 'warn' }), HELD)
  const [, url = ''] = await program.until(/"url":"(http:[^"]+)"/)
  const answer = await createNative(url, { reference: 'held', amount: '12.50', wallet: '01700000001' })
  expect(answer.status).toBe(201)
  await program.until(/^held$/m)
  program.signal('SIGKILL')
  expect(await program.ended).toEqual({ code: null, signal: 'SIGKILL' })
}

test('killed between intent and journal: sent again at once, paid exactly once, and never in doubt', {
  timeout: 120_000,
}, async () => {
  await using rail = await startRail()
  // The time after which a send counts as lost is beyond this test: only the journal can end it sooner.
  await using house = await openHouse({ railUrl: rail.url, settings: { timeout_total_ms: '120000' } })
  await killHeld(house, 'intent')
  await using server = await startServer(house)
  await eventually(
    'it is paid',
    () => findNative(server.url, 'held'),
    payout => payout.state === 'paid',
  )
  expect(await rail.books()).toMatchObject([{ timesArrived: 1, timesPaid: 1 }])
  expect(await findNative(server.url, 'held')).toMatchObject({ state: 'paid', attempts: 2 })
  const { rows } = await house.pool.query(
    `select (select count(*)::int from payout_event where state = 'in_doubt') as doubts,
       (select premises -> 'journal' ->> 'name' from proof) as journal`,
  )
  expect(rows[0]).toMatchObject({ doubts: 0, journal: expect.stringMatching(/^[0-9]+\.journal$/) })
  expect(await readdir(join(house.dataDir, 'journal'))).toContain(rows[0]?.journal)
})

test('killed between journal and first byte: in doubt, at once, and not sent again', {
  timeout: 120_000,
}, async () => {
  await using rail = await startRail()
  await using house = await openHouse({ railUrl: rail.url, settings: { timeout_total_ms: '120000' } })
  await killHeld(house, 'journal')
  await using server = await startServer(house)
  await eventually(
    'it is in doubt and was asked about',
    () => findNative(server.url, 'held'),
    payout => payout.state === 'in_doubt',
  )
  expect(await findNative(server.url, 'held')).toMatchObject({ attempts: 1, safe_to_retry: false })
  expect(await rail.books()).toEqual([])
})
