// Journals that lie in the folder when a process starts: of those whose process is gone, the sends without an end are
// judged at once instead of after their lost time. When in doubt whether a process is gone, it is left alone.

import { incarnationOf } from '../dispatch/journal.ts'
import type { Log } from '../lib/log.ts'
import type { Store, StoredIncarnation } from '../store/store.ts'
import type { JournalFiles } from './files.ts'
import type { Journal } from './journal.ts'

export interface LeftNeeds {
  readonly files: JournalFiles
  readonly store: Pick<Store, 'findIncarnation' | 'withOpenSends' | 'wakeOpenSends' | 'withLiveAttempts'>
  readonly journal: Pick<Journal, 'noteGone' | 'writing'>
  readonly self: { readonly host: string; readonly pid: number }
  /** Whether a process of this number runs on this machine. */
  readonly isAlive: (pid: number) => boolean
  readonly log: Pick<Log, 'info' | 'warn'>
}

/** As many files are looked at; a folder with more holds what nobody has removed for years. */
const FILES_MAX = 10_000
/** As long as providers may return money, and people may ask. */
const KEPT_MS = 35 * 24 * 3_600_000

/** Judges what gone processes left. @throws Unavailable */
export async function judgeLeft(needs: LeftNeeds): Promise<void> {
  const { store, journal, log } = needs
  const left = await incarnationsLeft(needs)
  const open = await store.withOpenSends(left.map(({ incarnation }) => incarnation))
  const gone: bigint[] = []
  for (const incarnation of open) {
    const owner = await store.findIncarnation(incarnation)
    if (owner === null || !isGone(owner, needs)) continue
    journal.noteGone(incarnation)
    gone.push(incarnation)
  }
  if (gone.length === 0) return
  await store.wakeOpenSends(gone)
  log.info(
    { incarnations: gone.map(String) },
    'sends of processes that are gone are judged by their journals',
  )
}

/** Removes journals that nobody can need any more. @throws Unavailable */
export async function removeOld(needs: LeftNeeds, nowMs: number): Promise<void> {
  const { files, store } = needs
  const old = (await incarnationsLeft(needs)).filter(({ modifiedAtMs }) => modifiedAtMs < nowMs - KEPT_MS)
  const live = new Set(await store.withLiveAttempts(old.map(({ incarnation }) => incarnation)))
  for (const { incarnation, name } of old) {
    // One that this database does not know belongs to another one, or to a part of this one's life that was lost.
    if (live.has(incarnation) || (await store.findIncarnation(incarnation)) === null) continue
    await files.remove(name)
  }
}

async function incarnationsLeft({ files, journal }: LeftNeeds) {
  const own = new Set(journal.writing().map(({ incarnation }) => incarnation))
  const found = (await files.list()).slice(0, FILES_MAX)
  return found.flatMap(({ name, modifiedAtMs }) => {
    const incarnation = incarnationOf(name)
    return incarnation === null || own.has(incarnation) ? [] : [{ name, modifiedAtMs, incarnation }]
  })
}

/** Its process ended in good order, or ran on this machine under a number that nobody has now, or that is our own. */
function isGone(owner: StoredIncarnation, { self, isAlive }: LeftNeeds): boolean {
  if (owner.hasEnded) return true
  return owner.host === self.host && (owner.pid === self.pid || !isAlive(owner.pid))
}
