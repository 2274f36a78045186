// Follows the sample until every payout has ended, or the time is over.
import type { Clock } from '../lib/clock.ts'
import type { Attempt } from '../payout/attempt.ts'
import { isFinal, type Payout, type PayoutState } from '../payout/payout.ts'
import type { Store } from '../store/store.ts'
import type { Progress } from './progress.ts'
import type { SamplePayout } from './sample.ts'

/** What became of one payout of the sample. */
export interface SampleResult {
  readonly sample: SamplePayout
  /** Why it was not taken in, or null. */
  readonly refused: string | null
  readonly payout: Payout | null
  readonly attempts: readonly Attempt[]
  readonly asExpected: boolean
}

export interface WatchOptions {
  readonly merchantId: string
  readonly withinMs: number
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly clock: Clock
}

/** Resolves when every payout of the sample has ended as planned, or the time is over. */
export async function watchSample(
  store: Pick<Store, 'listPayouts'>,
  sample: readonly SamplePayout[],
  options: WatchOptions,
): Promise<void> {
  const { clock, merchantId, signal, progress } = options
  const endMs = clock.monotonic() + options.withinMs
  let open = sample
  for (;;) {
    const states = await readStates(store, merchantId, new Set(open.map(({ reference }) => reference)))
    open = open.filter(({ reference, ends }) => !hasEnded(states.get(reference), ends))
    progress.at(sample.length - open.length)
    if (open.length === 0 || signal.aborted || clock.monotonic() >= endMs) return
    await clock.sleep(POLL_MS, signal)
  }
}

/** What is paid may still be returned; everything else that is final stays as it is. */
function hasEnded(state: PayoutState | undefined, ends: PayoutState): boolean {
  return state !== undefined && (state === ends || (isFinal(state) && state !== 'paid'))
}

/** In pages, newest first: the sample is the newest there is. */
async function readStates(
  store: Pick<Store, 'listPayouts'>,
  merchantId: string,
  references: ReadonlySet<string>,
): Promise<ReadonlyMap<string, PayoutState>> {
  const states = new Map<string, PayoutState>()
  let before: bigint | null = null
  for (let page = 0; page < PAGES_MAX && states.size < references.size; page += 1) {
    const payouts: readonly Payout[] = await store.listPayouts(merchantId, {
      limit: PAGE_LENGTH,
      before,
      state: null,
      reference: null,
    })
    for (const { reference, state } of payouts) if (references.has(reference)) states.set(reference, state)
    const last = payouts.at(-1)
    if (last === undefined || payouts.length < PAGE_LENGTH) break
    before = last.number
  }
  return states
}

export async function sampleResults(
  store: Pick<Store, 'findPayout' | 'payoutAttempts'>,
  merchantId: string,
  sent: readonly { readonly sample: SamplePayout; readonly refused: string | null }[],
): Promise<readonly SampleResult[]> {
  const results: SampleResult[] = []
  for (const part of parts(sent, PART_COUNT)) {
    const read = part.map(async ({ sample, refused }): Promise<SampleResult> => {
      const payout = await store.findPayout(merchantId, { by: 'reference', reference: sample.reference })
      const attempts = payout === null ? [] : await store.payoutAttempts(merchantId, payout.number)
      const asExpected = refused === null && payout?.state === sample.ends
      return { sample, refused, payout, attempts, asExpected }
    })
    results.push(...(await Promise.all(read)))
  }
  return results
}

/** How many of the door notices of the sample are acknowledged, of how many; waits for them as long as it may. */
export async function watchNotices(
  store: Pick<Store, 'payoutNotices'>,
  payouts: readonly Payout[],
  options: Omit<WatchOptions, 'progress'>,
): Promise<{ readonly acknowledged: number; readonly all: number }> {
  const { clock, merchantId, signal } = options
  const endMs = clock.monotonic() + options.withinMs
  let open = payouts
  let acknowledged = 0
  for (;;) {
    const still: Payout[] = []
    let waiting = 0
    for (const part of parts(open, PART_COUNT)) {
      const read = await Promise.all(part.map(({ number }) => store.payoutNotices(merchantId, number)))
      for (const [place, payout] of part.entries()) {
        const notices = read[place] ?? []
        const left = notices.filter(({ state }) => state !== 'acknowledged').length
        if (left > 0) still.push(payout)
        else acknowledged += notices.length
        waiting += left > 0 ? notices.length : 0
      }
    }
    open = still
    if (open.length === 0 || signal.aborted || clock.monotonic() >= endMs)
      return { acknowledged, all: acknowledged + waiting }
    await clock.sleep(POLL_MS, signal)
  }
}

const POLL_MS = 150
const PAGE_LENGTH = 500
/** Twice the largest sample. */
const PAGES_MAX = 40
/** Questions to the database at the same time. */
const PART_COUNT = 16

function parts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, place) => items.slice(place * size, (place + 1) * size))
}
