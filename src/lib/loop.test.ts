import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'
import { createLoop, type LoopOptions } from './loop.ts'

function looped(round: () => Promise<boolean>, change: Partial<LoopOptions> = {}) {
  const told: string[] = []
  const loop = createLoop({
    clock: systemClock,
    round,
    pollMs: () => 60_000,
    failed: error => told.push(`failed ${error instanceof Error ? error.message : ''}`),
    recovered: () => told.push('recovered'),
    ...change,
  })
  return { loop, told }
}
const soon = () => systemClock.sleep(60)

test('rounds follow each other while there is more, and then only when somebody wakes it', async () => {
  let rounds = 0
  const { loop } = looped(async () => {
    rounds += 1
    return rounds < 5
  })
  loop.start()
  await soon()
  expect(rounds).toBe(5)
  loop.wake()
  await soon()
  expect(rounds).toBe(6)
  await loop.stop()
})

test('without anybody waking it a round comes every now and then', async () => {
  let rounds = 0
  const { loop } = looped(
    async () => {
      rounds += 1
      return false
    },
    { pollMs: () => 10 },
  )
  loop.start()
  await soon()
  expect(rounds).toBeGreaterThan(2)
  await loop.stop()
})

test('a wake during a round is not lost', async () => {
  let rounds = 0
  const { loop } = looped(async () => {
    rounds += 1
    if (rounds === 1) {
      await systemClock.sleep(10)
      loop.wake()
      await systemClock.sleep(10)
    }
    return false
  })
  loop.start()
  await soon()
  expect(rounds).toBe(2)
  await loop.stop()
})

test('a round that throws is followed by others, further and further apart, and is told once', async () => {
  const pauses: number[] = []
  let rounds = 0
  const clock = {
    ...systemClock,
    sleep: async (ms: number, signal?: AbortSignal) => {
      pauses.push(ms)
      await systemClock.sleep(rounds < 10 ? 0 : ms, signal)
    },
  }
  const { loop, told } = looped(
    async () => {
      rounds += 1
      if (rounds < 8) throw new Error('gone')
      return rounds < 10
    },
    { clock },
  )
  loop.start()
  await soon()
  await loop.stop()
  expect(pauses.slice(0, 7)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  expect(told).toEqual(['failed gone', 'recovered'])
})

test('stopping waits for the round under way, and none follows', async () => {
  let rounds = 0
  let ended = false
  const { loop } = looped(async () => {
    rounds += 1
    await systemClock.sleep(40)
    ended = true
    return true
  })
  loop.start()
  await systemClock.sleep(5)
  await loop.stop()
  expect([rounds, ended]).toEqual([1, true])
  loop.wake()
  await soon()
  expect(rounds).toBe(1)
})
