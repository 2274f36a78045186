// `npm run crash`: the long tier of the kill points. Draws a point and a passing for every run from a seed, keeps what it
// has in a file that the next start of the same seed goes on from, and ends with 1 where a guarantee did not hold.
import { renameSync, writeFileSync } from 'node:fs'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../src/lib/random.ts'
import { startEmbedded } from '../../src/store/embedded.ts'
import { makeDatabasesOn, temporaryFolder } from '../postgres.ts'
import { runLanes } from './lanes.ts'
import { openPairBench } from './pair.ts'
import { PASSINGS, POINT_NAMES, POINTS } from './points.ts'
import { type Bench, type CrashRun, type Draw, openBench } from './run.ts'
import { ROOT } from './spares.ts'
import { addRun, emptySummary, readSummary, type Summary } from './summary.ts'

const HELP = `Usage: npm run crash -- [options]

options:
  --runs <n>         kills in all, those of an earlier start included (200)
  --seed <n>         what is drawn (1)
  --jobs <n>         runs side by side (2)
  --only <point>     this point alone, K1 to K40: replays what a run printed, with --nth
  --nth <n>          its n-th passing (1)
  --old <dir>        two versions on one database: this one, and a checkout of an earlier commit with its packages
  --victim <dir>     the process that is killed runs the program of another checkout, with a planted mistake for example
  --publish          writes the figures to docs/safety/kill-points.json at the end

examples:
  npm run crash -- --runs 2000 --seed 7 --publish
  npm run crash -- --only K19 --nth 2 --runs 20
`

/** Runs between two lines about how far it is. */
const TOLD_EVERY = 10

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '2' },
    only: { type: 'string' },
    nth: { type: 'string', default: '1' },
    old: { type: 'string' },
    victim: { type: 'string' },
    publish: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const only = POINT_NAMES.find(name => name === values.only)
const whole = (text: string): number => (/^[0-9]{1,9}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN)
const wanted = whole(values.runs ?? (only === undefined ? '200' : '1'))
const [seed, jobs, nth] = [whole(values.seed), whole(values.jobs), whole(values.nth)]
const isRight = wanted > 0 && seed >= 0 && jobs > 0 && nth > 0
if (values.help || !isRight || (values.only !== undefined && only === undefined)) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const oldRoot = values.old === undefined ? null : resolve(values.old)
const bench = (): Bench =>
  oldRoot !== null
    ? openPairBench(oldRoot)
    : openBench(values.victim === undefined ? ROOT : resolve(values.victim))
const results = new URL('./results/', import.meta.url)
const published = new URL(
  `../../docs/safety/${oldRoot === null ? 'kill-points' : 'mixed-versions'}.json`,
  import.meta.url,
)
const interrupted = new AbortController()
const path = new URL(`points-${oldRoot === null ? '' : 'mixed-'}${seed}.json`, results)
process.exitCode = await withServer(() => (only === undefined ? runAll() : runOnly(only)))

async function withServer(body: () => Promise<number>): Promise<number> {
  const folder = await temporaryFolder()
  const lines: string[] = []
  const started = await startEmbedded({ dataDir: folder, log: line => lines.push(line) })
  if (!started.ok) throw new Error([started.why, ...lines].join('\n'))
  // The server is in a group of its own, so that an interrupt reaches us alone: the runs under way end, then it stops.
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
  const kept = readSummary(await readFile(path, 'utf8').catch(() => null))
  const begun = emptySummary(seed, oldRoot)
  const { commit } = begun
  if (kept !== null && (kept.commit !== commit || kept.old !== begun.old)) {
    console.log(
      `${path.pathname} holds runs of ${kept.commit}, and this is ${commit}: take it away to begin again`,
    )
    return 2
  }
  let summary = kept ?? begun
  const startedMs = Date.now()
  const before = summary.runs
  await runLanes(drawn(wanted).slice(before), {
    ...{ lanes: jobs, openBench: bench, seed: seed + before, signal: interrupted.signal },
    onRun(run) {
      summary = addRun(summary, run)
      tell(run)
      tellProgress(summary, before, startedMs)
      keep(path, summary)
    },
  })
  console.log(table(summary))
  if (values.publish) keep(published, summary)
  return summary.breaches === 0 ? 0 : 1
}

