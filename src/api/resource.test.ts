import { expect, test } from 'vitest'
import { BDT } from '../../test/store-kit.ts'
import { money } from '../money/money.ts'
import type { Attempt } from '../payout/attempt.ts'
import { PAYOUT_STATES } from '../payout/payout.ts'
import { type PayoutFacts, payoutResource } from './resource.ts'
import { payoutShown } from './schema.ts'

const FACTS: PayoutFacts = {
  number: 12n,
  tag: 5,
  reference: 'r',
  amount: money(1_050n, BDT),
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
  method: 'bkash',
  description: null,
  metadata: null,
  door: 'paypro',
  state: 'queued',
  waitReason: null,
  why: null,
  createdAtMs: Date.UTC(2026, 10, 21),
  stateSinceMs: Date.UTC(2026, 10, 21, 1),
  paidAtMs: null,
  attempts: 0,
}
const ATTEMPT: Attempt = {
  attemptNo: 1,
  state: 'pending',
  providerAccountId: 'pa',
  reference: 'ours',
  theirId: null,
  doubt: null,
  proof: null,
  createdAtMs: 0,
  nextInquiryAtMs: Date.UTC(2026, 10, 22),
  inquiries: 0,
  revision: 0,
}

test('in every state the resource is what its schema says, and money and retry follow the state', () => {
  const shown = PAYOUT_STATES.filter(state => state !== 'accepted').map(state => {
    const waitReason = state === 'waiting' ? ('confirmation' as const) : null
    const resource = payoutShown.parse(payoutResource({ ...FACTS, state, waitReason }, null, true))
    return `${resource.state} ${resource.money} ${resource.safe_to_retry}`
  })
  expect(shown).toEqual([
    'waiting held false',
    'queued held false',
    'sending in_flight false',
    'pending in_flight false',
    'in_doubt in_flight false',
    'paid gone false',
    'failed available true',
    'cancelled available true',
    'returned available true',
  ])
})

test('a payout that ended unpaid, and of which something says that it was paid, is never safe to pay again', () => {
  for (const state of ['failed', 'cancelled'] as const) {
    const resource = payoutShown.parse(payoutResource({ ...FACTS, state, disputed: true }, null, true))
    expect(resource).toMatchObject({
      state,
      safe_to_retry: false,
      why: expect.stringContaining('Do not pay it'),
    })
    expect(payoutResource({ ...FACTS, state, disputed: false }, null, true).safe_to_retry).toBe(true)
  }
})

test('the next look at the provider is told while its end is not known, and not after', () => {
  const at = (state: PayoutFacts['state']) => payoutResource({ ...FACTS, state }, ATTEMPT, true).next_check_at
  expect(at('pending')).toBe('2026-11-22T00:00:00.000Z')
  expect(at('in_doubt')).toBe('2026-11-22T00:00:00.000Z')
  expect(at('paid')).toBeNull()
  expect(payoutResource({ ...FACTS, state: 'pending' }, null, true).next_check_at).toBeNull()
})

test('times are RFC 3339 in UTC', () => {
  const resource = payoutResource(
    { ...FACTS, state: 'paid', paidAtMs: Date.UTC(2026, 10, 21, 2) },
    null,
    true,
  )
  expect([resource.created_at, resource.since, resource.paid_at]).toEqual([
    '2026-11-21T00:00:00.000Z',
    '2026-11-21T01:00:00.000Z',
    '2026-11-21T02:00:00.000Z',
  ])
})

test('whoever is paid is shown masked, of every kind', () => {
  const shown = (beneficiary: PayoutFacts['beneficiary']) =>
    payoutResource({ ...FACTS, beneficiary }, null, true).beneficiary
  expect(shown(FACTS.beneficiary)).toEqual({ kind: 'wallet', operator: 'bkash', number: '01••••••678' })
  expect(
    shown({
      kind: 'bank_account',
      account: 'DE89370400440532013000',
      bank: 'B1',
      holder: '  Ada  Örn Example',
    }),
  ).toEqual({ kind: 'bank_account', account: '••••••••••••••••••3000', bank: 'B1', holder: 'A. Ö. E.' })
  expect(shown({ kind: 'bank_account', account: '12345678', bank: null, holder: null })).toMatchObject({
    holder: null,
  })
  expect(shown({ kind: 'card', number: '4111111111111111' })).toEqual({
    kind: 'card',
    number: '411111••••••1111',
  })
})
