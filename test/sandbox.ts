// The sandbox as the demo sets it up, in this process: the merchant of fixed credentials, simulated providers as
// processes of their own, the application with all its doors, and the merchant as a client of each of them.
import { rm } from 'node:fs/promises'
import { type App, createApp } from '../src/app.ts'
import { setUpSandbox } from '../src/cli/sandbox.ts'
import { createSandboxClient, type SandboxClient } from '../src/cli/sandbox-client.ts'
import { systemClock } from '../src/lib/clock.ts'
import { createLog } from '../src/lib/log.ts'
import { systemRandom } from '../src/lib/random.ts'
import { createSeal } from '../src/lib/seal.ts'
import { openPool } from '../src/store/postgres.ts'
import { openStore } from '../src/store/postgres-store.ts'
import { createMigratedDatabase, temporaryFolder } from './postgres.ts'
import { type RailProgram, startRail, TEST_KEYS } from './rail.ts'

export interface Sandbox extends AsyncDisposable {
  readonly app: App
  readonly client: SandboxClient
  /** By protocol. */
  readonly rails: ReadonlyMap<string, RailProgram>
}

/** @param protocols whose providers are simulated; payouts go through these alone */
export async function openSandbox(protocols: readonly string[]): Promise<Sandbox> {
  await using closing = new AsyncDisposableStack()
  const rails = new Map<string, RailProgram>()
  for (const protocol of protocols) rails.set(protocol, closing.use(await startRail({ protocol })))
  const database = await createMigratedDatabase('sandbox')
  closing.defer(() => database.drop())
  const masterKeys = [{ id: 'sandbox', key: systemRandom.bytes(32) }]
  const pool = openPool({
    ...{ url: database.url, size: 1, applicationName: 'sandbox' },
    log: { warn: () => {} },
  })
  const urls = Object.fromEntries([...rails].map(([protocol, { url }]) => [protocol, url]))
  await setUpSandbox(openStore({ pool, seal: createSeal(masterKeys) }), urls, systemRandom, TEST_KEYS)
  await pool.end()
  // Of its own: journals of another copy of the same database would be a sign that this one was restored.
  const dataDir = await temporaryFolder()
  closing.defer(() => rm(dataDir, { recursive: true }))
  const app = await createApp({
    config: {
      mode: 'demo',
      host: '127.0.0.1',
      port: 0,
      publicUrl: null,
      doorUrls: [],
      databaseUrl: database.url,
      dataDir,
      masterKeys,
      logLevel: 'warn',
      allowLoopbackTargets: true,
      stopWithinMs: 30_000,
    },
    databaseUrl: database.url,
    log: createLog({ level: 'silent' }),
    roles: { gateway: true, worker: true },
  })
  closing.defer(() => app.stop())
  const client = createSandboxClient({
    ...{ url: app.url, keys: TEST_KEYS },
    ...{ clock: systemClock, random: systemRandom },
  })
  const stack = closing.move()
  return { app, client, rails, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() }
}
