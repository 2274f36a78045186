import { expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { sha256 } from '../lib/digest.ts'
import type { OneTimeUse } from '../protocols/protocol.ts'
import { createOnce } from './once.ts'

test('the same use again gets the first answer, and its work is not done again', async () => {
  const { once, work, done } = world()
  expect(await once(use('k1'), work)).toEqual({ kind: 'answered', answer: 'answer 1' })
  expect(await once(use('k1'), work)).toEqual({ kind: 'repeated', answer: 'answer 1' })
  expect(await once(use('k2'), work)).toEqual({ kind: 'answered', answer: 'answer 2' })
  expect(done()).toBe(2)
})

test('two at the same time are one', async () => {
  const { once, work, done } = world()
  const both = await Promise.all([once(use('k1'), work), once(use('k1'), work)])
  expect(both.map(({ kind }) => kind)).toEqual(['answered', 'repeated'])
  expect(done()).toBe(1)
})

test('the same key with another fingerprint is another, and learns nothing', async () => {
  const { once, work, done } = world()
  await once(use('k1'), work)
  expect(await once({ ...use('k1'), fingerprint: sha256('other') }, work)).toEqual({ kind: 'other' })
  expect(done()).toBe(1)
})

test('a key is of one credential at one door', async () => {
  const { once, work } = world()
  await once(use('k1'), work)
  for (const other of [{ door: 'another' }, { publicId: '43' }])
    expect((await once({ ...use('k1'), ...other }, work)).kind).toBe('answered')
})

test('it is remembered for as long as was asked, and then free', async () => {
  const { once, work, passed } = world()
  await once(use('k1'), work)
  passed(999)
  expect((await once(use('k1'), work)).kind).toBe('repeated')
  passed(1)
  expect((await once(use('k1'), work)).kind).toBe('answered')
})

test('work that could not be done may be asked for again', async () => {
  const { once, work } = world()
  await expect(once(use('k1'), () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect((await once(use('k1'), work)).kind).toBe('answered')
})

test('more than fit are refused, and what has expired makes room', async () => {
  const { once, work, passed } = world(2)
  await once(use('k1'), work)
  await once(use('k2'), work)
  await expect(once(use('k3'), work)).rejects.toThrow(Unavailable)
  expect((await once(use('k2'), work)).kind).toBe('repeated')
  passed(1_000)
  expect((await once(use('k3'), work)).kind).toBe('answered')
})

function world(usesMax?: number) {
  let nowMs = 1_000_000
  let count = 0
  const clock = { now: () => nowMs }
  return {
    once: usesMax === undefined ? createOnce(clock) : createOnce(clock, usesMax),
    work: async () => {
      count += 1
      return `answer ${count}`
    },
    done: () => count,
    passed: (ms: number) => {
      nowMs += ms
    },
  }
}

function use(key: string): OneTimeUse {
  return { door: 'some', publicId: '42', key, fingerprint: sha256('content'), keepMs: 1_000 }
}
