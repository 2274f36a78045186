// Watches whether the database is still the one this installation knows, and what people released. Looked at once a
// second, and before anything is sent at all; the claim itself looks again, in its own statement and on its own connection,
// so that no failover lies between the look and what is claimed. Older than a few seconds, what is known here is not
// believed any more, and nothing leaves.
import { incarnationOf, readOpen, type StoredEntry } from '../dispatch/journal.ts'
import type { SafeMode } from '../dispatch/safe-mode.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { SafeModeState, Store } from '../store/store.ts'
import type { JournalFiles } from './files.ts'
import type { Journal } from './journal.ts'

export interface Guard extends SafeMode {
  /** The first look. @throws Unavailable */
  start(): Promise<void>
  /** Hears each time that safe mode is entered from now on, also by another process. */
  onEntered(run: () => void): void
  /**
   * Sends of the lives before safe mode that the journals in the folder hold, one file after the other; as long as new
   * references are asked for. Until whoever takes them has taken the last one, nothing is sent where safe mode was.
   */
  journaled(): AsyncIterable<readonly StoredEntry[]>
  stop(): Promise<void>
}

export interface GuardNeeds {
  readonly files: JournalFiles
  readonly journal: Pick<Journal, 'notePosition' | 'renew'>
  readonly store: Pick<
    Store,
    'findIncarnation' | 'checkInstallation' | 'installationId' | 'sweptJournals' | 'safeModes'
  >
  readonly clock: Clock
  readonly log: Pick<Log, 'error' | 'warn'>
}

const CHECK_EVERY_MS = 1_000
/** Beyond this nobody knows, and nothing is sent. */
const FRESH_MS = 5_000
/** The newest journals say how far the log was; older ones say less. */
const FILES_MAX = 64
/** The highest position that there can be: every log is behind it. */
const BEYOND = 'FFFFFFFF/FFFFFFFF'

export function createGuard(needs: GuardNeeds): Guard {
  const { files, journal, store, clock, log } = needs
  const stopped = new AbortController()
  let states: ReadonlyMap<string, readonly SafeModeState[]> = new Map()
  let checkedAt = Number.NEGATIVE_INFINITY
  let noted: string | null = null
  let journals: readonly string[] = []
  /** What the journals held when safe mode was entered then was all taken. */
  let takenUpToMs = Number.NEGATIVE_INFINITY
  let running: Promise<void> = Promise.resolve()
  const entered: (() => void)[] = []

  async function readNoted(): Promise<void> {
    const [installation, swept] = await Promise.all([store.installationId(), store.sweptJournals()])
    const isSwept = new Set(swept)
    const ids: string[] = []
    for await (const { id, incarnation, entries } of journalsOf(files, installation)) {
      ids.push(id)
      if (isSwept.has(id)) continue
      // A run that this database never numbered, or numbered for somebody else: it has lost the part of its log in which it
      // did. So it shows also where it has written more since than it lost.
      const owner = await store.findIncarnation(BigInt(incarnation))
      if (owner?.journalId !== id) noted = BEYOND
      for (const { position } of entries) noted = later(noted, position)
    }
    journals = ids
  }

  async function check(): Promise<void> {
    const { sign, position } = await store.checkInstallation(noted, journals)
    if (sign !== null) {
      log.error({ differs: sign, noted }, 'the database is not the one it was: safe mode, nothing is sent')
      // What was noted belongs to the life that was lost. A new journal begins, and it is this database's.
      noted = null
      journal.renew('the database is not the one it was')
    }
    noted = later(noted, position)
    journal.notePosition(position)
    const found = await store.safeModes()
    const isElsewhere = sign === null && isChecked() && found.some(isNew)
    // Whoever of several processes looks first takes the sign away from the others. Their numbers and what they sent may be
    // in the lost part just as well, and only they may have the journals that hold it.
    if (isElsewhere) {
      log.error(
        {},
        'another process found that the database is not the one it was: safe mode, nothing is sent',
      )
      journal.renew('the database is not the one it was')
    }
    states = Map.groupBy(found, ({ providerAccountId }) => providerAccountId)
    checkedAt = clock.monotonic()
    if (sign !== null || isElsewhere) for (const hear of entered) hear()
  }

  const isChecked = () => checkedAt > Number.NEGATIVE_INFINITY

  function isNew({ providerAccountId, enteredAtMs }: SafeModeState): boolean {
    return statesOf(providerAccountId).every(known => known.enteredAtMs !== enteredAtMs)
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopped.signal.aborted; ) {
      await clock.sleep(CHECK_EVERY_MS, stopped.signal)
      if (stopped.signal.aborted) return
      try {
        await check()
        failures = 0
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'safe mode cannot be looked at')
        failures += 1
      }
    }
  }

  const statesOf = (providerAccountId: string) => states.get(providerAccountId) ?? []

  return {
    async start() {
      await readNoted()
      await check()
      running = run()
    },
    onEntered(run) {
      entered.push(run)
    },
    stops(providerAccountId) {
      if (clock.monotonic() - checkedAt > FRESH_MS) return 'nobody knows whether it is in safe mode'
      const known = statesOf(providerAccountId)
      if (known.some(({ releasedAtMs }) => releasedAtMs === null))
        return 'safe mode: the database was restored, and two people have to release it'
      // A process that was not there until the release may hold what nobody has heard of.
      return known.some(({ enteredAtMs }) => enteredAtMs > takenUpToMs)
        ? 'what the send journals here hold is not held against the restored database yet'
        : null
    },
    asksFirst: providerAccountId => statesOf(providerAccountId).length > 0,
    stopsSecond: (providerAccountId, createdAtMs) =>
      statesOf(providerAccountId).some(({ enteredAtMs }) => createdAtMs <= enteredAtMs),
    noted: () => noted,
    async *journaled() {
      const known = [...states.values()].flat()
      if (known.length === 0) return
      const enteredAtMs = Math.max(...known.map(one => one.enteredAtMs))
      for await (const { id, incarnation, entries } of journalsOf(files, await store.installationId())) {
        const owner = await store.findIncarnation(BigInt(incarnation))
        // Begun after it was entered, so that what it holds is of this database's own life.
        if (owner?.journalId === id && owner.startedAtMs > enteredAtMs) continue
        yield entries
      }
      takenUpToMs = enteredAtMs
    },
    async stop() {
      stopped.abort()
      await running
    },
  }
}

async function* journalsOf(
  files: JournalFiles,
  installation: string,
): AsyncIterable<{
  readonly id: string
  readonly incarnation: string
  readonly entries: readonly StoredEntry[]
}> {
  const found = (await files.list()).filter(({ name }) => incarnationOf(name) !== null)
  const newest = found.sort((one, other) => other.modifiedAtMs - one.modifiedAtMs).slice(0, FILES_MAX)
  for (const { name } of newest) {
    const bytes = await files.read(name)
    const { header, entries } = readOpen(bytes ?? new Uint8Array())
    if (header?.installation === installation)
      yield { id: header.id, incarnation: header.incarnation, entries }
  }
}

/** The higher of two positions in a log, such as `1/2A` and `0/FFFF`. */
function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other
  return numberOf(one) >= numberOf(other) ? one : other
}

function numberOf(position: string): bigint {
  const [high = '0', low = '0'] = position.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}
