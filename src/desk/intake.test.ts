import { expect, test } from 'vitest'
import { MERCHANT, newPayout } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import type { AcceptVerdict, NewPayout } from '../store/store.ts'
import { createIntake } from './intake.ts'

const log = createLog({ level: 'silent' })
const turn = () => new Promise(resolve => setImmediate(resolve))

function recorded(answer: (payout: NewPayout) => AcceptVerdict = () => ({ kind: 'accepted' })) {
  const batches: (readonly NewPayout[])[] = []
  const woken = { times: 0 }
  let open = Promise.resolve()
  const intake = createIntake({
    store: {
      async acceptPayouts(batch) {
        batches.push(batch)
        await open
        return batch.map(answer)
      },
    },
    clock: systemClock,
    log,
    onAccepted: () => {
      woken.times += 1
    },
  })
  return {
    intake,
    batches,
    woken,
    /** Commits stand still until the returned function is called. */
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      open = promise
      return resolve
    },
  }
}

test('an answer is never given before its commit', async () => {
  const { intake, hold } = recorded()
  const commit = hold()
  let answered = false
  const answer = intake.accept(newPayout(1n)).then(verdict => {
    answered = true
    return verdict
  })
  for (let turns = 0; turns < 20; turns += 1) await turn()
  expect(answered).toBe(false)
  expect(intake.waiting()).toBe(1)
  commit()
  expect(await answer).toEqual({ kind: 'accepted' })
  expect(intake.waiting()).toBe(0)
})

test('payouts that share a reference or a key are decided one after the other, all others together', async () => {
  const { intake, batches, hold } = recorded()
  const commit = hold()
  const all = [
    intake.accept(newPayout(1n, { idempotencyKey: 'k1' })),
    intake.accept(newPayout(2n, { idempotencyKey: 'k1' })),
    intake.accept(newPayout(3n, { reference: 'ref-1' })),
    intake.accept(newPayout(4n, { reference: 'ref-1', merchantId: 'm_other' })),
    // A key is no reference, though it may be spelled like one.
    intake.accept(newPayout(5n, { idempotencyKey: 'ref-1' })),
  ]
  await turn()
  commit()
  await Promise.all(all)
  expect(batches.map(batch => batch.map(payout => payout.number))).toEqual([
    [1n, 4n, 5n],
    [2n, 3n],
  ])
})

test('the dispatcher is woken after a commit that accepted something, and by no other', async () => {
  const { intake, woken } = recorded(payout =>
    payout.number === 2n ? { kind: 'accepted' } : { kind: 'insufficient' },
  )
  await intake.accept(newPayout(1n))
  expect(woken.times).toBe(0)
  await intake.accept(newPayout(2n))
  expect(woken.times).toBe(1)
})

test('a dispatcher that fails to wake takes no answer from anybody', async () => {
  const intake = createIntake({
    store: { acceptPayouts: async batch => batch.map(() => ({ kind: 'accepted' })) },
    clock: systemClock,
    log,
    onAccepted: () => {
      throw new Error('no dispatcher')
    },
  })
  expect(await intake.accept(newPayout(1n))).toEqual({ kind: 'accepted' })
})

test('a batch that fails is answered as failed to each of its members, and to nobody else', async () => {
  let broken = true
  const intake = createIntake({
    store: {
      async acceptPayouts(batch) {
        if (broken) throw new Error('connection lost')
        return batch.map(() => ({ kind: 'accepted' }))
      },
    },
    clock: systemClock,
    log,
    onAccepted: () => {},
  })
  const all = await Promise.allSettled([1n, 2n, 3n].map(number => intake.accept(newPayout(number))))
  expect(all.map(one => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
  broken = false
  expect(await intake.accept(newPayout(4n))).toEqual({ kind: 'accepted' })
})

test('who meets another process at the same reference asks again, a bounded number of times', async () => {
  const again = { times: 3 }
  const { intake, batches } = recorded(() => {
    again.times -= 1
    return again.times >= 0 ? { kind: 'again' } : { kind: 'accepted' }
  })
  expect(await intake.accept(newPayout(1n))).toEqual({ kind: 'accepted' })
  expect(batches.length).toBe(4)

  again.times = Number.MAX_SAFE_INTEGER
  await expect(intake.accept(newPayout(2n))).rejects.toMatchObject({ code: 'unavailable' })
  expect(batches.length).toBe(14)
})

test('a batch holds at most five hundred, and beyond ten thousand who wait the next is refused at once', async () => {
  const { intake, batches, hold } = recorded()
  const commit = hold()
  const all = Array.from({ length: 10_000 }, (_, at) => intake.accept(newPayout(BigInt(at + 1))))
  const over = newPayout(10_001n, { merchantId: MERCHANT })
  await expect(intake.accept(over)).rejects.toMatchObject({ code: 'overloaded' })
  commit()
  await Promise.all(all)
  expect(Math.max(...batches.map(batch => batch.length))).toBe(500)
  expect(batches.flat()).not.toContain(over)
})
