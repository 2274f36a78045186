// The long tier: npm run store-scripts -- --count N --seed S [--isolation 'read committed' | serializable]
// Its Postgres is an embedded one that vanishes afterwards, or that of TEST_DATABASE_URL.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startEmbedded } from '../../src/store/embedded.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPool } from '../../src/store/postgres.ts'
import { MIGRATIONS } from '../../src/store/postgres-store.ts'
import { type Isolation, openPair, type Pair } from './pair.ts'
import { runTier } from './tier.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    isolation: { type: 'string' },
  },
})
const LEVELS: readonly Isolation[] = ['read committed', 'serializable']
/** Scripts at a time. */
const PAIRS = 4

const chosen = LEVELS.filter(level => values.isolation === undefined || values.isolation === level)
const server = await openServer()
try {
  for (const isolation of chosen) if (!(await runLevel(isolation))) process.exitCode = 1
} finally {
  await server.stop()
}

async function runLevel(isolation: Isolation): Promise<boolean> {
  const count = Number(values.count)
  const pairs: Pair[] = []
  for (let place = 0; place < Math.min(PAIRS, count); place += 1)
    pairs.push(
      await openPair(await freshDatabase(`scripts_${isolation.replace(' ', '_')}_${place}`), isolation),
    )
  const began = performance.now()
  const tier = await runTier(pairs, { count, seed: BigInt(values.seed), keep: false })
  const seconds = (performance.now() - began) / 1000
  for (const pair of pairs) await pair.close()
  for (const [answer, times] of [...tier.answers].sort())
    console.log(`${String(times).padStart(9)}  ${answer}`)
  console.log(
    `${isolation}: ${count} scripts from seed ${values.seed}, ${tier.calls} calls, ${seconds.toFixed(1)} s`,
  )
  if (tier.failure !== null) console.log(tier.failure)
  return tier.failure === null
}

interface Server {
  readonly url: string
  stop(): Promise<void>
}

async function openServer(): Promise<Server> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => {} }
  const dataDir = await mkdtemp(join(tmpdir(), 'quittance-scripts-'))
  const started = await startEmbedded({ dataDir, log: () => {} })
  if (!started.ok) throw new Error(started.why)
  return {
    url: started.server.url,
    async stop() {
      await started.server.stop()
      await rm(dataDir, { recursive: true })
    },
  }
}

async function freshDatabase(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`drop database if exists ${name} with (force)`)
  await client.query(`create database ${name} template template0 encoding 'UTF8'`)
  await client.end()
  const url = new URL(server.url)
  url.pathname = `/${name}`
  const log = { warn: () => undefined }
  const pool = openPool({ url: url.href, size: 1, applicationName: 'store scripts', log })
  await migrate(pool, { folder: MIGRATIONS, log: () => undefined })
  await pool.end()
  return url.href
}
