// What one process says of itself while it runs: that it lives, and how much is open in the database behind it.
import type { WholeDesk } from './desk/desk.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { Runs } from './journal/runs.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { approximately, type Metrics } from './lib/metrics.ts'
import type { Store } from './store/store.ts'

const TOUCH_MS = 10_000
const OBSERVE_MS = 10_000

/** Says that this process lives, and keeps the gauges that need a question to the database. */
export function watch(parts: {
  readonly store: Pick<Store, 'backlog' | 'forgetOneTimeUses'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly desk: Pick<WholeDesk, 'waiting'>
  readonly dispatcher: () => Dispatcher | null
  readonly runs: Pick<Runs, 'touch'>
}): { stop(): Promise<void> } {
  const { store, clock, log, metrics, desk, dispatcher, runs } = parts
  const count = metrics.gauge('quittance_open_payouts', 'Payouts without an end.', ['state', 'currency'])
  const minor = metrics.gauge('quittance_open_minor', 'Minor units in payouts without an end.', [
    'state',
    'currency',
  ])
  const oldest = metrics.gauge('quittance_open_oldest_seconds', 'Age of the oldest of them.', [
    'state',
    'currency',
  ])
  const waiting = metrics.gauge('quittance_intake_waiting', 'Submissions that are not answered yet.')
  const sending = metrics.gauge('quittance_sends_under_way', 'Sends under way in this process.')
  const up = metrics.gauge('quittance_provider_account_up', '1 while payouts may go through it.', ['account'])
  const known = new Set<string>()
  const stopped = new AbortController()

  async function observe(): Promise<void> {
    waiting.set(desk.waiting())
    const status = dispatcher()?.status()
    sending.set(status?.sending ?? 0)
    for (const account of status?.accounts ?? [])
      up.set({ account: account.providerAccountId }, account.state === 'up' ? 1 : 0)
    const lines = await store.backlog()
    for (const key of known) setOpen(key, 0, 0, 0)
    for (const line of lines) {
      const key = `${line.state} ${line.currency}`
      known.add(key)
      const ageMs = line.oldestMs === null ? 0 : clock.now() - line.oldestMs
      setOpen(key, line.count, approximately(line.minor), ageMs / 1000)
    }
  }
  function setOpen(key: string, payouts: number, money: number, seconds: number): void {
    const [state = '', currency = ''] = key.split(' ')
    count.set({ state, currency }, payouts)
    minor.set({ state, currency }, money)
    oldest.set({ state, currency }, seconds)
  }
  async function run(): Promise<void> {
    let touchedAt = clock.monotonic()
    while (!stopped.signal.aborted) {
      await observe().catch(error => log.warn({ err: error }, 'the backlog was not counted'))
      await clock.sleep(OBSERVE_MS, stopped.signal)
      if (stopped.signal.aborted || clock.monotonic() - touchedAt < TOUCH_MS) continue
      touchedAt = clock.monotonic()
      await runs.touch().catch(error => log.warn({ err: error }, 'not marked as alive'))
      await store
        .forgetOneTimeUses()
        .catch(error => log.warn({ err: error }, 'expired one-time uses are still there'))
    }
  }
  const running = run()
  return {
    async stop() {
      stopped.abort()
      await running
    },
  }
}
