// A line to the database that breaks by message: it knows where a statement, its COMMIT and its answer begin and end, and
// cuts, delays or doctors any one of them.
import { connect, createServer, type Socket } from 'node:net'
import { unreachable } from '../../src/lib/assert.ts'
import {
  backendOf,
  endsExchange,
  FLUSH,
  type Frame,
  frameReader,
  READY,
  statementOf,
  warningFrame,
} from './frames.ts'
import type { LineFault } from './line-faults.ts'

/** What happens to one exchange: the fault, how a cut looks to both ends, and how long a delay is. */
export interface Strike {
  readonly fault: LineFault
  readonly byReset: boolean
  readonly delayMs: number
}

export interface StormLine extends AsyncDisposable {
  /** The database by way of this line. */
  readonly url: string
  /** Breaks every connection that is open now. */
  cutAll(): void
}

export async function openStormLine(options: {
  readonly databaseUrl: string
  /** Where the server listens now. */
  readonly target: () => number
  /** Asked for each exchange. */
  readonly strike: (statement: string) => Strike | null
  /** Somebody else than this connection tells the server to cancel or end a backend. */
  readonly signalBackend: (pid: number, fault: 'cancelled' | 'terminated') => void
}): Promise<StormLine> {
  const pairs = new Set<Pair>()
  const server = createServer(client => {
    const database = connect({ host: '127.0.0.1', port: options.target() })
    const pair: Pair = { client, database }
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      client.destroy()
      database.destroy()
    }
    for (const socket of [client, database]) socket.setNoDelay(true).on('error', end).on('close', end)
    conduct(pair, options)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const url = new URL(options.databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = `${typeof address === 'object' && address !== null ? address.port : 0}`
  const cutAll = (): void => {
    for (const pair of pairs) cut(pair, true)
  }
  return {
    url: url.href,
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

interface Pair {
  readonly client: Socket
  readonly database: Socket
}

/** The messages of one connection, both ways. */
function conduct(pair: Pair, options: Parameters<typeof openStormLine>[0]): void {
  const { client, database } = pair
  const fromClient = frameReader(true)
  const fromDatabase = frameReader(false)
  let exchange: Frame[] = []
  let backend: number | null = null
  let answering: Strike | null = null
  let answer: Frame[] = []

  client.on('data', bytes => {
    for (const frame of fromClient(bytes)) {
      exchange.push(frame)
      if (frame.type !== '' && !PASSES.has(frame.type) && !endsExchange(frame)) continue
      const whole = exchange
      exchange = []
      const strike = endsExchange(frame) ? options.strike(statementOf(whole)) : null
      if (strike === null) database.write(bytesOf(whole))
      else {
        answering = strike
        ask(pair, whole, strike, () => backend !== null && signal(backend, strike))
      }
    }
  })
  database.on('data', bytes => {
    client.cork()
    process.nextTick(() => client.uncork())
    for (const frame of fromDatabase(bytes)) {
      backend ??= backendOf(frame)
      answer.push(frame)
      if (answering?.fault === 'answered') {
        cut(pair, answering.byReset)
        return
      }
      // A doctored answer has no end of its own: the server was never told to commit.
      const isWhole =
        frame.type === (answering?.fault === 'warned_lost' ? COMPLETE : 'Z') || frame.type === 'E'
      if (answering !== null && !isWhole) continue
      const whole = answer
      const strike = answering
      answer = []
      answering = null
      if (strike === null) client.write(bytesOf(whole))
      else tell(pair, whole, strike)
    }
  })
  function signal(pid: number, { fault }: Strike): void {
    if (fault === 'cancelled' || fault === 'terminated') options.signalBackend(pid, fault)
  }
}

/** Passwords, goodbyes and the like: messages that stand for themselves. */
const PASSES: ReadonlySet<string> = new Set(['p', 'X', 'd', 'c', 'f'])
const COMPLETE = 'C'

function bytesOf(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.map(({ bytes }) => bytes))
}

/** The exchange on its way to the server. */
function ask(pair: Pair, frames: readonly Frame[], strike: Strike, signal: () => void): void {
  const { database } = pair
  const bytes = bytesOf(frames)
  const { fault, byReset, delayMs } = strike
  const middle = Math.floor(bytes.length / 2)
  const unended = bytes.subarray(0, bytes.length - (frames.at(-1)?.bytes.length ?? 0))
  const cutAfter = (some: Buffer, waitMs = 0): void => {
    database.write(some, () => setTimeout(() => cut(pair, byReset), waitMs))
  }
  switch (fault) {
    case 'before':
      cut(pair, byReset)
      break
    case 'half':
      cutAfter(bytes.subarray(0, middle))
      break
    case 'uncommitted':
      // A simple query has no message of its own for its COMMIT: it is cut in its last byte. The server is given the time
      // to have done all but the commit.
      cutAfter(unended.length > 0 ? Buffer.concat([unended, FLUSH]) : bytes.subarray(0, -1), delayMs)
      break
    case 'sent':
      cutAfter(bytes)
      break
    case 'delayed':
      setTimeout(() => database.write(bytes), delayMs)
      break
    case 'dribbled':
      database.write(bytes.subarray(0, middle))
      setTimeout(() => database.write(bytes.subarray(middle)), delayMs)
      break
    case 'warned_lost':
      database.write(unended.length > 0 ? Buffer.concat([unended, FLUSH]) : bytes)
      break
    case 'cancelled':
    case 'terminated':
      database.write(bytes, signal)
      break
    case 'answered':
    case 'half_answer':
    case 'unready':
    case 'late_answer':
    case 'warned':
      database.write(bytes)
      break
    default:
      unreachable(fault)
  }
}

/** The whole answer on its way back, where it may still pass. */
function tell(pair: Pair, frames: readonly Frame[], strike: Strike): void {
  const { client } = pair
  const bytes = bytesOf(frames)
  const { fault, byReset, delayMs } = strike
  const refused = frames.some(({ type }) => type === 'E')
  const cutAfter = (some: Buffer): void => {
    client.write(some, () => cut(pair, byReset))
  }
  switch (fault) {
    case 'half_answer':
      cutAfter(bytes.subarray(0, Math.floor(bytes.length / 2)))
      break
    case 'unready':
      cutAfter(bytesOf(frames.slice(0, -1)))
      break
    case 'late_answer':
      setTimeout(() => client.write(bytes), delayMs)
      break
    case 'warned':
      client.write(Buffer.concat([...(refused ? [] : [warningFrame()]), bytes]))
      break
    case 'warned_lost':
      // The server rolls back what was never committed, once it sees that nobody is there.
      pair.database.removeAllListeners('close').destroy()
      cutAfter(refused ? bytes : Buffer.concat([warningFrame(), bytes, READY]))
      break
    case 'before':
    case 'half':
    case 'uncommitted':
    case 'sent':
    case 'answered':
    case 'delayed':
    case 'dribbled':
    case 'cancelled':
    case 'terminated':
      client.write(bytes)
      break
    default:
      unreachable(fault)
  }
}

function cut({ client, database }: Pair, byReset: boolean): void {
  for (const socket of [client, database]) {
    if (byReset) socket.resetAndDestroy()
    else socket.destroy()
  }
}
