// A busy house gives no finding: payouts go through a provider that refuses, loses and delays, while an auditor reads
// what changed and the whole books again and again. Its own reading is held against the other one at the end.
import { expect, test } from 'vitest'
import { tripsOf } from '../auditor-kit.ts'
import { matchBooks } from '../books.ts'
import { createNative } from '../client.ts'
import { openHouse, startServer } from '../house.ts'
import { eventually, startProgram } from '../program.ts'
import { startRail } from '../rail.ts'

const COUNT = 300
const AT_ONCE = 10
/** Ends of docs/simulator.md: paid, failed, refused, returned, hidden, unclear and called a duplicate. */
const WALLETS = ['00', '01', '04', '05', '06', '07', '10', '13', '14'].map(end => `017000000${end}`)

test('under load and faults several whole passes and many between them find nothing', {
  timeout: 400_000,
}, async () => {
  await using rail = await startRail({ latencyMs: 20 })
  await using house = await openHouse({ railUrl: rail.url })
  // The server's own auditor waits for its turn behind this one, which is quicker.
  await using auditor = startProgram(['auditor', '--every', '50', '--whole-every', '1000'], {
    DATABASE_URL: house.databaseUrl,
  })
  await auditor.until(/read the whole books/, 120_000)
  await using server = await startServer(house)
  await rail.fault({ name: 'lost_after', rate: '0.1' })

  const orders = Array.from({ length: COUNT }, (_, place) => ({
    reference: `busy-${place}`,
    wallet: WALLETS[place % WALLETS.length] ?? '',
  })).values()
  const submit = async (): Promise<void> => {
    for (const order of orders) await createNative(server.url, order)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, submit))
  await eventually(
    'most have ended, and the whole books were read several times meanwhile',
    async () => {
      const { rows } = await house.pool.query<{ ended: number }>(
        `select count(*)::int as ended from payout where state in ('paid', 'failed', 'returned')`,
      )
      const wholes = auditor.out().match(/read the whole books/g)?.length ?? 0
      return { ended: rows[0]?.ended ?? 0, wholes }
    },
    ({ ended, wholes }) => ended >= COUNT * 0.8 && wholes >= 4,
    { withinMs: 200_000 },
  )
  expect(auditor.out()).not.toContain('"alarm"')
  expect(await tripsOf(house.pool)).toEqual([])
  // The other reading is several questions, between which a payout may move: it has to come out clean once they stand still.
  const { breaches } = await eventually(
    'the books stand still for as long as they are read',
    async () => matchBooks(house, await rail.books()),
    matched => matched.breaches.length === 0,
    { withinMs: 60_000, everyMs: 500 },
  )
  expect(breaches).toEqual([])
})
