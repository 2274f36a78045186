import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  ACCOUNT,
  BDT,
  MERCHANT,
  openTestStore,
  payoutStep,
  purse,
  send,
  stateOf,
  type TestStore,
} from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { money } from '../money/money.ts'
import type { Submission, Submitted } from '../protocols/protocol.ts'
import type { NewNotice, Store } from '../store/store.ts'
import { createDesk, type WholeDesk } from './desk.ts'
import { createDirectory, type Directory } from './directory.ts'

const log = createLog({ level: 'silent' })

let db: TestStore
let directory: Directory
let desk: WholeDesk
let notices: readonly NewNotice[] = []
beforeAll(async () => {
  db = await openTestStore(10_000_000n)
  await db.store.putProviderAccount({
    id: ACCOUNT,
    protocol: 'paypro',
    name: 'Test',
    baseUrl: 'http://127.0.0.1:1',
    settings: {},
    callbackSecret: 's',
    ratePerSecond: null,
    concurrency: null,
    active: true,
  })
  await putRoute(true)
  directory = await createDirectory({ store: db.store, clock: systemClock, log })
  desk = deskOn(db.store)
})
afterAll(async () => {
  await directory.stop()
  await db.close()
})
beforeEach(() => {
  notices = []
})

function deskOn(store: Store): WholeDesk {
  return createDesk({
    store,
    directory,
    clock: systemClock,
    random: systemRandom,
    log,
    onAccepted: () => {},
    drawReceipt: async () => new Uint8Array(0),
    noticesFor: () => notices,
  })
}

function putRoute(active: boolean): Promise<void> {
  return db.store.putRoute({
    merchantId: MERCHANT,
    providerAccountId: ACCOUNT,
    priority: 1,
    currency: BDT,
    method: 'bkash',
    active,
  })
}

function submission(reference: string, change: Partial<Submission> = {}): Submission {
  return {
    merchantId: MERCHANT,
    door: 'api',
    doorCredentialId: 'qk_test_a',
    requestId: null,
    reference,
    idempotencyKey: null,
    fingerprint: sha256('content'),
    amount: money(1_000n, BDT),
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
    description: null,
    metadata: null,
    notifyUrl: null,
    needsConfirmation: false,
    firstAnswer: ({ number, tag, state }) => `${number} ${tag} ${state}`,
    ...change,
  }
}

async function accepted(reference: string, change: Partial<Submission> = {}) {
  const submitted = await desk.submit(submission(reference, change))
  if (submitted.kind !== 'accepted') throw new Error(`${reference} was ${submitted.kind}`)
  return submitted
}

test('a payout is on record, with its money held, when its answer is given', async () => {
  const before = await purse(db.store)
  const { number, tag, answer } = await accepted('d-1', { description: 'hello' })
  expect(answer).toBe(`${number} ${tag} queued`)
  expect(await desk.find(MERCHANT, { by: 'reference', reference: 'd-1' })).toMatchObject({
    number,
    tag,
    state: 'queued',
    description: 'hello',
  })
  const [available] = before.split(' ')
  expect(await purse(db.store)).toMatch(new RegExp(`^${BigInt(available ?? '') - 1_000n} `))
})

test('a repeat gets the first answer, though the number drawn for it was another', async () => {
  const first = await accepted('d-2')
  const repeat = await desk.submit(submission('d-2'))
  expect(repeat).toEqual({ ...first, kind: 'replayed' })
  expect(await desk.submit(submission('d-2', { fingerprint: sha256('other') }))).toEqual({
    kind: 'conflict',
    by: 'reference',
    number: first.number,
    tag: first.tag,
  })
})

test('a hundred equal submissions at the same moment make one payout', async () => {
  const all = await Promise.all(
    Array.from({ length: 100 }, () => desk.submit(submission('d-3', { idempotencyKey: 'key-3' }))),
  )
  expect(all.filter(one => one.kind === 'accepted').length).toBe(1)
  expect(all.filter(one => one.kind === 'replayed').length).toBe(99)
  expect(new Set(all.map(one => ('answer' in one ? one.answer : one.kind))).size).toBe(1)
  const { rows } = await db.pool.query('select count(*)::int as count from payout where reference = $1', [
    'd-3',
  ])
  expect(rows).toEqual([{ count: 1 }])
})

