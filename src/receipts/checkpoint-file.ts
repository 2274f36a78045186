// Keeps checkpoints outside the database: whoever owns the database can rewrite the whole log and sign it anew, and only
// against something that he does not own does that show. Before each new checkpoint is written it is held against the last
// one in the file: the log must have grown out of it. Where it has not, nothing is written and people are told.
//
// One line of JSON for each, appended and synced: `{"at":"2026-11-28T14:07:22.000Z","checkpoint":"…"}`.
import { open, readFile } from 'node:fs/promises'
import { type Clock, isoTime } from '../lib/clock.ts'
import { isJsonObject, parseJson } from '../lib/json.ts'
import type { Log } from '../lib/log.ts'
import { createLoop } from '../lib/loop.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import { consistencyProof, type LogReader, publishedKeys } from './log.ts'
import { consistencyHolds } from './tree-proof.ts'

export interface CheckpointKeeper {
  start(): void
  /** Looks once. What it found out; null: there is nothing to write. */
  round(): Promise<'written' | 'contradiction' | null>
  stop(): Promise<void>
}

const EVERY_MS = 60_000
/** A line has about four hundred bytes; the last one is in the last piece of the file. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

export function keepCheckpoints(parts: {
  readonly path: string
  readonly store: LogReader
  readonly clock: Clock
  readonly log: Log
}): CheckpointKeeper {
  const { path, store, clock, log } = parts
  const loop = createLoop({
    clock,
    round: async () => {
      await round()
      return false
    },
    pollMs: () => EVERY_MS,
    failed: error => log.error({ err: error, path }, 'checkpoints of the receipts are not kept outside'),
    recovered: () => log.info({ path }, 'checkpoints of the receipts are kept outside again'),
  })

  async function round(): Promise<'written' | 'contradiction' | null> {
    const newest = await store.receiptCheckpoint(null)
    const kept = await lastLine(path)
    if (newest === null && kept === null) return null
    const why = kept === null ? null : await contradiction(kept, newest?.note ?? null)
    if (why !== null) {
      log.error({ alarm: 'receipt_log_contradicts', why, path }, 'alarm')
      return 'contradiction'
    }
    if (newest === null || newest.note === kept) return null
    await append(path, `${JSON.stringify({ at: isoTime(clock.now()), checkpoint: newest.note })}\n`)
    return 'written'
  }

  /** Why the log of today did not grow out of what was kept; null where it did. */
  async function contradiction(kept: string, newest: string | null): Promise<string | null> {
    const keys = await publishedKeys(store)
    const before = openCheckpoint(kept, keys)
    if (typeof before === 'string') return `of the last one in the file: ${before}`
    const now = newest === null ? 'the log is empty' : openCheckpoint(newest, keys)
    if (typeof now === 'string') return now
    return (await grewOutOf(before.checkpoint, now.checkpoint))
      ? null
      : 'the log did not grow out of the last one in the file'
  }

  async function grewOutOf(before: Checkpoint, now: Checkpoint): Promise<boolean> {
    if (before.origin !== now.origin || before.size > now.size) return false
    const proof = await consistencyProof(before.size, now.size, store)
    if (proof === null) return false
    return consistencyHolds({
      first: before.size,
      second: now.size,
      firstRoot: before.root,
      secondRoot: now.root,
      path: proof,
    })
  }

  return { start: loop.start, round, stop: loop.stop }
}

/** The note of the last whole line; null: there is no file yet, or nothing in it. */
async function lastLine(path: string): Promise<string | null> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (bytes === null) return null
  if (bytes.length > FILE_BYTES_MAX)
    throw new Error(`${path} is too large; begin a new file with its last line`)
  // A line that a crash cut short has no end, and counts as not written.
  const lines = bytes.toString('utf8').split('\n').slice(0, -1)
  for (const line of lines.toReversed()) {
    const parsed = parseJson(line)
    const note = parsed.ok && isJsonObject(parsed.value) ? parsed.value.get('checkpoint') : undefined
    if (typeof note === 'string') return note
  }
  return null
}

async function append(path: string, line: string): Promise<void> {
  const file = await open(path, 'a+', 0o640)
  try {
    const { size } = await file.stat()
    // Behind a line that was cut short, on a line of its own.
    const last =
      size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString('latin1')
    await file.write(last === '\n' ? line : `\n${line}`)
    await file.sync()
  } finally {
    await file.close()
  }
}
