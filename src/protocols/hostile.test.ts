// What a provider could send instead of an answer, and what is kept of an exchange: an unlisted status, another order's
// answer, garbage, secrets. Nothing of it may throw, and nothing of it may be read as money that moved.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Beneficiary } from '../payout/beneficiary.ts'
import { type Answer, OUTCOMES, SAYINGS } from '../payout/outcome.ts'
import { conformanceMoment } from './conformance.fixture.ts'
import { loadConformances } from './conformance-load.fixture.ts'
import { commitOrder, payingOf } from './conformance-play.fixture.ts'
import type { WireAnswer } from './protocol.ts'

const { examined } = await loadConformances(name => import(`./${name}/conformance.fixture.ts`))

describe.each(payingOf(examined))('$name', ({ protocol, connector, part, pair, conformance }) => {
  const { account, order } = pair
  const { statuses } = part
  const { subject } = statuses
  const { scrubs, secrets } = conformance.transcripts
  const step = connector.commit
  const paying = commitOrder(pair, subject.theirId ?? '1000001')

  /** One answer, as the answer to each of our calls. */
  function readings(answer: WireAnswer): readonly Answer[] {
    return [
      connector.readPay(answer, order, account),
      connector.readInquiry(answer, subject, account),
      ...(step === null ? [] : [step.read(answer, paying, account)]),
    ]
  }

  test('the good answer says paid, so that the others fail for one reason', () => {
    const paid = connector.readInquiry(statuses.inquiry(statuses.paid), subject, account)
    expect(paid).toMatchObject({ kind: 'read', said: 'paid' })
  })

  test('no status outside the list means more than its contract lets it, whatever it is', () => {
    const isListed = statuses.isListed ?? (value => statuses.listed.some(listed => listed === value))
    const unlisted = statuses.unlisted ?? ['unknown']
    const status = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[0-9]{1,8}$/),
      fc.integer(),
      fc.jsonValue(),
      fc.constantFrom(...statuses.listed.flatMap(near)),
    )
    fc.assert(
      fc.property(status, value => {
        if (isListed(value)) return
        for (const read of [
          connector.readPay(statuses.pay(value), order, account),
          connector.readInquiry(statuses.inquiry(value), subject, account),
          ...(step === null || statuses.commit === undefined
            ? []
            : [step.read(statuses.commit(value), paying, account)]),
        ]) {
          if (read.kind === 'read') expect(unlisted).toContain(read.said)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('an answer under another HTTP status than the contract has says nothing that moves money', () => {
    const { bodyStatuses } = connector.capabilities(account)
    const good = [statuses.inquiry(statuses.paid), ...statuses.listed.map(statuses.pay)]
    for (const status of [0, 100, 201, 204, 302, 304, 400, 403, 404, 409, 429, 500, 502, 503]) {
      for (const read of good.flatMap(answer => readings({ ...answer, status }))) {
        if (!bodyStatuses.includes(status)) expect([status, read.kind]).toEqual([status, 'unread'])
        else if (read.kind === 'read' && (status < 200 || status > 299))
          expect([status, read.said]).not.toEqual([status, expect.toBeOneOf(['paid', 'returned', 'created'])])
      }
    }
  })

  test('an answer about another order, or another amount, is never taken as ours', () => {
    const { echoes } = connector.capabilities(account)
    const amount = { ...subject.amount, minor: subject.amount.minor + 1n }
    const others = [
      ['reference', { ...subject, reference: `${subject.reference.slice(0, -1)}_` }],
      ['amount', { ...subject, amount }],
    ] as const
    for (const [field, other] of others) {
      if (!echoes.inquiry.includes(field)) continue
      const read = connector.readInquiry(statuses.inquiry(statuses.paid), other, account)
      if (read.kind === 'read' && read.said !== 'unknown')
        expect([field, read.echo[field]]).toEqual([field, 'other'])
    }
  })

  test('garbage never throws, and says nothing that moves money', () => {
    const good = [...statuses.pay(statuses.listed[0]).body]
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json({ maxDepth: 12 }).map(text => Buffer.from(text)),
      fc.nat(Math.max(0, good.length - 1)).map(end => Buffer.from(good.slice(0, end))),
      fc.constantFrom(...GARBAGE).map(text => Buffer.from(text)),
    )
    const status = fc.constantFrom(
      100,
      200,
      200,
      200,
      201,
      204,
      302,
      400,
      404,
      409,
      429,
      500,
      502,
      0,
      -1,
      Number.NaN,
    )
    fc.assert(
      fc.property(body, status, fc.dictionary(fc.string(), fc.string()), (bytes, code, headers) => {
        const answer = { status: code, headers, body: bytes }
        for (const read of readings(answer)) {
          expect(['unread', 'unreadable', 'read']).toContain(read.kind)
          if (read.kind === 'read') expect(SAYINGS).toContain(read.said)
          if (read.kind === 'read') expect(['paid', 'failed', 'returned', 'created']).not.toContain(read.said)
        }
        connector.balance?.read(answer, account)
        for (const method of ['GET', 'POST']) {
          const callback = { method, query: Buffer.from(bytes).toString(), headers: new Map(), body: bytes }
          const reading = connector.readCallback(callback, account)
          if (reading.kind === 'verified') expect(OUTCOMES).toContain(reading.said)
          expect(reading.kind).toBe('refused')
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a good answer with one byte changed is read or refused, and never throws', () => {
    for (const good of [statuses.inquiry(statuses.paid), statuses.pay(statuses.listed[0])]) {
      for (let place = 0; place < good.body.length; place += 1) {
        for (const byte of [0x00, 0x0a, 0x20, 0x22, 0x26, 0x5c, 0x7d, 0xff]) {
          const body = Uint8Array.from(good.body)
          body[place] = byte
          for (const read of readings({ ...good, body }))
            expect(['unread', 'unreadable', 'read']).toContain(read.kind)
        }
      }
    }
  })

  test('a scrubbed transcript keeps no secret, and scrubbing it again changes nothing', () => {
    for (const { whole, scrubbed } of scrubs) {
      expect(connector.scrub(whole)).toBe(scrubbed)
      expect(connector.scrub(scrubbed)).toBe(scrubbed)
    }
    const at = conformanceMoment()
    for (const one of part.pairs) {
      const about = { ...subject, reference: one.order.reference, amount: one.order.amount }
      const requests = [
        connector.pay(one.order, one.account, at),
        connector.inquire(about, one.account, at),
        ...(step === null ? [] : [step.request(commitOrder(one, paying.theirId), one.account, at)]),
        ...(connector.balance === null ? [] : [connector.balance.request(one.account, at)]),
      ]
      const texts = [
        ...scrubs.map(({ whole }) => whole),
        ...requests.map(request => JSON.stringify(request)),
        ...requests.map(({ body }) => body ?? ''),
        ...requests.flatMap(({ headers }) =>
          Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        ),
      ]
      for (const text of texts) {
        const kept = connector.scrub(text)
        for (const secret of [...secrets, secretOf(one.order.beneficiary)]) expect(kept).not.toContain(secret)
        expect(connector.scrub(kept)).toBe(kept)
      }
    }
    expect(protocol.name).toMatch(/^[a-z]/)
  })
})

const GARBAGE = [
  '',
  '\0',
  '<html><body>502 Bad Gateway</body></html>',
  'null',
  '[]',
  '{}',
  '{"data":{}}',
  '{"code":"0000"}',
  '{"code":"0000","success":true,"data":null}',
  '{"data":{"status":null}}',
  '{"data":{"status":5},"error_code":0,"message":"Ok","result":true}',
  '"0000"',
  '0',
  '&',
  '=',
  '&&&=&',
  'status=approved',
  'type=\n&status=approved\n',
  'type=status-response\n&status=approved\n&status=approved\n',
  'a=%&b=%zz',
  '['.repeat(10_000),
  '{"a":'.repeat(10_000),
  '&a='.repeat(10_000),
  '{"__proto__":{"status":"0000"}}',
]

/** Values that a careless reader takes for this one. */
function near(listed: unknown): readonly unknown[] {
  if (typeof listed === 'number')
    return [listed + 0.5, `0${listed}`, `${listed}.0`, [listed], { status: listed }, listed === 1]
  if (typeof listed !== 'string') return [[listed]]
  const turned = listed.toLowerCase() === listed ? listed.toUpperCase() : listed.toLowerCase()
  return [
    ` ${listed}`,
    `${listed} `,
    `${listed}\n`,
    `${listed}0`,
    `0${listed}`,
    listed.slice(1),
    turned,
    [listed],
  ]
}

function secretOf(beneficiary: Beneficiary): string {
  return beneficiary.kind === 'bank_account' ? beneficiary.account : beneficiary.number
}

test('there is a protocol that pays', () => {
  expect(payingOf(examined).length).toBeGreaterThan(0)
})
