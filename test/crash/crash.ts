// `npm run crash`: the long tier of the kill points. Draws a point and a passing for every run from a seed, keeps what it
// has in a file that the next start of the same seed goes on from, and ends with 1 where a guarantee did not hold.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/lib/random.ts'
import { startEmbedded } from '../../src/store/embedded.ts'
import { makeDatabasesOn, temporaryFolder } from '../postgres.ts'
import { type RailProgram, startRail } from '../rail.ts'
import { POINT_NAMES, POINTS, type PointName } from './points.ts'
import { crashOnce } from './run.ts'
import { addRun, emptySummary, readSummary, type Summary } from './summary.ts'

const HELP = `Usage: npm run crash -- [options]

options:
  --runs <n>         kills in all, those of an earlier start included (200)
  --seed <n>         what is drawn (1)
  --only <point>     this point alone, K1 to K38: replays what a run printed, with --nth
  --nth <n>          its n-th passing (1)

examples:
  npm run crash -- --runs 2000 --seed 7
  npm run crash -- --only K19 --nth 2
`
/** Its books grow with every run and are read whole each time. */
const RUNS_PER_RAIL = 100
const NTH_MAX = 4

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    nth: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
const wanted = Number.parseInt(values.runs, 10)
const seed = Number.parseInt(values.seed, 10)
const only = POINT_NAMES.find(name => name === values.only)
if (values.help || !(wanted > 0) || !(seed >= 0) || (values.only !== undefined && only === undefined)) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const results = new URL('./results/', import.meta.url)
const interrupted = new AbortController()
const path = new URL(`points-${seed}.json`, results)
process.exitCode = await withServer(() => (only === undefined ? runAll() : runOne(only)))

async function withServer(body: () => Promise<number>): Promise<number> {
  const folder = await temporaryFolder()
  const lines: string[] = []
  const stop = new AbortController()
  const started = await startEmbedded({ dataDir: folder, log: line => lines.push(line), signal: stop.signal })
  if (!started.ok) throw new Error([started.why, ...lines].join('\n'))
  // The server is in a group of its own, so that an interrupt reaches us alone: the run under way ends, then it stops.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort())
  makeDatabasesOn(started.server.url)
  try {
    return await body()
  } finally {
    await started.server.stop()
    await rm(folder, { recursive: true })
  }
}

async function runAll(): Promise<number> {
  await mkdir(results, { recursive: true })
  let summary = readSummary(await readFile(path, 'utf8').catch(() => null)) ?? emptySummary(seed)
  const draws = drawn(wanted)
  const startedMs = Date.now()
  for (let done = summary.runs; done < wanted && !interrupted.signal.aborted; ) {
    await using rail = await startRail({ seed: seed + done })
    const end = Math.min(wanted, done + RUNS_PER_RAIL)
    for (; done < end && !interrupted.signal.aborted; done += 1) {
      const draw = draws[done]
      if (draw === undefined) break
      summary = addRun(summary, await runAt(draw, `s${seed}-${done}`, rail))
      await writeFile(path, `${JSON.stringify(summary, null, 2)}\n`)
    }
  }
  console.log(table(summary))
  console.log(`${summary.runs} runs, ${Math.round((Date.now() - startedMs) / 1000)} s of this start`)
  return summary.breaches.length === 0 ? 0 : 1
}

async function runOne(point: PointName): Promise<number> {
  await using rail = await startRail({ seed })
  const run = await runAt({ point, nth: Number.parseInt(values.nth, 10) }, `only-${seed}`, rail)
  return run.breaches.length === 0 ? 0 : 1
}

async function runAt(draw: Draw, name: string, rail: RailProgram) {
  const run = await crashOnce({ ...draw, name, rail })
  const end = run.killed ? 'killed' : 'not reached'
  console.log(
    `${name} ${run.point}/${run.nth} ${end}, ${run.durationMs} ms, ${JSON.stringify(run.states)}, ${run.neverArrived} for a person`,
  )
  for (const breach of run.breaches)
    console.log(`  BREACH ${breach}\n  npm run crash -- --only ${run.point} --nth ${run.nth}`)
  return run
}

interface Draw {
  readonly point: PointName
  readonly nth: number
}

/** Every point once in each round, in an order of its own; the first round at the first passing. */
function drawn(count: number): readonly Draw[] {
  const random = seededRandom(seed)
  const draws: Draw[] = []
  while (draws.length < count) {
    const isFirst = draws.length === 0
    const left = [...POINT_NAMES]
    while (left.length > 0) {
      const [point] = left.splice(random.below(left.length), 1)
      if (point !== undefined) draws.push({ point, nth: isFirst ? 1 : 1 + random.below(NTH_MAX) })
    }
  }
  return draws.slice(0, count)
}

function table({ points }: Summary): string {
  const lines = POINT_NAMES.map(name => {
    const { runs = 0, killed = 0, forPerson = 0, breaches = 0 } = points[name] ?? {}
    return [
      name.padEnd(4),
      POINTS[name].padEnd(38),
      ...[runs, killed, forPerson, breaches].map(n => `${n}`.padStart(7)),
    ].join(' ')
  })
  const head = ['what'.padEnd(43), ...['runs', 'killed', 'person', 'breach'].map(n => n.padStart(7))].join(
    ' ',
  )
  return [head, ...lines].join('\n')
}
