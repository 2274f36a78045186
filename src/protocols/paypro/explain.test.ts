import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { memoryDesk } from '../desk.fixture.ts'
import type { DoorCredential, DoorRequest } from '../protocol.ts'
import { PAYPRO_REFUSALS } from './answer.ts'
import { PAYPRO_CHECKS, type PayproCheck } from './checks.ts'
import { payproDoor } from './door.ts'
import { payproExplain } from './explain.ts'

const SECRET = 'a-secret-that-nobody-may-read'
const credential: DoorCredential = {
  door: 'paypro',
  publicId: '1000000001',
  merchantId: 'm1',
  secret: SECRET,
  active: true,
  settings: {},
}
const credentials = [
  credential,
  { ...credential, publicId: '1000000002', active: false },
  { ...credential, publicId: '1000000003', settings: { addresses: '198.51.100.7' } },
  { ...credential, publicId: '1000000004', settings: { salt_position: 'prepend' } },
]
const credentialOf = (publicId: string) => credentials.find(one => one.publicId === publicId) ?? null

const order = {
  timestamp: '1728611780130',
  tradeNo: 'test_00000001',
  amount: '300',
  notifyUrl: 'https://client.example/n?a=b',
  wayCode: 'EWALLET_BKASH',
  walletId: '01123456789',
  remark: 'test',
}
const CANONICAL =
  'amount=300notifyUrl=https://client.example/n?a=bremark=testtimestamp=1728611780130' +
  'tradeNo=test_00000001walletId=01123456789wayCode=EWALLET_BKASH'

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

function request(body: string, more: Partial<DoorRequest> = {}): DoorRequest {
  return {
    method: 'POST',
    path: '/v1/paypro/payout',
    query: '',
    params: {},
    headers: new Map([['merchantno', ['1000000001']]]),
    body: Buffer.from(body),
    bodyTooLarge: false,
    remoteAddress: '127.0.0.1',
    publicUrls: [],
    nowMs: 1_729_947_461_317,
    requestId: 'r',
    ...more,
  }
}

function signed(fields: object, sign = md5(CANONICAL + SECRET)): string {
  return JSON.stringify({ sign, ...fields })
}

const right = signed(order)
const who = (...values: string[]) => ({ headers: new Map([['merchantno', values]]) })
const { walletId: _, ...withoutWallet } = order
const textOf = (fields: Readonly<Record<string, string>>) =>
  Object.keys(fields)
    .sort()
    .map(name => `${name}=${fields[name]}`)
    .join('')

const failing: readonly (readonly [PayproCheck, DoorRequest, RegExp])[] = [
  ['body', request(''), /it is empty/],
  ['body', request('{"a":1'), /no JSON/],
  ['body', request('tradeNo=1&amount=2'), /it is a form/],
  ['body', request('{"a":{}}'), /every member is text/],
  ['body', request(right, { bodyTooLarge: true }), /larger than 65536/],
  ['body', request(signed({ ...order, note: 'amount=1' })), /one signature would fit two bodies/],
  ['no_merchant', request(right, { headers: new Map() }), /is missing or empty; it is a header/],
  ['no_merchant', request(right, who('1000000001', '1000000001')), /came 2 times/],
  ['merchant', request(right, who('77')), /nobody has the merchantNo "77"/],
  ['merchant', request(right, who('1000000002')), /switched off/],
  ['address', request(right, who('1000000003')), /came from 127\.0\.0\.1/],
  ['sign', request(JSON.stringify(order)), /sign is missing/],
  ['sign', request(signed({ ...order, amount: '301' })), /the secret is another one, or a field was changed/],
  [
    'field',
    request(signed(withoutWallet, md5(textOf(withoutWallet) + SECRET))),
    /^walletId is missing; it is/,
  ],
]

test('the first check that fails is the one that the door answers with, and those before it are ticked', async () => {
  const desk = memoryDesk({ credentials, nowMs: 0 })
  const [route] = payproDoor.routes
  const reached = new Set<PayproCheck>()
  for (const [refusal, asked, why] of failing) {
    const checks = payproExplain(asked, credentialOf)
    const last = checks.at(-1)
    expect(last?.ok, refusal).toBe(false)
    expect(last?.why).toMatch(why)
    expect(checks.slice(0, -1).every(check => check.ok && check.why === null)).toBe(true)
    // The address is checked in front of those of the door.
    expect(PAYPRO_CHECKS[checks.length - 2]).toBe(refusal)
    const answer = JSON.parse((await route?.handle(asked, desk))?.body ?? '')
    expect(answer.code).toBe(PAYPRO_REFUSALS[refusal].code)
    reached.add(refusal)
  }
  expect([...reached]).toEqual([...PAYPRO_CHECKS])
})

