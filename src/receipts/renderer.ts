// Draws receipts in a thread of its own, so that the event loop never waits for one: a picture costs a good part of a
// second of a processor, and a payout must not stand behind it. One thread, started by the first receipt; one receipt
// at a time; a bounded queue in front of it. A receipt that kills the thread, or takes too long, fails alone: the next
// one gets a new thread.
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Unavailable } from '../errors.ts'
import { type Clock, systemClock, type Timer } from '../lib/clock.ts'
import type { ReceiptFacts } from './facts.ts'
import type { ReceiptDrawn, ReceiptJob } from './worker.ts'

export interface ReceiptRenderer {
  /**
   * PNG. The same facts give the same bytes.
   *
   * @throws Unavailable where too many wait, the thread died or took too long, or the renderer is closed
   */
  render(facts: ReceiptFacts): Promise<Uint8Array>
  /** PDF, with the signed file attached. The same facts and file give the same bytes. @throws as `render` */
  renderPdf(facts: ReceiptFacts, file: string): Promise<Uint8Array>
  /** Ends the thread; whoever still waits is told that there is no picture. */
  close(): Promise<void>
}

export interface ReceiptRendererParts {
  readonly clock?: Pick<Clock, 'after'>
  /** The file of the thread, for tests of what happens when it dies. */
  readonly thread?: URL
  /** How many may wait beside the one that is drawn. */
  readonly waitingMax?: number
  readonly timeoutMs?: number
}

export function createReceiptRenderer(parts: ReceiptRendererParts = {}): ReceiptRenderer {
  const { clock = systemClock, thread = THREAD, waitingMax = WAITING_MAX, timeoutMs = TIMEOUT_MS } = parts
  const waiting: Waiting[] = []
  let worker: Worker | null = null
  let drawn: Drawn | null = null
  let nextId = 1
  let closed = false

  function next(): void {
    if (drawn !== null) return
    const first = waiting.shift()
    if (first === undefined) {
      // An idle thread does not keep the process alive.
      worker?.unref()
      return
    }
    worker ??= start()
    worker.ref()
    const id = nextId++
    const timer = clock.after(timeoutMs, () => lose('took too long'))
    drawn = { ...first, id, timer }
    const { facts, file } = first
    worker.postMessage({ id, facts, ...(file === undefined ? {} : { file }) } satisfies ReceiptJob)
  }

  function start(): Worker {
    // It needs nothing of this process's environment and arguments, so it gets nothing.
    const started = new Worker(thread, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    started.on('message', (message: ReceiptDrawn) => {
      if (started === worker) settle(message)
    })
    started.on('error', () => {
      if (started === worker) lose('failed')
    })
    started.on('exit', () => {
      if (started === worker) lose('ended')
    })
    return started
  }

  function settle(message: ReceiptDrawn): void {
    if (drawn === null || drawn.id !== message.id) return
    const { resolve, reject, timer } = drawn
    timer.cancel()
    drawn = null
    if ('bytes' in message) resolve(message.bytes)
    else reject(new Error('the receipt could not be drawn', { cause: new Error(message.fault) }))
    next()
  }

  function take(asked: Asked): Promise<Uint8Array> {
    if (closed) return Promise.reject(new Unavailable('unavailable', 'receipts are not drawn any more'))
    if (waiting.length >= waitingMax)
      return Promise.reject(new Unavailable('overloaded', 'too many receipts wait to be drawn'))
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    waiting.push({ ...asked, resolve, reject })
    next()
    return promise
  }

  /** The thread is gone, or is given up: what it drew has failed, and what waits is drawn by another one. */
  function lose(how: string): void {
    const lost = worker
    worker = null
    void lost?.terminate()
    const failed = drawn
    drawn = null
    failed?.timer.cancel()
    failed?.reject(new Unavailable('unavailable', `the thread that draws receipts ${how}`))
    next()
  }

  return {
    render: facts => take({ facts }),
    renderPdf: (facts, file) => take({ facts, file }),
    async close() {
      closed = true
      for (const { reject } of waiting.splice(0))
        reject(new Unavailable('unavailable', 'receipts are not drawn any more'))
      const last = worker
      lose('was closed')
      await last?.terminate()
    },
  }
}

interface Asked {
  readonly facts: ReceiptFacts
  readonly file?: string
}

interface Waiting extends Asked {
  readonly resolve: (png: Uint8Array) => void
  readonly reject: (error: Error) => void
}

interface Drawn extends Waiting {
  readonly id: number
  readonly timer: Timer
}

const WAITING_MAX = 64
const TIMEOUT_MS = 15_000
/** Beside this file and of the same kind, also where both were compiled. */
const THREAD = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)
