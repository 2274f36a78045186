// The line between the program and its database, in our hands: it passes bytes, breaks, falls silent, or breaks at the
// very moment at which a statement has gone out.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from './program.ts'

export interface DatabaseLine extends AsyncDisposable {
  /** The database by way of this line. */
  readonly url: string
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>
  /** Holds every byte back, in both directions, on connections that stay open. */
  silence(): void
  /** Bytes pass again, those that were held back first. */
  open(): Promise<void>
  /**
   * Cuts at the next statement that holds the text. `before`: the database never hears it. `after`: it does, and the
   * cut comes when `done` says that it has worked; no byte of its answer passes.
   *
   * @returns what resolves once the line is cut
   */
  cutAt(text: string, when: { before: true } | { after: () => Promise<boolean> }): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly database: Socket
}

interface Trap {
  readonly text: string
  readonly when: Parameters<DatabaseLine['cutAt']>[1]
  sprung(): void
}

export async function openLine(databaseUrl: string): Promise<DatabaseLine> {
  const target = new URL(databaseUrl)
  const port = await freePort()
  const pairs = new Set<Pair>()
  let listener: Server | null = null
  let silent = false
  let trap: Trap | null = null

  function accept(client: Socket): void {
    const database = connect({ host: target.hostname, port: Number.parseInt(target.port, 10) })
    const pair = { client, database }
    pairs.add(pair)
    const end = (): void => {
      pairs.delete(pair)
      client.destroy()
      database.destroy()
    }
    for (const socket of [client, database]) socket.setNoDelay(true).on('error', end).on('close', end)
    client.on('data', bytes => {
      if (trap !== null && bytes.includes(trap.text)) spring(trap, pair, bytes)
      else database.write(bytes)
    })
    database.on('data', bytes => client.write(bytes))
    if (silent) for (const socket of [client, database]) socket.pause()
  }

  function spring({ when, sprung }: Trap, { client, database }: Pair, bytes: Buffer): void {
    trap = null
    database.removeAllListeners('data').resume()
    client.removeAllListeners('data').resume()
    const cutNow = (): void => void cut().then(sprung)
    if ('before' in when) {
      cutNow()
      return
    }
    database.write(bytes)
    void untilDone(when.after).then(cutNow)
  }

  async function cut(): Promise<void> {
    const closed = listener
    listener = null
    const ended = closed === null ? null : new Promise(resolve => closed.close(resolve))
    for (const { client, database } of pairs) {
      client.resetAndDestroy()
      database.destroy()
    }
    await ended
  }

  async function open(): Promise<void> {
    silent = false
    for (const pair of pairs) for (const socket of [pair.client, pair.database]) socket.resume()
    if (listener !== null) return
    const server = createServer(accept)
    listener = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve())
    })
  }

  await open()
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = `${port}`
  return {
    url: url.href,
    cut,
    open,
    silence() {
      silent = true
      for (const pair of pairs) for (const socket of [pair.client, pair.database]) socket.pause()
    },
    cutAt(text, when) {
      const { promise, resolve } = Promise.withResolvers<void>()
      trap = { text, when, sprung: resolve }
      return promise
    },
    [Symbol.asyncDispose]: cut,
  }
}

async function untilDone(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await done()) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
