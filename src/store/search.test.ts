// The bounds of what the console asks: a statement looks at so many rows and no more, and nothing is missed by that.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { BDT, MERCHANT, newPayout, openTestStore, SEAL_KEY, type TestStore } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { createSeal } from '../lib/seal.ts'
import { type ConsoleStore, openConsoleStore, type PayoutSearch } from './console-store.ts'
import { beneficiariesNamed } from './search.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const OTHER = 'm_other'
/** So many that the share of each is the smallest: 500 payouts. */
const MERCHANTS = [MERCHANT, OTHER, ...Array.from({ length: 120 }, (_, place) => `m_none_${place}`)]
let db: TestStore
let store: ConsoleStore

beforeAll(async () => {
  db = await openTestStore(100_000_000n)
  store = openConsoleStore({ pool: db.pool, reads: db.pool, seal: createSeal([SEAL_KEY]) })
  await db.store.putMerchant({ merchantId: OTHER, name: 'Other', active: true })
  await db.store.fundMerchant({
    ...{ merchantId: OTHER, providerAccountId: 'pa_test', amount: { minor: 10_000_000n, currency: BDT } },
    ...{ reference: 'opening', note: '' },
  })
  // Every tenth is the other one's.
  for (let first = 1; first <= 1_300; first += 100)
    await db.store.acceptPayouts(
      Array.from({ length: 100 }, (_, place) => {
        const number = BigInt(first + place)
        const createdAtMs = systemClock.now() - (1_300 - Number(number)) * 60_000
        return newPayout(number, { createdAtMs, merchantId: number % 10n === 0n ? OTHER : MERCHANT })
      }),
    )
})
afterAll(() => db.close())

const search = (change: Partial<PayoutSearch> = {}): PayoutSearch => ({
  ...{ merchants: MERCHANTS, query: null, state: null, currency: null, providerAccountId: null },
  ...{ createdFromMs: null, createdToMs: null, before: null, limit: 100, ...change },
})

/** Every page, and how many there were. */
async function allOf(change: Partial<PayoutSearch>) {
  const numbers: bigint[] = []
  let before: bigint | null = null
  for (let pages = 1; pages <= 100; pages += 1) {
    const page: Awaited<ReturnType<ConsoleStore['searchPayouts']>> = await store.searchPayouts(
      search({ ...change, before }),
    )
    numbers.push(...page.items.map(({ number }) => number))
    if (page.next === null) return { numbers, pages }
    expect(before === null || page.next < before).toBe(true)
    before = page.next
  }
  throw new Error('it has no end')
}

test('every payout of every merchant comes once, newest first, whatever the size of a page', async () => {
  const whole = Array.from({ length: 1_300 }, (_, place) => BigInt(1_300 - place))
  for (const limit of [30, 100, 499, 500, 501, 2_000]) expect((await allOf({ limit })).numbers).toEqual(whole)
  expect((await allOf({ merchants: [OTHER] })).numbers).toEqual(whole.filter(number => number % 10n === 0n))
  expect((await allOf({ merchants: [] })).numbers).toEqual([])
})

test('what is rare is found behind pages that hold nothing, each of which looked at its share alone', async () => {
  await db.store.acceptPayouts([
    newPayout(0n + 1_400n, { reference: 'newest', createdAtMs: systemClock.now() }),
  ])
  await db.pool.query(
    "update payout set state = 'cancelled', version = 2 where merchant_id = $1 and payout_number = 3",
    [MERCHANT],
  )
  const first = await store.searchPayouts(search({ state: 'cancelled' }))
  expect(first.items).toEqual([])
  expect(first.next).toBeGreaterThan(700n)
  expect(await allOf({ state: 'cancelled' })).toEqual({ numbers: [3n], pages: 3 })
})

test('a reference is found at once, however old; a wallet behind as many pages as it takes', async () => {
  expect(await store.searchPayouts(search({ query: 'ref-1' }))).toMatchObject({
    items: [{ number: 1n }],
    next: null,
  })
  const { numbers } = await allOf({ query: '01712345678' })
  expect(numbers).toHaveLength(1_301)
  expect(new Set(numbers).size).toBe(1_301)
  expect((await allOf({ query: '01712345679' })).numbers).toEqual([])
})

test('an overview of more than it looks at says since when it is whole, and holds that', async () => {
  const overview = await store.readOverview({ merchants: MERCHANTS, hours: 24 })
  const since = overview.completeSinceMs ?? 0
  expect(since).toBeGreaterThan(overview.nowMs - 24 * 3_600_000)
  const { rows } = await db.pool.query<{ count: number }>(
    'select count(*)::integer as count from payout where created_at >= to_timestamp($1::float8 / 1000)',
    [since],
  )
  expect(overview.totals.reduce((sum, { count }) => sum + count, 0)).toBe(rows[0]?.count)
  // A few hours of it were looked at whole, and so were all of them for few merchants.
  expect((await store.readOverview({ merchants: MERCHANTS, hours: 4 })).completeSinceMs).toBeNull()
  expect((await store.readOverview({ merchants: [MERCHANT, OTHER], hours: 24 })).completeSinceMs).toBeNull()
})

test('what people type is the same beneficiary in each of its spellings', () => {
  expect(beneficiariesNamed('017 1234 5678')).toMatchObject([
    ...['bkash', 'rocket', 'nagad'].map(operator => ({ kind: 'wallet', operator, number: '01712345678' })),
    { kind: 'bank_account', account: '01712345678', bank: null },
  ])
  expect(beneficiariesNamed('de89 3704')).toMatchObject([{ account: 'de893704' }, { account: 'DE893704' }])
  expect(beneficiariesNamed('COBADEFF:12345678')).toMatchObject([{ bank: 'COBADEFF', account: '12345678' }])
  expect(beneficiariesNamed('Ada Example!')).toEqual([])
})
