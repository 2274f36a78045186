// A claim is of use only to whoever is told of it. Payouts are accepted while others are claimed, each in a transaction
// of its own, and no moment between the two may leave a payout that is claimed by nobody until a lease ends.
import { expect, test } from 'vitest'
import { newPayout, openTestStore } from '../store-kit.ts'

const COUNT = 1_000n

test('every payout that is claimed is given to its claimer, also while others are accepted', {
  timeout: 60_000,
}, async () => {
  const { store, pool, close } = await openTestStore(10_000_000n)
  try {
    const given = new Set<bigint>()
    let accepting = true
    const claiming = (async () => {
      for (let isLast = false; !isLast; ) {
        isLast = !accepting
        for (const { payout } of await store.claimDue({ limit: 256, leaseMs: 600_000 }))
          given.add(payout.number)
      }
    })()
    for (let number = 1n; number <= COUNT; number += 1n) await store.acceptPayouts([newPayout(number)])
    accepting = false
    await claiming
    const { rows } = await pool.query<{ payout_number: bigint }>(
      'select payout_number from queue where claim is not null',
    )
    expect(rows).toHaveLength(1_000)
    expect(rows.filter(row => !given.has(row.payout_number))).toEqual([])
  } finally {
    await close()
  }
})
