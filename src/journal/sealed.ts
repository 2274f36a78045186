// Journals of other incarnations, and of our own where a send of it has no end: sealed, then read whole. What stands
// before the first seal never changes again, so it is kept.
import {
  type JournalProof,
  type JournalVerdict,
  journalName,
  readSealed,
  rightKey,
  type SendRight,
  sealLine,
} from '../dispatch/journal.ts'
import type { StoredIncarnation } from '../store/store.ts'
import type { JournalFiles } from './files.ts'

export interface SealedJournals {
  /** Seals and reads it. @throws Unavailable where the database cannot be asked whose it is */
  judge(right: SendRight): Promise<JournalVerdict>
}

/** So many sends are kept in memory, some fifty megabytes, with the journal that was judged last in any case. */
const KEPT_SENDS_MAX = 300_000

type Sealed =
  | { readonly kind: 'whole'; readonly keys: ReadonlySet<string>; readonly proof: JournalProof }
  | { readonly kind: 'unproven'; readonly why: string }

export function sealedJournals(options: {
  readonly files: JournalFiles
  readonly find: (incarnation: bigint) => Promise<StoredIncarnation | null>
  /** Who seals, for people. */
  readonly by: () => string
  readonly failed: (error: unknown) => void
}): SealedJournals {
  const { files } = options
  const kept = new Map<bigint, Sealed>()
  const reading = new Map<bigint, Promise<Sealed>>()

  async function sealed(incarnation: bigint): Promise<Sealed> {
    const known = kept.get(incarnation) ?? reading.get(incarnation)
    if (known !== undefined) return known
    const read = seal(incarnation).finally(() => reading.delete(incarnation))
    reading.set(incarnation, read)
    return read
  }

  async function seal(incarnation: bigint): Promise<Sealed> {
    const owner = await options.find(incarnation)
    if (owner === null) return unproven('the database does not know its incarnation')
    const name = journalName(incarnation)
    let bytes: Uint8Array | null
    try {
      const isThere = await files.append(name, sealLine(options.by()))
      bytes = isThere ? await files.read(name) : null
    } catch (error) {
      options.failed(error)
      return unproven('it cannot be sealed and read')
    }
    if (bytes === null) return unproven('its journal is not in this folder')
    const journal = judged(bytes, owner, name)
    keep(incarnation, journal)
    return journal
  }

  /** What stands before a seal is the same for ever, also where it proves nothing. */
  function keep(incarnation: bigint, journal: Sealed): void {
    let sends = sizeOf(journal)
    for (const one of kept.values()) sends += sizeOf(one)
    for (const [oldest, one] of kept) {
      if (sends <= KEPT_SENDS_MAX) break
      kept.delete(oldest)
      sends -= sizeOf(one)
    }
    kept.set(incarnation, journal)
  }

  return {
    async judge(right) {
      const journal = await sealed(right.incarnation)
      if (journal.kind === 'unproven') return journal
      if (journal.keys.has(rightKey(right))) return { kind: 'present' }
      return { kind: 'absent', proof: journal.proof }
    },
  }
}

function sizeOf(journal: Sealed): number {
  return journal.kind === 'whole' ? journal.keys.size : 1
}

/** Only the whole journal of exactly this incarnation of this installation proves something by what it lacks. */
function judged(bytes: Uint8Array, owner: StoredIncarnation, name: string): Sealed {
  const read = readSealed(bytes)
  if (read.kind === 'broken') return unproven(read.why)
  const { installation, incarnation, id } = read.header
  if (installation !== owner.installation) return unproven('it belongs to another installation')
  if (incarnation !== `${owner.incarnation}` || id !== owner.journalId)
    return unproven('it belongs to another incarnation')
  // Its owner told the database how much was on its disk: less than that is an older copy of the folder.
  if (read.bytes < owner.journalBytes) return unproven('it is shorter than it was')
  return {
    kind: 'whole',
    keys: new Set(read.entries.map(rightKey)),
    proof: {
      ...{ name, incarnation, installation },
      ...{ sha256: read.sha256, bytes: read.bytes, entries: read.entries.length },
    },
  }
}

function unproven(why: string): Sealed {
  return { kind: 'unproven', why }
}
