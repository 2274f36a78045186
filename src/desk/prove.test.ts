// Over real Postgres: which pictures prove a payout, and from when on.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MERCHANT, newPayout, openTestStore, type TestStore } from '../../test/store-kit.ts'
import { createLog } from '../lib/log.ts'
import { proofImagesOf } from './prove.ts'

const lines: string[] = []
const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
let db: TestStore
let drawn = 0
beforeAll(async () => {
  db = await openTestStore(10_000_000n)
})
afterAll(() => db.close())

function parts() {
  const drawReceipt = async () => {
    drawn += 1
    return Buffer.from(`own picture ${drawn}`)
  }
  return { store: db.store, log, drawReceipt }
}

/** A payout as it is when its life is over; its steps are another test's. */
async function paid(number: bigint, state: 'paid' | 'returned' = 'paid'): Promise<void> {
  await db.store.acceptPayouts([newPayout(number)])
  await db.pool.query('alter table payout disable trigger user')
  await db.pool.query('update payout set state = $2, paid_at = now() where payout_number = $1', [
    number,
    state,
  ])
  await db.pool.query('alter table payout enable trigger user')
}

test('a payout that was never paid has no picture, and none is drawn', async () => {
  await db.store.acceptPayouts([newPayout(1n)])
  const before = drawn
  expect(await proofImagesOf(MERCHANT, 1n, parts())).toEqual([])
  expect(await proofImagesOf(MERCHANT, 999n, parts())).toEqual([])
  expect(drawn).toBe(before)
})

test('our own picture is drawn once and stays the same', async () => {
  await paid(2n)
  const [first] = await proofImagesOf(MERCHANT, 2n, parts())
  const before = drawn
  const again = await proofImagesOf(MERCHANT, 2n, parts())
  expect(drawn).toBe(before)
  expect(again).toHaveLength(1)
  expect(Buffer.from(again[0]?.bytes ?? [])).toEqual(Buffer.from(first?.bytes ?? []))
  expect(again[0]?.mediaType).toBe('image/png')
})

test("the provider's picture comes first, and ours stays beside it", async () => {
  await paid(3n)
  const png = { mediaType: 'image/jpeg' as const, bytes: Buffer.from('their picture') }
  await db.store.recordProofSearch({
    ...{ merchantId: MERCHANT, number: 3n, attemptNo: 1, said: '1 kept', nextInMs: null, incident: null },
    images: [png, png],
  })
  const images = await proofImagesOf(MERCHANT, 3n, parts())
  expect(images.map(({ mediaType }) => mediaType)).toEqual(['image/jpeg', 'image/png'])
  expect(Buffer.from(images[0]?.bytes ?? []).toString()).toBe('their picture')
})

test('a payout that came back is shown by a picture drawn since, not by the one from when it was paid', async () => {
  await paid(6n)
  await proofImagesOf(MERCHANT, 6n, parts())
  await db.pool.query('alter table payout disable trigger user')
  await db.pool.query(`update payout set state = 'returned', state_since = now() where payout_number = 6`)
  await db.pool.query('alter table payout enable trigger user')
  const before = drawn
  const images = await proofImagesOf(MERCHANT, 6n, parts())
  expect(drawn).toBe(before + 1)
  expect(images.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([`own picture ${drawn}`])
  expect(await proofImagesOf(MERCHANT, 6n, parts())).toHaveLength(1)
})

test('pictures are sealed in the database, and who asked for them is on record without them', async () => {
  await paid(4n, 'returned')
  expect(await proofImagesOf(MERCHANT, 4n, parts())).toHaveLength(1)
  const { rows } = await db.pool.query('select sealed from proof_image where payout_number = 4')
  const stored = String(rows[0]?.sealed)
  expect(stored).toMatch(/^q1\./)
  expect(stored).not.toContain(Buffer.from('own picture').toString('base64').slice(0, 12))
  expect(lines.at(-1)).toContain('proof images were asked for')
  expect(lines.join('')).not.toContain('own picture')
})

test('the pictures of another merchant are not shown', async () => {
  await paid(5n)
  expect(await proofImagesOf('m_other', 5n, parts())).toEqual([])
})
