import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Unavailable } from '../../errors.ts'
import { currencyOf } from '../../money/currency.ts'
import { money } from '../../money/money.ts'
import { payoutCode } from '../../payout/number.ts'
import { PAYOUT_STATES } from '../../payout/payout.ts'
import { bdt, type MemoryDesk, memoryDesk } from '../desk.fixture.ts'
import type {
  DoorAnswer,
  DoorCredential,
  DoorRequest,
  MerchantBalance,
  SubmissionRefusal,
} from '../protocol.ts'
import { overSocket } from '../socket.fixture.ts'
import { PAYPRO_REFUSALS } from './answer.ts'
import { payproDoor } from './door.ts'

const NOW_MS = 1_729_947_461_317
const SECRET = 'sandbox-paypro-secret'
const PAYOUT = '/v1/paypro/payout'
const QUERY = '/v1/paypro/queryPayOutResult'
const BALANCE = '/v1/paypro/queryBalance'

const credential: DoorCredential = {
  door: 'paypro',
  publicId: '1000000001',
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: {},
}
const credentials: readonly DoorCredential[] = [
  credential,
  { ...credential, publicId: '1000000002', active: false },
  { ...credential, publicId: '1000000003', settings: { addresses: '198.51.100.7, 2001:DB8::1' } },
  { ...credential, publicId: '1000000004', settings: { salt_position: 'prepend' } },
  { ...credential, publicId: '1000000005', settings: { salt_position: 'middle' } },
  { ...credential, publicId: '1000000006', secret: '' },
  { ...credential, publicId: '1000000007', merchantId: 'm2' },
  { ...credential, publicId: '1000000008', active: false, settings: { addresses: '198.51.100.7' } },
  { ...credential, publicId: '1000000009', settings: { addresses: ' , ' } },
  { ...credential, publicId: '1000000010', settings: { addresses: ' ' } },
]

function newDesk(availableMinor = 100_000_000n): MemoryDesk {
  return memoryDesk({ credentials, nowMs: NOW_MS, availableMinor })
}

type Fields = Readonly<Record<string, unknown>>

const order: Fields = {
  timestamp: '1728611780130',
  tradeNo: 'test_00000001',
  amount: '300',
  notifyUrl: 'https://client.example/n',
  wayCode: 'EWALLET_BKASH',
  walletId: '01123456789',
  remark: 'test',
}

/** The rule of the document, written here again, so that the door is not judged by its own signature. */
function signed(fields: Fields, secret = SECRET): string {
  const text = Object.keys(fields)
    .sort()
    .filter(name => fields[name] !== '' && fields[name] !== null)
    .map(name => `${name}=${String(fields[name])}`)
    .join('')
  const sign = createHash('md5')
    .update(text + secret)
    .digest('hex')
  return JSON.stringify({ sign, ...fields })
}

interface Sent {
  readonly path?: string
  readonly body?: string | Uint8Array
  readonly merchantNo?: readonly string[] | null
  readonly remoteAddress?: string
  readonly more?: Partial<DoorRequest>
}

function ask(desk: MemoryDesk, sent: Sent = {}): Promise<DoorAnswer> {
  const {
    path = PAYOUT,
    body = signed(order),
    merchantNo = ['1000000001'],
    remoteAddress = '192.0.2.1',
  } = sent
  const headers = new Map([['content-type', ['text/plain']]])
  if (merchantNo !== null) headers.set('merchantno', [...merchantNo])
  return overSocket(
    payproDoor,
    {
      method: 'POST',
      path,
      query: 'amount=1',
      params: {},
      headers,
      body: Buffer.from(body),
      bodyTooLarge: false,
      remoteAddress,
      publicUrls: ['https://switch.example'],
      nowMs: NOW_MS,
      requestId: 'request-1',
      ...sent.more,
    },
    desk,
  )
}

function refusal(code: string, text: string, { number = '', remark = '' } = {}): string {
  return (
    `{"msg":"${text}","code":"${code}","timestamp":1729947461317,"success":false,` +
    `"data":{"platFormTradeNo":"${number}","status":"${code}","desc":"${text}","remark":"${remark}"}}`
  )
}

