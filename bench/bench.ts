// npm run bench -- intake [--seconds 15] [--runs 3]     prints the figures and writes them to bench/results/
import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { isoTime, systemClock } from '../src/lib/clock.ts'
import { benchIntake, type IntakeFigure } from './intake.ts'

const HELP = `Usage: npm run bench -- <what> [options]

what:
  intake             accepted payouts per second, one hot merchant, beside batches of one

options:
  --seconds <n>      length of one run (15)
  --runs <n>         runs of each (3)

examples:
  npm run bench -- intake
  npm run bench -- intake --seconds 5 --runs 1
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '15' },
    runs: { type: 'string', default: '3' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || positionals.length !== 1 || positionals[0] !== 'intake') {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}

const figures = await benchIntake({
  seconds: Number.parseInt(values.seconds, 10),
  runs: Number.parseInt(values.runs, 10),
  say: line => console.log(line),
})
console.log(table(figures))
await write('intake', figures)

function table(all: readonly IntakeFigure[]): string {
  const lines = all.map(figure => {
    const reference = all.find(
      other => other.variant === 'batches of one' && other.connections === figure.connections,
    )
    const ratio = reference === undefined ? 0 : median(figure.perSecond) / median(reference.perSecond)
    const spread = `${Math.round(Math.min(...figure.perSecond))}–${Math.round(Math.max(...figure.perSecond))}`
    return [
      figure.variant.padEnd(15),
      String(figure.connections).padStart(11),
      String(Math.round(median(figure.perSecond))).padStart(11),
      spread.padStart(15),
      median(figure.p50Ms).toFixed(1).padStart(8),
      median(figure.p99Ms).toFixed(1).padStart(8),
      `${ratio.toFixed(1)}×`.padStart(7),
    ].join(' ')
  })
  const head = 'variant         connections  accepted/s          spread   p50 ms   p99 ms   ratio'
  return ['', head, ...lines, ''].join('\n')
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

async function write(what: string, results: unknown): Promise<void> {
  const folder = new URL('./results/', import.meta.url)
  await mkdir(folder, { recursive: true })
  const at = isoTime(systemClock.now())
  const file = new URL(`${what}-${at.slice(0, 19).replaceAll(':', '')}.json`, folder)
  const record = {
    at,
    commit: commit(),
    node: process.version,
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
    },
    results,
  }
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`)
  console.log(`written to bench/results/${file.pathname.split('/').at(-1)}`)
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
