import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from '../../test/store-kit.ts'
import { sha256 } from '../lib/digest.ts'
import { answerOnce } from './once.ts'

let db: TestStore
let runs = 0
beforeAll(async () => {
  db = await openTestStore(0n)
})
afterAll(() => db.close())

function use(key: string, content = 'one', keepMs = 60_000) {
  return { door: 'toy', publicId: 'client', key, fingerprint: sha256(content), keepMs }
}
async function work(): Promise<string> {
  runs += 1
  return `answer ${runs}`
}

test('the same request gets the stored answer and has no effect', async () => {
  const before = runs
  const first = await answerOnce(use('a'), work, db.store)
  expect(first).toEqual({ kind: 'answered', answer: `answer ${before + 1}` })
  expect(await answerOnce(use('a'), work, db.store)).toEqual({ ...first, kind: 'repeated' })
  expect(runs).toBe(before + 1)
})

test('the same key with other content is refused, and the first answer stays', async () => {
  const first = await answerOnce(use('b'), work, db.store)
  const before = runs
  expect(await answerOnce(use('b', 'other'), work, db.store)).toEqual({ kind: 'other' })
  expect(runs).toBe(before)
  expect(await answerOnce(use('b'), work, db.store)).toEqual({ ...first, kind: 'repeated' })
})

test('the key of another client, or at another door, is another key', async () => {
  const before = runs
  await answerOnce(use('c'), work, db.store)
  await answerOnce({ ...use('c'), publicId: 'someone' }, work, db.store)
  await answerOnce({ ...use('c'), door: 'other' }, work, db.store)
  expect(runs).toBe(before + 3)
})

test('a request whose process ended before the answer was kept is answered by its repeat', async () => {
  await expect(answerOnce(use('d'), () => Promise.reject(new Error('ended')), db.store)).rejects.toThrow(
    'ended',
  )
  expect(await answerOnce(use('d', 'other'), work, db.store)).toEqual({ kind: 'other' })
  expect(await answerOnce(use('d'), work, db.store)).toMatchObject({ kind: 'answered' })
})

test('what has expired is forgotten, and what has not stays', async () => {
  await answerOnce(use('e', 'one', 0), work, db.store)
  await answerOnce(use('f'), work, db.store)
  await db.store.forgetOneTimeUses()
  expect(await answerOnce(use('e', 'other'), work, db.store)).toMatchObject({ kind: 'answered' })
  expect(await answerOnce(use('f'), work, db.store)).toMatchObject({ kind: 'repeated' })
})
