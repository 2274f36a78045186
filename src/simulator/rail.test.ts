import { expect, test } from 'vitest'
import type { Unavailable } from '../errors.ts'
import { BEHAVIOURS } from './magic.ts'
import {
  amountOf,
  askedState,
  balance,
  CREDENTIAL,
  found,
  submission,
  wallet,
  world,
} from './rail.fixture.ts'

test('a wallet without a number of its own is paid once, 50 to 300 ms later, and told once', async () => {
  const { rail, told, passed } = world()
  const submitted = await rail.desk.submit(submission({ reference: 'A1', wallet: '01911111111' }))
  expect(submitted).toMatchObject({ kind: 'accepted', answer: 'first answer: pending' })
  await passed(49)
  expect(rail.books()).toMatchObject([{ state: 'pending', timesPaid: 0, timesAccepted: 1 }])
  expect(told).toEqual([])
  await passed(252)
  expect(rail.books()).toMatchObject([{ reference: 'A1', state: 'paid', timesPaid: 1, timesArrived: 1 }])
  expect(told).toMatchObject([{ state: 'paid', secret: 'a secret' }])
  expect((await found(rail, 'A1'))?.state).toBe('paid')
})

test('the same reference with the same content gets the first answer again, and is paid once', async () => {
  const { rail, told, passed } = world()
  const first = await rail.desk.submit(submission({ reference: 'A1' }))
  await passed(1_000)
  const second = await rail.desk.submit(submission({ reference: 'A1' }))
  await passed(1_000)
  expect(first.kind).toBe('accepted')
  expect(second).toEqual({ ...first, kind: 'replayed' })
  expect(rail.books()).toMatchObject([{ timesArrived: 2, timesAccepted: 1, timesPaid: 1 }])
  expect(told).toHaveLength(1)
})

test('the same reference with other content is a conflict that names the order, and moves nothing', async () => {
  const { rail } = world()
  const first = await rail.desk.submit(submission({ reference: 'A1', amount: '10.00' }))
  const other = await rail.desk.submit(submission({ reference: 'A1', amount: '11.00' }))
  expect(first.kind).toBe('accepted')
  expect(other).toMatchObject({ kind: 'conflict', by: 'reference', number: rail.books()[0]?.number })
  expect(rail.books()).toMatchObject([{ amount: amountOf('10.00'), timesArrived: 2, timesAccepted: 1 }])
})

test('the books move each amount from available over in flight to gone, and back when it fails', async () => {
  const { rail, passed } = world()
  await rail.desk.submit(submission({ reference: 'P', amount: '10.00' }))
  await rail.desk.submit(submission({ reference: 'F', amount: '3.00', wallet: wallet('failed_later') }))
  expect(await balance(rail)).toEqual({ available: '99999998700', held: '0', inFlight: '1300' })
  await passed(1_000)
  expect(await balance(rail)).toEqual({ available: '99999999000', held: '0', inFlight: '0' })
})

test('an order above the balance is refused like one of the refused wallet, and binds no reference', async () => {
  const { rail } = world()
  const above = await rail.desk.submit(submission({ reference: 'A1', amount: '1000000000.01' }))
  const refused = await rail.desk.submit(submission({ reference: 'A1', wallet: wallet('refused') }))
  expect(above).toEqual({ kind: 'refused', why: 'insufficient_funds' })
  expect(refused).toEqual(above)
  expect(rail.books()).toEqual([])
  expect((await rail.desk.submit(submission({ reference: 'A1', amount: '1000000000.00' }))).kind).toBe(
    'accepted',
  )
})

// For each behaviour: the answer, what inquiries say at once, after 1 s and after 5 s, what callbacks tell, and how
// often money left. A state in brackets is what the books hold while the inquiry says nothing.
const EXPECTED: Record<
  string,
  { answer: string; asked: readonly string[]; told: readonly string[]; paid: number }
