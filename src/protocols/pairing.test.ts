// Our connector against our door, in memory: an order arrives as it was, and every state comes back as what it is. That
// both ends agree does not make them right: that is for vectors from elsewhere.
import { describe, expect, test } from 'vitest'
import { parseDecimalLenient } from '../money/decimal.ts'
import { money, moneyEquals } from '../money/money.ts'
import type { Saying } from '../payout/outcome.ts'
import { PAYOUT_STATES, type PayoutState } from '../payout/payout.ts'
import { CONFORMANCE_NOW_MS, type ConformanceConnector } from './conformance.fixture.ts'
import { CONFORMANCE_AVAILABLE_MINOR, callbackOf } from './conformance-line.fixture.ts'
import { loadConformances } from './conformance-load.fixture.ts'
import {
  commit,
  create,
  exchange,
  inquire,
  newPlay,
  payingOf,
  sent,
  subjectOf,
} from './conformance-play.fixture.ts'

const { examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))
const LATER_MS = CONFORMANCE_NOW_MS + 1_000

/** What a client may read of each state: doubt is processing, and only the end of a payout is an end. */
function seen(state: PayoutState, { returnedReads }: ConformanceConnector): Saying {
  if (state === 'returned') return returnedReads
  if (state === 'paid' || state === 'failed') return state
  return state === 'cancelled' ? 'failed' : 'pending'
}

describe.each(payingOf(examined))('$name', paying => {
  const { protocol, connector, part, pair } = paying
  const { account, order, credential } = pair
  const capabilities = connector.capabilities(account)
  const accepted = connector.commit === null ? ['pending'] : ['created', 'pending']
  const lastStep = connector.commit === null ? 'only' : 'second'

  test.each(part.pairs.map(one => ({ reference: one.order.reference, one })))(
    'the order $reference arrives at the door as it left the connector, and as often as it comes it is one',
    async ({ one }) => {
      const play = newPlay(paying, one)
      const { answer, read } = await create(play)
      expect(read).toMatchObject({ kind: 'read', said: expect.toBeOneOf(accepted) })
      expect(play.desk.recorded).toHaveLength(1)
      expect(play.desk.recorded[0]).toMatchObject({
        merchantId: one.credential.merchantId,
        door: protocol.name,
        reference: one.order.reference,
        amount: one.order.amount,
        beneficiary: one.order.beneficiary,
        description: one.order.description,
        notifyUrl: capabilities.callsBack ? one.order.callbackUrl : null,
        needsConfirmation: connector.commit !== null,
      })
      expect((await create(play)).answer.body).toEqual(answer.body)
      expect(play.desk.recorded).toHaveLength(1)
    },
  )

  test.each(PAYOUT_STATES)('the connector reads the door right about a payout that is %s', async state => {
    const play = newPlay(paying)
    const { created, subject } = await sent(play)
    if (capabilities.givesTheirId) expect(created.theirId).toEqual(expect.any(String))
    play.desk.move(order.reference, state, LATER_MS)
    for (const theirId of capabilities.queryableByOurReference
      ? [null, created.theirId]
      : [created.theirId]) {
      const read = await inquire(play, { ...subject, theirId })
      expect(read).toMatchObject({ kind: 'read', said: seen(state, part), theirId: created.theirId })
      if (read.kind !== 'read') return
      for (const field of capabilities.echoes.inquiry) {
        expect([field, read.echo[field]]).toEqual([field, 'same'])
      }
    }
  })

  test.each(PAYOUT_STATES)('the first answer is never better than a payout that is %s', async state => {
    const play = newPlay(paying)
    const { answer, read } = await create(play)
    if (read.kind !== 'read') throw new Error(`the answer to the order was ${read.kind}`)
    for (const field of capabilities.echoes.send) {
      expect([field, read.echo[field]]).toEqual([field, 'same'])
    }
    const [submission] = play.desk.recorded
    const { number, tag } = play.desk.payout(order.reference)
    const body = submission?.firstAnswer({ number, tag, createdAtMs: CONFORMANCE_NOW_MS, state }) ?? ''
    const first = connector.readPay({ ...answer, body: Buffer.from(body) }, order, account)
    const may =
      connector.commit === null ? [seen(state, part), 'pending'] : [...accepted, 'failed', 'unknown']
    expect(first).toMatchObject({ kind: 'read', said: expect.toBeOneOf(may) })
  })

  test.each(protocol.door?.notices?.states ?? [])(
    'the connector reads the notice of the door about %s',
    async state => {
      const notices = protocol.door?.notices
      if (notices === undefined || notices === null) return
      const play = newPlay(paying)
      await sent(play)
      play.desk.move(order.reference, state, LATER_MS)
      const payout = play.desk.payout(order.reference)
      const notice = { payout, state, atMs: LATER_MS, url: order.callbackUrl ?? '' }
      const request = notices.request(notice, credential)
      expect(notices.request(notice, credential)).toEqual(request)
      expect(request.url.split('?')[0]).toBe(order.callbackUrl)
      const reading = connector.readCallback(callbackOf(request), account)
      expect(reading).toMatchObject({
        kind: 'verified',
        reference: order.reference,
        said: seen(state, part),
      })
      if (reading.kind === 'verified' && reading.amount !== null) {
        const amount = parseDecimalLenient(reading.amount, order.amount.currency)
        expect(amount.ok && moneyEquals(amount.money, order.amount)).toBe(true)
      }
      const taken = connector.callbackTaken()
      const refused = connector.callbackRefused()
      expect(notices.acknowledged({ ...taken, body: Buffer.from(taken.body) })).toBe(true)
      expect(notices.acknowledged({ ...refused, body: Buffer.from(refused.body) })).toBe(false)
    },
  )

  test('what the desk refuses is read as refused or not known, never as anything that moves money', async () => {
    for (const why of [
      'insufficient_funds',
      'method_not_available',
      'amount_out_of_limits',
      'rate_limited',
    ] as const) {
      const play = newPlay(paying)
      play.desk.refuseNext(why)
      const { read } = await create(play)
      expect(play.desk.recorded).toHaveLength(0)
      if (read.kind === 'read' && read.said === 'failed')
        expect([why, read.failure]).toEqual([why, 'refused'])
      else if (read.kind === 'read') expect([why, read.said]).toEqual([why, 'unknown'])
    }
  })

  test('a fault of the door is a 5xx that says nothing of the payout', async () => {
    const play = newPlay(paying)
    const { subject } = await sent(play)
    play.desk.breakWith(new Error('a fault'))
    const reads = [
      await exchange(play, connector.pay(order, account, play.next())).then(answer => ({
        answer,
        read: connector.readPay(answer, order, account),
      })),
      await exchange(play, connector.inquire(subject, account, play.next())).then(answer => ({
        answer,
        read: connector.readInquiry(answer, subject, account),
      })),
      ...(connector.commit === null ? [] : [await commit(play, connector.commit, subject.theirId ?? '')]),
    ]
    for (const { answer, read } of reads) {
      expect(answer.status).toBeGreaterThanOrEqual(500)
      if (read.kind === 'read') expect(['unknown', 'pending']).toContain(read.said)
    }
  })

  test('an inquiry about what the door does not know proves nothing', async () => {
    const theirId = capabilities.queryableByOurReference ? null : '1000001'
    const read = await inquire(newPlay(paying), subjectOf(pair, theirId, lastStep))
    if (read.kind === 'read') expect(['unknown', 'not_found']).toContain(read.said)
  })

  test('another merchant reads and pays nothing of it', async () => {
    const play = newPlay(paying)
    const { created, subject } = await sent(play)
    play.desk.move(order.reference, 'paid', LATER_MS)
    const foreign = newPlay(paying)
    foreign.desk.put({ ...play.desk.payout(order.reference), merchantId: 'm_somebody_else' })
    const read = await inquire(foreign, { ...subject, theirId: created.theirId })
    if (read.kind === 'read') expect(['unknown', 'not_found']).toContain(read.said)
  })

  test('the balance that the door shows is the one that the connector reads', async () => {
    const { balance } = connector
    if (balance === null) return
    const play = newPlay(paying)
    const answer = await exchange(play, balance.request(account, play.next()))
    const { currency } = order.amount
    const shown = parseDecimalLenient(balance.read(answer, account) ?? '', currency)
    expect(shown).toEqual({ ok: true, money: money(CONFORMANCE_AVAILABLE_MINOR, currency) })
  })
})

