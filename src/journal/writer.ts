// One journal file that this process writes: the send rights of one incarnation. Entries that wait while others are being
// synced share the next write, so one sync serves all of them.
import { entryLines, headerLine, type JournalEntry, type JournalHeader } from '../dispatch/journal.ts'
import { groupCommit } from '../lib/group-commit.ts'
import type { JournalFile } from './files.ts'

export interface JournalWriter {
  readonly incarnation: bigint
  /** True: on the disk, and before every seal. Never rejects. */
  write(entry: JournalEntry): Promise<boolean>
  /** Null while it may be written, else why it may not. Once closed it stays closed. */
  closed(): string | null
  /** Bytes that are on the disk and stood at the end of the file when they were looked at. */
  bytes(): number
  /** Nothing more is written from now on. */
  shut(why: string): void
  /** The same, and what is being written ends first. */
  close(why: string): Promise<void>
}

const BATCH_MAX = 500
/** Every caller waits for its answer, so this is bounded by the sends that run at once already. */
const WAITING_MAX = 20_000

/** @throws where the header cannot be written */
export async function openWriter(
  file: JournalFile,
  header: JournalHeader,
  options: { readonly position: () => string | null; readonly lost: (why: string) => void },
): Promise<JournalWriter> {
  const first = headerLine(header)
  const incarnation = BigInt(header.incarnation)
  let chain = first.chain
  let size = first.text.length
  let closed: string | null = null
  try {
    await file.append(first.text)
  } catch (error) {
    await file.close()
    throw error
  }

  const group = groupCommit<JournalEntry, boolean>({
    maxBatch: BATCH_MAX,
    maxWaiting: WAITING_MAX,
    async commit(batch) {
      const isWritten = closed === null && (await append(batch))
      return batch.map(() => isWritten)
    },
  })

  async function append(batch: readonly JournalEntry[]): Promise<boolean> {
    const lines = entryLines(chain, batch, options.position())
    try {
      await file.append(lines.text)
      // Somebody who judges this journal may have sealed it. Looked at only now, so that whoever seals it later finds
      // these entries before the seal.
      const found = await file.size()
      if (found !== size + lines.text.length) return shut('somebody sealed it')
    } catch (error) {
      return shut(error instanceof Error ? error.message : 'it cannot be written')
    }
    chain = lines.chain
    size += lines.text.length
    return true
  }

  function shut(why: string): false {
    if (closed === null) options.lost(why)
    closed ??= why
    return false
  }

  return {
    incarnation,
    async write(entry) {
      if (closed !== null || entry.incarnation !== incarnation) return false
      return group.submit(entry).catch(() => false)
    },
    closed: () => closed,
    bytes: () => size,
    shut(why) {
      closed ??= why
    },
    async close(why) {
      closed ??= why
      await group.idle()
      await file.close()
    },
  }
}
