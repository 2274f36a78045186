// `quittance demo`: everything on this machine. It shows in a minute what the product is for: whatever the provider and
// the line do, each payout ends once, and both sides' books agree.
import { join } from 'node:path'
import { request } from 'undici'
import type { Config } from '../config.ts'
import { isoTime, systemClock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import type { PrintedOrder } from '../simulator/control.ts'
import { configured, type Environment, type Started } from './configured.ts'
import { consoleLines, credentialLines, signLine, tryLines } from './demo-help.ts'
import { CannotStart, type DemoHouse, openHouse } from './demo-house.ts'
import { demoLogPath, openDemoLog } from './demo-log.ts'
import { tellStory } from './demo-story.ts'
import { startProgress } from './progress.ts'
import { planSample, type SamplePayout } from './sample.ts'
import { auditDemo, balanceTable, sampleTable } from './sample-report.ts'
import { type SampleSender, sendSample } from './sample-send.ts'
import { sampleResults, watchNotices, watchSample } from './sample-watch.ts'
import { createSandboxClient, type SandboxClient } from './sandbox-client.ts'
import { SANDBOX_MERCHANT_ID } from './sandbox-credentials.ts'
import { merchantKeyPath } from './sandbox-keys.ts'
import { stopSignal } from './stop.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface DemoOptions {
  readonly port?: number
  readonly dataDir?: string
  readonly payouts: number
  readonly exit?: boolean
  readonly reset?: boolean
}

export async function demo(options: DemoOptions, started: Started, terminal: Terminal): Promise<ExitCode> {
  const config = configured('demo', withOptions(started.environment, options), terminal)
  if (config === null) return 2
  const stopping = new AbortController()
  const stopped = stopSignal(terminal, 'what was sent is waited for').then(() => stopping.abort())
  const closing = new AsyncDisposableStack()
  try {
    const log = await openDemoLog(config, closing)
    const house = await openHouse(houseOptions(config, log, started, options, terminal), closing)
    for (const [protocol, rail] of house.rails)
      void rail.ended.then(() => {
        if (!closing.disposed)
          terminal.problem(`The simulated provider ${protocol} has ended: payouts wait for it.`)
      })
    const client = createSandboxClient({
      ...house,
      url: house.app.url,
      clock: systemClock,
      random: systemRandom,
    })
    for (const line of greeting(house, client, config, terminal)) terminal.line(line)
    const ended = await runSample(house, client, options, terminal, stopping.signal)
    if (options.exit === true) return ended ? 0 : 1
    if (stopping.signal.aborted) return 0
    terminal.line(`\nThe demo stays up at ${house.app.url}. Ctrl-C stops it.`)
    const endedBy = await Promise.race([stopped, house.app.stopped.then(() => 'itself' as const)])
    return endedBy === 'itself' ? 1 : 0
  } catch (error) {
    if (!(error instanceof CannotStart)) throw error
    terminal.problem(`quittance demo: ${error.message}`)
    return 1
  } finally {
    await closing.disposeAsync()
  }
}

/** Flags win over the environment, and are judged by the same rules. */
function withOptions(environment: Environment, { port, dataDir }: DemoOptions): Environment {
  return {
    ...environment,
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(dataDir === undefined ? {} : { QUITTANCE_DATA_DIR: dataDir }),
  }
}

function houseOptions(
  config: Config,
  log: Log,
  { program }: Started,
  options: DemoOptions,
  terminal: Terminal,
) {
  return {
    config,
    log,
    reset: options.reset === true,
    program,
    say: (line: string) => terminal.line(terminal.paint('dim', line)),
  }
}

function greeting(
  { app, receiver, rails, keys, password }: DemoHouse,
  client: SandboxClient,
  config: Config,
  { paint }: Terminal,
): readonly string[] {
  const folder = join(config.dataDir, 'sandbox')
  const keyPath = (door: string): string | null => (keys.has(door) ? merchantKeyPath(folder, door) : null)
  return [
    '',
    `${paint('bold', 'Quittance')} is up at ${paint('cyan', app.url)}, with ${rails.size} simulated providers behind it.`,
    '',
    ...credentialLines(app.url, keyPath, paint),
    ...consoleLines(app.url, password, paint),
    `  ${paint('bold', 'log'.padEnd(10))} ${demoLogPath(config)}`,
    '',
    ...tryLines(client, receiver.url, { clock: systemClock, random: systemRandom }).flatMap(
      ({ title, line }) => [paint('dim', `  # ${title}`), `  ${line}`],
    ),
    paint('dim', '  # another request to sign'),
    `  ${signLine(app.url, config.dataDir)}`,
    '',
  ]
}

