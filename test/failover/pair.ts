// A primary with its standby, and what becomes of them in one run. The cluster is made and migrated once and copied for each run.
import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { prepareAuditorRole } from '../../src/store/auditor.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPool } from '../../src/store/postgres.ts'
import { MIGRATIONS } from '../../src/store/postgres-store.ts'
import { type DatabaseLine, openLine } from '../line.ts'
import { type Cluster, makeCluster, openCluster, type Postgres, startPostgres } from './postgres.ts'
import { startStandby, type Waits } from './standby.ts'

export interface Pair extends AsyncDisposable {
  readonly primary: Postgres
  readonly standby: Postgres
  /** Cuts what the standby hears of the primary. */
  cutStream(): Promise<void>
  /** Both servers, as one address that a program may be given. */
  readonly urlOfBoth: string
  /** As a program gets it that reaches them through another port of this machine. */
  urlThrough(port: number): string
}

/** A cluster with an empty, migrated database. @param migrations left out: those of this tree */
export async function makeMigrated(dataDir: string, migrations: URL = MIGRATIONS): Promise<Cluster> {
  const cluster = await makeCluster(dataDir)
  const server = await startPostgres(cluster)
  try {
    await migrateServer(server, migrations)
  } finally {
    await server.stop()
  }
  return cluster
}

export async function migrateServer(
  server: Pick<Postgres, 'url'>,
  migrations: URL = MIGRATIONS,
): Promise<void> {
  const pool = openPool({
    url: server.url,
    size: 1,
    applicationName: 'failover test',
    log: { warn: () => {} },
  })
  try {
    await migrate(pool, { folder: migrations, log: () => {} })
    if (!(await prepareAuditorRole(pool))) throw new Error('the auditor has no role')
  } finally {
    await pool.end()
  }
}

/** Files as they are, with their owners: under root the server runs as another user. The server is not running. */
export async function copyCluster(from: Cluster, dataDir: string): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true })
  const password = join(from.home.dataDir, 'postgres.password')
  await promisify(execFile)('cp', ['-a', `${from.path}/.`, join(dataDir, 'postgres')])
  await promisify(execFile)('cp', ['-a', password, dataDir])
  return openCluster(dataDir)
}

/** @param dataDir of this pair alone; it is gone when the pair is */
export async function startPair(
  migrated: Cluster,
  options: { readonly dataDir: string; readonly waits: Waits },
): Promise<Pair> {
  const { dataDir, waits } = options
  await using opening = new AsyncDisposableStack()
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  opening.defer(() => rm(dataDir, { recursive: true, force: true }))
  const primary = await startPostgres(await copyCluster(migrated, join(dataDir, 'primary')))
  opening.defer(() => primary.stop())
  const line: DatabaseLine = opening.use(await openLine(primary.url))
  const through = { port: Number(new URL(line.url).port) }
  const standby = await startStandby(primary, { dataDir: join(dataDir, 'standby'), waits, through })
  opening.defer(() => standby.stop())
  const open = opening.move()
  const urlOf = (hosts: string) => `postgres://quittance:${primary.cluster.password}@${hosts}/quittance`
  return {
    ...{ primary, standby },
    cutStream: line.cut,
    urlOfBoth: urlOf(`127.0.0.1:${primary.port},127.0.0.1:${standby.port}`),
    urlThrough: port => urlOf(`127.0.0.1:${port}`),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}
