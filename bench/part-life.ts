// P3: the whole life. A merchant creates at the PayPro door, the dispatcher pays at a provider over HTTP, that calls back,
// is asked, and the merchant is told and says that it was.
import { readBooks } from './books.ts'
import { collector, type Figure, type Part } from './figures.ts'
import { type Lab, meter, openLab, perItem, type Switch } from './lab.ts'
import type { LivesPlan, LivesResult } from './lives-plan.ts'
import { BENCH_ACCOUNT } from './merchant.ts'
import type { ProviderBooks } from './provider-plan.ts'

const CONNECTIONS = 128
/** Enough that nobody waits for work, and few enough that a life is not mostly waiting. */
const LIVES_AT_ONCE = 1_500
const WARM_SECONDS = 5
const OFFERED = [1_000, 300] as const

export const life: Part = {
  name: 'life',
  about: 'accepted, paid over HTTP, called back, told: whole lives per second, and how long one takes (P3)',
  async run(options) {
    await using stack = new AsyncDisposableStack()
    const lab = stack.use(await openLab({ profileFolder: options.profileFolder }))
    const provider = await startProvider(lab)
    const seconds = options.minutes * 60
    const figures: Figure[] = []
    for (const rate of [null, ...OFFERED]) {
      const at = await lab.startSwitch({ worker: true })
      const read = await meter(lab, [at])
      // What is offered open loop tells how long a life takes, and shows it sooner.
      const lives = await runLives(lab, [at], { rate, seconds: rate === null ? seconds : seconds / 2 })
      const cost = await read()
      await at.stop()
      await checkLives(lab, lives, provider)
      const name = rate === null ? 'whole lives' : `offered ${rate}/s`
      const into = collector('life', name, 'per second', rate === null ? { goal: 'P3: 4,000/s' } : {})
      const { life, answer } = lives
      into.add(lives.perSecond, { ...life, residentMiB: cost.residentMiB }, perItem(cost, lives.accepted))
      const says = collector('life', `${name}, accept to told`, 'ms (p99)', goalOf(rate))
      says.add(life.p99Ms, life)
      const answers = collector('life', `${name}, create answered`, 'ms (p99)')
      answers.add(answer.p99Ms, answer)
      figures.push(into.figure(), says.figure(), answers.figure())
      options.say(
        `${name.padEnd(18)} ${Math.round(lives.perSecond)}/s  told after p50 ${life.p50Ms.toFixed(0)} ms, p99 ${life.p99Ms.toFixed(0)} ms`,
      )
    }
    return figures
  },
}

function goalOf(rate: number | null): Partial<Figure> {
  return rate === 1_000 ? { goal: 'P3: at 1,000/s offered p99 1 s' } : {}
}

export interface Provider {
  readonly url: string
  books(): Promise<ProviderBooks>
}

/** Starts it, and leads the payouts of the bench's merchant there. */
export async function startProvider(lab: Lab): Promise<Provider> {
  const provider = await lab.start('provider.ts', { port: 0, callsBack: true, paysAfterMs: 0 })
  const { url } = provider.ready as { url: string }
  await lab.pool.query('update provider_account set base_url = $1 where provider_account_id = $2', [
    url,
    BENCH_ACCOUNT,
  ])
  return { url, books: async () => (await provider.ask('books')) as ProviderBooks }
}

export async function runLives(
  lab: Lab,
  at: readonly Switch[],
  plan: Pick<LivesPlan, 'rate' | 'seconds'>,
): Promise<LivesResult> {
  const merchant = await lab.start('lives.ts', {
    ...{ run: lab.run(), merchants: 1, firstMerchant: 0, orders: [], privateKey: '' },
    ...{ at: at.map(({ url }) => url), connections: CONNECTIONS, livesAtOnce: LIVES_AT_ONCE },
    ...{ warmSeconds: WARM_SECONDS, ...plan },
  } satisfies LivesPlan)
  try {
    return (await merchant.ask('go')) as LivesResult
  } finally {
    await merchant.stop()
  }
}

/** @throws where anybody's books say something else than the others' */
export async function checkLives(lab: Lab, lives: LivesResult, provider: Provider): Promise<void> {
  const { accepted, refused, refusal, broken, untold } = lives
  const books = await readBooks(lab.pool)
  const theirs = await provider.books()
  const { rows } = await lab.pool.query<{ paid: bigint; told: bigint; entries: bigint }>(
    `select (select count(*) from payout where state = 'paid') as paid,
      (select count(*) from notice where state = 'acknowledged') as told,
      (select count(*) from payout_event where state = 'paid') as entries`,
  )
  const [row] = rows
  const wrong = [
    ...(refused > 0 ? [`${refused} creates were refused: ${refusal}`] : []),
    ...(broken > 0 ? [`${broken} connections broke`] : []),
    ...(untold > 0 ? [`${untold} of ${accepted} were not told`] : []),
    ...(theirs.twice > 0 ? [`the provider was sent ${theirs.twice} orders twice`] : []),
    ...(theirs.wrong > 0 ? [`${theirs.wrong} requests had a wrong signature`] : []),
    ...(BigInt(theirs.orders) !== books.payouts
      ? [`the provider paid ${theirs.orders}, ${books.payouts} are stored`]
      : []),
    ...(row?.paid !== books.payouts ? [`${row?.paid} of ${books.payouts} are paid`] : []),
    ...(row?.told !== books.payouts ? [`${row?.told} of ${books.payouts} were told`] : []),
    ...(books.held !== 0n || books.inFlight !== 0n
      ? [`${books.held} held, ${books.inFlight} in flight of nothing that is open`]
      : []),
  ]
  if (wrong.length > 0) throw new Error(wrong.join('; '))
}
