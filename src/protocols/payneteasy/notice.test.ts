import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { credential, waitingOrder } from './door.fixture.ts'
import { payneteasyCallbackUrl, payneteasyNotices } from './notice.ts'

const DAY_MS = 86_400_000

function noticeOf(
  state: 'paid' | 'failed' | 'cancelled' | 'returned',
  change = {},
  url = 'https://client.example/cb',
) {
  const payout = waitingOrder({ state, waitReason: null, ...change })
  return { payout, state, atMs: 1, url }
}

test('each end is a GET with the fields of the contract, signed over status, orderid and client_orderid', () => {
  for (const [state, status, why] of [
    ['paid', 'approved', ''],
    ['failed', 'declined', '&error_message=Payout%20failed&error_code=301'],
    ['cancelled', 'declined', '&error_message=Payout%20cancelled&error_code=302'],
    ['returned', 'declined', '&error_message=Payout%20returned&error_code=303'],
  ] as const) {
    const control = createHash('sha1').update(`${status}9002583sandbox-merchant-control`).digest('hex')
    expect(payneteasyNotices.request(noticeOf(state), credential)).toEqual({
      method: 'GET',
      url:
        `https://client.example/cb?status=${status}&merchant_order=3&client_orderid=3&orderid=900258` +
        `&type=payout&amount=100.00&control=${control}${why}`,
      headers: {},
      body: null,
    })
  }
  expect(payneteasyNotices.states).toEqual(['paid', 'failed', 'cancelled', 'returned'])
})

test('the reason of a failure is told, and nothing of it is taken for another parameter', () => {
  const { url } = payneteasyNotices.request(
    noticeOf('failed', { why: 'a&b=c é', reference: 'x y&z' }),
    credential,
  )
  const told = new URL(url).searchParams
  expect([told.get('error_message'), told.get('client_orderid')]).toEqual(['a&b=c é', 'x y&z'])
  expect([...told.keys()]).toHaveLength(9)
})

test('parameters go behind those that the address has', () => {
  const a = [['a', '1']] as const
  expect(payneteasyCallbackUrl('https://x.example', a)).toBe('https://x.example?a=1')
  expect(payneteasyCallbackUrl('https://x.example/?', a)).toBe('https://x.example/?a=1')
  expect(payneteasyCallbackUrl('https://x.example/?b=2', a)).toBe('https://x.example/?b=2&a=1')
  expect(payneteasyCallbackUrl('https://x.example/?b=2&', a)).toBe('https://x.example/?b=2&a=1')
})

test('one try and thirty repeats within fourteen days, and HTTP 200 alone acknowledges', () => {
  const [first, ...repeats] = payneteasyNotices.scheduleMs
  const total = repeats.reduce((sum, ms) => sum + ms, 0)
  expect([first, repeats.length]).toEqual([0, 30])
  expect(total).toBeGreaterThan(13 * DAY_MS)
  expect(total).toBeLessThanOrEqual(14 * DAY_MS)
  for (const [status, is] of [
    [200, true],
    [201, false],
    [204, false],
    [302, false],
    [500, false],
  ] as const)
    expect(payneteasyNotices.acknowledged({ status, headers: {}, body: Buffer.from('') })).toBe(is)
})

test('nothing is told without a merchant control', () => {
  expect(() => payneteasyNotices.request(noticeOf('paid'), { ...credential, secret: '' })).toThrow(
    'empty secret',
  )
})
