import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  booked,
  MERCHANT,
  newPayout,
  openTestStore,
  payoutStep,
  purse,
  type TestStore,
} from '../../test/store-kit.ts'
import { auditBooks } from '../ledger/audit.ts'

let db: TestStore
beforeAll(async () => {
  db = await openTestStore(1_000_000n)
})
afterAll(() => db.close())

test('a payout is recorded with its hold, its event and its place in the queue', async () => {
  const before = await purse(db.store)
  expect(before).toBe('1000000 0 0')
  const recorded = await db.store.acceptPayouts([newPayout(1n, { requestId: 'req-of-1' })])
  expect(recorded).toEqual([{ kind: 'accepted' }])
  expect(await purse(db.store)).toBe('999000 1000 0')
  const payout = await db.store.findPayout(MERCHANT, { by: 'reference', reference: 'ref-1' })
  expect(payout).toMatchObject({
    number: 1n,
    state: 'queued',
    version: 1,
    amount: { minor: 1000n, currency: 'BDT' },
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
    method: 'bkash',
    createdAtMs: 1_795_000_000_000,
    requestId: 'req-of-1',
  })
  expect(await db.store.payoutEvents(MERCHANT, 1n)).toMatchObject([{ sequence: 1, state: 'queued' }])
  expect(await db.store.payoutPostings(MERCHANT, 1n)).toMatchObject([
    { recipe: 'hold', debit: 'available', credit: 'held', amount: { minor: 1000n } },
  ])
  expect(await db.store.claimDue({ limit: 10, leaseMs: 60_000 })).toMatchObject([{ payout: { number: 1n } }])
})

test('the same reference and content gets the first answer; other content is a conflict that names the payout', async () => {
  await db.store.acceptPayouts([newPayout(10n, { tag: 77 })])
  const again = { reference: 'ref-10', fingerprint: newPayout(10n).fingerprint }
  expect(await db.store.acceptPayouts([newPayout(11n, again)])).toEqual([
    { kind: 'replayed', number: 10n, tag: 77, answer: 'first answer of 10' },
  ])
  const other = newPayout(12n, { reference: 'ref-10' })
  expect(await db.store.acceptPayouts([other])).toEqual([
    { kind: 'conflict', by: 'reference', number: 10n, tag: 77 },
  ])
})

test('an idempotency key answers before the reference; a new key for a known reference is a conflict', async () => {
  const first = newPayout(20n, { idempotencyKey: 'key-20', tag: 5 })
  await db.store.acceptPayouts([first])
  const repeat = { ...first, number: 21n }
  expect(await db.store.acceptPayouts([repeat])).toMatchObject([{ kind: 'replayed', number: 20n }])
  const otherBody = { ...first, number: 22n, fingerprint: new Uint8Array(32).fill(200) }
  expect(await db.store.acceptPayouts([otherBody])).toMatchObject([
    { kind: 'conflict', by: 'idempotency_key', number: 20n },
  ])
  const newKey = { ...first, number: 23n, idempotencyKey: 'key-23' }
  expect(await db.store.acceptPayouts([newKey])).toMatchObject([{ kind: 'conflict', by: 'reference' }])
})

test('keys and references of one merchant mean nothing to another', async () => {
  await db.store.putMerchant({ merchantId: 'm_other', name: 'Other', active: true })
  await db.store.acceptPayouts([newPayout(25n, { idempotencyKey: 'key-25' })])
  const [verdict] = await db.store.acceptPayouts([
    newPayout(26n, { merchantId: 'm_other', reference: 'ref-25', idempotencyKey: 'key-25' }),
  ])
  expect(verdict).toEqual({ kind: 'insufficient' })
  expect(await db.store.findPayout('m_other', { by: 'number', number: 25n })).toBeNull()
})

test('what was refused before the store is refused, binds nothing, and is told only after a repeat', async () => {
  const refused = newPayout(30n, { refuse: 'method_not_available' })
  expect(await db.store.acceptPayouts([refused])).toEqual([{ kind: 'refused', why: 'method_not_available' }])
  expect(await db.store.acceptPayouts([newPayout(30n)])).toEqual([{ kind: 'accepted' }])
  expect(await db.store.acceptPayouts([{ ...refused, number: 31n }])).toMatchObject([{ kind: 'replayed' }])
})

test('one refusal for funds does not stop those behind it in the batch', async () => {
  const small = await openTestStore(2_500n)
  const amounts = [1_000n, 2_000n, 1_000n, 600n, 500n]
  const verdicts = await small.store.acceptPayouts(
    amounts.map((minor, place) =>
      newPayout(BigInt(place + 1), { amount: { ...newPayout(1n).amount, minor } }),
    ),
  )
  expect(verdicts.map(verdict => verdict.kind)).toEqual([
    'accepted',
    'insufficient',
    'accepted',
    'insufficient',
    'accepted',
  ])
  expect(await purse(small.store)).toBe('0 2500 0')
  await small.close()
})

test('under parallel batches exactly what is affordable is accepted, and the books are clean', async () => {
  const store = await openTestStore(81_000n)
  const batches = Array.from({ length: 12 }, (_, batch) =>
    Array.from({ length: 10 }, (_, place) => newPayout(BigInt(batch * 10 + place + 1))),
  )
  const verdicts = (await Promise.all(batches.map(batch => store.store.acceptPayouts(batch)))).flat()
  expect(verdicts.filter(verdict => verdict.kind === 'accepted')).toHaveLength(81)
  expect(verdicts.filter(verdict => verdict.kind === 'insufficient')).toHaveLength(39)
  expect(await purse(store.store)).toBe('0 81000 0')
  expect(auditBooks(await store.store.readBooks(MERCHANT))).toEqual([])
  await store.close()
})

test('the same reference in two processes at one moment makes one payout', async () => {
  const rounds = 30
  for (let round = 0; round < rounds; round += 1) {
    const reference = `race-${round}`
    const fingerprint = new Uint8Array(32).fill(round)
    const verdicts = await Promise.all(
      [0, 1, 2, 3].map(process =>
        db.store.acceptPayouts([
          newPayout(BigInt(1_000 + round * 4 + process), {
            reference,
            fingerprint,
            amount: { ...newPayout(1n).amount, minor: 1n },
          }),
        ]),
      ),
    )
    const kinds = verdicts.flat().map(verdict => verdict.kind)
    expect(kinds.filter(kind => kind === 'accepted')).toHaveLength(1)
    expect(kinds.filter(kind => kind === 'replayed' || kind === 'again')).toHaveLength(3)
  }
})

test('a cancelled payout gives its money back and leaves the queue', async () => {
  await db.store.acceptPayouts([newPayout(50n)])
  const before = await purse(db.store)
  const [verdict] = await db.store.advancePayouts([
    payoutStep(
      { number: 50n, version: 1 },
      { to: 'cancelled', queue: { kind: 'drop' }, ...booked('release') },
    ),
  ])
  expect(verdict).toEqual({ kind: 'done', version: 2 })
  const [available, held] = before.split(' ').map(BigInt)
  expect(await purse(db.store)).toBe(`${(available ?? 0n) + 1000n} ${(held ?? 0n) - 1000n} 0`)
})

test('numbers are never given twice', async () => {
  const blocks = await Promise.all(Array.from({ length: 20 }, () => db.store.takeNumbers(1_000)))
  const firsts = blocks.map(block => block.first).sort((a, b) => (a < b ? -1 : 1))
  for (const [place, first] of firsts.entries())
    expect(first - (firsts[place - 1] ?? first - 1_000n)).toBeGreaterThanOrEqual(1_000n)
})
