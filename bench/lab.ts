// Where a part of the bench runs: a Postgres of its own that vanishes afterwards, the tables and the merchants in it, and
// the processes that are started beside it. Whatever happens, nothing of it is left running.
import { generateKeyPairSync } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../src/lib/log.ts'
import { systemRandom } from '../src/lib/random.ts'
import { createSeal } from '../src/lib/seal.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { openPool, type Pool } from '../src/store/postgres.ts'
import { MIGRATIONS, openStore } from '../src/store/postgres-store.ts'
import type { Store } from '../src/store/store.ts'
import type { LoadPlan, LoadResult } from './load-plan.ts'
import { BENCH_SEAL_KEY, setUpBench } from './merchant.ts'
import type { ReferencePlan, ReferenceResult } from './reference-plan.ts'
import { type Spawned, spawnScript } from './spawned.ts'
import type { SwitchPlan } from './switch-plan.ts'
import { type Usage, usageOf, usageOfTree } from './usage.ts'

export interface Lab extends AsyncDisposable {
  readonly databaseUrl: string
  readonly store: Store
  readonly pool: Pool
  readonly postgresPid: number
  /** A reference that no other run begins with. */
  run(): string
  startSwitch(plan: Partial<Omit<SwitchPlan, 'databaseUrl'>>): Promise<Switch>
  /** Another script of this folder, stopped with the lab. */
  start(script: string, plan: unknown): Promise<Spawned>
  load(at: Switch, plan: Partial<LoadPlan> & Pick<LoadPlan, 'kind'>): Promise<LoadResult>
  reference(plan: Omit<ReferencePlan, 'databaseUrl' | 'run'>): Promise<ReferenceResult>
}

export interface Switch {
  readonly url: string
  readonly process: Spawned
  stop(): Promise<void>
}

export interface LabOptions {
  readonly merchants?: number
  readonly providerUrl?: string
  readonly profileFolder?: string | null
}

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  await using opening = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'quittance-bench-'))
  // The server's user, who is not root, has to pass through it.
  await chmod(folder, 0o711)
  opening.defer(() => rm(folder, { recursive: true, force: true }))
  const started = await startEmbedded({ dataDir: folder, log: () => undefined })
  if (!started.ok) throw new Error(started.why)
  opening.defer(() => started.server.stop())
  const { url: databaseUrl, pid: postgresPid } = started.server
  const log = createLog({ level: 'warn', destination: process.stderr })
  const pool = openPool({ url: databaseUrl, size: 10, applicationName: 'bench', log })
  const store = openStore({ pool, seal: createSeal([BENCH_SEAL_KEY]) })
  opening.defer(() => store.close())
  await migrate(pool, { folder: MIGRATIONS, log: () => undefined })
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const { merchants = 1, providerUrl = NOWHERE } = options
  await setUpBench(store, { merchants, providerUrl, publicKey })

  const running = new Set<Spawned>()
  opening.defer(async () => {
    for (const one of running) await one.stop()
  })
  async function start(script: string, plan: unknown, nodeOptions: readonly string[] = []): Promise<Spawned> {
    const spawned = await spawnScript(script, plan, nodeOptions)
    running.add(spawned)
    const stop = async () => {
      running.delete(spawned)
      await spawned.stop()
    }
    return { ...spawned, stop }
  }
  const profile = options.profileFolder ?? null
  const profiled = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const run = () => systemRandom.text('abcdefghijklmnopqrstuvwxyz', 8)
  const stack = opening.move()

  return {
    ...{ databaseUrl, store, pool, postgresPid, run },
    start: (script, plan) => start(script, plan),
    async startSwitch(plan) {
      const whole: SwitchPlan = { databaseUrl, dataDir: folder, gateway: true, worker: false, ...plan }
      const process = await start('switch.ts', whole, profiled)
      const { url } = process.ready as { url: string }
      return { url, process, stop: process.stop }
    },
    async load(at, plan) {
      const { port, host } = new URL(at.url)
      const generator = await start('load.ts', {
        ...{
          port: Number.parseInt(port, 10),
          host,
          connections: 64,
          seconds: 10,
          rate: null,
          callsMax: null,
        },
        ...{ run: run(), merchants, firstMerchant: 0, orders: [], privateKey, notifyUrl: '' },
        ...plan,
      } satisfies LoadPlan)
      try {
        return (await generator.ask('go')) as LoadResult
      } finally {
        await generator.stop()
      }
    },
    async reference(plan) {
      const reference = await start('reference.ts', { ...plan, databaseUrl, run: run() })
      try {
        return (await reference.ask('go')) as ReferenceResult
      } finally {
        await reference.stop()
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A port that nobody listens on. */
const NOWHERE = 'http://127.0.0.1:1'

/** Processor time of the switch and of Postgres between two moments. */
export async function meter(lab: Lab, at: readonly Switch[]): Promise<() => Promise<Cost>> {
  const read = async () => {
    const switches = await Promise.all(at.map(one => usageOf(one.process.pid)))
    return { switches, postgres: await usageOfTree(lab.postgresPid) }
  }
  const before = await read()
  return async () => {
    const after = await read()
    const spent = (one: Usage | null, other: Usage | null) =>
      one === null || other === null ? null : other.cpuMs - one.cpuMs
    const each = before.switches.map((one, place) => spent(one, after.switches[place] ?? null))
    return {
      switchMs: each.includes(null) ? null : each.reduce<number>((sum, ms) => sum + (ms ?? 0), 0),
      postgresMs: spent(before.postgres, after.postgres),
      residentMiB: Math.max(0, ...after.switches.map(one => one?.residentMiB ?? 0)),
    }
  }
}

export interface Cost {
  readonly switchMs: number | null
  readonly postgresMs: number | null
  readonly residentMiB: number
}

/** Microseconds for each of so many. */
export function perItem(cost: Cost, items: number) {
  const us = (ms: number | null) => (ms === null || items === 0 ? null : (ms * 1000) / items)
  return { switch: us(cost.switchMs), postgres: us(cost.postgresMs) }
}