function codeOf({ body }: DoorAnswer): string {
  const parsed: { code: string } = JSON.parse(body)
  return parsed.code
}

// ---- what is served ------------------------------------------------------------------------------------------------

test('four paths are served, by POST alone, with bodies up to 64 KiB', () => {
  expect(payproDoor.routes.map(({ method, path, bodyLimitBytes }) => [method, path, bodyLimitBytes])).toEqual(
    [
      ['POST', '/v1/paypro/payout', 65_536],
      ['POST', '/v1/paypro/payOut', 65_536],
      ['POST', '/v1/paypro/queryPayOutResult', 65_536],
      ['POST', '/v1/paypro/queryBalance', 65_536],
    ],
  )
})

test.each([PAYOUT, '/v1/paypro/payOut'])('an order on %s reaches the desk whole', async path => {
  const desk = newDesk()
  const answer = await ask(desk, { path })
  const number = payoutCode(desk.payout('test_00000001').number, desk.payout('test_00000001').tag)
  expect(answer).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body:
      '{"msg":"success","code":"0000","timestamp":1729947461317,"success":true,' +
      `"data":{"platFormTradeNo":"${number}","status":"0015","desc":"processing","remark":"test"}}`,
  })
  expect(desk.recorded).toEqual([
    {
      merchantId: 'm1',
      door: 'paypro',
      doorCredentialId: '1000000001',
      requestId: 'request-1',
      reference: 'test_00000001',
      idempotencyKey: null,
      fingerprint: expect.any(Uint8Array),
      amount: bdt(30_000n),
      beneficiary: { kind: 'wallet', operator: 'bkash', number: '01123456789' },
      description: 'test',
      metadata: null,
      notifyUrl: 'https://client.example/n',
      needsConfirmation: false,
      firstAnswer: expect.any(Function),
    },
  ])
})

test('the order of members in the body does not matter, nor does the content type or the query string', async () => {
  const reversed = Object.fromEntries(Object.entries(JSON.parse(signed(order))).reverse())
  expect(codeOf(await ask(newDesk(), { body: JSON.stringify(reversed) }))).toBe('0000')
})

test('an unknown field is signed, and then ignored', async () => {
  const desk = newDesk()
  expect(codeOf(await ask(desk, { body: signed({ ...order, Zone: '1', channel: true }) }))).toBe('0000')
  expect(desk.recorded[0]).toMatchObject({ description: 'test', metadata: null })
})

test('without a remark the answer shows an empty one, and the payout has none', async () => {
  for (const remark of ['', null, undefined]) {
    const desk = newDesk()
    const answer = await ask(desk, {
      body: signed(remark === undefined ? without('remark') : { ...order, remark }),
    })
    expect(answer.body).toContain('"remark":""}}')
    expect(desk.recorded[0]?.description).toBeNull()
  }
})

function without(name: string): Fields {
  return Object.fromEntries(Object.entries(order).filter(([known]) => known !== name))
}

test('a remark comes back as it was given, whatever it holds', async () => {
  const remark = '"\\</script> বেতন \u2028 {"status":"0000"}'
  const answer = await ask(newDesk(), { body: signed({ ...order, remark }) })
  expect(JSON.parse(answer.body)).toMatchObject({ data: { status: '0015', remark } })
})

// ---- the rows of section 7, and their order -----------------------------------------------------------------------

interface Row {
  readonly code: string
  readonly text: string
  /** Makes a request break this row and no earlier one. */
  readonly broken: Sent & { readonly fields?: Fields; readonly wrongSign?: boolean }
}

const rows: readonly Row[] = [
  { code: '990001', text: 'invalid request body', broken: { body: '{' } },
  { code: '990002', text: 'merchantNo required', broken: { merchantNo: null } },
  { code: '990003', text: 'merchant not available', broken: { merchantNo: ['1000000002'] } },
  { code: '990009', text: 'ip denied', broken: { merchantNo: ['1000000003'], remoteAddress: '192.0.2.1' } },
  { code: '990005', text: 'sign error', broken: { wrongSign: true } },
  { code: '990004', text: 'amount invalid', broken: { fields: { amount: '-1' } } },
  {
    code: '990007',
    text: 'tradeNo already used with different content',
    broken: { fields: { tradeNo: 'standing' } },
  },
  { code: '990010', text: 'insufficient balance', broken: { fields: { amount: '999999999999' } } },
]
const firstAfterSign = 5

