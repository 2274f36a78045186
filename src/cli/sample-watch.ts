// Follows the sample until every payout has ended, or the time is over.
import type { Clock } from '../lib/clock.ts'
import type { Attempt } from '../payout/attempt.ts'
import { isFinal, type Payout } from '../payout/payout.ts'
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

type Reads = Pick<Store, 'findPayout' | 'payoutAttempts'>

export interface WatchOptions {
  readonly merchantId: string
  readonly withinMs: number
  readonly signal: AbortSignal
  readonly progress: Progress
  readonly clock: Clock
}

/** Resolves with the payouts of the sample as they stand when all have ended as planned, or the time is over. */
export async function watchSample(
  store: Reads,
  sample: readonly SamplePayout[],
  options: WatchOptions,
): Promise<ReadonlyMap<string, Payout>> {
  const { clock, merchantId, signal, progress } = options
  const endMs = clock.monotonic() + options.withinMs
  const payouts = new Map<string, Payout>()
  const isOpen = ({ reference, ends }: SamplePayout): boolean => {
    const state = payouts.get(reference)?.state
    // What is paid may still be returned; everything else that is final stays as it is.
    return state === undefined || (state !== ends && !(isFinal(state) && state !== 'paid'))
  }
  for (;;) {
    const open = sample.filter(isOpen)
    progress.at(sample.length - open.length)
    if (open.length === 0 || signal.aborted || clock.monotonic() >= endMs) return payouts
    await clock.sleep(POLL_MS, signal)
    for (const part of parts(open, PART_COUNT)) {
      const found = await Promise.all(
        part.map(({ reference }) => store.findPayout(merchantId, { by: 'reference', reference })),
      )
      for (const payout of found) if (payout !== null) payouts.set(payout.reference, payout)
    }
  }
}

export async function sampleResults(
  store: Reads,
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
  for (;;) {
    const states: string[] = []
    for (const part of parts(payouts, PART_COUNT)) {
      const found = await Promise.all(part.map(({ number }) => store.payoutNotices(merchantId, number)))
      states.push(...found.flat().map(({ state }) => state))
    }
    const acknowledged = states.filter(state => state === 'acknowledged').length
    if (acknowledged === states.length || signal.aborted || clock.monotonic() >= endMs)
      return { acknowledged, all: states.length }
    await clock.sleep(POLL_MS, signal)
  }
}

const POLL_MS = 150
/** Questions to the database at the same time. */
const PART_COUNT = 16

function parts<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, place) => items.slice(place * size, (place + 1) * size))
}