/** Whoever reads it, and whoever goes on from it, never finds half of it. At once, because lanes end at the same moment. */
function keep(file: URL, summary: Summary): void {
  const beside = new URL(`${file.href}.new`)
  writeFileSync(beside, `${JSON.stringify(summary, null, 2)}\n`)
  renameSync(beside, file)
}

async function runOnly(point: Draw['point']): Promise<number> {
  let wrong = 0
  const draws = Array.from({ length: wanted }, (_, place) => ({ point, nth, name: `only-${seed}-${place}` }))
  await runLanes(draws, {
    ...{ lanes: jobs, openBench: bench, seed, signal: interrupted.signal },
    onRun(run) {
      wrong += run.breaches.length + (run.unjudged === null ? 0 : 1)
      tell(run)
    },
  })
  return wrong === 0 ? 0 : 1
}

function tell(run: CrashRun): void {
  const { name, version, point, nth, killed, passings, durationMs, states, forPerson } = run
  const end = killed ? 'killed' : `lived, there ${passings} times`
  const who = version === undefined ? name : `${name} ${version}`
  console.log(
    `${who} ${point}/${nth} ${end}, ${durationMs} ms, ${JSON.stringify(states)}, ${forPerson} for a person`,
  )
  if (run.unjudged !== null) console.log(`  it broke off and shows nothing: ${run.unjudged}`)
  for (const breach of run.breaches)
    console.log(`  BREACH ${breach}\n  npm run crash -- --only ${point} --nth ${nth} --runs 20`)
}

function tellProgress(
  { runs, unjudged, lost, double, breaches }: Summary,
  before: number,
  startedMs: number,
): void {
  if (runs % TOLD_EVERY !== 0 && runs !== wanted) return
  const perRunMs = (Date.now() - startedMs) / (runs - before)
  const left = Math.ceil(((wanted - runs) * perRunMs) / 60_000)
  console.log(
    `${runs} of ${wanted}: ${(perRunMs / 1000).toFixed(1)} s each, ${left} min left; ${lost} lost, ${double} double, ${breaches} breaches, ${unjudged} broke off`,
  )
}

/** Every point once in each round, in an order of its own; the first round at the first passing. */
function drawn(count: number): readonly Draw[] {
  const random = seededRandom(seed)
  const draws: Draw[] = []
  while (draws.length < count) {
    // Two versions share the passings, so that the first is the one that is always reached.
    const isFirst = draws.length === 0 || oldRoot !== null
    // No people stand by in a run of two versions.
    const left = POINT_NAMES.filter(name => oldRoot === null || name !== 'K39')
    while (left.length > 0) {
      const [point] = left.splice(random.below(left.length), 1)
      if (point === undefined) continue
      const name = `s${seed}-${draws.length}`
      draws.push({ point, nth: isFirst ? 1 : 1 + random.below(PASSINGS[point]), name })
    }
  }
  return draws.slice(0, count)
}

function table({ points, runs, lost, double, msPerRun }: Summary): string {
  const columns = (...figures: (string | number)[]) => figures.map(one => `${one}`.padStart(7)).join(' ')
  const lines = POINT_NAMES.map(name => {
    const { runs = 0, killed = 0, lived = 0, person = 0, breaches = 0 } = points[name] ?? {}
    return `${name.padEnd(4)} ${POINTS[name].padEnd(38)} ${columns(runs, killed, lived, person, breaches)}`
  })
  const head = `${'what'.padEnd(43)} ${columns('runs', 'killed', 'lived', 'person', 'breach')}`
  return [head, ...lines, `${runs} runs of ${msPerRun} ms: ${lost} lost, ${double} double`].join('\n')
}