/** One request that breaks all of these rows. */
function breaking(...broken: readonly Row[]): Sent {
  const parts = [...broken].reverse().map(row => row.broken)
  const merged = Object.assign({}, ...parts) as Row['broken']
  const fields = Object.assign({ ...order }, ...parts.map(part => part.fields ?? {})) as Fields
  const body = merged.body ?? (merged.wrongSign ? signed(fields, 'another secret') : signed(fields))
  const { fields: _fields, wrongSign: _wrongSign, ...sent } = merged
  return { ...sent, body }
}

async function deskWithStanding(): Promise<MemoryDesk> {
  const desk = newDesk()
  expect(codeOf(await ask(desk, { body: signed({ ...order, tradeNo: 'standing', amount: '5' }) }))).toBe(
    '0000',
  )
  return desk
}

test.each(rows.map((row, place) => [row.code, row.text, place] as const))(
  'row %s: %s, alone',
  async (code, text, place) => {
    const row = rows[place]
    if (row === undefined) throw new Error('a row')
    const desk = await deskWithStanding()
    const standing = desk.payout('standing')
    const answer = await ask(desk, breaking(row))
    expect(answer.status).toBe(200)
    expect(answer.headers).toEqual({ 'content-type': 'application/json;charset=utf-8' })
    const number = code === '990007' ? payoutCode(standing.number, standing.tag) : ''
    expect(answer.body).toBe(refusal(code, text, { number, remark: place < firstAfterSign ? '' : 'test' }))
    expect(desk.recorded).toHaveLength(1)
  },
)

const pairs = rows.flatMap((row, place) =>
  rows
    .slice(place + 1)
    // A merchantNo that is missing or not available has no address list.
    .map(later => [row, later] as const),
)
test.each(pairs.map(pair => [pair[0].code, pair[1].code, pair] as const))(
  'row %s is judged before row %s',
  async (code, _later, pair) => {
    const sent = breaking(...pair)
    const isBothOfRowThree = pair[0].code === '990003' && pair[1].code === '990009'
    const answer = await ask(
      await deskWithStanding(),
      isBothOfRowThree ? { ...sent, merchantNo: ['1000000008'] } : sent,
    )
    expect(codeOf(answer)).toBe(code)
  },
)

test.each([
  ['method_not_available', 200, '990012', 'wayCode not available'],
  ['amount_out_of_limits', 200, '990011', 'amount out of limits'],
  ['insufficient_funds', 200, '990010', 'insufficient balance'],
  ['rate_limited', 429, '990013', 'too many requests'],
] as const satisfies readonly (readonly [SubmissionRefusal, number, string, string])[])(
  'what the desk calls %s is HTTP %i, %s',
  async (why, status, code, text) => {
    const desk = newDesk()
    desk.refuseNext(why)
    const answer = await ask(desk)
    expect(answer.status).toBe(status)
    expect(answer.body).toBe(refusal(code, text, { remark: 'test' }))
    expect(desk.recorded).toHaveLength(0)
  },
)

test('a refused request binds nothing: the same tradeNo is free for other content', async () => {
  const desk = newDesk()
  desk.refuseNext('insufficient_funds')
  await ask(desk)
  expect(codeOf(await ask(desk, { body: signed({ ...order, amount: '5' }) }))).toBe('0000')
})

test('every code of ours begins with 99, and none stands twice', () => {
  const codes = Object.values(PAYPRO_REFUSALS).map(({ code }) => code)
  for (const code of codes) expect(code).toMatch(/^99[0-9]{4}$/)
  expect(new Set(codes).size).toBe(codes.length)
})

