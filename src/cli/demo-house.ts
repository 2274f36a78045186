// Starts what the demo stands on, in order, and stops it in the opposite order: Postgres, the sandbox in it, the
// simulated providers as processes of their own, a merchant's receiver, and the application.
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type App, createApp, peopleDeskOf } from '../app.ts'
import type { Config } from '../config.ts'
import { systemClock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { parseMasterKeys, type SealKey } from '../lib/master-keys.ts'
import { createPasswords } from '../lib/password.ts'
import { systemRandom } from '../lib/random.ts'
import { createSeal } from '../lib/seal.ts'
import { SIMULATED } from '../simulator/credentials.ts'
import { startEmbedded } from '../store/embedded.ts'
import { MigrationRefused, migrate } from '../store/migrate.ts'
import { openPeopleStore } from '../store/people-store.ts'
import { openPool } from '../store/postgres.ts'
import { MIGRATIONS, openStore } from '../store/postgres-store.ts'
import { openSignInStore } from '../store/sign-in-store.ts'
import { startAuditorProcess } from './auditor-process.ts'
import { portProblem } from './port.ts'
import { keepPort, keptPort } from './rail-port.ts'
import { type RailProcess, startRailProcess } from './rail-process.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { setUpSandbox } from './sandbox.ts'
import { SANDBOX_MERCHANT_ID } from './sandbox-credentials.ts'
import { openKeyRing, railPublicKeyPath, type SandboxKeyRing } from './sandbox-keys.ts'
import { setUpSandboxPeople } from './sandbox-people.ts'

export interface DemoHouse {
  readonly app: App
  readonly rails: ReadonlyMap<string, RailProcess>
  readonly receiver: Receiver
  readonly keys: SandboxKeyRing
  /** With which the people of the sandbox sign in at the console, until the next start. */
  readonly password: string
}

/** What the person is told while it starts, and whatever Postgres has to say. */
export interface HouseOptions {
  readonly config: Config
  readonly log: Log
  readonly reset: boolean
  /** The file that this process was started from. */
  readonly program: string
  say(line: string): void
}

/** A start that cannot be: a sentence for a person, nothing is left running by it. */
export class CannotStart extends Error {}

/**
 * @param closing takes what has to be stopped, in the order it was started; the caller disposes of it in any case
 * @throws CannotStart with the sentence that says why
 */
export async function openHouse(options: HouseOptions, closing: AsyncDisposableStack): Promise<DemoHouse> {
  const { config, log, say } = options
  if (options.reset) await deleteData(options)
  const folder = join(config.dataDir, 'sandbox')
  await mkdir(folder, { recursive: true })
  const keys = await openKeyRing(folder)
  if (typeof keys === 'string') throw new CannotStart(`${keys}; --reset makes a new one`)
  const masterKeys = config.masterKeys.length > 0 ? config.masterKeys : await sandboxKeys(config.dataDir)
  const starting = SIMULATED.map(
    async protocol => [protocol, await startRail(protocol, keys, options, closing)] as const,
  )
  // Both begin at once, and a failure of one must not leave the other unheard.
  const [database, ...started] = await Promise.allSettled([openDatabase(options, closing), ...starting])
  for (const one of [database, ...started]) if (one.status === 'rejected') throw one.reason
  if (database.status !== 'fulfilled') throw new CannotStart('the database did not start')
  const rails = new Map(started.flatMap(one => (one.status === 'fulfilled' ? [one.value] : [])))

  say('Migrating and setting up the sandbox merchant')
  const password = await prepareDatabase(database.value, { masterKeys, rails, keys, log })
  const receiver = await startReceiver()
  closing.defer(() => receiver.close())
  try {
    const app = await createApp({
      config: { ...config, masterKeys },
      databaseUrl: database.value,
      log,
      roles: { gateway: true, worker: true },
      auditor: { stopsSends: false },
      sandboxKeys: protocol => keys.get(protocol)?.merchant ?? null,
    })
    const { auditorUrl = null, logLevel } = config
    const auditor = startAuditorProcess({
      ...{ program: options.program, databaseUrl: database.value, auditorUrl, logLevel },
      clock: systemClock,
      log,
    })
    closing.defer(() => auditor.stop())
    closing.defer(() => app.stop())
    return { app, rails, receiver, keys, password }
  } catch (error) {
    const taken = portProblem(error, config.port)
    throw taken === null ? error : new CannotStart(taken)
  }
}

async function openDatabase({ config, say }: HouseOptions, closing: AsyncDisposableStack): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl
  say(`Starting Postgres in ${config.dataDir}`)
  const started = await startEmbedded({ dataDir: config.dataDir, log: say })
  if (!started.ok) throw new CannotStart(started.why)
  closing.defer(() => started.server.stop())
  return started.server.url
}

