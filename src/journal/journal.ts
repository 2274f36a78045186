// The send journal of one process. A new file means a new incarnation, so that each send right belongs to exactly one
// file: where a file was sealed by somebody, cannot be written or is full, a new incarnation begins, and rights that were
// given under the old one are not used any more.

import { type JournalVerdict, journalName, type SendJournal } from '../dispatch/journal.ts'
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { StoredIncarnation } from '../store/store.ts'
import type { JournalFiles } from './files.ts'
import { sealedJournals } from './sealed.ts'
import { type JournalWriter, openWriter } from './writer.ts'

export interface JournalOptions {
  readonly files: JournalFiles
  /** A new incarnation of this process, as the database numbered it. */
  readonly begin: () => Promise<StoredIncarnation>
  readonly find: (incarnation: bigint) => Promise<StoredIncarnation | null>
  readonly clock: Clock
  readonly log: JournalLog
  /** Bytes after which a new file begins. */
  readonly bytesMax?: number
}

export interface JournalLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface Journal extends SendJournal {
  /** The newest position in the database's log; each entry carries the highest that was noted. */
  notePosition(position: string): void
  /** The process of this incarnation is gone: its sends without an end may be judged before their time is over. */
  noteGone(incarnation: bigint): void
  /** A new incarnation begins; nothing more is sent under the ones before. */
  renew(why: string): void
  /** What this process writes, with the bytes that are on the disk. */
  writing(): readonly { readonly incarnation: bigint; readonly bytes: number }[]
  close(): Promise<void>
}

/** Some hundred thousand sends: what whoever judges it has to read at once. */
const BYTES_MAX = 32 * 1024 * 1024
const AGAIN_MS_MIN = 250
const AGAIN_MS_MAX = 10_000
/** Each is one incarnation and one try; more of them at once would be a fault of ours. */
const TRIES_MAX = 1_000_000

/** Begins with a file that can be written, or goes on trying: until there is one nothing is sent. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { files, clock, log } = options
  const bytesMax = options.bytesMax ?? BYTES_MAX
  const stopped = new AbortController()
  const gone = new Set<bigint>()
  let current: JournalWriter | null = null
  /** Of the file before: rights that were given under it may still be used until the next one begins. */
  let before: JournalWriter | null = null
  let position: string | null = null
  let opening: Promise<void> | null = null

  const sealed = sealedJournals({
    files,
    find: options.find,
    by: () => `${current?.incarnation ?? before?.incarnation ?? 'none'}`,
    failed: error => log.error({ err: error }, 'a send journal could not be sealed and read'),
  })

  async function openOnce(): Promise<void> {
    const { incarnation, installation, journalId } = await options.begin()
    const file = await files.create(journalName(incarnation))
    const header = { installation, incarnation: `${incarnation}`, id: journalId }
    const lost = (why: string) => {
      log.warn({ incarnation: header.incarnation, why }, 'the send journal is closed; a new one begins')
      reopen()
    }
    const writer = await openWriter(file, header, { position: () => position, lost })
    if (stopped.signal.aborted) return writer.close('the process stops')
    await before?.close('another one was begun')
    before = current
    current = writer
  }

  async function openUntilItIs(): Promise<void> {
    for (let tries = 0; tries < TRIES_MAX && !stopped.signal.aborted; tries += 1) {
      try {
        await openOnce()
        return
      } catch (error) {
        if (tries === 0) log.error({ err: error }, 'the send journal cannot be opened; nothing is sent')
        await clock.sleep(Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** Math.min(tries, 10)), stopped.signal)
      }
    }
  }

  function reopen(): void {
    if (opening !== null || stopped.signal.aborted) return
    opening = openUntilItIs().finally(() => {
      opening = null
      // Whatever was closed while it was being opened.
      if (current?.closed() !== null) reopen()
    })
  }

  reopen()
  // The first try decides whether the process begins ready to send.
  await Promise.race([opening, clock.sleep(AGAIN_MS_MAX, stopped.signal)])

  return {
    incarnation: () => (current?.closed() === null ? current.incarnation : null),
    async write(entry) {
      const writer = [current, before].find(one => one?.incarnation === entry.incarnation) ?? null
      if (writer === null) return false
      const isWritten = await writer.write(entry)
      if (writer === current && writer.bytes() > bytesMax) reopen()
      return isWritten
    },
    async judge(right, isOver): Promise<JournalVerdict> {
      if (!isOver && !gone.has(right.incarnation)) return { kind: 'later' }
      try {
        return await sealed.judge(right)
      } catch (error) {
        if (!(error instanceof Unavailable)) log.error({ err: error }, 'a send journal could not be judged')
        return { kind: 'later' }
      }
    },
    notePosition(noted) {
      position = noted
    },
    noteGone(incarnation) {
      gone.add(incarnation)
    },
    renew(why) {
      for (const writer of [current, before]) void writer?.shut(why)
      reopen()
    },
    writing: () =>
      [current, before].flatMap(one =>
        one === null ? [] : [{ incarnation: one.incarnation, bytes: one.bytes() }],
      ),
    async close() {
      stopped.abort()
      await opening
      await Promise.all([current?.close('the process stops'), before?.close('the process stops')])
    },
  }
}
