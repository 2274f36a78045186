// A house of our own for a system test: a database with one merchant who has money, a way to pay it out, and the
// program as processes over it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '../src/lib/digest.ts'
import { systemRandom } from '../src/lib/random.ts'
import { createSeal, type SealKey } from '../src/lib/seal.ts'
import { openPool, type Pool } from '../src/store/postgres.ts'
import { openStore } from '../src/store/postgres-store.ts'
import type { Store } from '../src/store/store.ts'
import { createMigratedDatabase, type TestDatabase } from './postgres.ts'
import { type Program, startProgram } from './program.ts'
import { railSettings } from './rail.ts'
import { BDT } from './store-kit.ts'

export const MERCHANT = 'm_system'
export const ACCOUNT = 'pa_system'
export const DOOR = { merchantNo: '7300000001', secret: 'a-secret-of-the-system-tests' }
export const API_KEY = 'qk_live_system_k3yOfTheSystemTests'
export const OPENING_MINOR = 100_000_000n

/** What seals the secrets of every house. */
export const MASTER: SealKey = { id: 'system', key: systemRandom.bytes(32) }
export const MASTER_KEY = `${MASTER.id}:${Buffer.from(MASTER.key).toString('base64')}`

export interface House extends AsyncDisposable {
  readonly databaseUrl: string
  /** Where its processes keep their send journals. */
  readonly dataDir: string
  /** To look into the database with our own eyes. */
  readonly pool: Pool
  readonly store: Store
  /** What `serve` and `worker` need, over this database or another address of it. */
  environment(more?: Readonly<Record<string, string>>): Record<string, string>
}

export async function openHouse(options: {
  readonly railUrl: string
  /** What the provider account speaks. */
  readonly protocol?: string
  /** Settings of the provider account beside its credentials. */
  readonly settings?: Readonly<Record<string, string>>
  readonly concurrency?: number
  readonly ratePerSecond?: number
  /** A migrated database that is there; left out: a fresh one. */
  readonly database?: TestDatabase
  /** Who sets it up; left out: this program, as it is. */
  readonly setUpBy?: (pool: Pool, master: SealKey) => Store
}): Promise<House> {
  const database = options.database ?? (await createMigratedDatabase('system'))
  const pool = openPool({
    url: database.url,
    size: 4,
    applicationName: 'system test',
    log: { warn: () => {} },
  })
  const store = openStore({ pool, seal: createSeal([MASTER]) })
  await setUp(options.setUpBy?.(pool, MASTER) ?? store, options)
  const dataDir = await mkdtemp(join(tmpdir(), 'quittance-house-'))
  return {
    ...{ databaseUrl: database.url, dataDir },
    pool,
    store,
    environment: more => ({
      DATABASE_URL: database.url,
      QUITTANCE_MASTER_KEY: MASTER_KEY,
      PORT: '0',
      QUITTANCE_DATA_DIR: dataDir,
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      await pool.end()
      await database.drop()
      await rm(dataDir, { recursive: true })
    },
  }
}

async function setUp(store: Store, options: Parameters<typeof openHouse>[0]): Promise<void> {
  const { protocol = 'paypro' } = options
  await store.putMerchant({ merchantId: MERCHANT, name: 'System', active: true })
  await store.putApiKey({
    keyId: 'qk_live_system',
    merchantId: MERCHANT,
    live: true,
    hash: sha256(API_KEY),
    scopes: ['payouts:read', 'payouts:write', 'balances:read'],
    active: true,
  })
  await store.putDoorCredential({
    door: 'paypro',
    publicId: DOOR.merchantNo,
    merchantId: MERCHANT,
    secret: DOOR.secret,
    settings: {},
    active: true,
  })
  await store.putProviderAccount({
    id: ACCOUNT,
    protocol,
    name: 'Simulated',
    baseUrl: options.railUrl,
    settings: { ...railSettings(protocol), ...options.settings },
    callbackSecret: 'callbacks-of-the-system-tests',
    ratePerSecond: options.ratePerSecond ?? 1_000,
    concurrency: options.concurrency ?? 64,
    active: true,
  })
  await store.putRoute({
    merchantId: MERCHANT,
    providerAccountId: ACCOUNT,
    priority: 10,
    currency: BDT,
    method: null,
    active: true,
  })
  await store.fundMerchant({
    merchantId: MERCHANT,
    providerAccountId: ACCOUNT,
    amount: { minor: OPENING_MINOR, currency: BDT },
    reference: 'opening',
    note: 'what the system tests start with',
  })
}

export interface Server extends AsyncDisposable {
  readonly url: string
  readonly program: Program
}

/** `serve`, up and listening. */
export async function startServer(
  house: House,
  options: {
    readonly port?: number
    readonly argv?: readonly string[]
    readonly databaseUrl?: string
    readonly logLevel?: string
  } = {},
): Promise<Server> {
  const { port = 0, argv = [], databaseUrl = house.databaseUrl, logLevel = 'info' } = options
  const environment = house.environment({
    DATABASE_URL: databaseUrl,
    PORT: `${port}`,
    LOG_LEVEL: logLevel,
  })
  const program = startProgram(['serve', ...argv], environment)
  const [, url = ''] = await program.until(/"url":"(http:[^"]+)".*"serve is up"/)
  return { url, program, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() }
}

/** `worker`, up. `publicUrl`: where the gateway takes callbacks. */
export async function startWorker(
  house: House,
  options: { readonly publicUrl: string; readonly databaseUrl?: string },
): Promise<Program> {
  const { publicUrl, databaseUrl = house.databaseUrl } = options
  const environment = house.environment({ DATABASE_URL: databaseUrl, QUITTANCE_PUBLIC_URL: publicUrl })
  const program = startProgram(['worker'], environment)
  await program.until(/"worker is up"/)
  return program
}
