// Kills this process with SIGKILL at the n-th passing of a named point. The program is not changed for it and knows
// nothing of it: the database driver's statements are wrapped here, and the rest is heard on the diagnostics channels of
// Node's HTTP server, of its sockets and of undici.
import diagnostics from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type pg from 'pg'
import type { JournalFiles } from '../../src/journal/files.ts'
import type { PointName } from './points.ts'
import { wrapStatements } from './statements.ts'

export interface Killing {
  readonly at: PointName
  /** 1 kills at the first passing. */
  readonly nth: number
  readonly railPort: number
  readonly receiverPort: number
}

export interface Killer {
  /** Passings count from now on. */
  arm(): void
  /** The send journal as the program shall have it. */
  hearJournal(files: JournalFiles): JournalFiles
}

/** What the process says at each passing, and with its last breath: whoever reads it knows who killed it. */
export const PASSED = /^passed K\d+$/gm
export const LAST_WORDS = /^killed at K\d+$/m
/** And of each callback that it acknowledged, by its address. */
export const TAKEN = /^taken (\S+)$/gm

/** `driver`: the database driver that the program loads. */
export function killAt({ at, nth, railPort, receiverPort }: Killing, driver: typeof pg): Killer {
  let passings = 0
  let isArmed = false
  /** Does not return from the passing that is meant: the signal ends the process inside the call. */
  const pass = (point: PointName): void => {
    if (point !== at || !isArmed) return
    passings += 1
    writeSync(1, `passed ${at}\n`)
    if (passings !== nth) return
    if (SENT.has(at)) standStill()
    writeSync(1, `killed at ${at}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  wrapStatements(driver, pass, at)
  hearRequests(pass, at)
  hearSends(pass, at, railPort)
  hearAnswers(pass, railPort, receiverPort)
  return {
    arm: () => {
      isArmed = true
    },
    hearJournal: files => hearJournal(files, pass),
  }
}

/**
 * Points whose last byte is the kernel's already. The other side gets the time to read it, while nothing of this process
 * runs on: a connection that closes at once may be dropped unread there, and that is K19.
 */
const SENT: ReadonlySet<PointName> = new Set(['K20', 'K28', 'K36'])
const STILL_MS = 40

function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STILL_MS)
}

/** An entry of a send is on the disk. */
function hearJournal(files: JournalFiles, pass: Pass): JournalFiles {
  return {
    ...files,
    async create(name) {
      const file = await files.create(name)
      return {
        ...file,
        async append(text) {
          await file.append(text)
          if (text.includes('"kind":"send"')) pass('K16')
        },
      }
    },
  }
}

type Pass = (point: PointName) => void

/** Requests that come in: orders and callbacks. */
function hearRequests(pass: Pass, at: PointName): void {
  subscribe<{ request: IncomingMessage; socket: Socket }>('http.server.request.start', message => {
    const { request, socket } = message
    const kind = kindOf(request)
    if (kind === 'other') return
    request.once('end', () => pass(kind === 'order' ? 'K1' : 'K32'))
    if (kind === 'order' && at === 'K7') writeOneByte(socket, () => pass('K7'))
  })
  subscribe<{ request: IncomingMessage; response: ServerResponse }>(
    'http.server.response.finish',
    message => {
      const { request, response } = message
      const kind = kindOf(request)
      if (kind === 'callback' && response.statusCode === 200) writeSync(1, `taken ${request.url}\n`)
      if (kind !== 'other') pass(kind === 'order' ? 'K8' : 'K34')
    },
  )
}

function kindOf({ method, url = '' }: IncomingMessage): 'order' | 'callback' | 'other' {
  if (url.startsWith('/callbacks/')) return 'callback'
  return method === 'POST' && /^\/v1\/(payouts|paypro\/payout)$/.test(url) ? 'order' : 'other'
}

/** The line to the provider, while a send goes out. */
function hearSends(pass: Pass, at: PointName, railPort: number): void {
  subscribe<{ socket: Socket }>('net.client.socket', ({ socket }) => {
    socket.once('connect', () => {
      if (socket.remotePort === railPort) pass('K17')
    })
  })
  // Told before the head is written, and after the last check: undici writes in the same turn.
  subscribe<{ request: Call; socket: Socket }>('undici:client:sendHeaders', ({ request, socket }) => {
    if (!isSend(request, railPort)) return
    pass('K18')
    if (at === 'K19') writeOneByte(socket, () => pass('K19'))
  })
}

interface Call {
  readonly origin: string | URL
  readonly path: string
}

/** Bytes that undici wrote or read. */
function hearAnswers(pass: Pass, railPort: number, receiverPort: number): void {
  const hear = (channel: string, points: { send: PointName; ask?: PointName; notice?: PointName }): void =>
    subscribe<{ request: Call }>(channel, ({ request }) => {
      if (isSend(request, railPort)) pass(points.send)
      else if (portOf(request) === railPort && points.ask !== undefined) pass(points.ask)
      else if (portOf(request) === receiverPort && points.notice !== undefined) pass(points.notice)
    })
  hear('undici:request:bodySent', { send: 'K20', ask: 'K28', notice: 'K36' })
  hear('undici:request:headers', { send: 'K21' })
  hear('undici:request:trailers', { send: 'K22', ask: 'K29', notice: 'K37' })
}

function isSend(call: Call, railPort: number): boolean {
  return portOf(call) === railPort && call.path.endsWith('/payout')
}

function portOf({ origin }: Call): number {
  return Number.parseInt(new URL(origin).port, 10)
}

/** The next bytes handed to the socket are cut after the first; then `done`. */
function writeOneByte(socket: Socket, done: () => void): void {
  const write = socket.write.bind(socket)
  const writeCut = (chunk: string | Uint8Array): boolean => {
    // Corked bytes would never leave.
    while (socket.writableCorked > 0) socket.uncork()
    write(Buffer.from(chunk).subarray(0, 1))
    done()
    // Not yet the one that is meant: the rest of these bytes follows, and the next request is cut again.
    socket.write = write
    return write(Buffer.from(chunk).subarray(1))
  }
  // Callers of this method here pass a chunk and, at most, an encoding that is the default, or a callback they do not need.
  socket.write = writeCut as Socket['write']
}

function subscribe<Message>(channel: string, heard: (message: Message) => void): void {
  // The shape is that of Node's and undici's documentation of the channel.
  diagnostics.subscribe(channel, message => heard(message as Message))
}
