// What the console stands on, put together: sign-in, and reads over many merchants. The reads have a few connections of their
// own and give up soon, so that whoever looks takes nothing from who pays. What changes something goes by the way that
// everything goes: stopping must work however many look.
import type { FastifyInstance } from 'fastify'
import type { ApiConsole } from './api/console-needs.ts'
import type { ApiSessions } from './api/session-needs.ts'
import type { Config } from './config.ts'
import { createConsoleDesk } from './desk/console.ts'
import type { Directory } from './desk/directory.ts'
import { createSignIn } from './desk/sign-in.ts'
import { mountConsole, readConsole } from './http/console.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { createPasswords } from './lib/password.ts'
import { systemRandom } from './lib/random.ts'
import type { Seal } from './lib/seal.ts'
import { PROTOCOLS } from './protocols/registry.ts'
import { openConsoleStore } from './store/console-store.ts'
import type { PeopleStore } from './store/people-store.ts'
import { openPool, type Pool } from './store/postgres.ts'
import { openSignInStore } from './store/sign-in-store.ts'

/** Connections for reads of the console, and the longest that one statement of theirs may run. */
const READS_SIZE = 3
const READS_TIMEOUT_MS = 5_000

const BUILT = new URL('../console/dist/', import.meta.url)
/** First parts of paths that are none of the console's, whether or not anything is there. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['v1', 'docs', 'openapi.json', 'verify', 'health', 'metrics', 'callbacks'],
  ...PROTOCOLS.flatMap(({ door }) => door?.routes.map(({ path }) => path.split('/')[1] ?? '') ?? []),
])

export interface ConsoleHouse {
  readonly api: { readonly sessions: ApiSessions; readonly console: ApiConsole }
  /** Serves what `npm run build` made, behind every other route; its connections end with the server. */
  mount(server: FastifyInstance): Promise<void>
}

export function openConsole(parts: {
  readonly config: Config
  readonly databaseUrl: string
  readonly pool: Pool
  readonly seal: Seal
  readonly people: PeopleStore
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
  /** Where this process listens, and under which names. */
  urls(): readonly string[]
  /** Told where a notice, or a look at an attempt, is due at once. */
  wake(): void
}): ConsoleHouse {
  const { config, databaseUrl, pool, seal, people, directory, clock, log } = parts
  const sandbox = config.mode === 'demo'
  const reads = openPool({
    ...{ url: databaseUrl, size: READS_SIZE, statementTimeoutMs: READS_TIMEOUT_MS, log },
    applicationName: `quittance ${config.mode} console`,
  })
  const signIn = createSignIn({
    ...{ people, clock, sandbox, random: systemRandom },
    signIns: openSignInStore({ pool }),
    passwords: createPasswords(systemRandom),
  })
  const desk = createConsoleDesk({
    ...{ people, clock, wake: parts.wake },
    console: openConsoleStore({ pool, reads, seal }),
    merchants: () => directory.configuration().merchants,
  })
  return {
    api: { sessions: { ...signIn, sandbox, origins: () => originsOf(config, parts.urls()) }, console: desk },
    async mount(server) {
      server.addHook('onClose', () => reads.end())
      const https = config.publicUrl?.startsWith('https:') ?? false
      mountConsole(server, { files: await readConsole(BUILT), reserved: RESERVED, https })
    },
  }
}

/** Where a browser reaches the console: under its public address, and without one on this machine. */
export function originsOf(
  { publicUrl }: Pick<Config, 'publicUrl'>,
  urls: readonly string[],
): readonly string[] {
  const reached = publicUrl === null ? urls : [publicUrl]
  return [...new Set(reached.map(url => new URL(url).origin))]
}
