// What the console asks the store, beside what payouts and people need: an interface of its own, under the same rules as
// store.ts. These are reads over many merchants. Each statement looks at a bounded number of rows and says where it
// stopped, and the pool that runs them is small and gives up soon: whoever looks must not slow down who pays.
import type { Account } from '../ledger/accounts.ts'
import type { Recipe } from '../ledger/recipes.ts'
import type { Seal } from '../lib/seal.ts'
import type { CurrencyCode } from '../money/currency.ts'
import type { Money } from '../money/money.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { SwitchKey, SwitchScope } from '../payout/stop.ts'
import { merchantBalances } from './books.ts'
import type { ActsAsked, NoticesAsked } from './console-lists.ts'
import * as lists from './console-lists.ts'
import { payoutNotices } from './find.ts'
import type { By, NewAct, PayoutMeant } from './interventions.ts'
import * as interventions from './interventions.ts'
import { readOverview } from './overview.ts'
import type { Pool } from './postgres.ts'
import { providerAccountStates } from './provider-states.ts'
import { searchPayouts } from './search.ts'
import { readStatement, type StatementAsked } from './statement.ts'
import type { AccountBalance, NoticeRow } from './store.ts'
import { wholeStatements } from './whole.ts'

export interface ConsoleStore {
  searchPayouts(search: PayoutSearch): Promise<FoundPage<Payout, bigint>>
  readOverview(asked: OverviewAsked): Promise<Overview>
  providerAccountStates(
    of: Parameters<typeof providerAccountStates>[1],
  ): Promise<readonly ProviderAccountState[]>
  merchantBalances(merchantId: string): Promise<readonly AccountBalance[]>
  readStatement(asked: StatementAsked): Promise<FoundPage<StatementLine, StatementCursor>>
  listNotices(asked: NoticesAsked): Promise<FoundPage<FoundNotice, NoticeCursor>>
  listActs(asked: ActsAsked): Promise<FoundPage<Act, bigint>>
  listCredentials(merchants: readonly string[] | null): Promise<readonly StoredCredential[]>
  payoutNotices(merchantId: string, number: bigint): Promise<readonly NoticeRow[]>

  /** `unknown`: there is nothing of that name, so nothing was stopped. */
  tripByPerson(trip: SwitchKey & { readonly why: string }, by: By): Promise<'tripped' | 'already' | 'unknown'>
  /** How many notices of that step are due now. */
  resendNotice(payout: PayoutMeant, sequence: number, by: By): Promise<number | 'later'>
  /** False: there is no attempt whose end is looked for. */
  inquireNow(payout: PayoutMeant, by: By): Promise<boolean>
  recordAct(act: NewAct, by: By): Promise<void>
}

/** `reads`: where looking goes, apart from everything else. */
export function openConsoleStore({
  pool,
  reads,
  seal,
}: {
  pool: Pool
  reads: Pool
  seal: Seal
}): ConsoleStore {
  const acting = wholeStatements(pool)
  const whole = wholeStatements(reads)
  return {
    searchPayouts: search => searchPayouts(whole, seal, search),
    readOverview: asked => readOverview(whole, asked),
    providerAccountStates: of => providerAccountStates(whole, of),
    merchantBalances: merchantId => merchantBalances(whole, merchantId),
    readStatement: asked => readStatement(whole, asked),
    listNotices: asked => lists.listNotices(whole, asked),
    listActs: asked => lists.listActs(whole, asked),
    listCredentials: merchants => lists.listCredentials(whole, merchants),
    payoutNotices: (merchantId, number) => payoutNotices(whole, merchantId, number),

    tripByPerson: (trip, by) => interventions.tripByPerson(acting, trip, by),
    resendNotice: (payout, sequence, by) => interventions.resendNotice(acting, payout, sequence, by),
    inquireNow: (payout, by) => interventions.inquireNow(acting, payout, by),
    recordAct: (act, by) => interventions.recordAct(acting, act, by),
  }
}

/** Every one of `merchants` is looked at; nobody asks for all by leaving them out. */
export interface PayoutSearch {
  readonly merchants: readonly string[]
  readonly query: string | null
  readonly state: PayoutState | null
  readonly currency: CurrencyCode | null
  readonly providerAccountId: string | null
  readonly createdFromMs: number | null
  readonly createdToMs: number | null
  readonly before: bigint | null
  readonly limit: number
}

/** `next` null: there is no more. Else where it goes on, whether or not the page is full. */
export interface FoundPage<Item, Cursor> {
  readonly items: readonly Item[]
  readonly next: Cursor | null
}

export interface OverviewAsked {
  readonly merchants: readonly string[]
  readonly hours: number
}

export interface Overview {
  readonly nowMs: number
  /** Null: it holds every payout of these hours. */
  readonly completeSinceMs: number | null
  readonly totals: readonly { readonly state: PayoutState; readonly count: number; readonly amount: Money }[]
  readonly series: readonly OverviewStep[]
  /** `upToMs` null: longer than all bars before. */
  readonly timeToPaid: readonly { readonly upToMs: number | null; readonly count: number }[]
  readonly providers: readonly OverviewProvider[]
  /** What stands at each provider account, above zero where it is there. */
  readonly floats: readonly { readonly providerAccountId: string; readonly amount: Money }[]
}

export interface OverviewStep {
  readonly atMs: number
  readonly accepted: number
  readonly paid: number
  readonly failed: number
  readonly paidAmounts: readonly Money[]
}

export interface OverviewProvider {
  readonly providerAccountId: string
  readonly protocol: string
  readonly sends: number
  readonly accepted: number
  readonly refused: number
  readonly doubtful: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

export interface ProviderAccountState {
  readonly id: string
  readonly protocol: string
  readonly name: string
  readonly active: boolean
  readonly stopped: { readonly scope: SwitchScope; readonly why: string; readonly sinceMs: number } | null
  readonly safeMode: { readonly sign: string; readonly sinceMs: number } | null
  readonly floats: readonly Money[]
  readonly openAttempts: number
  readonly inDoubt: number
  readonly lastExchangeAtMs: number | null
  readonly lastFailedAtMs: number | null
}

/** A line of one account's statement, in the order of payouts, the newest first. */
export interface StatementLine {
  /** Null: money that was brought in. */
  readonly payout: { readonly number: bigint; readonly tag: number } | null
  readonly sequence: number
  readonly recipe: Recipe
  readonly contra: Account
  /** What it changed the account by, credits above zero. */
  readonly amount: Money
  /** Credits minus debits behind this line. */
  readonly balance: Money
  readonly atMs: number
}

/** Behind which line it goes on, and what the account held before that line. */
export interface StatementCursor {
  readonly number: bigint
  readonly sequence: number
  readonly recipe: string
  readonly leg: number
  readonly minor: bigint
}

export interface FoundNotice extends NoticeRow {
  readonly merchantId: string
  readonly number: bigint
  readonly tag: number
  readonly told: PayoutState
  readonly atMs: number
  readonly dueAtMs: number | null
}

export interface NoticeCursor {
  readonly number: bigint
  readonly sequence: number
  readonly target: string
}

export interface Act {
  readonly number: bigint
  readonly atMs: number
  readonly who: string
  readonly credential: string
  readonly what: string
  readonly subject: string
  readonly merchantId: string | null
  readonly hash: Uint8Array | null
}

/** The public half of something by which somebody comes. */
export interface StoredCredential {
  readonly kind: 'api_key' | 'door' | 'person'
  readonly id: string
  readonly merchantId: string | null
  readonly door: string | null
  readonly scopes: readonly string[]
  readonly owner: string | null
  readonly active: boolean
  readonly createdAtMs: number
}