test('two processes that get the same submission at the same moment make one payout of it', async () => {
  const other = deskOn(db.store)
  const rounds = await Promise.all(
    Array.from({ length: 50 }, async (_, at) =>
      Promise.all([desk.submit(submission(`d-4-${at}`)), other.submit(submission(`d-4-${at}`))]),
    ),
  )
  const kinds = rounds.map(round => round.map(one => one.kind).sort())
  expect(kinds).toEqual(rounds.map(() => ['accepted', 'replayed']))
})

test('a method without a route is refused and binds nothing; what was accepted before still gets its answer', async () => {
  const first = await accepted('d-5')
  await putRoute(false)
  await directory.refresh()
  try {
    expect(await desk.submit(submission('d-6'))).toEqual({ kind: 'refused', why: 'method_not_available' })
    expect(await desk.submit(submission('d-5'))).toEqual({ ...first, kind: 'replayed' })
  } finally {
    await putRoute(true)
    await directory.refresh()
  }
  expect((await desk.submit(submission('d-6'))).kind).toBe('accepted')
})

test('more than there is is refused, and leaves the reference free', async () => {
  const amount = money(10n ** 15n, BDT)
  expect(await desk.submit(submission('d-7', { amount }))).toEqual({
    kind: 'refused',
    why: 'insufficient_funds',
  })
  expect((await desk.submit(submission('d-7'))).kind).toBe('accepted')
})

test('a payout that needs a second call waits for it', async () => {
  const { number, answer } = await accepted('d-8', { needsConfirmation: true })
  expect(answer).toMatch(/ waiting$/)
  expect(await desk.find(MERCHANT, { by: 'number', number })).toMatchObject({
    state: 'waiting',
    waitReason: 'confirmation',
  })
})

test('with the database away a submission is neither accepted nor half accepted', async () => {
  let away = true
  const store: Store = {
    ...db.store,
    acceptPayouts: batch => (away ? Promise.reject(new Error('terminated')) : db.store.acceptPayouts(batch)),
  }
  const unlucky = deskOn(store)
  const before = await purse(db.store)
  await expect(unlucky.submit(submission('d-9'))).rejects.toThrow('terminated')
  expect(await desk.find(MERCHANT, { by: 'reference', reference: 'd-9' })).toBeNull()
  expect(await purse(db.store)).toBe(before)
  away = false
  expect((await unlucky.submit(submission('d-9'))).kind).toBe('accepted')
})

test('a commit whose answer was lost is found by the same submission, and not made twice', async () => {
  let lost = true
  const store: Store = {
    ...db.store,
    async acceptPayouts(batch) {
      const verdicts = await db.store.acceptPayouts(batch)
      if (lost) throw new Error('connection reset after the commit')
      return verdicts
    },
  }
  const unlucky = deskOn(store)
  await expect(unlucky.submit(submission('d-10'))).rejects.toThrow('reset')
  lost = false
  const again: Submitted = await unlucky.submit(submission('d-10'))
  expect(again.kind).toBe('replayed')
})

test('a payout that was not sent is cancelled, its money is back, and asking twice is asking once', async () => {
  const before = await purse(db.store)
  const { number } = await accepted('d-11')
  notices = [{ target: 'door', url: 'http://127.0.0.1:1/notify', dueInMs: 0 }]
  const first = await desk.cancel(MERCHANT, number)
  expect(first).toMatchObject({
    kind: 'cancelled',
    payout: { state: 'cancelled', why: 'cancelled by the merchant' },
  })
  expect(await purse(db.store)).toBe(before)
  expect(await desk.cancel(MERCHANT, number)).toEqual(first)
  expect(await desk.notices(MERCHANT, number)).toMatchObject([{ sequence: 2, state: 'due', target: 'door' }])
  expect((await desk.events(MERCHANT, number)).map(event => event.state)).toEqual(['queued', 'cancelled'])
  expect((await desk.postings(MERCHANT, number)).map(posting => posting.recipe)).toEqual(['hold', 'release'])
})

