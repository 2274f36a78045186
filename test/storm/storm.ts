// `npm run storm`: payouts while the database and the provider misbehave, by seed. Keeps what it has in a file that the next
// start of the same seed goes on from, and ends with 1 where a guarantee did not hold.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { commitOf, today } from '../provenance.ts'
import { PLANTED, plant } from './plant.ts'
import { addHistory, emptySummary, readSummary } from './summary.ts'

const RECORD = new URL('../../docs/safety/storm.json', import.meta.url)
const PAUSES_RECORD = new URL('../../docs/safety/pauses.json', import.meta.url)
const PROGRESS_EVERY = 50

const HELP = `Usage: npm run storm -- [options]

options:
  --histories <n>    in all, those of an earlier start included (300)
  --seed <n>         what is drawn (1)
  --only <n>         this history of the seed alone, again: what a breach prints
  --planted <name>   with a bug planted into a copy of one file: ${Object.keys(PLANTED).join(', ')}
  --pauses <n>       no storm: processes are stopped past their leases and woken, so often
  --fresh            keeps nothing and goes on from nothing
  --record           writes docs/safety/storm.json, or pauses.json, at the end

examples:
  npm run storm -- --histories 30000 --seed 7
  npm run storm -- --seed 7 --only 41
  npm run storm -- --pauses 400 --seed 7
  npm run storm -- --histories 50 --planted 25a
`

const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    planted: { type: 'string' },
    pauses: { type: 'string' },
    fresh: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const wanted = Number.parseInt(values.histories, 10)
const seed = Number.parseInt(values.seed, 10)
const only = values.only === undefined ? null : Number.parseInt(values.only, 10)
const pauses = values.pauses === undefined ? null : Number.parseInt(values.pauses, 10)
const isKnown = values.planted === undefined || Object.hasOwn(PLANTED, values.planted)
if (values.help || !(wanted > 0) || !(seed >= 0) || Number.isNaN(only) || Number.isNaN(pauses) || !isKnown) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}
if (values.planted !== undefined) plant(values.planted)
// Only now, because a planted bug must be there before the file that it changes is loaded.
const { runHistories, seedOf } = await import('./run.ts')
const { addPause, emptyPauses, readPauses } = await import('./pause-summary.ts')

const results = new URL('./results/', import.meta.url)
const path = new URL(`storm-${seed}.json`, results)
const pausesPath = new URL(`storm-pauses-${seed}.json`, results)
const keeps = !values.fresh && only === null && values.planted === undefined
let stopped = false
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopped = true
  })
process.exitCode = await (pauses === null ? run() : pause(pauses))

async function run(): Promise<number> {
  await mkdir(results, { recursive: true })
  let summary =
    (keeps ? readSummary(await readFile(path, 'utf8').catch(() => null)) : null) ?? emptySummary(seed)
  const startedMs = Date.now()
  const secondsBefore = summary.seconds
  await runHistories({
    from: only ?? summary.histories,
    until: only === null ? wanted : only + 1,
    seed,
    isStopped: () => stopped || (values.planted !== undefined && summary.breaches.length > 0),
    async told(history) {
      const seconds = secondsBefore + Math.round((Date.now() - startedMs) / 1000)
      summary = { ...addHistory(summary, history), seconds }
      for (const breach of history.breaches)
        console.log(
          `BREACH ${breach}\n  npm run storm -- --seed ${seed} --only ${history.seed - seedOf(seed, 0)}`,
        )
      if (summary.histories % PROGRESS_EVERY === 0)
        console.log(`${summary.histories} of ${wanted}, ${seconds} s, ${summary.breaches.length} breaches`)
      if (keeps) await writeFile(path, `${JSON.stringify(summary, null, 2)}\n`)
    },
  })
  const told = { ...summary, ...provenance() }
  if (values.record) await writeFile(RECORD, `${JSON.stringify(told, null, 2)}\n`)
  console.log(JSON.stringify(told))
  return summary.breaches.length === 0 ? 0 : 1
}

async function pause(count: number): Promise<number> {
  const { pauseAll } = await import('./pause.ts')
  await mkdir(results, { recursive: true })
  let summary =
    (values.fresh ? null : readPauses(await readFile(pausesPath, 'utf8').catch(() => null))) ??
    emptyPauses(seed)
  await pauseAll({
    ...{ from: summary.pauses, until: count, seed, isStopped: () => stopped },
    async told(paused) {
      summary = addPause(summary, paused)
      const { place, role, leases, sending, states, breaches } = paused
      console.log(
        `${place + 1} of ${count}: ${role} for ${leases} leases, ${sending} under way, ${JSON.stringify(states)}`,
      )
      for (const breach of breaches) console.log(`BREACH ${breach}`)
      if (!values.fresh) await writeFile(pausesPath, `${JSON.stringify(summary, null, 2)}\n`)
    },
  })
  const told = { ...summary, ...provenance() }
  if (values.record) await writeFile(PAUSES_RECORD, `${JSON.stringify(told, null, 2)}\n`)
  console.log(JSON.stringify(told))
  return summary.breaches.length === 0 ? 0 : 1
}

function provenance() {
  return { commit: commitOf(), date: today(), node: process.version, planted: values.planted ?? null }
}
