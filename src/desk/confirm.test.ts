// Over real Postgres: a payout that waits for its merchant's second call, and what the call gets however often it comes.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MERCHANT, newPayout, openTestStore, type TestStore } from '../../test/store-kit.ts'
import { auditBooks } from '../ledger/audit.ts'
import type { Store } from '../store/store.ts'
import { cancelPayout } from './cancel.ts'
import { type ConfirmParts, confirmPayout } from './confirm.ts'

let db: TestStore
let woken = 0
beforeAll(async () => {
  db = await openTestStore(10_000_000n)
})
afterAll(() => db.close())

function parts(store: Store = db.store): ConfirmParts {
  const onAccepted = () => {
    woken += 1
  }
  return { store, directory: { assertCurrent: () => {} }, noticesFor: () => [], onAccepted }
}

async function waiting(number: bigint): Promise<void> {
  await db.store.acceptPayouts([newPayout(number, { to: 'waiting', waitReason: 'confirmation' })])
}

async function stateOf(number: bigint): Promise<string | undefined> {
  return (await db.store.findPayout(MERCHANT, { by: 'number', number }))?.state
}

test('a payout that waits is released by the call, and every repeat gets the first answer', async () => {
  await waiting(1n)
  const before = woken
  expect(await db.store.claimDue({ limit: 10, leaseMs: 1 })).toEqual([])
  expect(await confirmPayout(MERCHANT, 1n, 'first', parts())).toEqual({ kind: 'confirmed', answer: 'first' })
  expect(await stateOf(1n)).toBe('queued')
  expect(woken).toBe(before + 1)
  expect(await confirmPayout(MERCHANT, 1n, 'second', parts())).toEqual({ kind: 'replayed', answer: 'first' })
  expect(await db.store.claimDue({ limit: 10, leaseMs: 60_000 })).toHaveLength(1)
  expect(auditBooks(await db.store.readBooks(MERCHANT))).toEqual([])
})

test('many calls at once release it once, and all of them get one answer', async () => {
  await waiting(2n)
  const calls = Array.from({ length: 8 }, (_, index) => confirmPayout(MERCHANT, 2n, `a${index}`, parts()))
  const said = await Promise.all(calls)
  expect(new Set(said.map(one => (one.kind === 'not_waiting' ? null : one.answer))).size).toBe(1)
  expect(said.filter(({ kind }) => kind === 'confirmed')).toHaveLength(1)
  expect(await db.store.claimDue({ limit: 10, leaseMs: 60_000 })).toHaveLength(1)
})

test('a payout that never waited, was cancelled, or does not exist is not released', async () => {
  await db.store.acceptPayouts([newPayout(3n)])
  await waiting(4n)
  await cancelPayout(MERCHANT, 4n, parts())
  for (const number of [3n, 4n, 999n])
    expect(await confirmPayout(MERCHANT, number, 'x', parts())).toEqual({ kind: 'not_waiting' })
  expect(await stateOf(4n)).toBe('cancelled')
  expect(await db.store.findConfirmation(MERCHANT, 4n)).toBeNull()
})

test('a payout of another merchant is not released', async () => {
  await waiting(5n)
  expect(await confirmPayout('m_other', 5n, 'x', parts())).toEqual({ kind: 'not_waiting' })
  expect(await stateOf(5n)).toBe('waiting')
})

test('a payout that was cancelled while it was confirmed is not confirmed, now or later', async () => {
  await waiting(6n)
  // The cancellation is committed between the reading and the step.
  let cancelled = false
  const store: Store = {
    ...db.store,
    async advancePayouts(batch) {
      if (!cancelled && batch[0]?.confirmation !== null) {
        cancelled = true
        await cancelPayout(MERCHANT, 6n, parts())
      }
      return db.store.advancePayouts(batch)
    },
  }
  expect(await confirmPayout(MERCHANT, 6n, 'never given', parts(store))).toEqual({ kind: 'not_waiting' })
  expect(await confirmPayout(MERCHANT, 6n, 'nor later', parts())).toEqual({ kind: 'not_waiting' })
  expect(await stateOf(6n)).toBe('cancelled')
  expect(await db.store.findConfirmation(MERCHANT, 6n)).toBeNull()
})
