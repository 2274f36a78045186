import { expect, test } from 'vitest'
import { withRequestId } from './order.ts'

const REQUEST = { method: 'POST', url: 'http://provider.test/pay', headers: { a: 'b' }, body: '{}' } as const

test('what goes to a provider carries the id of the request that asked for the payout', () => {
  expect(withRequestId(REQUEST, { requestId: 'req_1' })).toEqual({
    ...REQUEST,
    headers: { a: 'b', 'x-request-id': 'req_1' },
  })
})

test('a payout that no request asked for adds nothing', () => {
  expect(withRequestId(REQUEST, { requestId: null })).toBe(REQUEST)
})