test('a body over the limit is no body, whether the server cut it or handed it over', async () => {
  const long = signed({ ...order, extra: 'x'.repeat(65_536) })
  expect(codeOf(await ask(newDesk(), { body: long }))).toBe('990001')
  for (const body of ['', signed(order)]) {
    expect(codeOf(await ask(newDesk(), { body, more: { bodyTooLarge: true } }))).toBe('990001')
  }
  const filled = 65_536 - Buffer.byteLength(signed({ ...order, extra: '' }))
  const longest = signed({ ...order, extra: 'x'.repeat(filled) })
  expect(Buffer.byteLength(longest)).toBe(65_536)
  expect(codeOf(await ask(newDesk(), { body: longest }))).toBe('0000')
})

test.each([
  ['two values', ['1000000001', '1000000001']],
  ['an empty value', ['']],
  ['no value', []],
])('a merchantNo with %s is required again', async (_what, merchantNo) => {
  expect(codeOf(await ask(newDesk(), { merchantNo }))).toBe('990002')
})

test.each([
  '9999999999',
  ' 1000000001',
  '1000000001 ',
  '1000000001,1000000001',
  'x'.repeat(10_000),
  '__proto__',
])('the merchantNo %j is not available', async merchantNo => {
  expect(codeOf(await ask(newDesk(), { merchantNo: [merchantNo] }))).toBe('990003')
})

test.each([
  ['1000000003', '198.51.100.7', '0000'],
  ['1000000003', '::ffff:198.51.100.7', '0000'],
  ['1000000003', '2001:db8::1', '0000'],
  ['1000000003', '198.51.100.70', '990009'],
  ['1000000003', '98.51.100.7', '990009'],
  ['1000000003', '', '990009'],
  ['1000000009', '198.51.100.7', '990009'],
  ['1000000009', '', '990009'],
  ['1000000010', '198.51.100.7', '990009'],
  ['1000000001', '203.0.113.9', '0000'],
])('merchant %s from %s gets %s', async (merchantNo, remoteAddress, code) => {
  expect(codeOf(await ask(newDesk(), { merchantNo: [merchantNo], remoteAddress }))).toBe(code)
})

test('the salt position is the one of the merchant, and never both', async () => {
  const text = 'amount=1timestamp=1728611780130'
  const prepended = createHash('md5')
    .update(SECRET + text)
    .digest('hex')
  const appended = createHash('md5')
    .update(text + SECRET)
    .digest('hex')
  const balance = (sign: string, merchantNo: string) =>
    ask(newDesk(), {
      path: BALANCE,
      merchantNo: [merchantNo],
      body: JSON.stringify({ sign, amount: '1', timestamp: '1728611780130' }),
    })
  expect(codeOf(await balance(prepended, '1000000004'))).toBe('0000')
  expect(codeOf(await balance(appended, '1000000004'))).toBe('990005')
  expect(codeOf(await balance(appended, '1000000001'))).toBe('0000')
  expect(codeOf(await balance(prepended, '1000000001'))).toBe('990005')
})

test('a credential without a secret verifies nothing, and one with a wrong setting is a fault of ours', async () => {
  expect(codeOf(await ask(newDesk(), { merchantNo: ['1000000006'], body: signed(order, '') }))).toBe('990005')
  expect((await ask(newDesk(), { merchantNo: ['1000000005'] })).status).toBe(500)
})

test('text that was moved out of a free text into an unknown field is refused, though the signature fits', async () => {
  // The remark of a signed order holds a second order; without its unknown field the second one would be the first.
  const inner = 'timestamp=1728611780130tradeNo=stolenwalletId=01999999999wayCode=EWALLET_BKASHz='
  const first = { ...order, remark: `x${inner}` }
  const sign: unknown = JSON.parse(signed(first)).sign
  const forged = {
    sign,
    ...order,
    remark: 'x',
    tradeNo: 'stolen',
    walletId: '01999999999',
    z: 'timestamp=1728611780130tradeNo=test_00000001walletId=01123456789wayCode=EWALLET_BKASH',
  }
  const desk = newDesk()
  expect(codeOf(await ask(desk, { body: JSON.stringify(forged) }))).toBe('990001')
  expect(desk.recorded).toHaveLength(0)
  // The signature does fit: it is the rule about unknown fields that stands in the way, and nothing else.
  const canonical = Object.keys(forged)
    .filter(name => name !== 'sign')
    .sort()
    .map(name => `${name}=${String(forged[name as keyof typeof forged])}`)
    .join('')
  expect(
    createHash('md5')
      .update(canonical + SECRET)
      .digest('hex'),
  ).toBe(sign)
})

