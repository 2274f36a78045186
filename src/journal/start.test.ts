// What a process does with journals that others left: only those are taken for gone that are.
import { expect, test } from 'vitest'
import type { StoredIncarnation } from '../store/store.ts'
import { memoryFolder, memoryRuns } from './journal.fixture.ts'
import { judgeLeft, type LeftNeeds, removeOld } from './start.ts'

const DAY_MS = 24 * 3_600_000

async function left(change: Partial<StoredIncarnation>, open: readonly bigint[] = [1n]) {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const run = { ...(await runs.begin()), host: 'here', pid: 100, ...change }
  runs.runs.set(1n, run)
  for (const name of ['1.journal', '2.journal', 'notes.txt']) files.texts.set(name, '')
  const [gone, woken]: [bigint[], bigint[]] = [[], []]
  const needs: LeftNeeds = {
    files,
    store: {
      findIncarnation: runs.find,
      withOpenSends: async of => of.filter(one => open.includes(one)),
      wakeOpenSends: async of => {
        woken.push(...of)
      },
      withLiveAttempts: async of => of.filter(one => open.includes(one)),
    },
    journal: {
      noteGone: incarnation => gone.push(incarnation),
      writing: () => [{ incarnation: 2n, bytes: 0 }],
    },
    self: { host: 'here', pid: 200 },
    isAlive: pid => pid === 101,
    log: { info: () => {}, warn: () => {} },
  }
  return { needs, gone, woken, files }
}

test.each([
  ['ran here under a number that nobody has now', {}, true],
  ['ran here under our own number, before us', { pid: 200 }, true],
  ['ended in good order, wherever it ran', { host: 'there', hasEnded: true }, true],
  ['may be alive: its number is somebody’s', { pid: 101 }, false],
  ['ran on another host', { host: 'there' }, false],
] as const)(
  'of a process that %s, sends without an end are judged at once: %#',
  async (_what, change, isJudged) => {
    const { needs, gone, woken } = await left(change)
    await judgeLeft(needs)
    expect(gone).toEqual(isJudged ? [1n] : [])
    expect(woken).toEqual(gone)
  },
)

test('a process that left no send without an end is left alone, and so is our own journal', async () => {
  const { needs, gone, woken } = await left({}, [2n])
  await judgeLeft(needs)
  expect([gone, woken]).toEqual([[], []])
})

test('a journal is removed after 35 days, and only when no attempt of it is open and it is known whose it is', async () => {
  const kept = await left({}, [1n])
  await removeOld(kept.needs, 36 * DAY_MS)
  expect([...kept.files.texts.keys()]).toContain('1.journal')

  const old = await left({}, [])
  await removeOld(old.needs, 34 * DAY_MS)
  expect([...old.files.texts.keys()]).toContain('1.journal')
  old.files.texts.set('77.journal', '')
  await removeOld(old.needs, 36 * DAY_MS)
  expect([...old.files.texts.keys()]).toEqual(['2.journal', 'notes.txt', '77.journal'])
})