test('a payout that waits is cancelled too', async () => {
  const { number } = await accepted('d-12', { needsConfirmation: true })
  expect(await desk.cancel(MERCHANT, number)).toMatchObject({ kind: 'cancelled' })
})

test('a payout that was sent is not cancelled: its money stays where it is', async () => {
  const { number } = await accepted('d-13')
  await send(db.store, number)
  const before = await purse(db.store)
  expect(await desk.cancel(MERCHANT, number)).toMatchObject({
    kind: 'refused',
    why: 'already_sent',
    payout: { state: 'sending' },
  })
  expect(await purse(db.store)).toBe(before)
})

test('a cancellation and a claim at the same moment do not both win', async () => {
  const { number } = await accepted('d-14')
  const due = await db.store.claimDue({ limit: 1_000, leaseMs: 60_000 })
  const claimed = due.find(({ payout }) => payout.number === number)
  expect(claimed).toBeDefined()
  expect(await desk.cancel(MERCHANT, number)).toMatchObject({ kind: 'cancelled' })
  if (claimed === undefined) return
  const intent = payoutStep(claimed.payout, { to: 'sending', claim: claimed.claim, queue: { kind: 'drop' } })
  expect(await db.store.advancePayouts([intent])).toEqual([{ kind: 'stale' }])
  expect(await stateOf(db.store, number)).toBe('cancelled')
})

test('a payout that moves on under a cancellation is read again', async () => {
  const { number } = await accepted('d-15')
  let sent = false
  const store: Store = {
    ...db.store,
    async findForStep(merchantId, wanted) {
      const found = await db.store.findForStep(merchantId, wanted)
      if (!sent) await send(db.store, number)
      sent = true
      return found
    },
  }
  expect(await deskOn(store).cancel(MERCHANT, number)).toMatchObject({ kind: 'refused', why: 'already_sent' })
})

test('a payout of another merchant is neither found nor cancelled', async () => {
  const { number, tag } = await accepted('d-16')
  await db.store.putMerchant({ merchantId: 'm_other', name: 'Other', active: true })
  expect(await desk.find('m_other', { by: 'number', number })).toBeNull()
  expect(await desk.find('m_other', { by: 'reference', reference: 'd-16' })).toBeNull()
  expect(await desk.findWithAttempt('m_other', { by: 'code', number, tag })).toBeNull()
  expect(await desk.cancel('m_other', number)).toEqual({ kind: 'not_found' })
  expect(await desk.events('m_other', number)).toEqual([])
  expect(await stateOf(db.store, number)).toBe('queued')
})

test('a number under a wrong tag is no payout', async () => {
  const { number, tag } = await accepted('d-17')
  expect((await desk.findWithAttempt(MERCHANT, { by: 'code', number, tag }))?.payout.number).toBe(number)
  expect(await desk.findWithAttempt(MERCHANT, { by: 'code', number, tag: (tag + 1) % 1_000 })).toBeNull()
  expect(await desk.find(MERCHANT, { by: 'code', number, tag: (tag + 1) % 1_000 })).toBeNull()
})

test('balances are the three of the merchant, by currency, and nothing of the float', async () => {
  const [available, held, inFlight] = (await purse(db.store)).split(' ')
  expect(await desk.balances(MERCHANT)).toEqual([
    {
      available: money(BigInt(available ?? ''), BDT),
      held: money(BigInt(held ?? ''), BDT),
      inFlight: money(BigInt(inFlight ?? ''), BDT),
    },
  ])
  expect(await desk.balances('m_other')).toEqual([])
})

test('a configuration that nobody has confirmed for five seconds moves no money', async () => {
  const stale = createDesk({
    store: db.store,
    directory: {
      ...directory,
      assertCurrent() {
        throw new Error('not confirmed')
      },
    },
    clock: systemClock,
    random: systemRandom,
    log,
    onAccepted: () => {},
    drawReceipt: async () => new Uint8Array(0),
    noticesFor: () => [],
  })
  const { number } = await accepted('d-18')
  await expect(stale.submit(submission('d-19'))).rejects.toThrow('not confirmed')
  await expect(stale.cancel(MERCHANT, number)).rejects.toThrow('not confirmed')
  expect(await stateOf(db.store, number)).toBe('queued')
})