// ---- repeats ---------------------------------------------------------------------------------------------------------

test('a repeat gets the first answer byte for byte, however it is spelled and wherever the payout stands', async () => {
  const desk = newDesk()
  const first = await ask(desk)
  for (const state of PAYOUT_STATES) {
    desk.move('test_00000001', state, NOW_MS + 60_000)
    const changed = { ...order, timestamp: 1728611799999, amount: '300.00', wayCode: 'BKASH', extra: 'y' }
    expect(await ask(desk, { body: signed(changed), more: { nowMs: NOW_MS + 60_000 } })).toEqual(first)
  }
  expect(desk.recorded).toHaveLength(1)
})

test('the first answer shows the state and the time of the acceptance', async () => {
  const desk = newDesk()
  await ask(desk)
  const { firstAnswer } = desk.recorded[0] ?? {}
  const answers = PAYOUT_STATES.map(
    state => firstAnswer?.({ number: 5n, tag: 6, createdAtMs: 7, state }) ?? '',
  )
  expect(answers.map(body => JSON.parse(body).data.status)).toEqual([
    ...Array(6).fill('0015'),
    '0000',
    '0100119',
    '0100119',
    '990020',
  ])
  expect(new Set(answers.map(body => JSON.parse(body).timestamp))).toEqual(new Set([7]))
})

test('the same tradeNo of another merchant is another order', async () => {
  const desk = newDesk()
  const mine = await ask(desk)
  const theirs = await ask(desk, { merchantNo: ['1000000007'], body: signed({ ...order, amount: '5' }) })
  expect(codeOf(theirs)).toBe('0000')
  expect(theirs.body).not.toBe(mine.body)
})

// ---- faults of ours --------------------------------------------------------------------------------------------------

const faultBody = (remark: string) =>
  '{"msg":"system error, query by tradeNo","code":"00032","timestamp":1729947461317,"success":false,' +
  `"data":{"platFormTradeNo":"","status":"0015","desc":"system error, query by tradeNo","remark":"${remark}"}}`

test.each([
  new Unavailable('unavailable', 'gone'),
  new Unavailable('overloaded', 'full'),
  new Error('x'),
  'text',
  undefined,
])('a desk that throws %s is answered as processing, never as a failure', async error => {
  const desk = newDesk()
  desk.breakWith(error ?? { nothing: true })
  for (const [path, body, remark] of [
    [PAYOUT, signed(order), 'test'],
    [QUERY, signed({ tradeNo: 'x', timestamp: '1728611780130' }), ''],
    [BALANCE, signed({ timestamp: '1728611780130' }), ''],
  ] as const) {
    const answer = await ask(desk, { path, body })
    expect(answer.status).toBe(500)
    expect(answer.body).toBe(faultBody(remark))
  }
})

test('a fault before the signature was verified echoes nothing of the request', async () => {
  const broken = {
    ...newDesk(),
    credential: () => {
      throw new Error('no')
    },
  }
  expect(await ask(broken)).toMatchObject({ status: 500, body: faultBody('') })
})

// ---- query and balance ------------------------------------------------------------------------------------------------

const query = (tradeNo: unknown) => ({ path: QUERY, body: signed({ tradeNo, timestamp: '1728611780130' }) })