/** Sends the sample and prints what became of it. @returns whether everything ended as planned and the books are clean */
async function runSample(
  house: DemoHouse,
  client: SandboxClient,
  options: DemoOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const { app, receiver } = house
  const run = isoTime(systemClock.now()).replace(/[-:]|\..*$/g, '')
  const sample = planSample(options.payouts, run)
  const before = await app.store.readBooks(SANDBOX_MERCHANT_ID)
  const progress = startProgress(terminal, { title: 'Payouts ended', all: sample.length })
  const startMs = systemClock.monotonic()
  const sender = { client, notifyUrl: receiver.url }
  const telling = tellStory({ ...sender, run, signal, clock: systemClock })
  const sent = await sendAll(sample, sender, signal)
  const taken = sent.filter(({ refused }) => refused === null).map(one => one.sample)
  await watchSample(app.store, taken, {
    merchantId: SANDBOX_MERCHANT_ID,
    withinMs: SAMPLE_MS_MAX,
    signal,
    progress,
    clock: systemClock,
  })
  const story = await telling
  const tookMs = systemClock.monotonic() - startMs
  progress.done()
  const results = await sampleResults(app.store, SANDBOX_MERCHANT_ID, sent)
  const payouts = results.flatMap(({ payout }) => payout ?? [])
  const notices = await watchNotices(app.store, payouts, {
    merchantId: SANDBOX_MERCHANT_ID,
    withinMs: NOTICES_MS_MAX,
    signal,
    clock: systemClock,
  })
  const after = await app.store.readBooks(SANDBOX_MERCHANT_ID)
  const breaches = auditDemo(after, results, await railBooks(house))
  const asExpected = results.filter(one => one.asExpected).length
  const isClean = breaches.length === 0

  const { paint } = terminal
  const count = `${asExpected} of ${results.length} payouts ended as they must, in ${(tookMs / 1_000).toFixed(1)} s`
  for (const line of [
    '',
    ...sampleTable(results, paint),
    '',
    paint('bold', 'Create, pay, ask, prove: one payout in the words of several providers, then another'),
    ...story.lines.map(line => `  ${line}`),
    '',
    ...balanceTable(before, after),
    '',
    paint(asExpected === results.length ? 'green' : 'red', count),
    `${notices.acknowledged} of ${notices.all} notices in the form of their door acknowledged by the merchant's receiver`,
    isClean
      ? paint('green', "books are clean: every balance is its postings, and the providers' books agree")
      : paint('red', `books are NOT clean: ${breaches.length} breaches`),
    ...breaches.slice(0, BREACHES_SHOWN_MAX).map(breach => `  ${breach}`),
  ])
    terminal.line(line)
  return isClean && story.isRight && asExpected === results.length && notices.acknowledged === notices.all
}

const SAMPLE_MS_MAX = 90_000
/** The door waits 2 s before its first try, as its contract says. */
const NOTICES_MS_MAX = 30_000
const SENDS_AT_ONCE = 32
const BREACHES_SHOWN_MAX = 20

interface Sent {
  readonly sample: SamplePayout
  readonly refused: string | null
}

async function sendAll(
  sample: readonly SamplePayout[],
  sender: SampleSender,
  signal: AbortSignal,
): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  const waiting = sample.values()
  const send = async (): Promise<void> => {
    for (const one of waiting) {
      if (signal.aborted) return
      sent.push({ sample: one, refused: await sendSample(one, sender) })
    }
  }
  await Promise.all(Array.from({ length: SENDS_AT_ONCE }, send))
  return sent.toSorted((a, b) => (a.sample.reference < b.sample.reference ? -1 : 1))
}

async function railBooks({ rails }: DemoHouse): Promise<readonly PrintedOrder[]> {
  const orders: PrintedOrder[] = []
  for (const { url } of rails.values()) {
    const answer = await request(`${url}/_rail/books`)
    // Our own process on the other side of a pipe, printed by simulator/control.ts.
    const body = (await answer.body.json()) as { orders: readonly PrintedOrder[] }
    orders.push(...body.orders)
  }
  return orders
}
