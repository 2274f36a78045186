// Nothing leaves while the auditor is silent: a real auditor over a real database, a real worker, and a provider that counts
// what arrives (SAFETY.md section 9). Ten minutes are two seconds here; nothing else is played.
import { expect, test } from 'vitest'
import { runAuditor } from '../../src/auditor/auditor.ts'
import { createReceiver } from '../../src/dispatch/receive.ts'
import { listenForAuditor } from '../../src/dispatch/silence.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createMetrics } from '../../src/lib/metrics.ts'
import { openWorld, PAID, PENDING, type World } from '../dispatch-kit.ts'
import { eventually } from '../program.ts'

const QUIET = { info: () => {}, warn: () => {}, error: () => {} }
const LIMITS = { alarmMs: 1_000, stopMs: 2_000, pollMs: 50 }
const TIMES = { changedEveryMs: 100, beatEveryMs: 100, turnEveryMs: 100 }

test('nothing is sent while the auditor is silent, inquiries and callbacks go on, and its next clean pass lets the sends go on', {
  timeout: 180_000,
}, async () => {
  await using world = disposing(await openWorld())
  const { provider, db } = world
  const metrics = createMetrics()
  const silence = listenForAuditor({
    ...{ store: db.store, clock: systemClock, log: QUIET, metrics, stopsSends: true },
    limits: LIMITS,
  })
  await using stack = new AsyncDisposableStack()
  stack.defer(() => silence.stop())
  const first = startAuditor(world)
  stack.defer(() => first.stop())
  const dispatcher = world.dispatcher({ auditorIsSilent: silence.auditorIsSilent })
  dispatcher.start()
  await world.accept(1n)
  await eventually(
    'it is sent',
    () => world.payout(1n),
    ({ state }) => state === 'pending',
  )
  expect(silence.auditorIsSilent()).toBe(false)

  await first.stop()
  await eventually('it is silent', () => silence.auditorIsSilent(), Boolean, { everyMs: 20 })
  // What was sent a moment before the silence has arrived by then; what is accepted from here on must not.
  const arrived = provider.arrived.length
  await world.accept(2n, 5)
  dispatcher.wakePayouts()
  const asked = provider.inquired.length
  await eventually(
    'inquiries go on',
    () => provider.inquired.length,
    count => count > asked + 2,
  )
  expect(await callBack(world)).toMatchObject({ status: 200 })
  provider.onInquiry = () => PAID
  dispatcher.wakeAttempts()
  await eventually(
    'the callback is followed up',
    () => world.payout(1n),
    ({ state }) => state === 'paid',
  )
  // Many rounds of the worker, each of which would have sent.
  const began = systemClock.monotonic()
  await eventually(
    'rounds go by',
    () => systemClock.monotonic() - began,
    ms => ms > 3_000,
  )
  expect(provider.arrived).toHaveLength(arrived)
  for (let number = 2n; number <= 6n; number += 1n)
    expect(await world.payout(number)).toMatchObject({ state: 'queued' })

  provider.onInquiry = () => PENDING
  const second = startAuditor(world)
  stack.defer(() => second.stop())
  await eventually(
    'the sends go on',
    () => provider.arrived.length,
    count => count === arrived + 5,
    { withinMs: 120_000 },
  )
  const signs = await db.store.auditorSigns()
  expect(signs).toMatchObject({ findings: 0, passAgeMs: expect.any(Number) })
  expect(new Set(provider.arrived).size).toBe(provider.arrived.length)
  expect(await world.broken()).toEqual([])
})

function startAuditor({ db }: World) {
  const stopped = new AbortController()
  const running = runAuditor({
    ...{ url: db.url, own: false, clock: systemClock, log: QUIET, times: TIMES },
    signal: stopped.signal,
  })
  return {
    async stop() {
      stopped.abort()
      await running
    },
  }
}

/** The provider calls about its first payout. */
async function callBack({ db, advance, accounts, connector, provider, mistakes, alarms }: World) {
  const receiver = createReceiver({
    ...{ store: db.store, advance, accounts, connectorOf: () => connector, clock: systemClock },
    ...{ alarm: alarm => alarms.push(alarm), refused: () => {}, wake: () => {} },
    failed: error => mistakes.push(error),
  })
  const [reference = ''] = provider.arrived
  const body = Buffer.from(
    JSON.stringify({
      ...{ good: true, failure: null, theirId: null, amount: null },
      reference,
      said: 'paid',
    }),
  )
  const path = new URL(provider.callbackUrls.get(reference) ?? '').pathname
  return receiver.receive(path, { method: 'POST', query: '', headers: new Map(), body })
}

function disposing(world: World): World & AsyncDisposable {
  return Object.assign(world, { [Symbol.asyncDispose]: () => world.close() })
}
