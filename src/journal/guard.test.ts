// The guard: what it lets leave, what it reads from the journals in the folder, and when it believes itself.
import { expect, test, vi } from 'vitest'
import { entryLines, headerLine, type JournalEntry } from '../dispatch/journal.ts'
import { systemClock } from '../lib/clock.ts'
import type { InstallationCheck, SafeModeState } from '../store/store.ts'
import { createGuard, type Guard } from './guard.ts'
import { memoryFolder } from './journal.fixture.ts'

const ENTRY: JournalEntry = {
  ...{ merchantId: 'm_1', number: 1n, attemptNo: 1, step: 'only', incarnation: 1n },
  ...{ providerAccountId: 'pa_1', reference: 'r', requestHash: 'ab', atMs: 1 },
}
const OPEN: SafeModeState = {
  ...{ providerAccountId: 'pa_1', sign: 'timeline', enteredAtMs: 1_000 },
  ...{ releasedAtMs: null, proposedBy: null, confirmedBy: null },
}

interface World {
  readonly guard: Guard
  readonly checks: [string | null, readonly string[]][]
  readonly renewed: string[]
  answer: InstallationCheck
  states: readonly SafeModeState[]
  /** The monotonic clock is ahead of the system's by this much. */
  aheadMs: number
  isGone: boolean
}

function openWorld(
  given: { swept?: readonly string[]; installation?: string; unknown?: bigint; startedAtMs?: number } = {},
): World {
  const files = memoryFolder()
  for (const [incarnation, position] of [
    ['1', '0/FF'],
    ['2', '1/0'],
  ] as const) {
    const header = headerLine({ installation: 'here', incarnation, id: `j${incarnation}` })
    files.texts.set(`${incarnation}.journal`, header.text + entryLines(header.chain, [ENTRY], position).text)
  }
  const world: World = {
    ...{ checks: [], renewed: [], states: [], aheadMs: 0, isGone: false },
    answer: { sign: null, position: '1/5' },
    guard: createGuard({
      files,
      journal: { notePosition: () => {}, renew: why => world.renewed.push(why) },
      clock: { ...systemClock, monotonic: () => systemClock.monotonic() + world.aheadMs },
      log: { error: () => {}, warn: () => {} },
      store: {
        async checkInstallation(noted, journals) {
          if (world.isGone) throw new Error('gone')
          world.checks.push([noted, journals.toSorted()])
          return world.answer
        },
        installationId: async () => given.installation ?? 'here',
        sweptJournals: async () => given.swept ?? [],
        safeModes: async () => world.states,
        findIncarnation: async incarnation =>
          incarnation === given.unknown
            ? null
            : {
                ...{ incarnation, host: 'here', pid: 1, hasEnded: false, installation: 'here' },
                startedAtMs: given.startedAtMs ?? 0,
                ...{ journalId: `j${incarnation}`, journalBytes: 0 },
              },
      },
    }),
  }
  return world
}

test('before the first look nothing is sent', () => {
  expect(openWorld().guard.stops('pa_1')).not.toBeNull()
})

test('the highest position that any journal of this installation noted is what the database is held against', async () => {
  const world = openWorld()
  await world.guard.start()
  expect(world.checks).toEqual([['1/0', ['j1', 'j2']]])
  expect(world.guard.stops('pa_1')).toBeNull()
  expect(world.guard.noted()).toBe('1/5')
  await world.guard.stop()
})

test.each([
  ['of another installation', { installation: 'elsewhere' }, null],
  ['whose run this database does not know is held against it: it', { unknown: 1n }, 'FFFFFFFF/FFFFFFFF'],
  ['that an earlier safe mode took into account', { swept: ['j2'] }, '0/FF'],
] as const)('a journal %s: what the database is held against', async (_whose, given, noted) => {
  const world = openWorld(given)
  await world.guard.start()
  expect(world.checks[0]?.[0]).toBe(noted)
  await world.guard.stop()
})

test('a sign begins a new journal, is told, and what was noted in the life before counts no more', async () => {
  const world = openWorld()
  world.answer = { sign: 'position', position: '0/10' }
  world.states = [OPEN]
  await world.guard.start()
  expect(world.renewed).toHaveLength(1)
  expect(world.guard.noted()).toBe('0/10')
  expect(world.guard.stops('pa_1')).toMatch(/^safe mode/)
  expect(world.guard.stops('pa_2')).toBeNull()
  const found = []
  for await (const entries of world.guard.journaled()) found.push(...entries)
  expect(found).toHaveLength(2)
  await world.guard.stop()
})

