// What the API is handed for people who look at all of their merchants, as a type of its own. Everything in it may throw
// Unavailable.
import type { Account } from '../ledger/accounts.ts'
import type { CurrencyCode } from '../money/currency.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type { SwitchKey } from '../payout/stop.ts'
import type {
  Act,
  FoundNotice,
  NoticeCursor,
  Overview,
  ProviderAccountState,
  StatementCursor,
  StatementLine,
  StoredCredential,
} from '../store/console-store.ts'
import type { DoubtTotal } from '../store/people-store.ts'
import type { AccountBalance, Merchant, NoticeRow, PayoutAndAttempt } from '../store/store.ts'
import type { ApiPayoutAsked, ApiPerson, ApiRefused } from './people-needs.ts'

/** `merchantId` null: every merchant of this person. */
export interface ApiSearchAsked {
  readonly query: string | null
  readonly merchantId: string | null
  readonly state: PayoutState | null
  readonly currency: CurrencyCode | null
  readonly providerAccountId: string | null
  readonly createdFromMs: number | null
  readonly createdToMs: number | null
}

export interface ApiPage<Cursor> {
  readonly before: Cursor | null
  readonly limit: number
}

/** `next` null: there is no more. A page may be short and have a next one: so far was looked for now. */
export interface ApiPageFound<Item, Cursor> {
  readonly kind: 'found'
  readonly items: readonly Item[]
  readonly next: Cursor | null
}

export interface ApiOverview extends Overview {
  readonly doubts: readonly DoubtTotal[]
}

export interface ApiConsole {
  merchants(by: ApiPerson): readonly Merchant[]
  search(
    by: ApiPerson,
    asked: ApiSearchAsked & ApiPage<bigint>,
  ): Promise<ApiPageFound<Payout, bigint> | ApiRefused>
  /** The same, page by page, up to a bound; `cut` where that was reached. That it was asked for stays on record. */
  exported(
    by: ApiPerson,
    asked: ApiSearchAsked,
  ): Promise<{ readonly kind: 'found'; readonly pages: AsyncIterable<ApiExportPage> } | ApiRefused>
  overview(
    by: ApiPerson,
    asked: { readonly merchantId: string | null; readonly hours: number },
  ): Promise<{ readonly kind: 'found'; readonly overview: ApiOverview } | ApiRefused>
  providerAccounts(by: ApiPerson): Promise<readonly ProviderAccountState[]>
  stop(
    by: ApiPerson,
    asked: SwitchKey & { readonly because: string },
  ): Promise<{ readonly kind: 'stopped'; readonly already: boolean } | ApiRefused>
  accounts(
    by: ApiPerson,
    merchantId: string | null,
  ): Promise<
    | { readonly kind: 'found'; readonly merchantId: string; readonly balances: readonly AccountBalance[] }
    | ApiRefused
  >
  statement(
    by: ApiPerson,
    asked: {
      readonly merchantId: string | null
      readonly account: Account
      readonly currency: CurrencyCode
    } & ApiPage<StatementCursor>,
  ): Promise<ApiPageFound<StatementLine, StatementCursor> | ApiRefused>
  notices(
    by: ApiPerson,
    asked: {
      readonly merchantId: string | null
      readonly state: NoticeRow['state'] | null
    } & ApiPage<NoticeCursor>,
  ): Promise<ApiPageFound<FoundNotice, NoticeCursor> | ApiRefused>
  resend(
    by: ApiPerson,
    asked: { readonly payout: ApiPayoutAsked; readonly sequence: number },
  ): Promise<{ readonly kind: 'found'; readonly notices: readonly NoticeRow[] } | ApiRefused>
  inquire(
    by: ApiPerson,
    payout: ApiPayoutAsked,
  ): Promise<({ readonly kind: 'found' } & Pick<PayoutAndAttempt, 'payout' | 'attempt'>) | ApiRefused>
  acts(
    by: ApiPerson,
    asked: {
      readonly who: string | null
      readonly what: string | null
      readonly subject: string | null
    } & ApiPage<bigint>,
  ): Promise<ApiPageFound<Act, bigint>>
  credentials(by: ApiPerson): Promise<readonly StoredCredential[]>
  /** Notes, before it is done, what a person asks for at the routes of a merchant. */
  note(
    by: ApiPerson,
    asked: { readonly what: string; readonly subject: string; readonly merchantId: string },
  ): Promise<void>
}

export interface ApiExportPage {
  readonly payouts: readonly Payout[]
  /** Why the rest is missing, on the last page of an export that was cut. */
  readonly cut: 'too_many' | 'too_long' | null
}
