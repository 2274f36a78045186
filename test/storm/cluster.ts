// A Postgres of our own that is restarted while others work on it. It comes back on another port, so whoever is to find it
// again goes by an address that stays.
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type EmbeddedServer, startEmbedded } from '../../src/store/embedded.ts'
import { openAddress } from '../address.ts'
import { temporaryFolder } from '../postgres.ts'

export const RESTARTS = ['fast', 'immediate', 'away'] as const
/** `fast` ends every backend in good order, `immediate` as a crash would; `away` is fast, and back only seconds later. */
export type Restart = (typeof RESTARTS)[number]

export interface Cluster extends AsyncDisposable {
  /** The address that stays. */
  readonly url: string
  /** The same as the one who may do anything. */
  readonly ownerUrl: string
  /** Where it listens now. */
  port(): number
  /** One at a time; whoever asks while one is under way waits for that one. */
  restart(how: Restart): Promise<void>
}

const AWAY_MS = 2_000

export async function openCluster(): Promise<Cluster> {
  const folder = await temporaryFolder()
  let server = await start(folder)
  // The server is a process of its own that outlives us; whatever ends this process takes it along.
  const takeAlong = (): void => void process.kill(server.pid, 'SIGQUIT')
  process.once('exit', takeAlong)
  let restarting: Promise<void> | null = null
  const address = await openAddress(portOf(server.url))
  const url = new URL(server.url)
  url.port = `${address.port}`
  const ownerUrl = new URL(url)
  ownerUrl.username = 'postgres'

  async function restart(how: Restart): Promise<void> {
    if (how === 'immediate') process.kill(server.pid, 'SIGQUIT')
    await server.stop()
    if (how === 'away') await sleep(AWAY_MS)
    server = await start(folder)
    address.pointTo(portOf(server.url))
  }
  return {
    url: url.href,
    ownerUrl: ownerUrl.href,
    port: () => portOf(server.url),
    restart(how) {
      restarting ??= restart(how).finally(() => {
        restarting = null
      })
      return restarting
    },
    async [Symbol.asyncDispose]() {
      await restarting
      await address[Symbol.asyncDispose]()
      await server.stop()
      process.off('exit', takeAlong)
      await rm(folder, { recursive: true })
    },
  }
}

async function start(folder: string): Promise<EmbeddedServer> {
  const lines: string[] = []
  const started = await startEmbedded({ dataDir: folder, log: line => lines.push(line) })
  if (!started.ok) throw new Error([started.why, ...lines].join('\n'))
  return started.server
}

function portOf(url: string): number {
  return Number.parseInt(new URL(url).port, 10)
}
