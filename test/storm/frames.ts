// As much of the Postgres protocol as a line has to know that breaks at a chosen byte: where a message begins and ends,
// which messages are one exchange, and what the statement is called.

export interface Frame {
  /** The letter of the message; empty for the first one of a connection, which has none. */
  readonly type: string
  readonly bytes: Buffer
}

/** Cuts a stream into whole messages. `hasStart`: the first one is the client's greeting, without a letter. */
export function frameReader(hasStart: boolean): (bytes: Buffer) => readonly Frame[] {
  let rest: Buffer = Buffer.alloc(0)
  let isStart = hasStart
  return bytes => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    const frames: Frame[] = []
    for (;;) {
      const head = isStart ? 0 : 1
      if (rest.length < head + LENGTH_BYTES) return frames
      const end = head + rest.readUInt32BE(head)
      if (rest.length < end) return frames
      frames.push({ type: isStart ? '' : rest.toString('latin1', 0, 1), bytes: rest.subarray(0, end) })
      rest = rest.subarray(end)
      isStart = false
    }
  }
}

/** Sync ends an exchange of prepared messages and is its COMMIT; a simple query is an exchange by itself. */
export function endsExchange({ type }: Frame): boolean {
  return type === SYNC || type === QUERY
}

/** The name of the prepared statement, or the beginning of the text of one that has no name. */
export function statementOf(frames: readonly Frame[]): string {
  for (const { type, bytes } of frames) {
    if (type === QUERY) return textAt(bytes, 5).slice(0, TEXT_MAX)
    if (type === PARSE && textAt(bytes, 5) === '') return textAt(bytes, 6).slice(0, TEXT_MAX)
    if (type === BIND) return textAt(bytes, 6 + Buffer.byteLength(textAt(bytes, 5)))
  }
  return ''
}

/** A warning as a server sends one beside an answer: a wait for the standby that somebody cancelled. */
export function warningFrame(): Buffer {
  const said = 'canceling wait for synchronous replication due to user request'
  const fields = Buffer.from(`SWARNING\0VWARNING\0C01000\0M${said}\0\0`)
  const head = Buffer.alloc(5)
  head.write('N')
  head.writeUInt32BE(LENGTH_BYTES + fields.length, 1)
  return Buffer.concat([head, fields])
}

/** "Give me what you have", which is not "commit". */
export const FLUSH = Buffer.from([0x48, 0, 0, 0, 4])
/** "I am ready, and in no transaction." */
export const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** The process behind the connection, from the message in which the server gives its key. */
export function backendOf({ type, bytes }: Frame): number | null {
  return type === 'K' ? bytes.readInt32BE(5) : null
}

export const [SYNC, QUERY, PARSE, BIND] = ['S', 'Q', 'P', 'B'] as const
const LENGTH_BYTES = 4
const TEXT_MAX = 40

function textAt(bytes: Buffer, start: number): string {
  return bytes.toString('utf8', start, bytes.indexOf(0, start))
}