test('a request that the door takes has every check ticked', () => {
  const checks = payproExplain(request(right), credentialOf)
  expect(checks).toHaveLength(PAYPRO_CHECKS.length + 1)
  expect(checks.every(check => check.ok && check.why === null)).toBe(true)
})

test('another address or method than those of the door is told first', () => {
  for (const more of [{ path: '/v1/paypro/payouts' }, { method: 'GET' }]) {
    const [check, ...rest] = payproExplain(request(right, more), credentialOf)
    expect(check).toMatchObject({ ok: false, why: expect.stringContaining('/v1/paypro/payout') })
    expect(rest).toEqual([])
  }
})

test('the usual mistakes of signing are told from one another', () => {
  const salted = (text: string) => md5(text + SECRET)
  const joined = CANONICAL.replace(/(notifyUrl|remark|timestamp|tradeNo|walletId|wayCode)=/g, '&$1=')
  const cases: readonly (readonly [string, RegExp])[] = [
    [salted(CANONICAL).toUpperCase(), /upper case/],
    [md5(SECRET + CANONICAL), /wrong end; here it is to append/],
    [md5(CANONICAL), /the secret is missing/],
    [salted(joined), /joined with &; nothing/],
    [md5(`${joined}&key=${SECRET}`), /as key=/],
    [md5(`${CANONICAL}${SECRET}\n`), /line end/],
    [md5(`${CANONICAL}${SECRET} `), /blanks/],
    [salted(Object.values(Object.fromEntries(Object.entries(order).sort())).join('')), /only the values/],
    [salted(textOf({ ...order, merchantNo: '1000000001' })), /merchantNo was signed too/],
    [
      salted(CANONICAL.replace('https://client.example/n?a=b', encodeURIComponent(order.notifyUrl))),
      /percent/,
    ],
    [
      createHash('sha256')
        .update(CANONICAL + SECRET)
        .digest('hex'),
      /takes MD5/,
    ],
    ['abc', /has 3 characters/],
  ]
  for (const [sign, why] of cases)
    expect(payproExplain(request(signed(order, sign)), credentialOf).at(-1)?.why).toMatch(why)
})

test('mistakes that only some bodies can show are told too', () => {
  const unsorted = Object.entries(order)
    .map(([name, value]) => `${name}=${value}`)
    .join('')
  const upper = { Amount: '1', ...order }
  const noCase = `Amount=1${CANONICAL}`.replace(/^Amount=1amount=300/, 'Amount=1amount=300')
  const number = right.replace('"300"', '300.50').replace(/"sign":"[^"]+"/, '"sign":"SIGN"')
  const cases: readonly (readonly [string, RegExp])[] = [
    [signed(order, md5(unsorted + SECRET)), /not sorted/],
    [number.replace('SIGN', md5(CANONICAL.replace('amount=300', 'amount=300.5') + SECRET)), /written anew/],
  ]
  for (const [body, why] of cases) expect(payproExplain(request(body), credentialOf).at(-1)?.why).toMatch(why)
  // Upper case in front is the right order, and in this body it is the same as without regard to case.
  expect(payproExplain(request(signed(upper, md5(noCase + SECRET))), credentialOf).at(-1)?.ok).toBe(true)
  const zone = { ...order, Zone: 'x' }
  const mixed = signed(zone, md5(`${CANONICAL}Zone=x${SECRET}`))
  expect(payproExplain(request(mixed), credentialOf).at(-1)?.why).toMatch(/without regard to case/)
})

test('the salt position of the merchant is the one that counts', () => {
  const prepended = request(signed(order, md5(SECRET + CANONICAL)), who('1000000004'))
  expect(payproExplain(prepended, credentialOf).every(check => check.ok)).toBe(true)
  const appended = request(right, who('1000000004'))
  expect(payproExplain(appended, credentialOf).at(-1)?.why).toMatch(/here it is to prepend/)
})

test('nothing that is told holds the secret', () => {
  const told = [...failing.map(([, asked]) => asked), request(signed(order, 'f'.repeat(32)))].map(asked =>
    JSON.stringify(payproExplain(asked, credentialOf)),
  )
  expect(told.join()).toContain('<secret>')
  expect(told.join()).not.toContain(SECRET)
})
