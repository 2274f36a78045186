// The sweep of safe mode, over real Postgres and a real provider that counts what arrives.
import { afterEach, expect, test } from 'vitest'
import {
  NO_SAFE_MODE,
  NOT_FOUND,
  openWorld,
  PAID,
  TEST_CAPABILITIES,
  type World,
} from '../../test/dispatch-kit.ts'
import { ACCOUNT } from '../../test/store-kit.ts'
import { attemptReference } from '../payout/attempt.ts'

let world: World
afterEach(() => world.close())

const STOPPED = { ...NO_SAFE_MODE, stops: () => 'safe mode' }

async function answered(): Promise<readonly { said: string; is_open: boolean }[]> {
  for (let tries = 0; tries < 400; tries += 1) {
    const { rows } = await world.db.pool.query(
      'select said, next_at is not null as is_open from reference_question where said is not null',
    )
    if (rows.length > 0) return rows
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('nothing was answered')
}

test('a queued payout that its provider knows is recorded as found, settled by asking, and never sent', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => PAID
  await world.accept(1n)
  await world.db.store.checkInstallation('FFFFFF/0', [])
  world.dispatcher({ safeMode: STOPPED }).start()
  expect(await answered()).toEqual([{ said: 'found', is_open: false }])
  await world.reach(1n, 'paid')
  expect(world.provider.arrived).toEqual([])
  expect(world.mistakes).toEqual([])
  expect(await world.broken()).toEqual([])
}, 60_000)

test('one that its provider does not know stays queued, and is asked for once more after the query lag', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => NOT_FOUND
  await world.accept(1n)
  await world.db.store.checkInstallation('FFFFFF/0', [])
  world.dispatcher({ safeMode: STOPPED }).start()
  expect(await answered()).toEqual([{ said: 'not_found', is_open: true }])
  expect(await world.payout(1n)).toMatchObject({ state: 'queued', attempts: 0 })
  expect(world.provider.arrived).toEqual([])
}, 60_000)

test('after a release a reference is asked for before its first send, and sent where it is not known', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => NOT_FOUND
  await world.accept(1n)
  const released = { ...NO_SAFE_MODE, asksFirst: (id: string) => id === ACCOUNT }
  world.dispatcher({ safeMode: released }).start()
  await world.reach(1n, 'pending')
  expect(world.provider.inquired[0]).toBe(world.provider.arrived[0])
}, 60_000)

test('after a release a repeat of what a journal held is never sent to a provider that cannot be asked, but is in doubt', async () => {
  world = await openWorld({ capabilities: { queryableByOurReference: false } })
  await world.accept(1n)
  await world.accept(2n)
  const payout = await world.payout(1n)
  const reference = attemptReference({ ...payout, attemptNo: 1 }, TEST_CAPABILITIES.reference)
  const sent = { merchantId: payout.merchantId, providerAccountId: ACCOUNT, reference }
  await world.db.store.recordPhantom({
    ...sent,
    number: 99n,
    attemptNo: 1,
    detail: 'a send journal holds it',
  })
  const released = { ...NO_SAFE_MODE, asksFirst: (id: string) => id === ACCOUNT }
  world.dispatcher({ safeMode: released }).start()
  await world.reach(1n, 'in_doubt')
  // The other one is new, for all that anybody knows.
  await world.reach(2n, 'pending')
  expect(world.provider.arrived).not.toContain(reference)
  expect(world.provider.arrived).toHaveLength(1)
}, 60_000)

test('after a release a payout of which a journal held a later attempt is never sent, but waits for a person', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => NOT_FOUND
  await world.accept(1n)
  await world.accept(2n)
  const payout = await world.payout(1n)
  const reference = attemptReference({ ...payout, attemptNo: 3 }, TEST_CAPABILITIES.reference)
  const { merchantId } = payout
  // The attempts before it never left, and the database lost all three.
  await world.db.store.recordPhantom({
    ...{ merchantId, number: 99n, attemptNo: 3, providerAccountId: ACCOUNT, reference },
    detail: 'a send journal holds it',
  })
  const released = { ...NO_SAFE_MODE, asksFirst: (id: string) => id === ACCOUNT }
  world.dispatcher({ safeMode: released }).start()
  await world.reach(1n, 'waiting')
  await world.reach(2n, 'pending')
  expect(await world.payout(1n)).toMatchObject({ waitReason: 'review', attempts: 0 })
  expect(world.provider.arrived).toHaveLength(1)
  const { rows } = await world.db.pool.query(
    `select payout_number::int as number from incident where kind = 'found'`,
  )
  expect(rows).toEqual([{ number: 1 }])
}, 60_000)

test('after a release what a journal held is not sent again because its provider does not know it yet', async () => {
  world = await openWorld()
  world.provider.onInquiry = () => NOT_FOUND
  await world.accept(1n)
  const payout = await world.payout(1n)
  const reference = attemptReference({ ...payout, attemptNo: 1 }, TEST_CAPABILITIES.reference)
  const { merchantId } = payout
  await world.db.store.recordPhantom({
    ...{ merchantId, number: 99n, attemptNo: 1, providerAccountId: ACCOUNT, reference },
    detail: 'a send journal holds it',
  })
  const released = { ...NO_SAFE_MODE, asksFirst: (id: string) => id === ACCOUNT }
  world.dispatcher({ safeMode: released }).start()
  await world.reach(1n, 'in_doubt')
  expect(world.provider.arrived).toEqual([])
}, 60_000)
