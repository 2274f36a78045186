// Prints docs/safety.md from what the runs left in docs/safety:  node tools/safety.ts > docs/safety.md
// A figure stands there only because a run wrote it; a run that was not made says so.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const counts = z.record(z.string(), z.number())
/** Of which state of the tree a run is, and where it ran. */
const made = z.looseObject({
  commit: z.string().optional(),
  date: z.string().optional(),
  node: z.string().optional(),
  machine: z.string().optional(),
})

const history = made.extend({
  histories: z.number(),
  payouts: z.number(),
  events: z.number(),
  violations: z.number(),
  violationRateBelow: z.number().nullable(),
  historiesPerCpuSecond: z.number(),
  marksReached: z.number(),
  faults: counts,
  wallSeconds: z.number(),
})
const plantedBug = z.looseObject({
  number: z.string(),
  says: z.string(),
  seedsToDetection: z.number().nullable(),
  invariant: z.string().nullable(),
})
const overPostgres = z.looseObject({
  ...{ histories: z.number(), historiesPlayedTwice: z.number(), payouts: z.number(), events: z.number() },
  ...{ violations: z.number(), violationRateBelow: z.number().nullable(), historiesPerCpuSecond: z.number() },
  ...{ marksReached: z.number(), plantedBugs: z.number(), plantedFound: z.number() },
  planted: z.array(plantedBug),
})
const simulationOfChange = history.extend({
  placementsReached: z.number(),
  pairsReached: z.number(),
  historiesPlayedTwice: z.number(),
  marksExpected: z.number(),
  marksExpectedReached: z.number(),
  plantedBugs: z.number(),
  plantedFound: z.number(),
  planted: z.array(plantedBug),
  overPostgres: overPostgres.optional(),
})
const longRun = history.extend({ firstSeed: z.number(), workerMiBMax: z.number() })
const killPoints = made.extend({
  ...{ runs: z.number(), killed: z.number(), lived: z.number(), unjudged: z.number(), payouts: z.number() },
  ...{ person: z.number(), lost: z.number(), double: z.number(), breaches: z.number() },
  points: z.record(
    z.string(),
    z.looseObject({ what: z.string(), runs: z.number(), killed: z.number(), person: z.number() }),
  ),
})
const mixedVersions = killPoints.extend({ old: z.string().nullable() })
const storm = made.extend({
  ...{ histories: z.number(), orders: z.number(), arrivals: z.number(), neverArrived: z.number() },
  ...{ lost: z.number(), double: z.number() },
  ...{ faults: counts, breaches: z.array(z.unknown()), seconds: z.number() },
})
const pauses = made.extend({
  ...{ pauses: z.number(), sending: z.number(), orders: z.number(), arrivals: z.number() },
  ...{ roles: counts, breaches: z.array(z.unknown()) },
})
const failover = made.extend({
  ...{ runs: z.number(), synchronousRuns: z.number(), asynchronousRuns: z.number() },
  ...{ acknowledged: z.number(), synchronousLost: z.number(), asynchronousLost: z.number() },
  ...{ phantomsFound: z.number(), double: z.number(), forPerson: z.number(), breaches: z.number() },
  ...{ withoutSafeMode: z.number(), promotionMsMedian: z.number(), reconnectedFoundMsMedian: z.number() },
})
const mutation = made.extend({
  tool: z.string(),
  total: z.looseObject({
    mutants: z.number(),
    killed: z.number(),
    equivalent: z.number(),
    score: z.number(),
  }),
  files: z.record(z.string(), z.looseObject({ mutants: z.number(), score: z.number() })),
})

const BOUND =
  'No violation in N histories bounds the rate by 3/N (95 %) for the modelled mix, not for production.'

