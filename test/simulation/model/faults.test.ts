import { expect, test } from 'vitest'
import { Unavailable } from '../../../src/errors.ts'
import { NotSerialized, type StoreFault, withFaults } from './faults.ts'
import { createModelStore } from './model-store.ts'

const MERCHANT = { merchantId: 'm', name: 'M', active: true }

function faultyStore(fault: StoreFault) {
  let nowMs = 1_000
  const model = createModelStore({ clock: { now: () => nowMs } })
  const slept: number[] = []
  const store = withFaults(model, {
    decide: () => fault,
    sleep: async ms => {
      slept.push(ms)
      nowMs += ms
    },
  })
  return { model, store, slept, version: async () => model.configurationVersion() }
}

test('without a fault a call is done and answered', async () => {
  const { store, version } = faultyStore({ kind: 'none' })
  await store.putMerchant(MERCHANT)
  expect(await version()).toBe(3n)
})

test('a call that is not done changes nothing and is unavailable', async () => {
  const { store, version } = faultyStore({ kind: 'not_done' })
  await expect(store.putMerchant(MERCHANT)).rejects.toThrow(Unavailable)
  expect(await version()).toBe(1n)
})

test('a call whose answer is lost is done and unavailable', async () => {
  const { store, version } = faultyStore({ kind: 'answer_lost' })
  await expect(store.putMerchant(MERCHANT)).rejects.toThrow(Unavailable)
  expect(await version()).toBe(3n)
})

test('a slow call is done behind its first wait, by the clock of that moment', async () => {
  const { store, model, slept } = faultyStore({ kind: 'slow', beforeMs: 500, afterMs: 70 })
  await store.beginIncarnation({ kind: 'serve', host: 'h', pid: 1 })
  expect(model.tables().incarnations.get(1n)?.startedAtMs).toBe(1_500)
  expect(slept).toEqual([500, 70])
})

test('a call that is rolled back four times is asked again and done once', async () => {
  const { store, slept, version } = faultyStore({ kind: 'serialization', times: 4, ms: 10 })
  await store.putMerchant(MERCHANT)
  expect(await version()).toBe(3n)
  expect(slept).toEqual([10, 10, 10, 10])
})

test('a call that is rolled back every time is not done, and says so', async () => {
  const { store, version } = faultyStore({ kind: 'serialization', times: 5, ms: 10 })
  await expect(store.putMerchant(MERCHANT)).rejects.toThrow(NotSerialized)
  expect(await version()).toBe(1n)
})

test('a restore loses what was committed behind the snapshot, and a snapshot stays what it was', async () => {
  const { model } = faultyStore({ kind: 'none' })
  await model.putMerchant(MERCHANT)
  const { first } = await model.takeNumbers(1)
  const snapshot = model.snapshot()
  await model.putMerchant({ ...MERCHANT, merchantId: 'later' })
  await model.takeNumbers(1)
  model.restore(snapshot)
  expect([...model.tables().merchants.keys()]).toEqual(['m'])
  // As after a failover that lost its tail: a number may come a second time.
  expect((await model.takeNumbers(1)).first).toBe(first + 1_000n)
  model.restore(snapshot)
  expect((await model.takeNumbers(1)).first).toBe(first + 1_000n)
})
