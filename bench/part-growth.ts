// P6: does it stay as fast when much is stored? The same measurements at ten thousand stored payouts and at more, of the
// one merchant whose all of them are.
import { acceptedOf, checkAnswers, checkIntake, readBooks } from './books.ts'
import { collector, type Figure, median, type Part, type PartOptions } from './figures.ts'
import { fill } from './fill.ts'
import { type Lab, openLab, type Switch } from './lab.ts'
import { orders } from './orders.ts'
import type { Order, RequestKind } from './requests.ts'

const CLAIMED = 20_000
const CLAIM_MAX = 256
const READ = 5_000
const LEASE_MS = 3_600_000

export const growth: Part = {
  name: 'growth',
  about: 'intake, claim, status and list with many stored payouts (P5, P6)',
  async run(options) {
    await using lab = await openLab()
    const figures: Figure[] = []
    // What is read was recorded by the switch: a sealed wallet opens only in its own payout, so no statement can make one.
    const standing = await orders(lab, READ, 'avanor', 'queued')
    let stored = 0
    for (const size of options.stored) {
      await fill(lab.pool, stored, size, options.say)
      stored = size
      figures.push(...(await measure(lab, size, standing, options)))
    }
    return figures.map(figure => ({ ...figure, ...againstSmallest(figure, options) }))
  },
}

const SMALL_GOAL = 'P6: 0.85 of the smallest'

function againstSmallest({ name }: Figure, { stored }: PartOptions): Partial<Figure> {
  const [smallest] = stored
  const [what = '', at = ''] = name.split(' at ')
  if (smallest === undefined || at === count(smallest)) return {}
  const goal = what === 'list page' ? 'P5: p99 20 ms' : SMALL_GOAL
  return { against: `${what} at ${count(smallest)}`, goal }
}

function count(size: number): string {
  return size.toLocaleString('en')
}

async function measure(
  lab: Lab,
  size: number,
  standing: readonly Order[],
  options: PartOptions,
): Promise<readonly Figure[]> {
  const { seconds, runs, say } = options
  const at = await lab.startSwitch({})
  const named = (what: string) => collector('growth', `${what} at ${count(size)}`, 'per second')
  const into = {
    intake: named('intake'),
    claim: named('claim'),
    status: named('status'),
    list: named('list page'),
  }
  await lab.load(at, { kind: 'native', seconds: 3 })
  for (let run = 1; run <= runs; run += 1) {
    const before = await readBooks(lab.pool)
    const result = await lab.load(at, { kind: 'native', seconds })
    checkAnswers(result, ['201'])
    checkIntake(result, before, await readBooks(lab.pool))
    into.intake.add(Number(acceptedOf(result)) / result.seconds, { p50Ms: result.p50Ms, p99Ms: result.p99Ms })
    into.claim.add(await claims(lab))
    await addReads(lab, at, { kind: 'native-read', standing, seconds }, into.status)
    await addReads(lab, at, { kind: 'native-list', standing, seconds: seconds / 2 }, into.list)
  }
  await at.stop()
  const figures = Object.values(into).map(one => one.figure())
  say(figures.map(({ name, values }) => `${name} ${Math.round(median(values))}/s`).join(' · '))
  return figures
}

/** What a dispatcher claims in a second where all is due. */
async function claims(lab: Lab): Promise<number> {
  await lab.pool.query(`update queue set due_at = now() + interval '1 day'`)
  await lab.pool.query('vacuum queue')
  await orders(lab, CLAIMED, 'avanor', 'queued')
  const begun = performance.now()
  let claimed = 0
  for (;;) {
    const due = await lab.store.claimDue({ limit: CLAIM_MAX, leaseMs: LEASE_MS, noted: null })
    claimed += due.length
    if (due.length < CLAIM_MAX) break
  }
  if (claimed !== CLAIMED) throw new Error(`${CLAIMED} were due, ${claimed} were claimed`)
  return claimed / ((performance.now() - begun) / 1000)
}

async function addReads(
  lab: Lab,
  at: Switch,
  read: { readonly kind: RequestKind; readonly standing: readonly Order[]; readonly seconds: number },
  into: ReturnType<typeof collector>,
): Promise<void> {
  const { kind, standing, seconds } = read
  const connections = kind === 'native-list' ? 4 : 64
  const result = await lab.load(at, { kind, connections, seconds, orders: standing })
  checkAnswers(result, ['200'])
  into.add(result.perSecond, { p50Ms: result.p50Ms, p99Ms: result.p99Ms })
}
