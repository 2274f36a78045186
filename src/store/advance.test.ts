import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  booked,
  changed,
  MERCHANT,
  newPayout,
  opened,
  openTestStore,
  payoutStep,
  purse,
  send,
  stateOf,
  type TestStore,
} from '../../test/store-kit.ts'
import { auditBooks } from '../ledger/audit.ts'

let db: TestStore
beforeAll(async () => {
  db = await openTestStore(1_000_000n)
  await db.store.acceptPayouts(Array.from({ length: 40 }, (_, place) => newPayout(BigInt(place + 1))))
})
afterAll(async () => {
  expect(auditBooks(await db.store.readBooks(MERCHANT))).toEqual([])
  await db.close()
})

test('a step is applied only to the version it was computed from', async () => {
  await send(db.store, 1n)
  const pending = payoutStep(
    { number: 1n, version: 2 },
    { to: 'pending', attempt: changed(1, { state: 'pending', theirId: 'T1', nextLookInMs: 3_600_000 }) },
  )
  expect(await db.store.advancePayouts([pending])).toEqual([{ kind: 'done', version: 3 }])
  expect(await db.store.advancePayouts([pending])).toEqual([{ kind: 'stale' }])
  expect(await db.store.payoutEvents(MERCHANT, 1n)).toMatchObject([
    { sequence: 1, state: 'queued', attemptNo: null },
    { sequence: 2, state: 'sending', attemptNo: 1 },
    { sequence: 3, state: 'pending', attemptNo: 1 },
  ])
})

test('a stale step in a batch does not stop its neighbours', async () => {
  await send(db.store, 2n)
  await send(db.store, 3n)
  const paid = (number: bigint, version: number) =>
    payoutStep(
      { number, version },
      { to: 'paid', attempt: changed(1, { state: 'paid', theirId: `T${number}` }), ...booked('settle') },
    )
  expect(await db.store.advancePayouts([paid(2n, 2), paid(3n, 9), paid(39n, 2)])).toEqual([
    { kind: 'done', version: 3 },
    { kind: 'stale' },
    { kind: 'stale' },
  ])
  expect([await stateOf(db.store, 2n), await stateOf(db.store, 3n)]).toEqual(['paid', 'sending'])
})

test('an intent is recorded only while the queue holds its claim', async () => {
  const [first] = (await db.store.claimDue({ limit: 1_000, leaseMs: 0 })).filter(
    due => due.payout.number === 4n,
  )
  const [second] = (await db.store.claimDue({ limit: 1_000, leaseMs: 0 })).filter(
    due => due.payout.number === 4n,
  )
  if (first === undefined || second === undefined) throw new Error('payout 4 is due')
  const intent = (claim: bigint) =>
    payoutStep(first.payout, {
      to: 'sending',
      claim,
      queue: { kind: 'drop' },
      attempt: opened(1, 4n),
      ...booked('dispatch'),
    })
  expect(await db.store.advancePayouts([intent(first.claim)])).toEqual([{ kind: 'stale' }])
  expect(await db.store.payoutAttempts(MERCHANT, 4n)).toEqual([])
  expect(await db.store.advancePayouts([intent(second.claim)])).toEqual([{ kind: 'done', version: 2 }])
})

test('a claimed payout is not due for others until the lease ends', async () => {
  const mine = await db.store.claimDue({ limit: 3, leaseMs: 60_000 })
  expect(mine).toHaveLength(3)
  const others = await db.store.claimDue({ limit: 1_000, leaseMs: 0 })
  const numbers = new Set(mine.map(due => due.payout.number))
  expect(others.filter(due => numbers.has(due.payout.number))).toEqual([])
})

