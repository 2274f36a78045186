// npm run bench [-- <what>] runs the set, or a part of it, prints one table and writes it to bench/results/.
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Figure, Part, PartOptions } from './figures.ts'
import { growth } from './part-growth.ts'
import { intake } from './part-intake.ts'
import { latency } from './part-latency.ts'
import { life } from './part-life.ts'
import { overload } from './part-overload.ts'
import { reads } from './part-reads.ts'
import { start } from './part-start.ts'
import { two } from './part-two.ts'
import { writeResults } from './results.ts'
import { table } from './table.ts'

const PARTS: readonly Part[] = [intake, latency, reads, life, two, overload, growth, start]

const HELP = `Usage: npm run bench [-- <what> ...] [options]

what: any of these; left out, all of them
${PARTS.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')}

options:
  --seconds <n>      length of one run (10)
  --runs <n>         runs of each; the median counts (3)
  --minutes <n>      length of the run of whole lives (1)
  --stored <list>    stored payouts that growth is measured at (10000,1000000)
  --quick            3 seconds, one run, growth at 10000 and 100000: to see that it works
  --profile          Node's profiler writes what each switch does to bench/results/profiles
  --keep-going       a part that fails is told and the others run

Everything runs on this machine: Postgres, the switch, the provider and the load are processes of their own, and share
its cores. Trust the ratios. The import of files is measured with batches, which are not there yet.

examples:
  npm run bench
  npm run bench -- --quick
  npm run bench -- intake life --seconds 15
  npm run bench -- growth --stored 10000,1000000,10000000
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    runs: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    stored: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    'keep-going': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter(name => !PARTS.some(part => part.name === name))
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`bench: there is no part ${unknown.join(', ')}\n`)
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const { quick } = values
const options: PartOptions = {
  quick,
  seconds: number(values.seconds, quick ? 3 : 10),
  runs: number(values.runs, quick ? 1 : 3),
  minutes: quick ? 0.2 : number(values.minutes, 1),
  stored: (values.stored ?? (quick ? '10000,100000' : '10000,1000000')).split(',').map(one => number(one, 0)),
  profileFolder: values.profile ? fileURLToPath(new URL('./results/profiles', import.meta.url)) : null,
  say: line => console.log(line),
}
if (options.profileFolder !== null) await mkdir(options.profileFolder, { recursive: true })
const chosen = positionals.length === 0 ? PARTS : PARTS.filter(({ name }) => positionals.includes(name))
const figures: Figure[] = []
const failed: string[] = []
for (const part of chosen) {
  console.log(`\n== ${part.name}: ${part.about}`)
  try {
    figures.push(...(await part.run(options)))
  } catch (error) {
    if (!values['keep-going']) throw error
    console.error(error)
    failed.push(part.name)
  }
}
console.log(table(figures))
console.log(
  `written to bench/results/${await writeResults(positionals.join('-') || 'all', options, figures)}`,
)
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

function number(text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text)
  if (!(value > 0)) {
    console.error(`bench: ${text} is no number above zero`)
    process.exit(2)
  }
  return value
}
