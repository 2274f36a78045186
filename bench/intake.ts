// Accepted payouts per second for one hot merchant: the load generator, the switch and Postgres are three processes on
// the one machine. The same code with batches of one runs interleaved with it, so that the ratio stands whatever else
// the machine does. After each run: accepted = stored = held in the ledger, or the figure does not count.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createLog } from '../src/lib/log.ts'
import { createSeal } from '../src/lib/seal.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { openPool, type Pool } from '../src/store/postgres.ts'
import { MIGRATIONS, openStore } from '../src/store/postgres-store.ts'
import type { LoadResult } from './load.ts'
import { BENCH_API_KEY, BENCH_MERCHANT, BENCH_MINOR, BENCH_SEAL_KEY, setUpBench } from './merchant.ts'

export interface IntakeOptions {
  readonly seconds: number
  readonly runs: number
  say(line: string): void
}

export interface IntakeFigure {
  readonly variant: string
  readonly connections: number
  /** Accepted per second, one for each run. */
  readonly perSecond: readonly number[]
  readonly p50Ms: readonly number[]
  readonly p99Ms: readonly number[]
}

const VARIANTS = [
  { variant: 'group commit', batchMax: null },
  { variant: 'batches of one', batchMax: 1 },
] as const
const CONNECTIONS = [64, 256] as const

export async function benchIntake(options: IntakeOptions): Promise<readonly IntakeFigure[]> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'quittance-bench-'))
  await chmod(folder, 0o711)
  cleanup.defer(() => rm(folder, { recursive: true }))
  const started = await startEmbedded({ dataDir: folder, log: () => undefined })
  if (!started.ok) throw new Error(started.why)
  cleanup.defer(() => started.server.stop())
  const log = createLog({ level: 'warn' })
  const pool = openPool({ url: started.server.url, size: 2, applicationName: 'bench', log })
  const store = openStore({ pool, seal: createSeal([BENCH_SEAL_KEY]) })
  cleanup.defer(() => store.close())
  await migrate(pool, { folder: MIGRATIONS, log: () => undefined })
  await setUpBench(store)

  const figures = VARIANTS.flatMap(({ variant, batchMax }) =>
    CONNECTIONS.map(connections => ({
      ...{ variant, batchMax, connections },
      ...{ perSecond: [] as number[], p50Ms: [] as number[], p99Ms: [] as number[] },
    })),
  )
  // Warm-up: plans, code and the file system's own pages.
  await oneRun({ url: started.server.url, pool, batchMax: null, connections: 64, seconds: 3 })
  for (let run = 1; run <= options.runs; run += 1)
    for (const figure of figures) {
      const { batchMax, connections } = figure
      const result = await oneRun({
        url: started.server.url,
        pool,
        batchMax,
        connections,
        seconds: options.seconds,
      })
      figure.perSecond.push(result.perSecond)
      figure.p50Ms.push(result.p50Ms)
      figure.p99Ms.push(result.p99Ms)
      options.say(
        `run ${run}  ${figure.variant.padEnd(15)} ${String(connections).padStart(4)} connections  ${Math.round(result.perSecond)}/s  p50 ${result.p50Ms.toFixed(1)} ms  p99 ${result.p99Ms.toFixed(1)} ms`,
      )
    }
  return figures
}

interface Run {
  readonly url: string
  readonly pool: Pool
  readonly batchMax: number | null
  readonly connections: number
  readonly seconds: number
}

async function oneRun(run: Run): Promise<LoadResult> {
  const before = await stored(run.pool)
  const batch = run.batchMax === null ? [] : ['--batch-max', String(run.batchMax)]
  const server = script('switch.ts', ['--database-url', run.url, ...batch])
  try {
    const { url } = JSON.parse(await firstLine(server)) as { url: string }
    const load = script('load.ts', [
      ...['--port', new URL(url).port, '--connections', String(run.connections)],
      ...['--seconds', String(run.seconds), '--key', BENCH_API_KEY],
    ])
    const result = JSON.parse(await firstLine(load)) as LoadResult
    const after = await stored(run.pool)
    check(result, before, after)
    return result
  } finally {
    server.stdin?.end()
    if (server.exitCode === null) await once(server, 'exit')
  }
}

interface Stored {
  readonly payouts: bigint
  readonly held: bigint
}

async function stored(pool: Pool): Promise<Stored> {
  const { rows } = await pool.query<Stored>(
    `select (select count(*) from payout where merchant_id = $1) as payouts,
      (select minor from balance where merchant_id = $1 and account = 'held' and currency = 'BDT') as held`,
    [BENCH_MERCHANT],
  )
  const [row] = rows
  if (row === undefined) throw new Error('the books answer')
  return row
}

/** A fast wrong answer does not count. Connections that were cut at the end may have one payout each unanswered. */
function check(result: LoadResult, before: Stored, after: Stored): void {
  const accepted = BigInt(result.statuses['201'] ?? 0)
  const payouts = after.payouts - before.payouts
  const held = after.held - before.held
  if (accepted !== BigInt(result.answers))
    throw new Error(`not all were accepted: ${JSON.stringify(result.statuses)}`)
  if (payouts !== accepted) throw new Error(`${accepted} accepted, ${payouts} stored`)
  if (held !== payouts * BENCH_MINOR) throw new Error(`${payouts} payouts hold ${held} minor units`)
}

function script(name: string, args: readonly string[]): ChildProcess {
  const path = new URL(name, import.meta.url).pathname
  return spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output')
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  return line
}