> = {
  paid_soon: { answer: 'pending', asked: ['pending', 'paid', 'paid'], told: ['paid'], paid: 1 },
  paid_at_once: { answer: 'paid', asked: ['paid', 'paid', 'paid'], told: ['paid'], paid: 1 },
  paid_slowly: { answer: 'pending', asked: ['pending', 'pending', 'pending'], told: [], paid: 0 },
  paid_hours_later: { answer: 'pending', asked: ['pending', 'pending', 'pending'], told: [], paid: 0 },
  failed_later: { answer: 'pending', asked: ['pending', 'failed', 'failed'], told: ['failed'], paid: 0 },
  failed_at_once: { answer: 'failed', asked: ['failed', 'failed', 'failed'], told: ['failed'], paid: 0 },
  refused: { answer: 'refused', asked: ['none', 'none', 'none'], told: [], paid: 0 },
  paid_then_returned: {
    answer: 'pending',
    asked: ['pending', 'paid', 'returned'],
    told: ['paid', 'returned'],
    paid: 1,
  },
  failed_then_paid: {
    answer: 'pending',
    asked: ['pending', 'failed', 'paid'],
    told: ['failed', 'paid'],
    paid: 1,
  },
  hidden_for_a_while: { answer: 'pending', asked: ['none', 'none', 'paid'], told: ['paid'], paid: 1 },
  never_found: { answer: 'pending', asked: ['none', 'none', 'none'], told: [], paid: 1 },
  forgotten: { answer: 'pending', asked: ['pending', 'paid', 'none'], told: ['paid'], paid: 1 },
  no_response: { answer: 'unavailable', asked: ['pending', 'paid', 'paid'], told: ['paid'], paid: 1 },
  called_duplicate: { answer: 'conflict', asked: ['pending', 'paid', 'paid'], told: ['paid'], paid: 1 },
  other_amount: { answer: 'pending', asked: ['pending*', 'paid*', 'paid*'], told: ['paid'], paid: 1 },
  callback_only: { answer: 'pending', asked: ['silent', 'silent', 'silent'], told: ['paid'], paid: 1 },
  never_arrived: { answer: 'unavailable', asked: ['none', 'none', 'none'], told: [], paid: 0 },
  answer_lost_then_failed: {
    answer: 'pending',
    asked: ['pending', 'failed', 'failed'],
    told: ['failed'],
    paid: 0,
  },
  callback_lost: { answer: 'pending', asked: ['pending', 'paid', 'paid'], told: [], paid: 1 },
  callback_doubled: {
    answer: 'pending',
    asked: ['pending', 'paid', 'paid'],
    told: ['paid', 'paid'],
    paid: 1,
  },
  callback_forged: {
    answer: 'pending',
    asked: ['pending', 'paid', 'paid'],
    told: ['failed!', 'paid'],
    paid: 1,
  },
  callback_contradicts: { answer: 'pending', asked: ['pending', 'paid', 'paid'], told: ['failed'], paid: 1 },
}

test.each(BEHAVIOURS)('$name: the rail keeps to its script', async behaviour => {
  const { rail, told, lines, passed } = world()
  const expected = EXPECTED[behaviour.name] ?? EXPECTED.paid_soon
  const answer = await rail.desk.submit(submission({ reference: 'A1', wallet: behaviour.wallet })).then(
    submitted =>
      submitted.kind === 'accepted' ? submitted.answer.replace('first answer: ', '') : submitted.kind,
    error => (error as Unavailable).code,
  )
  const asked: string[] = []
  for (const waitMs of [0, 1_000, 4_000]) {
    await passed(waitMs)
    asked.push(await askedState(rail))
  }
  expect({
    answer,
    asked,
    told: told.map(({ state, secret }) => (secret === CREDENTIAL.secret ? state : `${state}!`)),
    paid: rail.books()[0]?.timesPaid ?? 0,
  }).toEqual(expected)
  expect(lines).toEqual(behaviour.line === null ? [] : [behaviour.line])
})

test('what is set as a fault decides the next order instead of its wallet', async () => {
  const { rail, passed, drawn } = world()
  drawn.push('failed_later')
  await rail.desk.submit(submission({ reference: 'A1' }))
  await rail.desk.submit(submission({ reference: 'A2' }))
  await passed(1_000)
  expect(rail.books().map(({ state }) => state)).toEqual(['failed', 'paid'])
})

test('a forgotten reference is taken and paid a second time, and the books show it', async () => {
  const { rail, passed } = world()
  const order = submission({ reference: 'A1', wallet: wallet('forgotten') })
  await rail.desk.submit(order)
  await passed(3_000)
  expect((await rail.desk.submit(order)).kind).toBe('accepted')
  await passed(1_000)
  expect(rail.books()).toMatchObject([{ timesArrived: 2, timesAccepted: 2, timesPaid: 2 }])
})

test('a rail that was stopped pays nothing more', async () => {
  const { rail, told, passed } = world()
  await rail.desk.submit(submission({ reference: 'A1' }))
  rail.stop()
  await passed(10_000)
  expect(rail.books()).toMatchObject([{ state: 'pending', timesPaid: 0 }])
  expect(told).toEqual([])
})

test('orders are found by number and by code, never by another tag and never for another merchant', async () => {
  const { rail } = world()
  const submitted = await rail.desk.submit(submission({ reference: 'A1' }))
  if (submitted.kind !== 'accepted') throw new Error('not accepted')
  const { number, tag } = submitted
  expect((await rail.desk.find('rail', { by: 'number', number }))?.reference).toBe('A1')
  expect((await rail.desk.find('rail', { by: 'code', number, tag }))?.reference).toBe('A1')
  expect(await rail.desk.find('rail', { by: 'code', number, tag: tag + 1 })).toBeNull()
  expect(await rail.desk.find('other', { by: 'number', number })).toBeNull()
  expect(await rail.desk.find('other', { by: 'reference', reference: 'A1' })).toBeNull()
})

test('the same seed pays at the same moments', async () => {
  const times = async (seed: number): Promise<readonly (number | null)[]> => {
    const { rail, passed } = world(seed)
    for (let order = 0; order < 20; order += 1) await rail.desk.submit(submission({ reference: `A${order}` }))
    await passed(1_000)
    return rail.books().map(({ paidAtMs }) => paidAtMs)
  }
  expect(await times(7)).toEqual(await times(7))
  expect(await times(7)).not.toEqual(await times(8))
})
