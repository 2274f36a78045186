// The runs of this process as the database numbers them. A process that sends has a journal, and each file of it is an
// incarnation; one that does not send has one incarnation and no journal.
import { hostname } from 'node:os'
import { join } from 'node:path'
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Store, StoredIncarnation } from '../store/store.ts'
import { type JournalFiles, journalFolder } from './files.ts'
import { createGuard, type Guard } from './guard.ts'
import { type Journal, openJournal } from './journal.ts'
import { processIsAlive } from './process.ts'
import { judgeLeft, type LeftNeeds, removeOld } from './start.ts'

export interface Runs {
  /** @throws Unavailable where the database cannot be reached */
  start(): Promise<void>
  /** Only where this process sends. */
  journal(): Journal
  guard(): Guard
  /** It lives, and so much of its journal is on the disk; now and then old journals are removed. @throws Unavailable */
  touch(): Promise<void>
  stop(): Promise<void>
}

const REMOVE_EVERY_MS = 3_600_000

export function createRuns(options: {
  readonly config: { readonly mode: string; readonly dataDir: string }
  readonly store: Pick<
    Store,
    | 'beginIncarnation'
    | 'findIncarnation'
    | 'touchIncarnation'
    | 'endIncarnation'
    | 'withOpenSends'
    | 'wakeOpenSends'
    | 'withLiveAttempts'
    | 'checkInstallation'
    | 'installationId'
    | 'sweptJournals'
    | 'safeModes'
  >
  readonly clock: Clock
  readonly log: Log
  readonly isWorker: boolean
  /** Left out: the folder `journal` below the data folder. */
  readonly files?: JournalFiles
}): Runs {
  const { config, store, clock, log } = options
  const files = options.files ?? journalFolder(join(config.dataDir, 'journal'))
  const self = { host: hostname(), pid: process.pid }
  const begun: bigint[] = []
  let journal: Journal | null = null
  let guard: Guard | null = null
  let removedAt = clock.monotonic()

  async function begin(): Promise<StoredIncarnation> {
    const incarnation = await store.beginIncarnation({ kind: config.mode, ...self })
    begun.push(incarnation)
    const stored = await store.findIncarnation(incarnation)
    assert(stored !== null, 'an incarnation that was begun is there')
    return stored
  }

  function leftNeeds(of: Journal): LeftNeeds {
    return { files, store, journal: of, self, isAlive: processIsAlive, log }
  }

  return {
    async start() {
      if (!options.isWorker) {
        await begin()
        return
      }
      journal = await openJournal({ files, begin, find: of => store.findIncarnation(of), clock, log })
      guard = createGuard({ files, journal, store, clock, log })
      await guard.start()
      await judgeLeft(leftNeeds(journal))
    },
    journal() {
      assert(journal !== null, 'a process that sends has opened its journal')
      return journal
    },
    guard() {
      assert(guard !== null, 'a process that sends watches over its database')
      return guard
    },
    async touch() {
      if (journal === null) {
        for (const incarnation of begun.slice(-1)) await store.touchIncarnation(incarnation, 0)
        return
      }
      for (const { incarnation, bytes } of journal.writing()) await store.touchIncarnation(incarnation, bytes)
      if (clock.monotonic() - removedAt < REMOVE_EVERY_MS) return
      removedAt = clock.monotonic()
      await removeOld(leftNeeds(journal), clock.now())
    },
    async stop() {
      await guard?.stop()
      await journal?.close()
      for (const incarnation of begun)
        await store
          .endIncarnation(incarnation)
          .catch(error => log.warn({ err: error }, 'the end was not recorded'))
      begun.length = 0
    },
  }
}
