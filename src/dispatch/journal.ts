// The send journal: whether a byte may have left, told by the sender's own disk and not by its database. One entry for
// each send right, written and synced after the intent is committed and before a connection is opened. So a send whose
// sender died is known to have never left where its sender never wrote it down.
//
// What makes "no entry" a proof is the seal. Whoever wants to judge a journal first appends a seal to it and only then
// reads it; an entry counts only where it stands before the first seal. The sender, after each write, looks whether the
// file ends where its own writes end, and sends nothing where it does not. So an entry that is written after a seal is
// never sent, and one that was sent stands before every seal: nobody has to know whether the sender is still alive.
//
// Here stand the words and the format, pure. The files are src/journal/'s.
import { sha256Hex } from '../lib/digest.ts'

/** The permission to hand the bytes of one step of one attempt to a socket, given to one run of one process. */
export interface SendRight {
  readonly merchantId: string
  readonly number: bigint
  readonly attemptNo: number
  readonly step: 'only' | 'first' | 'second'
  readonly incarnation: bigint
}

export interface JournalEntry extends SendRight {
  readonly providerAccountId: string
  readonly reference: string
  /** SHA-256 in hex of the exact bytes that will be sent. */
  readonly requestHash: string
  /** Wall clock of the sender, milliseconds since the epoch. */
  readonly atMs: number
}

/** What dispatch needs of it. */
export interface SendJournal {
  /** Under which incarnation send rights are given now; null: nothing may be sent at the moment. */
  incarnation(): bigint | null
  /** True: the entry is on the disk and before every seal, so bytes may leave. False: never for this right. Never rejects. */
  write(entry: JournalEntry): Promise<boolean>
  /**
   * What the journal of the right's incarnation says of it, for those who look at a send without an end. `isOver`: the
   * sender's time is over, so its journal may be sealed whether its process lives or not. Never rejects.
   */
  judge(right: SendRight, isOver: boolean): Promise<JournalVerdict>
}

export type JournalVerdict =
  /** No byte left and none ever will. */
  | { readonly kind: 'absent'; readonly proof: JournalProof }
  /** It was written down, so bytes may have left. The sender's process is gone, or its time is over. */
  | { readonly kind: 'present' }
  /** Nothing is known: there is no journal here, or one that proves nothing. */
  | { readonly kind: 'unproven'; readonly why: string }
  /** The sender may be at work, or the database could not be asked: look again later. */
  | { readonly kind: 'later' }

/** The premises of `absent`, with which it can be checked again offline. Plain JSON. */
export interface JournalProof {
  readonly name: string
  readonly incarnation: string
  readonly installation: string
  /** SHA-256 in hex of the bytes before the first seal, and how many those are. */
  readonly sha256: string
  readonly bytes: number
  readonly entries: number
}

/** Binds a journal to one incarnation of one installation. `id` was drawn by the database for this incarnation alone. */
export interface JournalHeader {
  readonly installation: string
  readonly incarnation: string
  readonly id: string
}

/** The name of the one file in which this incarnation's send rights stand. */
export function journalName(incarnation: bigint): string {
  return `${incarnation}.journal`
}

/** The incarnation that a file's name speaks of, or null where it is no journal. */
export function incarnationOf(name: string): bigint | null {
  const [, digits] = /^([1-9][0-9]{0,17})\.journal$/.exec(name) ?? []
  return digits === undefined ? null : BigInt(digits)
}

/**
 * Lines of a journal in order, each bound to the one before: `length checksum body`, where the length is that of the
 * body in bytes and the checksum is over the checksum before and the body. A line that is missing, doubled or changed
 * breaks the chain.
 */
export interface Lines {
  readonly text: string
  /** The last checksum: the next line is bound to it. */
  readonly chain: string
}

export function headerLine(header: JournalHeader): Lines {
  return lineAfter(CHAIN_START, { kind: 'journal', version: 1, ...header })
}

/** `position`: the highest position in the database's log that this process has seen, where it has seen one. */
export function entryLines(chain: string, entries: readonly JournalEntry[], position: string | null): Lines {
  let text = ''
  let at = chain
  for (const entry of entries) {
    const line = lineAfter(at, {
      kind: 'send',
      ...entry,
      number: `${entry.number}`,
      incarnation: `${entry.incarnation}`,
      position,
    })
    text += line.text
    at = line.chain
  }
  return { text, chain: at }
}

/** Bound to nothing, because whoever seals has not read. It begins a line of its own, also behind one that was torn. */
export function sealLine(by: string): string {
  return `\n${lineAfter(CHAIN_OF_SEALS, { kind: 'seal', by }).text}`
}

/** What stands before the first seal. */
export type SealedJournal =
  | {
      readonly kind: 'whole'
      readonly header: JournalHeader
      readonly entries: readonly StoredEntry[]
      /** How many bytes that are, and their SHA-256 in hex. */
      readonly bytes: number
      readonly sha256: string
    }
  | { readonly kind: 'broken'; readonly why: string }

export interface StoredEntry extends JournalEntry {
  readonly position: string | null
}

/**
 * Reads a journal up to its first seal. Everything before it must be as it was written, but for one line at the very end
 * that was torn in the middle of its write: its sender died before it could send what stood there.
 */
