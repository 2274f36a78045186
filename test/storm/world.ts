// One installation in the storm: a database of its own, the application in this process over real sockets, a line to the
// database that breaks, a provider with books of its own behind a sink that counts, and a merchant who takes notices.
import pg from 'pg'
import { type App, createApp } from '../../src/app.ts'
import { type Receiver, startReceiver } from '../../src/cli/receiver.ts'
import { readConfig } from '../../src/config.ts'
import { mountDoor } from '../../src/http/mount.ts'
import { createServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createLog } from '../../src/lib/log.ts'
import { railProtocols } from '../../src/simulator/credentials.ts'
import { type RailServer, startRailServer } from '../../src/simulator/rail-server.ts'
import { type House, openHouse } from '../house.ts'
import { createMigratedDatabase } from '../postgres.ts'
import type { Cluster } from './cluster.ts'
import { steady } from './heal.ts'
import { openStormLine, type StormLine } from './line.ts'
import type { Plan } from './plan.ts'
import { openSink, type Sink } from './sink.ts'

export interface World extends AsyncDisposable {
  readonly cluster: Cluster
  readonly house: House
  readonly app: App
  readonly rail: RailServer
  readonly sink: Sink
  readonly line: StormLine
  readonly receiver: Receiver
  /** Who may do anything in this database, past the line. */
  readonly owner: pg.Pool
  readonly weather: Weather
}

/** What changes from history to history. */
export interface Weather {
  /** Null: calm. */
  plan: Plan | null
  /** Counts what strikes. */
  struck: (fault: string) => void
}

/** @param dispatchers how many processes send: with two, a second application works on the same database */
export async function openWorld(cluster: Cluster, seed: number, dispatchers: number): Promise<World> {
  await using closing = new AsyncDisposableStack()
  const weather: Weather = { plan: null, struck: () => {} }
  const rail = await startRailServer(
    {
      ...{ protocols: railProtocols('paypro'), keys: null, port: 0, seed, latencyMs: 0 },
      ...{ clock: systemClock, log: createLog({ level: 'silent' }) },
    },
    { createServer, mountDoor },
  )
  closing.defer(() => rail.stop())
  const sink = closing.use(
    await openSink({ railUrl: rail.url, fate: () => weather.plan?.fate() ?? 'passed' }),
  )
  const made = await createMigratedDatabase('storm')
  // Another world may have the server restarted while this one ends.
  const database = { ...made, drop: () => steady(() => made.drop()) }
  const house = closing.use(
    await openHouse({ railUrl: sink.url, settings: { timeout_total_ms: '2000' }, database }),
  )
  house.pool.on('error', () => {})
  const owner = new pg.Pool({ connectionString: ownerOf(cluster, database.url), max: 2 })
  owner.on('error', () => {})
  // One that breaks in use fails the query that uses it; unheard it would end this process too.
  owner.on('connect', client => client.on('error', () => {}))
  closing.defer(() => owner.end())
  const line = closing.use(
    await openStormLine({
      databaseUrl: database.url,
      target: cluster.port,
      strike(statement) {
        const strike = weather.plan?.strike(statement) ?? null
        if (strike !== null) weather.struck(`line ${strike.fault}`)
        return strike
      },
      signalBackend: (pid, fault) => {
        const call = fault === 'cancelled' ? 'pg_cancel_backend' : 'pg_terminate_backend'
        owner.query(`select ${call}($1)`, [pid]).catch(() => {})
      },
    }),
  )
  const receiver = await startReceiver()
  closing.defer(() => receiver.close())
  const app = await startApp(house, line.url, { gateway: true, worker: true })
  closing.defer(() => app.stop())
  for (let more = 1; more < dispatchers; more += 1) {
    const worker = await startApp(house, line.url, { gateway: false, worker: true }, app.url)
    closing.defer(() => worker.stop())
  }
  const stack = closing.move()
  return {
    ...{ cluster, house, app, rail, sink, line, receiver, owner, weather },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  }
}

function startApp(
  house: House,
  databaseUrl: string,
  roles: { readonly gateway: boolean; readonly worker: boolean },
  publicUrl?: string,
): Promise<App> {
  const more = publicUrl === undefined ? {} : { QUITTANCE_PUBLIC_URL: publicUrl }
  const read = readConfig(house.environment({ DATABASE_URL: databaseUrl, ...more }), 'serve')
  if (!read.ok) throw new Error('the harness configured the application wrongly')
  return createApp({
    config: { ...read.config, allowLoopbackTargets: true },
    databaseUrl,
    log: createLog({ level: LOG_LEVEL }),
    roles,
  })
}

/** For whoever looks for the reason of a breach. */
const LOG_LEVEL = process.env.STORM_LOG === undefined ? 'silent' : 'warn'

function ownerOf({ ownerUrl }: Cluster, databaseUrl: string): string {
  const url = new URL(ownerUrl)
  url.pathname = new URL(databaseUrl).pathname
  return url.href
}