test.each([
  ['accepted', '0015', 'processing', ''],
  ['waiting', '0015', 'processing', ''],
  ['queued', '0015', 'processing', ''],
  ['sending', '0015', 'processing', ''],
  ['pending', '0015', 'processing', ''],
  ['in_doubt', '0015', 'processing', ''],
  ['paid', '0000', 'success', '2024-10-26 18:57:41'],
  ['failed', '0100119', 'fail', ''],
  ['cancelled', '0100119', 'fail', ''],
  ['returned', '990020', 'returned', ''],
] as const)('a query about a payout that is %s answers %s %s', async (state, status, words, successTime) => {
  const desk = newDesk()
  await ask(desk, { body: signed({ ...order, amount: '300.50' }) })
  desk.move('test_00000001', state, NOW_MS)
  const { number, tag } = desk.payout('test_00000001')
  expect((await ask(desk, query('test_00000001'))).body).toBe(
    '{"msg":"success","code":"0000","timestamp":1729947461317,"success":true,"data":{' +
      `"platFormTradeNo":"${payoutCode(number, tag)}","tradeNo":"test_00000001","amount":"300.5",` +
      `"status":"${status}","message":"${words}","desc":"${words}","successTime":"${successTime}"}}`,
  )
})

test('a payout that came back shows no time of success any more', async () => {
  const desk = newDesk()
  await ask(desk)
  desk.move('test_00000001', 'paid', NOW_MS)
  desk.move('test_00000001', 'returned', NOW_MS + 1_000)
  expect(desk.payout('test_00000001').paidAtMs).toBe(NOW_MS)
  expect((await ask(desk, query('test_00000001'))).body).toContain('"desc":"returned","successTime":""')
})

test('a query names a wrong field, and says not found without a status, to a stranger too', async () => {
  const desk = newDesk()
  await ask(desk)
  expect((await ask(desk, query(7))).body).toBe(refusal('990004', 'tradeNo invalid'))
  const unknown =
    '{"msg":"order not found","code":"990008","timestamp":1729947461317,"success":false,"data":{"tradeNo":"none"}}'
  expect(await ask(desk, query('none'))).toMatchObject({ status: 200, body: unknown })
  const foreign = { ...query('test_00000001'), merchantNo: ['1000000007'] }
  expect((await ask(desk, foreign)).body).toBe(unknown.replace('none', 'test_00000001'))
})

test('a balance shows what can be spent, and what is held or on its way, with four decimals', async () => {
  const desk = newDesk(30_050n)
  const ask4 = async (balances: readonly MerchantBalance[]) => {
    const answer = await ask(
      { ...desk, balances: async () => balances },
      {
        path: BALANCE,
        body: signed({ timestamp: '1728611780130' }),
      },
    )
    return JSON.parse(answer.body).data
  }
  const none = { availableAmount: '0.0000', freezeAmount: '0.0000', unsettledAmount: '0.0000' }
  expect(await ask4([])).toEqual(none)
  const eur = money(5n, currencyOf('EUR') ?? bdt(0n).currency)
  expect(await ask4([{ available: eur, held: eur, inFlight: eur }])).toEqual(none)
  expect(await ask4([{ available: bdt(30_050n), held: bdt(7n), inFlight: bdt(100n) }])).toEqual({
    availableAmount: '300.5000',
    freezeAmount: '1.0700',
    unsettledAmount: '0.0000',
  })
})

// ---- hostile requests --------------------------------------------------------------------------------------------------

test('no body throws, reaches the desk or is taken without a signature', async () => {
  const desk = newDesk()
  const body = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .dictionary(fc.constantFrom('sign', ...Object.keys(order)), fc.jsonValue())
      .map(fields => JSON.stringify(fields)),
  )
  await fc.assert(
    fc.asyncProperty(body, fc.constantFrom(PAYOUT, QUERY, BALANCE), async (text, path) => {
      const answer = await ask(desk, { path, body: text })
      expect(answer.status).toBe(200)
      expect(['990001', '990005']).toContain(codeOf(answer))
    }),
    { numRuns: 2_000 },
  )
  expect(desk.calls()).toBe(0)
})

test('the largest body of the smallest fields is judged in bounded time', async () => {
  const members = Array.from({ length: 6_000 }, (_, place) => `"f${(place * 7_919) % 6_000}":1`)
  const body = `{${members.join(',')}}`
  expect(body.length).toBeLessThan(65_536)
  const began = process.cpuUsage()
  for (let round = 0; round < 10; round += 1) expect(codeOf(await ask(newDesk(), { body }))).toBe('990005')
  expect(process.cpuUsage(began).user / 10_000).toBeLessThan(100)
})
