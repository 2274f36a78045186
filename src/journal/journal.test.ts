// The journal of a process: what it lets leave, and what it proves of what others did.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournalEntry, SendRight } from '../dispatch/journal.ts'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { memoryFolder, memoryRuns } from './journal.fixture.ts'
import { type Journal, type JournalOptions, openJournal } from './journal.ts'

const silent = { warn: () => {}, error: () => {} }

function open(change: Partial<JournalOptions> & Pick<JournalOptions, 'files'>): Promise<Journal> {
  const runs = memoryRuns()
  return openJournal({ begin: runs.begin, find: runs.find, clock: systemClock, log: silent, ...change })
}

function entry(number: bigint, incarnation: bigint | null): JournalEntry {
  return {
    ...{ merchantId: 'm_1', number, attemptNo: 1, step: 'only', incarnation: incarnation ?? 0n },
    ...{ providerAccountId: 'pa_1', reference: `r-${number}`, requestHash: 'ab'.repeat(32), atMs: 1 },
  }
}

const NOTHING: Omit<SendRight, 'incarnation'> = {
  merchantId: 'm_1',
  number: 999n,
  attemptNo: 1,
  step: 'only',
}

async function until(isIt: () => boolean): Promise<void> {
  for (let tries = 0; !isIt(); tries += 1) {
    if (tries > 2_000) throw new Error('it never came')
    await systemClock.sleep(5)
  }
}

test('what is written down is found, what is not never left, and the proof names the journal', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const sender = await open({ files, ...runs })
  expect(await sender.write(entry(1n, sender.incarnation()))).toBe(true)
  const judge = await open({ files, ...runs })
  expect(await judge.judge(entry(1n, 1n), true)).toEqual({ kind: 'present' })
  expect(await judge.judge(entry(2n, 1n), true)).toMatchObject({
    kind: 'absent',
    proof: { name: '1.journal', incarnation: '1', installation: 'an installation', entries: 1 },
  })
  expect(await judge.judge({ ...entry(1n, 1n), attemptNo: 2 }, true)).toMatchObject({ kind: 'absent' })
  expect(await judge.judge({ ...entry(1n, 1n), step: 'second' }, true)).toMatchObject({ kind: 'absent' })
})

test('a sender whose time is not over is judged only where its process is known to be gone', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  await open({ files, ...runs })
  const judge = await open({ files, ...runs })
  expect(await judge.judge(entry(1n, 1n), false)).toEqual({ kind: 'later' })
  expect(files.texts.get('1.journal')).not.toContain('seal')
  judge.noteGone(1n)
  expect(await judge.judge(entry(1n, 1n), false)).toMatchObject({ kind: 'absent' })
})

test('after a seal the sender sends nothing under that incarnation, and goes on under another', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const sender = await open({ files, ...runs })
  const judge = await open({ files, ...runs })
  expect(await judge.judge(entry(1n, 1n), true)).toMatchObject({ kind: 'absent' })
  expect(await sender.write(entry(1n, 1n))).toBe(false)
  expect(await sender.write(entry(2n, 1n))).toBe(false)
  await until(() => sender.incarnation() !== null)
  expect(sender.incarnation()).toBe(3n)
  expect(await sender.write(entry(1n, 1n))).toBe(false)
  expect(await sender.write(entry(3n, 3n))).toBe(true)
  // Written too late, so it is in the file and proves nothing.
  expect(files.texts.get('1.journal')).toContain('"r-1"')
  expect(await judge.judge(entry(1n, 1n), true)).toMatchObject({ kind: 'absent' })
})

test('a full disk sends nothing: no right is given until a journal can be written again', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const sender = await open({ files, ...runs })
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  files.before = what => {
    if (what === 'append' || what === 'create') throw full
  }
  expect(await sender.write(entry(1n, 1n))).toBe(false)
  expect(sender.incarnation()).toBeNull()
  files.before = () => {}
  await until(() => sender.incarnation() !== null)
  expect(await sender.write(entry(1n, 1n))).toBe(false)
  expect(await sender.write(entry(2n, sender.incarnation()))).toBe(true)
  await sender.close()
})

test('a journal that was written only in part is given up, and proves nothing by it', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const sender = await open({ files, ...runs })
  expect(await sender.write(entry(1n, 1n))).toBe(true)
  files.before = (what, name, text = '') => {
    if (what !== 'append') return
    files.texts.set(name, (files.texts.get(name) ?? '') + text.slice(0, text.length - 20))
    throw new Error('the disk took only a part of it')
  }
  expect(await Promise.all([2n, 3n].map(number => sender.write(entry(number, 1n))))).toEqual([false, false])
  files.before = () => {}
  await until(() => sender.incarnation() !== null)
  const judge = await open({ files, ...runs })
  expect(await judge.judge(entry(1n, 1n), true)).toEqual({ kind: 'present' })
  // Whole in the part that was written: in doubt, although it was not sent.
  expect(await judge.judge(entry(2n, 1n), true)).toEqual({ kind: 'present' })
  expect(await judge.judge(entry(3n, 1n), true)).toMatchObject({ kind: 'absent' })
  await sender.close()
})