/** Only what the demo itself puts there; and only after the server, if one still runs in it, was stopped. */
async function deleteData({ config, say }: HouseOptions): Promise<void> {
  const { dataDir } = config
  if (config.databaseUrl !== null)
    throw new CannotStart('--reset deletes the embedded data alone, and DATABASE_URL is set')
  const cluster = join(dataDir, 'postgres')
  if (!(await exists(cluster))) return
  const started = await startEmbedded({ dataDir, log: say })
  if (!started.ok) throw new CannotStart(started.why)
  await started.server.stop()
  for (const name of ['postgres', 'postgres.log', 'postgres.password', 'sandbox'])
    await rm(join(dataDir, name), { recursive: true, force: true })
  say(`Deleted the data in ${dataDir}`)
}

async function startRail(
  protocol: string,
  keys: SandboxKeyRing,
  { config, program }: HouseOptions,
  closing: AsyncDisposableStack,
): Promise<RailProcess> {
  const folder = join(config.dataDir, 'sandbox')
  const portPath = join(folder, `rail-${protocol}.port`)
  const rail = await startRailProcess({
    protocol,
    program,
    port: await keptPort(portPath, systemClock),
    booksPath: join(folder, `rail-${protocol}.jsonl`),
    publicKeyPath: keys.has(protocol) ? railPublicKeyPath(folder, protocol) : null,
    clock: systemClock,
  })
  if (typeof rail === 'string') throw new CannotStart(rail)
  closing.defer(() => rail.stop())
  await keepPort(portPath, rail.url)
  return rail
}

async function prepareDatabase(
  url: string,
  {
    masterKeys,
    rails,
    keys,
    log,
  }: { masterKeys: readonly SealKey[]; log: Log } & Pick<DemoHouse, 'rails' | 'keys'>,
): Promise<string> {
  const pool = openPool({ url, size: 2, applicationName: 'quittance demo set-up', log })
  try {
    await migrate(pool, { folder: MIGRATIONS, log: () => {} })
    const seal = createSeal(masterKeys)
    const store = openStore({ pool, seal })
    const { merchants } = await store.readConfiguration()
    if (merchants.some(({ merchantId }) => merchantId !== SANDBOX_MERCHANT_ID))
      throw new CannotStart(
        'this database has merchants of its own; the demo works in a database that is empty',
      )
    const urls = Object.fromEntries([...rails].map(([protocol, rail]) => [protocol, rail.url]))
    await setUpSandbox(store, urls, systemRandom, keys)
    const people = openPeopleStore({ pool, seal })
    return await setUpSandboxPeople({
      ...{ people, desk: peopleDeskOf(people), signIns: openSignInStore({ pool }) },
      ...{ passwords: createPasswords(systemRandom), random: systemRandom, clock: systemClock },
    })
  } catch (error) {
    if (!(error instanceof MigrationRefused)) throw error
    throw new CannotStart(
      `the data is of another version (${error.message}); --reset deletes it and starts afresh`,
    )
  } finally {
    await pool.end()
  }
}

/** The demo's own master key, made once, readable by this user alone. */
async function sandboxKeys(dataDir: string): Promise<readonly SealKey[]> {
  const path = join(dataDir, 'sandbox', 'master.key')
  const known = await readFile(path, 'utf8').catch(() => null)
  const text = known ?? `demo:${Buffer.from(systemRandom.bytes(32)).toString('base64')}`
  if (known === null) await writeFile(path, text, { mode: 0o600 })
  const keys = parseMasterKeys(text)
  if (!keys.ok) throw new CannotStart(`${path} holds no master key: ${keys.why}; --reset makes a new one`)
  return keys.keys
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