export function readSealed(bytes: Uint8Array): SealedJournal {
  const read = readLines(bytes)
  if (read.header === null) return { kind: 'broken', why: 'it does not begin as a journal' }
  if (read.end !== 'sealed')
    return { kind: 'broken', why: read.end === 'open' ? 'it is not sealed' : read.end }
  return {
    kind: 'whole',
    header: read.header,
    entries: read.entries,
    bytes: read.bytes,
    sha256: sha256Hex(bytes.subarray(0, read.bytes)),
  }
}

/** What can be read of a journal, however it ends: for those who look for what it holds, never for what it lacks. */
export function readOpen(bytes: Uint8Array): {
  readonly header: JournalHeader | null
  readonly entries: readonly StoredEntry[]
} {
  const { header, entries } = readLines(bytes)
  return { header, entries }
}

/** One text for each send right; two rights are the same where it is. */
export function rightKey({ merchantId, number, attemptNo, step }: Omit<SendRight, 'incarnation'>): string {
  return `${merchantId}/${number}/${attemptNo}/${step}`
}

interface ReadLines {
  readonly header: JournalHeader | null
  readonly entries: readonly StoredEntry[]
  /** `sealed`, `open` where it ends without a seal, or what is broken. */
  readonly end: string
  /** Before the first seal. */
  readonly bytes: number
}

function readLines(bytes: Uint8Array): ReadLines {
  // Every line that was written is ASCII, so that a character is a byte; what is not comes out as a broken line.
  const lines = Buffer.from(bytes).toString('latin1').split('\n')
  const entries: StoredEntry[] = []
  let header: JournalHeader | null = null
  let chain = CHAIN_START
  let at = 0
  for (const [place, line] of lines.entries()) {
    const ended = (end: string): ReadLines => ({ header, entries, end, bytes: at })
    const isLast = place === lines.length - 1
    const sealed = isSeal(lines[place + 1] ?? '')
    // A seal brings its own line end. So a whole line before it is followed by nothing, and a torn one by the seal.
    if (line === '' && sealed) return ended('sealed')
    if (line === '' && isLast) return ended('open')
    if (isTorn(line) && (sealed || isLast)) return ended(sealed ? 'sealed' : 'open')
    const body = isLast ? null : bodyOf(line, chain)
    if (body === null) return ended(`line ${place + 1} is not as it was written`)
    if (place === 0) header = headerOf(body)
    const entry = place === 0 ? null : entryOf(body)
    if (place === 0 ? header === null : entry === null)
      return ended(`line ${place + 1} is none that is known`)
    if (entry !== null) entries.push(entry)
    chain = line.slice(CHECKSUM_AT, BODY_AT - 1)
    at += line.length + 1
  }
  return { header, entries, end: 'open', bytes: at }
}

const CHAIN_START = 'quittance send journal 1'
const CHAIN_OF_SEALS = 'quittance send journal 1 is sealed'

const LENGTH_DIGITS = 5
const CHECKSUM_DIGITS = 32
const CHECKSUM_AT = LENGTH_DIGITS + 1
const BODY_AT = CHECKSUM_AT + CHECKSUM_DIGITS + 1

function lineAfter(chain: string, body: object): Lines {
  const text = JSON.stringify(body).replace(/[^\u0020-\u007e]/g, asEscape)
  const checksum = checksumOf(chain, text)
  return {
    text: `${`${text.length}`.padStart(LENGTH_DIGITS, '0')} ${checksum} ${text}\n`,
    chain: checksum,
  }
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function checksumOf(chain: string, body: string): string {
  return sha256Hex(`${chain}\n${body}`).slice(0, CHECKSUM_DIGITS)
}

/** The body of a line that is bound to the one before, or null. */
function bodyOf(line: string, chain: string): Record<string, unknown> | null {
  const body = line.slice(BODY_AT)
  const intact =
    line === `${`${body.length}`.padStart(LENGTH_DIGITS, '0')} ${checksumOf(chain, body)} ${body}`
  if (!intact) return null
  // Its checksum says that it is what we wrote: an object in JSON.
  return JSON.parse(body) as Record<string, unknown>
}

/**
 * The beginning of a line and not all of it. A whole line that was damaged is never that: it has its length, or its own
 * line end is still there and nothing but a seal of its own can follow.
 */
function isTorn(line: string): boolean {
  if (line === '') return false
  if (line.length < BODY_AT) return true
  const length = line.slice(0, LENGTH_DIGITS)
  return /^[0-9]{5}$/.test(length) && line.length - BODY_AT < Number.parseInt(length, 10)
}

function isSeal(line: string): boolean {
  return bodyOf(line, CHAIN_OF_SEALS)?.kind === 'seal'
}

function headerOf(body: Record<string, unknown>): JournalHeader | null {
  const { kind, version, installation, incarnation, id } = body
  if (kind !== 'journal' || version !== 1) return null
  return { installation: String(installation), incarnation: String(incarnation), id: String(id) }
}

function entryOf(body: Record<string, unknown>): StoredEntry | null {
  if (body.kind !== 'send') return null
  const { kind: _, ...entry } = body
  // The checksum says that entryLines wrote it.
  const stored = entry as unknown as Omit<StoredEntry, 'number' | 'incarnation'> &
    Record<'number' | 'incarnation', string>
  return { ...stored, number: BigInt(stored.number), incarnation: BigInt(stored.incarnation) }
}