const page = [
  '# What the runs found',
  '',
  'What must never happen, and what was done to make it happen. Made by `tools/safety.ts` from the files in `docs/safety/`, which the',
  'runs wrote; each names its commit. How to run each again stands beside it. Nothing here is a promise about production:',
  'these are the faults that we thought of, at the rates that we gave them.',
  '',
  ...section(
    'The simulation, at every change',
    '`npx vitest run --project simulation`',
    'simulation-ci',
    simulationOfChange,
    of => [
      ...table([
        ['placements of one fault that were reached', of.placementsReached],
        ['pairs of faults that were reached', of.pairsReached],
        ...ofHistories(of),
        ['of these played twice, with equal traces', of.historiesPlayedTwice],
        ['marks that have to be reached', `${of.marksExpectedReached} of ${of.marksExpected}`],
        ['planted bugs found', `${of.plantedFound} of ${of.plantedBugs}`],
      ]),
      '',
      BOUND,
      '',
      ...ofPostgres(of.overPostgres),
      ...faultTable(of.faults),
      '',
      '| planted bug | | found by | histories until then |',
      '|---|---|---|---|',
      ...of.planted.map(plantedRow),
      ...(of.overPostgres?.planted ?? []).map(bug =>
        plantedRow({ ...bug, says: `${bug.says}, over Postgres` }),
      ),
    ],
  ),
  ...section(
    'The simulation, one long run',
    '`npm run simulate -- --seeds 5000000 --results FILE`',
    'simulation-long',
    longRun,
    of => [
      ...table([
        ...ofHistories(of),
        ['first seed', of.firstSeed],
        ['memory of the largest worker', `${of.workerMiBMax} MiB`],
      ]),
      '',
      BOUND,
      '',
      ...faultTable(of.faults),
    ],
  ),
  ...section(
    'Killed at every point',
    '`npm run crash -- --runs 2000 --seed 7 --publish`',
    'kill-points',
    killPoints,
    of => [
      ...table(ofKills(of)),
      '',
      '| point | | runs | killed there | for a person |',
      '|---|---|---|---|---|',
      ...Object.entries(of.points)
        .toSorted(([one], [other]) => Number(one.slice(1)) - Number(other.slice(1)))
        .map(
          ([name, { what, runs, killed, person }]) =>
            `| ${name} | ${what} | ${runs} | ${killed} | ${person} |`,
        ),
    ],
  ),
  ...section(
    'Two versions on one database',
    '`npm run crash -- --old DIR --publish`',
    'mixed-versions',
    mixedVersions,
    of => table([['the other version', of.old ?? ''], ...ofKills(of)]),
  ),
  ...section('A storm over the line to the database', '`npm run storm -- --record`', 'storm', storm, of => [
    ...table([
      ['histories', of.histories],
      ['orders', of.orders],
      ['arrived at the provider, each once', of.arrivals],
      ['never arrived, and left to a person', of.neverArrived],
      ['acknowledged and lost', of.lost],
      ['arrived or paid twice', of.double],
      ['breaches of any guarantee', of.breaches.length],
    ]),
    '',
    ...faultTable(of.faults),
  ]),
  ...section('Stopped past its lease', '`npm run storm -- --pauses 400 --record`', 'pauses', pauses, of => [
    ...table([
      ['pauses', of.pauses],
      ['sends that were under way', of.sending],
      ['orders', of.orders],
      ['arrived at the provider, each once', of.arrivals],
      ['breaches of any guarantee', of.breaches.length],
    ]),
    '',
    ...faultTable(of.roles),
  ]),
  ...section(
    'A primary killed under load',
    '`npm run failover -- --runs 60 --seed 7 --write`',
    'failover',
    failover,
    of =>
      table([
        ['runs behind a synchronous standby', of.synchronousRuns],
        ['runs behind an asynchronous one, with a tail cut off', of.asynchronousRuns],
        ['payouts acknowledged', of.acknowledged],
        ['of these lost, synchronous', of.synchronousLost],
        ['of these lost, asynchronous', of.asynchronousLost],
        ['payments found that the promoted database did not know', of.phantomsFound],
        ['paid twice', of.double],
        ['in doubt for a person', of.forPerson],
        ['failovers that were not noticed', of.withoutSafeMode],
        ['breaches of any guarantee', of.breaches],
        ['promotion, median', `${of.promotionMsMedian} ms`],
        [
          'from there until clients were served, processes that go on, median',
          `${of.reconnectedFoundMsMedian} ms`,
        ],
      ]),
  ),
  ...section('Mutants of the pure core', '`npm run mutation`', 'mutation', mutation, of => [
    ...table([
      ['mutants', of.total.mutants],
      ['noticed by a test', of.total.killed],
      ['equivalent, with a reason', of.total.equivalent],
      ['score', `${of.total.score} %`],
      ['lowest score of a file', `${Math.min(...Object.values(of.files).map(({ score }) => score))} %`],
    ]),
    '',
    'Every branch of the certainty table has a test: `npm run certainty` fails otherwise, and is part of `npm test`.',
  ]),
]
process.stdout.write(page.join('\n'))