describe.each(payingOf(examined).filter(({ connector }) => connector.commit !== null))(
  '$name, in two steps',
  paying => {
    const { connector, pair } = paying
    const { order } = pair
    const step = connector.commit
    if (step === null) throw new Error('a second step')

    test.each(PAYOUT_STATES)(
      'before the second step nothing is read as paid, though it be %s',
      async state => {
        const play = newPlay(paying)
        const { read } = await create(play)
        if (read.kind !== 'read') throw new Error(`the answer to the order was ${read.kind}`)
        expect(['created', 'pending']).toContain(read.said)
        expect(play.desk.payout(order.reference)).toMatchObject({
          state: 'waiting',
          waitReason: 'confirmation',
        })
        const before = await inquire(play, subjectOf(pair, read.theirId, 'first'))
        expect(before).toMatchObject({ kind: 'read', said: expect.toBeOneOf(['created', 'pending']) })
        play.desk.move(order.reference, state, LATER_MS)
        const after = await inquire(play, subjectOf(pair, read.theirId, 'first'))
        if (after.kind === 'read') expect(['paid', 'returned']).not.toContain(after.said)
      },
    )

    test('the second step lets it go, once, and is answered the same when it comes again', async () => {
      const play = newPlay(paying)
      const created = (await create(play)).read
      const theirId = created.kind === 'read' ? created.theirId : null
      const first = await commit(play, step, theirId ?? '')
      expect(first.read).toMatchObject({ kind: 'read', said: 'pending' })
      expect(play.desk.payout(order.reference)).toMatchObject({ state: 'queued', waitReason: null })
      play.desk.move(order.reference, 'paid', LATER_MS)
      expect((await commit(play, step, theirId ?? '')).answer.body).toEqual(first.answer.body)
      expect(play.desk.payout(order.reference).state).toBe('paid')
      expect(play.desk.recorded).toHaveLength(1)
    })

    test('what does not wait for it is not paid by it', async () => {
      for (const theirId of ['1000001', '999999999']) {
        const nothing = await commit(newPlay(paying), step, theirId)
        if (nothing.read.kind === 'read') expect(['failed', 'unknown']).toContain(nothing.read.said)
      }
      const play = newPlay(paying)
      const created = (await create(play)).read
      play.desk.put({ ...play.desk.payout(order.reference), state: 'cancelled', waitReason: null })
      const { read } = await commit(play, step, (created.kind === 'read' ? created.theirId : null) ?? '')
      if (read.kind === 'read') expect(['failed', 'unknown']).toContain(read.said)
      expect(play.desk.payout(order.reference).state).toBe('cancelled')
    })
  },
)

test('there is a protocol that pays', () => {
  expect(payingOf(examined).length).toBeGreaterThan(0)
})
