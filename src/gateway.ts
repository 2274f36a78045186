// What stands before the desk in a process that takes requests: the doors, the native API, and the console.
import type { FastifyInstance } from 'fastify'
import { mountApi } from './api/api.ts'
import type { ApiByHand, ApiNeeds } from './api/needs.ts'
import type { Config } from './config.ts'
import { openConsole } from './console.ts'
import type { WholeDesk } from './desk/desk.ts'
import type { Directory } from './desk/directory.ts'
import type { PeopleDesk } from './desk/people.ts'
import { mountDoor } from './http/mount.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { systemRandom } from './lib/random.ts'
import type { Seal } from './lib/seal.ts'
import type { SandboxKeys } from './protocols/protocol.ts'
import { PROTOCOLS } from './protocols/registry.ts'
import type { PeopleStore } from './store/people-store.ts'
import type { Pool } from './store/postgres.ts'

export interface GatewayParts {
  readonly config: Config
  readonly databaseUrl: string
  readonly pool: Pool
  readonly seal: Seal
  readonly desk: WholeDesk
  readonly people: PeopleDesk
  readonly peopleStore: PeopleStore
  readonly directory: Directory
  readonly clock: Clock
  readonly log: Log
  readonly receipts: NonNullable<ApiNeeds['receipts']>
  readonly sandboxKeys: ((protocol: string) => SandboxKeys | null) | null
  /** Every base URL under which a client may have reached this process. */
  urls(): readonly string[]
  /** Told where a notice, or a look at an attempt, is due at once. */
  wake(): void
}

export async function mountGateway(server: FastifyInstance, parts: GatewayParts): Promise<void> {
  const { config, desk, people, directory, clock, log, receipts, urls } = parts
  for (const { door } of PROTOCOLS)
    if (door !== null) mountDoor(server, { door, desk, clock, log, publicUrls: urls })
  const console = openConsole({ ...parts, people: parts.peopleStore })
  mountApi(server, {
    ...{ desk, people, directory, clock, log, receipts, livemode: config.mode !== 'demo' },
    ...console.api,
    ...byHandOf(parts),
  })
  await console.mount(server)
}

/** What the native API of a sandbox signs and explains requests with; nothing in any other installation. */
function byHandOf({ config, sandboxKeys, urls }: GatewayParts): { readonly byHand?: ApiByHand } {
  if (config.mode !== 'demo' || sandboxKeys === null) return {}
  return { byHand: { protocols: PROTOCOLS, random: systemRandom, publicUrls: urls, sandboxKeys } }
}