type Row = readonly [what: string, figure: string | number]

function section<Shape extends z.ZodType<z.infer<typeof made>>>(
  title: string,
  command: string,
  name: string,
  shape: Shape,
  body: (of: z.infer<Shape>) => readonly string[],
): readonly string[] {
  const read = recorded(name)
  if (read === null) return [`## ${title}`, '', `${command}. Not run whole yet.`, '']
  const of = shape.parse(read)
  const { commit, date, node, machine } = of
  const where = [commit && `commit ${commit}`, date, node, machine].filter(Boolean).join(', ')
  return [`## ${title}`, '', `${command}${where === '' ? '' : `; ${where}`}.`, '', ...body(of), '']
}

function recorded(name: string): unknown {
  try {
    return JSON.parse(readFileSync(new URL(`../docs/safety/${name}.json`, import.meta.url), 'utf8'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function ofHistories(of: z.infer<typeof history>): readonly Row[] {
  const bound =
    of.violationRateBelow === null ? '' : ` (a rate below ${of.violationRateBelow.toExponential(1)})`
  return [
    ['histories', of.histories],
    ['payouts in them', of.payouts],
    ['events', of.events],
    ['violations', `${of.violations}${bound}`],
    ['marks reached', of.marksReached],
    ['histories per second of a core', of.historiesPerCpuSecond],
    ['time', `${of.wallSeconds} s`],
  ]
}

/** The same histories with the real store in place of its model. */
function ofPostgres(of: z.infer<typeof overPostgres> | undefined): readonly string[] {
  if (of === undefined) return []
  return [
    'The same over real Postgres, every call of the store made to its model as well:',
    '',
    ...table([
      ['histories', of.histories],
      ['payouts in them', of.payouts],
      ['events', of.events],
      ['violations, or answers and rows that the model does not have', of.violations],
      ['marks reached', of.marksReached],
      ['histories per second of a core, without the server', of.historiesPerCpuSecond],
      ['played twice, with equal traces', of.historiesPlayedTwice],
      ['planted bugs found', `${of.plantedFound} of ${of.plantedBugs}`],
    ]),
    '',
  ]
}

function plantedRow({ number, says, invariant, seedsToDetection }: z.infer<typeof plantedBug>): string {
  return `| ${number} | ${says} | ${invariant ?? 'its test'} | ${seedsToDetection ?? 'not found'} |`
}

function ofKills(of: z.infer<typeof killPoints>): readonly Row[] {
  return [
    ['runs', of.runs],
    ['killed at the point', of.killed],
    ['killed at rest, because the point was not reached so often', of.lived],
    ['not carried to the end by the harness', of.unjudged],
    ['payouts', of.payouts],
    ['left to a person, in doubt', of.person],
    ['acknowledged and lost', of.lost],
    ['arrived or paid twice', of.double],
    ['breaches of any guarantee', of.breaches],
  ]
}

function table(rows: readonly Row[]): readonly string[] {
  return ['| | |', '|---|---|', ...rows.map(([what, figure]) => `| ${what} | ${written(figure)} |`)]
}

function faultTable(faults: Readonly<Record<string, number>>): readonly string[] {
  const rows = Object.entries(faults).map(([name, count]) => `| ${name} | ${written(count)} |`)
  return ['| what was done | times |', '|---|---|', ...rows]
}

function written(figure: string | number): string {
  return typeof figure === 'number' ? figure.toLocaleString('en-US') : figure
}
