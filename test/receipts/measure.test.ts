// Ten thousand receipts over real Postgres: the log that comes of them is one, however many batches it grew by.
import { expect, test } from 'vitest'
import { measureReceipts } from '../../bench/receipts.ts'
import { openReceiptKit, pay } from '../receipts-kit.ts'
import { SEAL_KEY } from '../store-kit.ts'

const COUNT = 10_000
const BATCH = 500

test('ten thousand receipts stand in one log, and every checkpoint of it grew into the last', {
  timeout: 600_000,
}, async () => {
  const db = await openReceiptKit(100_000_000_000n)
  try {
    for (let first = 0; first < COUNT; first += BATCH)
      await pay(
        db,
        Array.from({ length: BATCH }, (_, place) => BigInt(first + place + 1)),
      )
    const measured = await measureReceipts(db.url, SEAL_KEY)
    console.log(JSON.stringify(measured))
    expect(measured).toMatchObject({ issued: COUNT, size: COUNT })
    expect(measured.checkpoints).toBeGreaterThanOrEqual(COUNT / 256)
  } finally {
    await db.close()
  }
})
