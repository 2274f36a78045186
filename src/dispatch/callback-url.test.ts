import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { callbackMacHolds, callbackUrl, parseCallbackPath } from './callback-url.ts'

const ABOUT = {
  protocol: 'paypro',
  providerAccountId: 'pa_1',
  merchantId: 'm_1',
  number: 42n,
  tag: 7,
  attemptNo: 3,
}
const PATH = new URL(callbackUrl('https://pay.example.com', ABOUT, 'secret')).pathname

test('an address reads back as what it was made of, and its code holds', () => {
  const parsed = parseCallbackPath(PATH)
  expect(parsed).toMatchObject(ABOUT)
  expect(parsed !== null && callbackMacHolds(parsed, 'secret')).toBe(true)
})

test('the code is the first half of HMAC-SHA-256 over merchant, number and attempt', () => {
  const openssl = execFileSync('openssl', ['dgst', '-sha256', '-hmac', 'secret', '-hex'], {
    input: 'm_1/42/3',
  })
  expect(openssl.toString()).toContain(PATH.slice(-32))
})

test.each<[string, Partial<typeof ABOUT>]>([
  ['merchant', { merchantId: 'm_2' }],
  ['payout', { number: 43n }],
  ['attempt', { attemptNo: 4 }],
])('the code of one %s does not hold for another', (_title, change) => {
  const parsed = parseCallbackPath(PATH)
  expect(parsed !== null && callbackMacHolds({ ...parsed, ...change }, 'secret')).toBe(false)
})

test('the code of another account does not hold', () => {
  const parsed = parseCallbackPath(PATH)
  expect(parsed !== null && callbackMacHolds(parsed, 'secret of another account')).toBe(false)
})

test.each([
  ['nothing', ''],
  ['another root', PATH.replace('/callbacks/', '/callback/')],
  ['a part less', PATH.replace('/pa_1', '')],
  ['a part more', `${PATH}/x`],
  ['something before it', `/x${PATH}`],
  ['a code that is no payout', PATH.replace(/\/[0-9a-z]{16}\//, '/0000000000000000/')],
  ['a code that is too long', PATH.replace(/\/[0-9a-z]{16}\//, '/000000000000000zz/')],
  ['attempt 0', PATH.replace('/3/', '/0/')],
  ['an attempt with a leading zero', PATH.replace('/3/', '/03/')],
  ['an attempt that is no number', PATH.replace('/3/', '/x/')],
  ['upper case', PATH.toUpperCase()],
  ['a short code', PATH.slice(0, -1)],
  ['an encoded slash', PATH.replace('pa_1', 'pa%2f1')],
  ['a line end', `${PATH}\n`],
])('a path with %s is none of ours', (_title, path) => {
  expect(parseCallbackPath(path)).toBeNull()
})