test('of two parallel claims each payout goes to one', async () => {
  const claims = await Promise.all([1, 2, 3, 4].map(() => db.store.claimDue({ limit: 6, leaseMs: 60_000 })))
  const numbers = claims.flat().map(due => due.payout.number)
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('of many parallel steps from one version exactly one is applied', async () => {
  await db.store.acceptPayouts([newPayout(100n)])
  const cancel = payoutStep(
    { number: 100n, version: 1 },
    { to: 'cancelled', queue: { kind: 'drop' }, ...booked('release') },
  )
  const verdicts = await Promise.all(Array.from({ length: 12 }, () => db.store.advancePayouts([cancel])))
  expect(verdicts.flat().filter(verdict => verdict.kind === 'done')).toHaveLength(1)
})

test('cancel and intent race for one payout: one wins, and the other is stale', async () => {
  for (let round = 0; round < 20; round += 1) {
    const number = BigInt(200 + round)
    await db.store.acceptPayouts([newPayout(number)])
    const due = (await db.store.claimDue({ limit: 1_000, leaseMs: 0 })).find(
      one => one.payout.number === number,
    )
    if (due === undefined) throw new Error('it is due')
    const cancel = payoutStep(due.payout, { to: 'cancelled', queue: { kind: 'drop' }, ...booked('release') })
    const intent = payoutStep(due.payout, {
      to: 'sending',
      claim: due.claim,
      queue: { kind: 'drop' },
      attempt: opened(1, number),
      ...booked('dispatch'),
    })
    const verdicts = await Promise.all([db.store.advancePayouts([cancel]), db.store.advancePayouts([intent])])
    expect(
      verdicts
        .flat()
        .map(verdict => verdict.kind)
        .sort(),
    ).toEqual(['done', 'stale'])
  }
})

test('doubt keeps the money in flight, and its attempt is looked at when due', async () => {
  await db.store.acceptPayouts([newPayout(300n)])
  await send(db.store, 300n)
  const before = await purse(db.store)
  const doubt = payoutStep(
    { number: 300n, version: 2 },
    {
      to: 'in_doubt',
      why: 'no answer in time',
      attempt: changed(1, { state: 'in_doubt', doubt: 'timeout', nextLookInMs: 0, facts: { seen: 1 } }),
      exchange: {
        attemptNo: 1,
        kind: 'send',
        startedAtMs: 1,
        durationMs: 2,
        status: null,
        row: 'S6',
        verdict: 'in_doubt timeout',
        request: 'asked',
        answer: null,
      },
    },
  )
  await db.store.advancePayouts([doubt])
  expect(await purse(db.store)).toBe(before)
  const [due] = await db.store.claimAttempts({ limit: 10, leaseMs: 60_000 })
  expect(due).toMatchObject({
    payout: { number: 300n, state: 'in_doubt', why: 'no answer in time' },
    attempt: { attemptNo: 1, state: 'in_doubt', doubt: 'timeout' },
    facts: { seen: 1 },
    contract: { terms: 'of the test' },
  })
  expect(await db.store.claimAttempts({ limit: 10, leaseMs: 60_000 })).toEqual([])
  expect(await db.store.payoutExchanges(MERCHANT, 300n)).toMatchObject([
    { exchangeNo: 1, row: 'S6', request: 'asked' },
  ])
  // An inquiry that changes nothing leaves the version and counts.
  const looked = payoutStep(
    { number: 300n, version: 3 },
    { attempt: changed(1, { inquired: true, nextLookInMs: 5000 }) },
  )
  expect(await db.store.advancePayouts([looked])).toEqual([{ kind: 'done', version: 3 }])
  expect(await db.store.findForStep(MERCHANT, 300n)).toMatchObject({
    attempt: { inquiries: 1, state: 'in_doubt', doubt: 'timeout' },
    facts: { seen: 1 },
  })
})

test('a callback is kept once, wakes its attempt, and one for an unknown attempt is told apart', async () => {
  await db.store.acceptPayouts([newPayout(400n)])
  await send(db.store, 400n)
  await db.store.advancePayouts([
    payoutStep(
      { number: 400n, version: 2 },
      { to: 'pending', attempt: changed(1, { state: 'pending', theirId: 'T', nextLookInMs: 3_600_000 }) },
    ),
  ])
  const callback = {
    merchantId: MERCHANT,
    number: 400n,
    attemptNo: 1,
    hash: new Uint8Array(32).fill(3),
    raw: '{}',
    verified: true,
    said: 'paid',
  }
  expect(await db.store.recordCallbacks([callback, { ...callback, number: 999n }])).toEqual([
    'kept',
    'no_attempt',
  ])
  expect(await db.store.claimAttempts({ limit: 10, leaseMs: 3_600_000 })).toMatchObject([
    { payout: { number: 400n } },
  ])
  expect(await db.store.recordCallbacks([callback])).toEqual(['known'])
  expect(await db.store.claimAttempts({ limit: 10, leaseMs: 0 })).toEqual([])
  const { rows } = await db.pool.query('select raw from callback')
  expect(rows[0].raw).toMatch(/^q1\.test\./)
})

test('notices of one payout are told in order: the later waits for the earlier', async () => {
  await db.store.acceptPayouts([newPayout(500n)])
  await send(db.store, 500n)
  const notice = [{ target: 'door', url: 'http://127.0.0.1:9/n', dueInMs: 0 }]
  await db.store.advancePayouts([
    payoutStep(
      { number: 500n, version: 2 },
      {
        to: 'paid',
        attempt: changed(1, { state: 'paid', theirId: 'T' }),
        notices: notice,
        ...booked('settle'),
      },
    ),
  ])
  await db.store.advancePayouts([
    payoutStep(
      { number: 500n, version: 3 },
      { to: 'returned', attempt: changed(1, { state: 'returned' }), notices: notice, ...booked('return') },
    ),
  ])
  const [first, ...none] = await db.store.claimNotices({ limit: 10, leaseMs: 0 })
  expect(none).toEqual([])
  expect(first).toMatchObject({ sequence: 3, state: 'paid', tries: 0, payout: { state: 'returned' } })
  const told = { merchantId: MERCHANT, number: 500n, target: 'door', status: 200, said: 'OK' }
  await db.store.recordNotices([{ ...told, sequence: 3, next: { kind: 'again', dueInMs: 0 } }])
  expect(await db.store.claimNotices({ limit: 10, leaseMs: 0 })).toMatchObject([{ sequence: 3, tries: 1 }])
  const later = { kind: 'later', dueInMs: 3_600_000 } as const
  await db.store.recordNotices([{ ...told, status: null, said: '', sequence: 3, next: later }])
  // Not tried: it comes later, nothing is counted, and those behind it go on waiting.
  expect(await db.store.claimNotices({ limit: 10, leaseMs: 0 })).toEqual([])
  expect(await db.store.payoutNotices(MERCHANT, 500n)).toMatchObject([
    { sequence: 3, state: 'due', tries: 1, lastStatus: 200, lastSaid: 'OK' },
    { sequence: 4, state: 'due', tries: 0 },
  ])
  await db.store.recordNotices([{ ...told, sequence: 3, next: { kind: 'acknowledged' } }])
  expect(await db.store.claimNotices({ limit: 10, leaseMs: 0 })).toMatchObject([
    { sequence: 4, state: 'returned' },
  ])
  await db.store.recordNotices([{ ...told, sequence: 4, next: { kind: 'parked' } }])
  expect(await db.store.payoutNotices(MERCHANT, 500n)).toMatchObject([
    { sequence: 3, state: 'acknowledged', tries: 2 },
    { sequence: 4, state: 'parked', tries: 1 },
  ])
})

test('lists are newest first, by page, by state and by reference', async () => {
  const page = { limit: 3, before: null, state: null, reference: null }
  const first = await db.store.listPayouts(MERCHANT, page)
  const second = await db.store.listPayouts(MERCHANT, { ...page, before: first.at(-1)?.number ?? null })
  const numbers = [...first, ...second].map(payout => payout.number)
  expect(numbers).toEqual([...numbers].sort((a, b) => (a > b ? -1 : 1)))
  expect(new Set(numbers).size).toBe(6)
  expect(await db.store.listPayouts(MERCHANT, { ...page, state: 'returned' })).toMatchObject([
    { number: 500n },
  ])
  expect(await db.store.listPayouts(MERCHANT, { ...page, reference: 'ref-400' })).toMatchObject([
    { number: 400n },
  ])
  expect(await db.store.listPayouts('m_nobody', page)).toEqual([])
})

test('the backlog counts what is not done', async () => {
  const lines = await db.store.backlog()
  expect(lines.map(line => line.state)).toEqual(['in_doubt', 'pending', 'queued', 'sending'])
  expect(lines.find(line => line.state === 'in_doubt')).toMatchObject({ count: 1, minor: 1000n })
})
