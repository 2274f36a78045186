import { expect, test } from 'vitest'
import { isFinal, MONEY_PLACE, PAYOUT_STATES } from './payout.ts'

test('final are the states that nothing but a return leaves, and no other', () => {
  expect(PAYOUT_STATES.filter(isFinal)).toEqual(['paid', 'failed', 'cancelled', 'returned'])
})

test('money is with the merchant before the send and after an end unpaid, in flight between, and gone only when paid', () => {
  const places = PAYOUT_STATES.map(state => `${state} ${MONEY_PLACE[state]}`)
  expect(places).toEqual([
    'accepted nowhere',
    'waiting held',
    'queued held',
    'sending in_flight',
    'pending in_flight',
    'in_doubt in_flight',
    'paid gone',
    'failed available',
    'cancelled available',
    'returned available',
  ])
})
