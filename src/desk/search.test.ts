// Looking on until a page is full, and files that end: over a store that has as many payouts as a test says.
import { expect, test } from 'vitest'
import { newPayout } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import type { Payout } from '../payout/payout.ts'
import type { PayoutSearch } from '../store/console-store.ts'
import { EXPORT_MAX, exportPayouts, type RunningExports, searchPayouts } from './search.ts'

const SEARCH: PayoutSearch = {
  ...{ merchants: ['m_one'], query: 'a wallet', state: 'paid', currency: null, providerAccountId: null },
  ...{ createdFromMs: null, createdToMs: null, before: null, limit: 10 },
}
const BY = { personId: 'pe_one', credential: 'se_one' }
// The store gives whole payouts; only the number is looked at here.
const payout = (number: bigint) => ({ ...newPayout(1n), number }) as unknown as Payout

/** Each statement finds so many, and there is an end after so many statements. */
function store(found: number, statements: number) {
  const acts: string[] = []
  let asked = 0
  return {
    acts,
    asked: () => asked,
    async searchPayouts({ limit, before }: PayoutSearch) {
      asked += 1
      const from = before ?? 1_000_000n
      const items = Array.from({ length: Math.min(found, limit) }, (_, place) =>
        payout(from - BigInt(place + 1)),
      )
      return { items, next: asked >= statements ? null : from - BigInt(Math.max(1, items.length)) }
    },
    async recordAct({ subject }: { subject: string }) {
      acts.push(subject)
    },
  }
}

test('a page is looked for until it is full, and goes on where it stopped', async () => {
  const rare = store(1, 100)
  const page = await searchPayouts({ console: rare, clock: systemClock }, SEARCH)
  expect(page.items).toHaveLength(10)
  expect(rare.asked()).toBe(10)
  expect(page.next).toBe(page.items.at(-1)?.number)
})

test('what is not there is looked for in a bounded number of statements, and the page says that there is more', async () => {
  const nothing = store(0, 1_000)
  const page = await searchPayouts({ console: nothing, clock: systemClock }, SEARCH)
  expect(page).toMatchObject({ items: [], next: 1_000_000n - 20n })
  expect(nothing.asked()).toBe(20)
  expect((await searchPayouts({ console: store(0, 3), clock: systemClock }, SEARCH)).next).toBeNull()
})

test('a file ends with the last payout, or at its bound and says so; what was looked for is not kept', async () => {
  const read = async (of: ReturnType<typeof store>) => {
    const file = await exportPayouts({ console: of, clock: systemClock }, new Map(), SEARCH, BY)
    if (file.kind === 'refused') throw new Error(file.code)
    let count = 0
    const cuts: unknown[] = []
    for await (const { payouts, cut } of file.pages) {
      count += payouts.length
      cuts.push(cut)
    }
    return { count, cut: cuts.at(-1) }
  }
  expect(await read(store(500, 3))).toEqual({ count: 1_500, cut: null })
  const endless = store(500, 1_000_000)
  expect(await read(endless)).toEqual({ count: EXPORT_MAX, cut: 'too_many' })
  expect(endless.acts).toHaveLength(1)
  expect(endless.acts[0]).not.toContain('a wallet')
})

test('of one person two files are made at once, and a reader who leaves makes room', async () => {
  const running: RunningExports = new Map()
  const parts = { console: store(500, 1_000_000), clock: systemClock }
  const begin = async () => {
    const file = await exportPayouts(parts, running, SEARCH, BY)
    if (file.kind === 'refused') return file.code
    const pages = file.pages[Symbol.asyncIterator]()
    await pages.next()
    return pages
  }
  // Three that ask at one moment are two.
  const together: RunningExports = new Map()
  const asked = await Promise.all([1, 2, 3].map(() => exportPayouts(parts, together, SEARCH, BY)))
  expect(asked.map(({ kind }) => kind)).toEqual(['found', 'found', 'refused'])

  const first = await begin()
  expect(typeof first).toBe('object')
  expect(typeof (await begin())).toBe('object')
  expect(await begin()).toBe('rate_limited')
  expect((await exportPayouts(parts, running, SEARCH, { ...BY, personId: 'pe_two' })).kind).toBe('found')
  if (typeof first === 'object') await first.return?.()
  expect(typeof (await begin())).toBe('object')
})
