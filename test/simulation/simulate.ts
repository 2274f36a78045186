// `npm run simulate`: plays histories of the deterministic simulation, and tells the story of the first one that breaks an
// invariant.
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { createTestDatabase, type TestDatabase } from '../postgres.ts'
import { SINGLES } from './l0/placements.ts'
import { plantedNumbers, plantedOverPostgres } from './planted/list.ts'
import { startRunServer } from './postgres/server.ts'
import { playPlanted } from './runner/play-planted.ts'
import { playSeeds } from './runner/play-seeds.ts'
import { replay } from './runner/replay.ts'
import { OtherRun } from './runner/results.ts'

const HELP = `Plays histories of the deterministic simulation: the real application over a model of its database, a virtual
clock, and a network, providers, merchants and machines that fail.

  npm run simulate -- --seeds 1000             a thousand histories, from seed 1 on
  npm run simulate -- --seeds 1000 --seed 5000 from seed 5000 on
  npm run simulate -- --seeds 5000000 --results long.json   a long one, which can be stopped and goes on
  npm run simulate -- --replay 4711            one history, told line by line
  npm run simulate -- --replay 4711 --shrink   the same, with everything left out that the violation does not need
  npm run simulate -- --l0                     one payout, every single fault at every place
  npm run simulate -- --l0 --pairs 30000       and pairs of faults, drawn
  npm run simulate -- --l0 --replay 1234       one placement, told line by line
  npm run simulate -- --postgres --seeds 200   the same histories over real Postgres, with the model beside it
  npm run simulate -- --postgres --replay 11   one of them, told line by line
  npm run simulate -- --planted all            every planted bug, until it is found
  npm run simulate -- --planted 05a            one of them

  --seeds N     how many histories (1000)
  --seed S      the first seed (1)
  --jobs J      worker processes (all cores)
  --l0          placements instead of seeds
  --pairs N     with --l0: so many pairs (0)
  --twice       plays each history twice and compares their traces
  --replay S    plays seed S alone
  --shrink      with --replay
  --bug NN      with --replay: with this bug planted
  --postgres    over real Postgres: an embedded one that vanishes afterwards, or that of TEST_DATABASE_URL
  --planted NN  plays the histories of a planted bug; all: of every one
  --results F   keeps what was played in this JSON file, and goes on from it: same commit, same first seed
  --marks       lists how often each corner was reached
  --help

Ends with 1 where an invariant is broken, or a planted bug is not found.
No violation in N histories bounds the rate by 3/N (95 %) for the modelled mix, not for production.
`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    l0: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '0' },
    twice: { type: 'boolean', default: false },
    replay: { type: 'string' },
    shrink: { type: 'boolean', default: false },
    bug: { type: 'string' },
    postgres: { type: 'boolean', default: false },
    planted: { type: 'string' },
    results: { type: 'string' },
    marks: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const seeds = whole(values.seeds, '--seeds')
const seed = whole(values.seed, '--seed')
const jobs = whole(values.jobs, '--jobs')

if (values.help) process.stdout.write(HELP)
else if (values.postgres && values.l0) {
  process.stderr.write('simulate: placements are played over the model alone\n')
  process.exitCode = 2
} else if (values.postgres) {
  const server = await startRunServer()
  try {
    await run(() => createTestDatabase('simulation'))
  } finally {
    await server.stop()
  }
} else await run(undefined)

/** `createDatabase`: over Postgres. */
async function run(createDatabase: (() => Promise<TestDatabase>) | undefined): Promise<void> {
  if (values.replay !== undefined)
    process.exitCode = await replay(whole(values.replay, '--replay'), {
      shrinks: values.shrink,
      bug: values.bug ?? null,
      ...{ l0: values.l0, createDatabase },
    })
  else if (values.planted !== undefined) {
    const all = values.postgres ? plantedOverPostgres() : plantedNumbers()
    const numbers = values.planted === 'all' ? await all : [values.planted]
    process.exitCode = await playPlanted({ ...{ numbers, seeds, seed, jobs, createDatabase } })
  } else {
    const range = values.l0
      ? { kind: 'L0' as const, seed: 0, seeds: SINGLES + whole(values.pairs, '--pairs') }
      : { kind: values.postgres ? ('L1.5' as const) : ('L1' as const), seed, seeds }
    const asked = {
      ...range,
      jobs,
      twice: values.twice,
      lists: values.marks,
      results: values.results ?? null,
    }
    process.exitCode = await playSeeds({ ...asked, createDatabase }).catch((error: unknown) => {
      if (!(error instanceof OtherRun)) throw error
      process.stderr.write(`simulate: ${error.message}\n`)
      return 2
    })
  }
}

function whole(text: string, name: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) {
    process.stderr.write(`simulate: ${name} is a whole number\n`)
    process.exit(2)
  }
  return Number.parseInt(text, 10)
}
