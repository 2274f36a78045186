// P1 and P2: accepted payouts per second. The references run between the doors, on the same Postgres, so that the ratios
// stand whatever else the machine does.
import { acceptedOf, checkAnswers, checkIntake, readBooks } from './books.ts'
import { collector, type Figure, type Part, type PartOptions } from './figures.ts'
import { type Lab, meter, openLab, perItem } from './lab.ts'
import { orders } from './orders.ts'
import { REFERENCE_SCHEMA, type ReferencePlan } from './reference-plan.ts'
import type { RequestKind } from './requests.ts'

interface Case {
  readonly name: string
  readonly kind: RequestKind
  readonly connections: number
  readonly batchMax?: number
  readonly against?: string
  readonly goal?: string
}

const HOT_STATEMENT = 'one statement per payout, hot'
const CASES: readonly Case[] = [
  {
    ...{ name: 'native, 64 connections', kind: 'native', connections: 64 },
    ...{ against: HOT_STATEMENT, goal: 'P1: 15,000/s and 5 × one statement' },
  },
  {
    ...{ name: 'native, 256 connections', kind: 'native', connections: 256 },
    ...{ against: HOT_STATEMENT, goal: 'P1: 20,000/s, p99 50 ms' },
  },
  {
    ...{ name: 'native, 1,000 merchants', kind: 'native-spread', connections: 64 },
    against: 'one statement per payout, spread',
  },
  {
    // One by one, so that more connections would only wait longer, and on a slow machine be refused for it.
    ...{ name: 'native, batches of one', kind: 'native', connections: 16, batchMax: 1 },
    against: 'native, 64 connections',
  },
  {
    ...{ name: 'paypro', kind: 'paypro', connections: 64 },
    ...{ against: 'native, 64 connections', goal: 'P2: 12,000/s' },
  },
  {
    ...{ name: 'avanor', kind: 'avanor', connections: 64 },
    ...{ against: 'native, 64 connections', goal: 'P2: 12,000/s' },
  },
  {
    ...{ name: 'payneteasy payout-pay', kind: 'payneteasy-pay', connections: 64 },
    ...{ against: 'native, 64 connections', goal: 'P2: 6,000/s' },
  },
]

/** Of several numbers of clients the best counts: that is what a bench of the database would show. */
const REFERENCES: readonly (Pick<ReferencePlan, 'how' | 'merchants'> & {
  readonly name: string
  readonly clients: readonly number[]
})[] = [
  { name: HOT_STATEMENT, how: 'statement', merchants: 1, clients: [1, 8, 32] },
  { name: 'one statement per payout, spread', how: 'statement', merchants: 1_000, clients: [32] },
  { name: 'one transaction per request, hot', how: 'interactive', merchants: 1, clients: [32] },
]
/** A signature is made beforehand for each, on one core. */
const SIGNED_MAX = 15_000
const WARM_SECONDS = 3

export const intake: Part = {
  name: 'intake',
  about: 'accepted payouts per second at each door, beside the database alone (P1, P2)',
  async run(options) {
    await using lab = await openLab({ merchants: 1_000, profileFolder: options.profileFolder })
    await lab.pool.query(REFERENCE_SCHEMA)
    // Warm-up: the code, the plans, the file system's own pages.
    await oneCase(lab, { name: 'warm', kind: 'native', connections: 64 }, WARM_SECONDS)
    const references = REFERENCES.map(one => ({ one, into: collector('intake', one.name, 'per second') }))
    const cases = CASES.map(one => ({ one, into: caseCollector(one) }))
    for (let run = 1; run <= options.runs; run += 1) {
      for (const { one, into } of references) await addReference(lab, one, into, options)
      for (const { one, into } of cases) {
        const { result, cost } = await oneCase(lab, one, options.seconds)
        const done = Number(acceptedOf(result))
        const perSecond = done / result.seconds
        into.add(
          perSecond,
          { p50Ms: result.p50Ms, p99Ms: result.p99Ms, residentMiB: cost.residentMiB },
          perItem(cost, done),
        )
        options.say(`run ${run}  ${one.name.padEnd(34)} ${Math.round(perSecond)}/s`)
      }
    }
    return [...cases, ...references].map(({ into }) => into.figure())
  },
}

function caseCollector({ name, against, goal }: Case): ReturnType<typeof collector> {
  const rest: Partial<Figure> = {
    ...(against === undefined ? {} : { against }),
    ...(goal === undefined ? {} : { goal }),
  }
  return collector('intake', name, 'per second', rest)
}

async function addReference(
  lab: Lab,
  { name, how, merchants, clients }: (typeof REFERENCES)[number],
  into: ReturnType<typeof collector>,
  { seconds, say }: PartOptions,
): Promise<void> {
  let best = 0
  for (const count of clients) {
    const each = seconds / clients.length
    const { perSecond } = await lab.reference({ how, merchants, clients: count, seconds: each })
    best = Math.max(best, perSecond)
  }
  into.add(best)
  say(`       ${name.padEnd(34)} ${Math.round(best)}/s`)
}

async function oneCase(lab: Lab, one: Case, seconds: number) {
  const { kind, connections, batchMax } = one
  const standing = kind === 'payneteasy-pay' ? await orders(lab, SIGNED_MAX, 'payneteasy', 'waiting') : []
  const before = await readBooks(lab.pool)
  const at = await lab.startSwitch(batchMax === undefined ? {} : { batchMax })
  try {
    const read = await meter(lab, [at])
    const callsMax = standing.length === 0 ? null : standing.length
    const result = await lab.load(at, { kind, connections, seconds, orders: standing, callsMax })
    const cost = await read()
    const after = await readBooks(lab.pool)
    checkAnswers(result, ['200', '201'])
    if (standing.length === 0) checkIntake(result, before, after)
    else checkReleased(acceptedOf(result), after.queued - before.queued)
    return { result, cost }
  } finally {
    await at.stop()
  }
}

function checkReleased(answered: bigint, queued: bigint): void {
  if (answered !== queued)
    throw new Error(`${answered} were answered as released, ${queued} are in the queue`)
}
