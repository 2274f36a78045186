// Orders that wait for their merchant's second call.
import { expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { BEHAVIOURS, type Behaviour } from './magic.ts'
import { askedState, balance, CREDENTIAL, found, submission, wallet, world } from './rail.fixture.ts'

test('it waits, is found waiting, and nothing is paid, however long; its money is held', async () => {
  const { rail, told, passed } = world()
  const submitted = await rail.desk.submit(waiting())
  expect(submitted).toMatchObject({ kind: 'accepted', answer: 'first answer: waiting' })
  await passed(86_400_000)
  expect(await found(rail, 'A1')).toMatchObject({ state: 'waiting', waitReason: 'confirmation' })
  expect(rail.books()).toMatchObject([
    { state: 'waiting', startedAtMs: null, timesConfirmed: 0, timesPaid: 0 },
  ])
  expect(await balance(rail)).toEqual({ available: '99999999000', held: '1000', inFlight: '0' })
  expect(told).toEqual([])
})

test('confirmed it is paid as if it had begun then, once, and every later confirmation gets the first answer', async () => {
  const { rail, told, passed } = world()
  const number = await accepted(rail)
  await passed(60_000)
  expect(await rail.desk.confirm('rail', number, 'yes')).toEqual({ kind: 'confirmed', answer: 'yes' })
  expect(await found(rail, 'A1')).toMatchObject({ state: 'pending', waitReason: null })
  expect(await balance(rail)).toEqual({ available: '99999999000', held: '0', inFlight: '1000' })
  await passed(49)
  expect(rail.books()).toMatchObject([{ timesPaid: 0 }])
  await passed(252)
  expect(await rail.desk.confirm('rail', number, 'another')).toEqual({ kind: 'replayed', answer: 'yes' })
  await passed(10_000)
  expect(rail.books()).toMatchObject([{ state: 'paid', timesArrived: 1, timesConfirmed: 2, timesPaid: 1 }])
  expect(told).toMatchObject([{ state: 'paid' }])
})

test('what nobody created, what is of another merchant and what never waited is not waiting', async () => {
  const { rail, passed } = world()
  const number = await accepted(rail)
  expect((await rail.desk.confirm('rail', number + 1n, 'yes')).kind).toBe('not_waiting')
  expect((await rail.desk.confirm('other', number, 'yes')).kind).toBe('not_waiting')
  expect(rail.books()).toMatchObject([{ state: 'waiting', timesConfirmed: 0 }])

  const single = await rail.desk.submit(submission({ reference: 'A2' }))
  if (single.kind !== 'accepted') throw new Error('not accepted')
  for (const waitMs of [0, 1_000]) {
    await passed(waitMs)
    expect((await rail.desk.confirm('rail', single.number, 'yes')).kind).toBe('not_waiting')
  }
  expect(rail.books()[1]).toMatchObject({ state: 'paid', timesPaid: 1, timesConfirmed: 2 })
})

test('the same order again while it waits gets its first answer, and does not begin to be paid', async () => {
  const { rail, passed } = world()
  const number = await accepted(rail)
  expect(await rail.desk.submit(waiting())).toMatchObject({ kind: 'replayed', number })
  expect(await rail.desk.submit(waiting({ amount: '11.00' }))).toMatchObject({ kind: 'conflict', number })
  await passed(10_000)
  expect(rail.books()).toMatchObject([{ state: 'waiting', timesArrived: 3, timesPaid: 0 }])
})

test('a refusal comes at the first step, and binds nothing', async () => {
  const { rail } = world()
  expect(await rail.desk.submit(waiting({ wallet: wallet('refused') }))).toEqual({
    kind: 'refused',
    why: 'insufficient_funds',
  })
  expect(rail.books()).toEqual([])
})

test('a forgotten order is taken again, waits again, and can be paid a second time: the books show it', async () => {
  const { rail, passed } = world()
  const order = waiting({ wallet: wallet('forgotten') })
  const number = await accepted(rail, { wallet: wallet('forgotten') })
  await rail.desk.confirm('rail', number, 'yes')
  await passed(3_000)
  expect(await rail.desk.submit(order)).toMatchObject({ kind: 'accepted', answer: 'first answer: waiting' })
  await passed(3_000)
  expect(rail.books()).toMatchObject([{ state: 'waiting', timesPaid: 1 }])
  expect(await rail.desk.confirm('rail', number, 'again')).toEqual({ kind: 'confirmed', answer: 'again' })
  await passed(1_000)
  expect(rail.books()).toMatchObject([{ timesAccepted: 2, timesPaid: 2 }])
})

// What the confirmation is answered, what inquiries say at once, after 1 s and after 5 s, and how often money left.
const EXPECTED: Record<string, { answer: string; asked: readonly string[]; paid: number }> = {
  paid_soon: { answer: 'confirmed', asked: ['pending', 'paid', 'paid'], paid: 1 },
  paid_at_once: { answer: 'confirmed', asked: ['paid', 'paid', 'paid'], paid: 1 },
  paid_slowly: { answer: 'confirmed', asked: ['pending', 'pending', 'pending'], paid: 0 },
  paid_hours_later: { answer: 'confirmed', asked: ['pending', 'pending', 'pending'], paid: 0 },
  failed_later: { answer: 'confirmed', asked: ['pending', 'failed', 'failed'], paid: 0 },
  failed_at_once: { answer: 'confirmed', asked: ['failed', 'failed', 'failed'], paid: 0 },
  paid_then_returned: { answer: 'confirmed', asked: ['pending', 'paid', 'returned'], paid: 1 },
  failed_then_paid: { answer: 'confirmed', asked: ['pending', 'failed', 'paid'], paid: 1 },
  hidden_for_a_while: { answer: 'confirmed', asked: ['none', 'none', 'paid'], paid: 1 },
  never_found: { answer: 'confirmed', asked: ['none', 'none', 'none'], paid: 1 },
  forgotten: { answer: 'confirmed', asked: ['pending', 'paid', 'none'], paid: 1 },
  no_response: { answer: 'unavailable', asked: ['pending', 'paid', 'paid'], paid: 1 },
  called_duplicate: { answer: 'not_waiting', asked: ['pending', 'paid', 'paid'], paid: 1 },
  other_amount: { answer: 'confirmed', asked: ['pending*', 'paid*', 'paid*'], paid: 1 },
  callback_only: { answer: 'confirmed', asked: ['silent', 'silent', 'silent'], paid: 1 },
  // Still waiting: the confirmation was never seen.
  never_arrived: { answer: 'unavailable', asked: ['waiting', 'waiting', 'waiting'], paid: 0 },
  answer_lost_then_failed: { answer: 'confirmed', asked: ['pending', 'failed', 'failed'], paid: 0 },
}

test.each(BEHAVIOURS.filter(({ refusal }) => refusal === null))(
  '$name: the creation meets nothing of it, the confirmation all of it',
  async behaviour => {
    const { rail, lines, passed } = world()
    const expected = EXPECTED[behaviour.name] ?? EXPECTED.paid_soon
    const number = await accepted(rail, behaviour)
    await passed(5_000)
    expect([await askedState(rail), lines]).toEqual(['waiting', []])

    const answer = await rail.desk.confirm('rail', number, 'yes').then(
      confirmed => confirmed.kind as string,
      error => (error instanceof Unavailable ? error.code : Promise.reject(error)),
    )
    const asked: string[] = []
    for (const waitMs of [0, 1_000, 4_000]) {
      await passed(waitMs)
      asked.push(await askedState(rail))
    }
    expect({ answer, asked, paid: rail.books()[0]?.timesPaid }).toEqual(expected)
    expect(lines).toEqual(behaviour.line === null ? [] : [behaviour.line])
  },
)

test('a confirmation that was taken and not answered is not taken again', async () => {
  const { rail, drawn, lines, passed } = world()
  drawn.push('no_response')
  const number = await accepted(rail)
  await expect(rail.desk.confirm('rail', number, 'yes')).rejects.toThrow(Unavailable)
  expect(await rail.desk.confirm('rail', number, 'yes')).toEqual({ kind: 'replayed', answer: 'yes' })
  await passed(1_000)
  expect(rail.books()).toMatchObject([{ timesPaid: 1, timesConfirmed: 2 }])
  expect(lines).toEqual([])
})

test('cards and bank accounts are paid in their currencies, each out of its own balance', async () => {
  const { rail, passed } = world()
  const orders = [
    submission({
      reference: 'C',
      currency: 'USD',
      beneficiary: { kind: 'card', number: '4000000000000044' },
    }),
    submission({
      ...{ reference: 'B', currency: 'EUR', amount: '7.00' },
      beneficiary: { kind: 'bank_account', account: '990000000001', bank: 'Some Bank', holder: null },
    }),
  ]
  for (const order of orders) expect((await rail.desk.submit(order)).kind).toBe('accepted')
  expect(await balance(rail, 'USD')).toMatchObject({ inFlight: '1000' })
  expect(await balance(rail, 'EUR')).toMatchObject({ available: '99999999300', inFlight: '0' })
  await passed(1_000)
  expect(rail.books().map(({ reference, state }) => `${reference} ${state}`)).toEqual(['C failed', 'B paid'])
  expect(await balance(rail, 'USD')).toMatchObject({ available: '100000000000', inFlight: '0' })
  expect(await balance(rail, 'BDT')).toMatchObject({ available: '100000000000' })
})

test('what was paid has a picture, also after it came back; nothing else has one, and nobody else sees it', async () => {
  const { rail, passed } = world()
  const numbers: Record<string, bigint> = {}
  for (const name of ['paid_at_once', 'failed_at_once', 'paid_then_returned', 'paid_slowly']) {
    const submitted = await rail.desk.submit(submission({ reference: name, wallet: wallet(name) }))
    if (submitted.kind === 'accepted') numbers[name] = submitted.number
  }
  await passed(3_000)
  const images = async (name: string, merchantId = 'rail') =>
    (await rail.desk.proofImages(merchantId, numbers[name] ?? 0n)).map(({ mediaType }) => mediaType)
  expect(await images('paid_at_once')).toEqual(['image/png'])
  expect(await images('paid_then_returned')).toEqual(['image/png'])
  expect(await images('failed_at_once')).toEqual([])
  expect(await images('paid_slowly')).toEqual([])
  expect(await images('paid_at_once', 'other')).toEqual([])
  expect(rail.desk.mayAsk(CREDENTIAL, 1)).toBe(true)
})

type Rail = ReturnType<typeof world>['rail']

function waiting(more: { amount?: string; wallet?: string } = {}) {
  return submission({ reference: 'A1', needsConfirmation: true, ...more })
}

async function accepted(rail: Rail, { wallet: number }: Partial<Pick<Behaviour, 'wallet'>> = {}) {
  const submitted = await rail.desk.submit(waiting(number === undefined ? {} : { wallet: number }))
  if (submitted.kind !== 'accepted') throw new Error('not accepted')
  return submitted.number
}