test('a missing, foreign, exchanged or shortened journal proves nothing', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const sender = await open({ files, ...runs })
  await sender.write(entry(1n, 1n))
  const text = files.texts.get('1.journal') ?? ''
  const run = runs.runs.get(1n)
  if (run === undefined) throw new Error('it was begun')
  const judged = async (change: Partial<typeof run>, given: string | null = text) => {
    const folder = memoryFolder()
    if (given !== null) folder.texts.set('1.journal', given)
    const find = async () => ({ ...run, ...change })
    const journal = await open({ files: folder, begin: async () => ({ ...run, incarnation: 50n }), find })
    return journal.judge({ ...NOTHING, incarnation: 1n }, true)
  }
  expect(await judged({})).toMatchObject({ kind: 'absent' })
  expect(await judged({}, null)).toMatchObject({ kind: 'unproven' })
  expect(await judged({ installation: 'another' })).toMatchObject({ kind: 'unproven' })
  expect(await judged({ journalId: 'of the same number after a restore' })).toMatchObject({
    kind: 'unproven',
  })
  expect(await judged({ journalBytes: text.length })).toMatchObject({ kind: 'absent' })
  expect(await judged({ journalBytes: text.length + 1 })).toMatchObject({ kind: 'unproven' })
  expect(await judged({}, text.replace('r-1', 'r-2'))).toMatchObject({ kind: 'unproven' })
  expect(await judged({}, '')).toMatchObject({ kind: 'unproven' })
})

test('an incarnation that the database does not know, or cannot be asked about, is not judged', async () => {
  const files = memoryFolder()
  const unknown = await open({ files, find: async () => null })
  expect(await unknown.judge(entry(1n, 1n), true)).toMatchObject({ kind: 'unproven' })
  const find = () => Promise.reject(new Unavailable('unavailable', 'gone'))
  expect(await (await open({ files: memoryFolder(), find })).judge(entry(1n, 1n), true)).toEqual({
    kind: 'later',
  })
})

test('a full file is followed by another, and rights of the one before are still used', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  const sender = await open({ files, ...runs, bytesMax: 500 })
  for (let number = 1n; number <= 3n; number += 1n) await sender.write(entry(number, 1n))
  await until(() => sender.incarnation() === 2n)
  expect(await sender.write(entry(4n, 1n))).toBe(true)
  expect(await sender.write(entry(5n, 2n))).toBe(true)
  expect(sender.writing().map(({ incarnation }) => incarnation)).toEqual([2n, 1n])
})

test('a name that is taken is never written into: the next incarnation has another', async () => {
  const [files, runs] = [memoryFolder(), memoryRuns()]
  files.texts.set('1.journal', 'of a life that a restore took back')
  const sender = await open({ files, ...runs })
  expect(sender.incarnation()).toBe(2n)
  expect(files.texts.get('1.journal')).toBe('of a life that a restore took back')
})

test('no interleaving of sender and judges lets a send leave that is judged never to have left', async () => {
  let [sent, absent, present] = [0, 0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 4 }),
      async (s, judges, sends) => {
        const [files, runs] = [memoryFolder(), memoryRuns()]
        const sender = await open({ files, ...runs })
        const others = await Promise.all(Array.from({ length: judges }, () => open({ files, ...runs })))
        // From here on every effect on the folder waits for its turn, in any order.
        files.before = () => s.schedule(Promise.resolve())
        const rights = Array.from({ length: sends }, (_, place) => entry(BigInt(place + 1), 1n))
        const writes = rights.map(right => s.schedule(Promise.resolve()).then(() => sender.write(right)))
        const verdicts = others.flatMap(judge =>
          rights.map(right => s.schedule(Promise.resolve()).then(() => judge.judge(right, true))),
        )
        const everything = Promise.all([Promise.all(writes), Promise.all(verdicts)])
        const [left, judged] = await s.waitFor(everything)
        for (const [place, verdict] of judged.entries()) {
          const isSent = left[place % sends] === true
          expect(isSent && verdict.kind === 'absent').toBe(false)
          sent += isSent ? 1 : 0
          absent += verdict.kind === 'absent' ? 1 : 0
          present += verdict.kind === 'present' ? 1 : 0
        }
        files.before = () => {}
        await s.waitAll()
        await Promise.all([sender, ...others].map(one => one.close()))
      },
    ),
    { numRuns: 400 },
  )
  // It is worth what it met.
  expect(Math.min(sent, absent, present)).toBeGreaterThan(20)
}, 60_000)
