// Looking for payouts. The store looks at a bounded number at once; here it is asked again until a page is full, nothing is
// left, or a moment has passed. Then the cursor says where it goes on.
import type { Clock } from '../lib/clock.ts'
import type { Payout } from '../payout/payout.ts'
import type { ConsoleStore, PayoutSearch } from '../store/console-store.ts'
import { type Refused, refused } from './refused.ts'

/** `merchantId` null: every merchant of whoever asks. */
export type SearchAsked = Omit<PayoutSearch, 'merchants' | 'before' | 'limit'> & {
  readonly merchantId: string | null
}

export interface SearchFound {
  readonly kind: 'found'
  readonly items: readonly Payout[]
  readonly next: bigint | null
}

export interface Exported {
  readonly kind: 'found'
  readonly pages: AsyncIterable<ExportPage>
}

export interface ExportPage {
  readonly payouts: readonly Payout[]
  readonly cut: 'too_many' | 'too_long' | null
}

interface SearchParts {
  readonly console: Pick<ConsoleStore, 'searchPayouts' | 'recordAct'>
  readonly clock: Clock
}

/** How long a page may be looked for, in how many statements. */
const SEARCH_MS = 1_500
const ROUNDS_MAX = 20

export async function searchPayouts(
  { console, clock }: SearchParts,
  search: PayoutSearch,
): Promise<SearchFound> {
  const untilMs = clock.monotonic() + SEARCH_MS
  const items: Payout[] = []
  let before = search.before
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const page = await console.searchPayouts({ ...search, before, limit: search.limit - items.length })
    items.push(...page.items)
    before = page.next
    if (before === null || items.length >= search.limit || clock.monotonic() >= untilMs) break
  }
  return { kind: 'found', items, next: before }
}

export const EXPORT_MAX = 100_000
const EXPORT_PAGE = 500
const EXPORT_MS = 120_000

/** The longest that the last page may take after that. */
const EXPORT_PAGE_MS = 30_000

/** Exports that run, by person, and when each is over at the latest, by the monotonic clock. */
export type RunningExports = Map<string, readonly { readonly untilMs: number }[]>
/** SECURITY.md section 11. */
const EXPORTS_AT_ONCE_MAX = 2

/** What may be exported is what may be read; that it left this house is recorded first. */
export async function exportPayouts(
  { console, clock }: SearchParts,
  running: RunningExports,
  search: Omit<PayoutSearch, 'before' | 'limit'>,
  by: { readonly personId: string; readonly credential: string },
): Promise<Exported | Refused> {
  const ended = begun(running, by.personId, clock)
  if (ended === null)
    return {
      ...refused('rate_limited', 'Two files of yours are being made; wait for one of them.'),
      waitMs: 10_000,
    }
  const { merchants, query, ...filters } = search
  // What was looked for may be a wallet: the record says only that something was.
  const about = JSON.stringify({ ...filters, query: query === null ? null : '…' })
  const merchantId = merchants.length === 1 ? (merchants[0] ?? null) : null
  try {
    await console.recordAct({ what: 'export_payouts', subject: about, merchantId }, by)
  } catch (error) {
    ended()
    throw error
  }
  return { kind: 'found', pages: until(ended, pagesOf({ console, clock }, search)) }
}

/**
 * Counts one more from here on, whoever asks beside it; null: there are enough. What is never read to its end, because its
 * reader had gone before it began, counts for as long as a file may take.
 */
function begun(
  running: RunningExports,
  personId: string,
  clock: Pick<Clock, 'monotonic'>,
): (() => void) | null {
  const nowMs = clock.monotonic()
  const others = (running.get(personId) ?? []).filter(one => one.untilMs > nowMs)
  if (others.length >= EXPORTS_AT_ONCE_MAX) return null
  const own = { untilMs: nowMs + EXPORT_MS + EXPORT_PAGE_MS }
  running.set(personId, [...others, own])
  return () => {
    const left = (running.get(personId) ?? []).filter(one => one !== own)
    if (left.length > 0) running.set(personId, left)
    else running.delete(personId)
  }
}

async function* until(ended: () => void, pages: AsyncIterable<ExportPage>): AsyncGenerator<ExportPage> {
  try {
    yield* pages
  } finally {
    ended()
  }
}

async function* pagesOf(
  { console, clock }: SearchParts,
  search: Omit<PayoutSearch, 'before' | 'limit'>,
): AsyncGenerator<ExportPage> {
  const untilMs = clock.monotonic() + EXPORT_MS
  let before: bigint | null = null
  for (let count = 0; ; ) {
    const limit = Math.min(EXPORT_PAGE, EXPORT_MAX - count)
    const page: Awaited<ReturnType<ConsoleStore['searchPayouts']>> = await console.searchPayouts({
      ...search,
      before,
      limit,
    })
    count += page.items.length
    before = page.next
    if (before === null) {
      yield { payouts: page.items, cut: null }
      return
    }
    if (count >= EXPORT_MAX || clock.monotonic() >= untilMs) {
      yield { payouts: page.items, cut: count >= EXPORT_MAX ? 'too_many' : 'too_long' }
      return
    }
    yield { payouts: page.items, cut: null }
  }
}
