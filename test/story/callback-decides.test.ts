// A provider account whose query is switched off: a signed callback is then the only witness, and decides (contract of
// PayPro, section 8). Everywhere else it only wakes an inquiry.
import { expect, test } from 'vitest'
import { createNative, findNative, type Listed, readNative } from '../client.ts'
import { openHouse, startServer } from '../house.ts'
import { eventually } from '../program.ts'
import { startRail } from '../rail.ts'

test('without a query a signed callback settles its payout, and nothing was ever asked', {
  timeout: 60_000,
}, async () => {
  await using rail = await startRail()
  await using house = await openHouse({ railUrl: rail.url, settings: { query: 'off' } })
  await using server = await startServer(house)
  // Wallets end in the behaviour of the simulated provider: paid a moment later, and failed a moment later.
  const wallets = { paid: '01700000000', failed: '01700000004' }
  for (const [reference, number] of Object.entries(wallets))
    await createNative(server.url, { reference, amount: '12.50', wallet: number })

  for (const state of ['paid', 'failed'] as const) {
    const payout = await eventually(
      `the payout is ${state}`,
      () => findNative(server.url, state),
      found => ['paid', 'failed', 'returned'].includes(found.state),
    )
    expect(payout.state).toBe(state)
    const { data } = await readNative<Listed<{ exchanges: readonly { kind: string; row: string }[] }>>(
      server.url,
      `/payouts/${payout.id}/attempts`,
    )
    const exchanges = data.flatMap(attempt => attempt.exchanges)
    expect(exchanges.map(({ kind }) => kind)).not.toContain('inquiry')
    expect(exchanges.map(({ kind }) => kind)).toContain('callback')
  }
  expect((await rail.books()).filter(order => order.timesPaid > 1)).toEqual([])
})
