import { expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { createNumbers } from './numbers.ts'

/** A store that gives blocks of what is asked, and whose answers a test can hold back or refuse. */
function blocks() {
  let next = 1n
  const asked: number[] = []
  const state = { broken: false, held: null as Promise<void> | null }
  return {
    asked,
    state,
    store: {
      async takeNumbers(count: number) {
        asked.push(count)
        await state.held
        if (state.broken) throw new Unavailable('unavailable', 'the database is away')
        const first = next
        next += BigInt(count)
        return { first }
      },
    },
  }
}

test('numbers are given one after the other and none twice, over many blocks and many who wait', async () => {
  const { store } = blocks()
  const numbers = createNumbers({ store })
  const given = await Promise.all(
    Array.from({ length: 5_500 }, async () => numbers.take() ?? (await numbers.wait())),
  )
  expect(new Set(given).size).toBe(5_500)
  expect(given.every(number => number > 0n && number <= 7_000n)).toBe(true)
})

test('two processes on one store never share a number', async () => {
  const { store } = blocks()
  const [one, other] = [createNumbers({ store }), createNumbers({ store })]
  const given = await Promise.all(
    Array.from({ length: 3_000 }, (_, at) => (at % 2 === 0 ? one : other).wait()),
  )
  expect(new Set(given).size).toBe(3_000)
})

test('the next block is fetched while the one before it is used, so that nobody waits for it', async () => {
  const { store, asked } = blocks()
  const numbers = createNumbers({ store })
  await numbers.wait()
  await new Promise(resolve => setImmediate(resolve))
  expect(asked.length).toBe(2)
  for (let count = 0; count < 1_500; count += 1) expect(numbers.take()).not.toBeNull()
})

test('where no block can be had those who wait are told so, and the next one asks again', async () => {
  const { store, state } = blocks()
  const numbers = createNumbers({ store })
  state.broken = true
  await expect(numbers.wait()).rejects.toThrow(Unavailable)
  state.broken = false
  expect(await numbers.wait()).toBe(1n)
})

test('no more than ten thousand wait for a number', async () => {
  const { store, state } = blocks()
  const numbers = createNumbers({ store })
  const { promise, resolve } = Promise.withResolvers<void>()
  state.held = promise
  const waiting = Array.from({ length: 10_000 }, () => numbers.wait())
  await expect(numbers.wait()).rejects.toMatchObject({ code: 'overloaded' })
  resolve()
  expect(new Set(await Promise.all(waiting)).size).toBe(10_000)
})