test('safe mode that another process entered begins a new journal here too, and its sends are held against the database', async () => {
  const world = openWorld()
  let heard = 0
  world.guard.onEntered(() => {
    heard += 1
  })
  await world.guard.start()
  expect([heard, world.renewed.length]).toEqual([0, 0])
  world.states = [OPEN]
  await vi.waitFor(() => expect([heard, world.renewed.length]).toEqual([1, 1]), 20_000)
  const looks = world.checks.length
  await vi.waitFor(() => expect(world.checks.length).toBeGreaterThan(looks + 1), 20_000)
  expect([heard, world.renewed.length]).toEqual([1, 1])
  world.states = [
    { ...OPEN, enteredAtMs: 9_000 },
    { ...OPEN, releasedAtMs: 2_000 },
  ]
  await vi.waitFor(() => expect([heard, world.renewed.length]).toEqual([2, 2]), 20_000)
  await world.guard.stop()
})

test('safe mode that was there at the start is no news', async () => {
  const world = openWorld()
  world.states = [OPEN]
  await world.guard.start()
  const looks = world.checks.length
  await vi.waitFor(() => expect(world.checks.length).toBeGreaterThan(looks + 1), 20_000)
  expect(world.renewed).toEqual([])
  await world.guard.stop()
})

test('what was released is asked first, and the second step of an older attempt is nobody’s', async () => {
  const world = openWorld()
  world.states = [{ ...OPEN, releasedAtMs: 2_000, proposedBy: 'a', confirmedBy: 'b' }]
  await world.guard.start()
  await taken(world)
  expect(world.guard.stops('pa_1')).toBeNull()
  expect([world.guard.asksFirst('pa_1'), world.guard.asksFirst('pa_2')]).toEqual([true, false])
  expect([world.guard.stopsSecond('pa_1', 1_000), world.guard.stopsSecond('pa_1', 1_001)]).toEqual([
    true,
    false,
  ])
  await world.guard.stop()
})

test('a release that came before this process: what its journals hold is told, and nothing is sent before that', async () => {
  const world = openWorld()
  world.states = [{ ...OPEN, releasedAtMs: 2_000, proposedBy: 'a', confirmedBy: 'b' }]
  await world.guard.start()
  expect(world.guard.stops('pa_1')).toMatch(/^what the send journals here hold/)
  expect(world.guard.stops('pa_2')).toBeNull()
  for await (const _ of world.guard.journaled()) break
  expect(world.guard.stops('pa_1')).not.toBeNull()
  expect(await taken(world)).toBe(2)
  expect(world.guard.stops('pa_1')).toBeNull()
  await world.guard.stop()
})

test('a journal that was begun after safe mode was entered is this database’s, and is not held against it', async () => {
  for (const [startedAtMs, held] of [
    [1_000, 2],
    [1_001, 0],
  ] as const) {
    const world = openWorld({ startedAtMs })
    world.states = [{ ...OPEN, releasedAtMs: 2_000, proposedBy: 'a', confirmedBy: 'b' }]
    await world.guard.start()
    expect(await taken(world)).toBe(held)
    await world.guard.stop()
  }
})

test('where nothing was in safe mode no journal is held against the database', async () => {
  const world = openWorld()
  await world.guard.start()
  expect(await taken(world)).toBe(0)
  expect(world.guard.stops('pa_1')).toBeNull()
  await world.guard.stop()
})

/** How many sends of the journals were taken, to the last one. */
async function taken({ guard }: World): Promise<number> {
  let count = 0
  for await (const entries of guard.journaled()) count += entries.length
  return count
}

test('what is known is not believed for long: where the database cannot be asked nothing leaves', async () => {
  const world = openWorld()
  await world.guard.start()
  world.isGone = true
  world.aheadMs = 4_900
  expect(world.guard.stops('pa_1')).toBeNull()
  world.aheadMs = 10_000
  expect(world.guard.stops('pa_1')).not.toBeNull()
  await world.guard.stop()
})
