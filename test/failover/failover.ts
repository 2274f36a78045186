// `npm run failover`: the long tier of failovers. Draws each run from a seed, keeps what it has in a file that the next start
// of the same seed and commit goes on from, and ends with 1 where a guarantee did not hold.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { temporaryFolder } from '../postgres.ts'
import { commitOf, today } from '../provenance.ts'
import { startRail } from '../rail.ts'
import type { Kind } from './draw.ts'
import { makeMigrated } from './pair.ts'
import { PLANTED, playPlanted } from './planted.ts'
import { startPostgres, withSession } from './postgres.ts'
import { type FailoverRun, failoverOnce } from './run.ts'
import { figures, goOn, kindOf, type Runs } from './summary.ts'

const HELP = `Kills a primary under load, promotes its standby, and lays all books side by side (docs/failover.md).

Usage: npm run failover -- [options]

options:
  --runs <n>         failovers in all, those of an earlier start included; every sixth is asynchronous (60)
  --seed <n>         what is drawn (1)
  --jobs <n>         so many at once, at most 8 (1)
  --only <n>         this run of the seed alone, the first is 0: what a breach prints
  --write            writes the figures to docs/safety/failover.json as well
  --planted <name>   runs a copy of the program with a mistake in it, and says what notices: ${PLANTED.map(({ name }) => name).join(', ')} or all

examples:
  npm run failover -- --runs 60 --seed 7 --write
  npm run failover -- --seed 7 --only 12
  npm run failover -- --planted all
`
/** Its books grow with every run and are read whole each time. */
const RUNS_PER_RAIL = 10

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    only: { type: 'string' },
    planted: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const wanted = Number.parseInt(values.runs, 10)
const seed = Number.parseInt(values.seed, 10)
const jobs = Number.parseInt(values.jobs, 10)
const only = values.only === undefined ? null : Number.parseInt(values.only, 10)
const planted = PLANTED.filter(({ name }) => values.planted === 'all' || values.planted === name)
const isWrong = !(wanted > 0) || !(jobs > 0 && jobs <= 8) || !(seed >= 0) || (only !== null && !(only >= 0))
if (values.help || isWrong || (values.planted !== undefined && planted.length === 0)) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const root = new URL('../../', import.meta.url)
const results = new URL('./results/', import.meta.url)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())

const folder = await temporaryFolder()
try {
  process.exitCode =
    planted.length > 0 ? await runPlanted() : only === null ? await runAll() : await runOne(only)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function runAll(): Promise<number> {
  await mkdir(results, { recursive: true })
  const path = new URL(`failover-${seed}.json`, results)
  const migrated = await makeMigrated(join(folder, 'migrated'))
  let state = goOn(await readFile(path, 'utf8').catch(() => null), { commit: commitOf(), seed })
  const done = new Set(state.runs.map(({ place }) => place))
  const left = Array.from({ length: wanted }, (_, place) => place)
    .filter(place => !done.has(place))
    .values()
  let writing: Promise<void> = Promise.resolve()
  async function job(): Promise<void> {
    for (let isOver = false; !isOver && !interrupted.signal.aborted; ) {
      await using rail = await startRail({ latencyMs: 30 })
      for (let ran = 0; ran < RUNS_PER_RAIL && !interrupted.signal.aborted; ran += 1) {
        const next = left.next()
        isOver = next.done === true
        if (next.done === true) break
        const place = next.value
        const run = await failoverOnce({ ...drawn(place), rail, migrated, folder })
        tell(place, run)
        state = { ...state, runs: [...state.runs, { ...run, place }] }
        writing = writing.then(() => writeFile(path, `${JSON.stringify(state, null, 2)}\n`))
        await writing
      }
    }
  }
  await Promise.all(Array.from({ length: jobs }, job))
  const server = await startPostgres(migrated)
  const [row] = await withSession(server.superUrl, ask =>
    ask<{ server_version: string }>('show server_version'),
  )
  await server.stop()
  return conclude(state, row?.server_version ?? 'unknown')
}

async function conclude(state: Runs, postgres: string): Promise<number> {
  const text = `${JSON.stringify(figures(state, { date: today(), node: process.version, postgres }), null, 2)}\n`
  console.log(text)
  if (values.write) await writeFile(new URL('docs/safety/failover.json', root), text)
  return state.runs.some(({ breaches }) => breaches.length > 0) ? 1 : 0
}

async function runOne(place: number): Promise<number> {
  const migrated = await makeMigrated(join(folder, 'migrated'))
  await using rail = await startRail({ latencyMs: 30 })
  const run = await failoverOnce({ ...drawn(place), rail, migrated, folder })
  tell(place, run)
  return run.breaches.length === 0 ? 0 : 1
}

async function runPlanted(): Promise<number> {
  let missed = 0
  for (const one of planted) {
    const caught = await playPlanted(one, { folder, seed, tell: line => console.log(line) })
    if (!caught) missed += 1
  }
  return missed === 0 ? 0 : 1
}

function drawn(place: number): { kind: Kind; seed: number; name: string } {
  return { kind: kindOf(place), seed: seed * 1_000_000 + place, name: `f${seed}-${place}` }
}

function tell(place: number, run: FailoverRun): void {
  const { draw, acknowledged, lost, phantoms, outageMs, durationMs, states } = run
  const shape = `${draw.kind}/${draw.waits} ${draw.shape} ${draw.address} ${draw.restarts ? 'restarted' : 'reconnected'}`
  console.log(
    `${place + 1}/${wanted} ${shape}: ${acknowledged} acknowledged, ${lost} lost, ${phantoms} phantoms, ` +
      `out for ${outageMs} ms, ${JSON.stringify(states)}, ${durationMs} ms`,
  )
  for (const breach of run.breaches) console.log(`  BREACH ${breach}`)
  if (run.breaches.length > 0) console.log(`  npm run failover -- --seed ${seed} --only ${place}`)
}
