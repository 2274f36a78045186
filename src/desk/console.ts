// The desk for the console: what people look at over all of their merchants, and the few things that one of them does alone.
// Which merchants those are is decided here, by role, before anything is asked of the store.
import type { Account } from '../ledger/accounts.ts'
import type { Clock } from '../lib/clock.ts'
import { type CurrencyCode, currencyOf } from '../money/currency.ts'
import { payoutId } from '../payout/number.ts'
import { ROLES, type Role } from '../payout/role.ts'
import type { SwitchKey } from '../payout/stop.ts'
import type {
  Act,
  ConsoleStore,
  FoundNotice,
  FoundPage,
  NoticeCursor,
  ProviderAccountState,
  StatementCursor,
  StatementLine,
  StoredCredential,
} from '../store/console-store.ts'
import type { PeopleStore } from '../store/people-store.ts'
import type { AccountBalance, Merchant, NoticeRow, PayoutAndAttempt } from '../store/store.ts'
import { mayFor, merchantsOf, type PersonActor } from './actor.ts'
import { createOverviews, type OverviewRead } from './overview.ts'
import { NOTHING_THERE, type Refused, refused } from './refused.ts'
import {
  type Exported,
  exportPayouts,
  type RunningExports,
  type SearchAsked,
  type SearchFound,
  searchPayouts,
} from './search.ts'

export interface ConsoleDesk {
  merchants(by: PersonActor): readonly Merchant[]
  search(by: PersonActor, asked: SearchAsked & Paged<bigint>): Promise<SearchFound | Refused>
  exported(by: PersonActor, asked: SearchAsked): Promise<Exported | Refused>
  overview(
    by: PersonActor,
    asked: { readonly merchantId: string | null; readonly hours: number },
  ): Promise<OverviewRead | Refused>
  providerAccounts(by: PersonActor): Promise<readonly ProviderAccountState[]>
  stop(
    by: PersonActor,
    asked: SwitchKey & { readonly because: string },
  ): Promise<{ readonly kind: 'stopped'; readonly already: boolean } | Refused>
  accounts(
    by: PersonActor,
    merchantId: string | null,
  ): Promise<
    | { readonly kind: 'found'; readonly merchantId: string; readonly balances: readonly AccountBalance[] }
    | Refused
  >
  statement(by: PersonActor, asked: StatementWanted): Promise<Found<StatementLine, StatementCursor> | Refused>
  notices(
    by: PersonActor,
    asked: {
      readonly merchantId: string | null
      readonly state: NoticeRow['state'] | null
    } & Paged<NoticeCursor>,
  ): Promise<Found<FoundNotice, NoticeCursor> | Refused>
  resend(
    by: PersonActor,
    asked: { readonly payout: PayoutNamed; readonly sequence: number },
  ): Promise<{ readonly kind: 'found'; readonly notices: readonly NoticeRow[] } | Refused>
  inquire(
    by: PersonActor,
    payout: PayoutNamed,
  ): Promise<({ readonly kind: 'found' } & Pick<PayoutAndAttempt, 'payout' | 'attempt'>) | Refused>
  acts(by: PersonActor, asked: ActsWanted): Promise<Found<Act, bigint>>
  credentials(by: PersonActor): Promise<readonly StoredCredential[]>
  /** Notes, before it is done, what a person asks for at the routes of a merchant. */
  note(by: PersonActor, asked: NoteAsked): Promise<void>
}

export interface ConsoleParts {
  readonly console: ConsoleStore
  readonly people: Pick<PeopleStore, 'findDecidable' | 'listDoubts'>
  readonly clock: Clock
  /** Every merchant of the installation, as it is configured now. */
  merchants(): readonly Merchant[]
  /** Told where something is due at once: a notice, or a look at an attempt. */
  wake(): void
}

export interface NoteAsked {
  readonly what: string
  readonly subject: string
  readonly merchantId: string
}

export interface Paged<Cursor> {
  readonly before: Cursor | null
  readonly limit: number
}

export type Found<Item, Cursor> = FoundPage<Item, Cursor> & { readonly kind: 'found' }

/** A payout by its number; `tag`, where it is given, has to be its own. */
export interface PayoutNamed {
  readonly number: bigint
  readonly tag: number | null
}

export type StatementWanted = {
  readonly merchantId: string | null
  readonly account: Account
  readonly currency: CurrencyCode
} & Paged<StatementCursor>

export type ActsWanted = {
  readonly who: string | null
  readonly what: string | null
  readonly subject: string | null
} & Paged<bigint>

/** SECURITY.md section 5. */
const STOPPERS: readonly Role[] = ['approver', 'operator', 'admin']
const AUDITORS: readonly Role[] = ['approver', 'operator', 'admin']

export function createConsoleDesk(parts: ConsoleParts): ConsoleDesk {
  const { console, people, wake } = parts
  const overviews = createOverviews(parts)
  const exports: RunningExports = new Map()
  const merchants = (by: PersonActor) =>
    parts.merchants().filter(({ merchantId }) => mayFor(by, ROLES, merchantId))
  const idsOf = (by: PersonActor) => merchants(by).map(({ merchantId }) => merchantId)

  /** Those that are asked for: all of this person's, or one of them. */
  function scopeOf(by: PersonActor, merchantId: string | null): readonly string[] | null {
    const theirs = idsOf(by)
    if (merchantId === null) return theirs
    return theirs.includes(merchantId) ? [merchantId] : null
  }
  /** The one that is meant, where only one can be. */
  function oneOf(by: PersonActor, merchantId: string | null): string | Refused {
    const scope = scopeOf(by, merchantId)
    const [first, ...more] = scope ?? []
    if (first === undefined) return NOTHING_THERE
    if (more.length > 0) return refused('invalid_request', 'Name the merchant: you have more than one.')
    return first
  }
  /** A payout that an operator means, at whichever merchant of its. */
  async function meantBy(by: PersonActor, { number, tag }: PayoutNamed) {
    const found = await people.findDecidable({ merchants: merchantsOf(by, ROLES), number })
    if (found === null || (tag !== null && found.payout.tag !== tag)) return NO_PAYOUT
    if (!mayFor(by, ['operator'], found.payout.merchantId))
      return refused('forbidden', 'This takes the role operator.')
    return found
  }

  return {
    merchants,
    async search(by, { merchantId, ...asked }) {
      const scope = scopeOf(by, merchantId)
      return scope === null ? NOTHING_THERE : searchPayouts(parts, { ...asked, merchants: scope })
    },
    async exported(by, { merchantId, ...asked }) {
      const scope = scopeOf(by, merchantId)
      return scope === null
        ? NOTHING_THERE
        : exportPayouts(parts, exports, { ...asked, merchants: scope }, byOf(by))
    },
    async overview(by, { merchantId, hours }) {
      const scope = scopeOf(by, merchantId)
      return scope === null ? NOTHING_THERE : overviews.read({ merchants: scope, hours })
    },
    async providerAccounts(by) {
      const routed = merchantsOf(by, ROLES) !== null
      const states = await console.providerAccountStates({ merchants: idsOf(by), routed })
      // Why all is stopped may be about somebody else's money.
      return routed ? states.map(hidden) : states
    },
    async stop(by, { scope, id, because }) {
      if ((scope === 'global') !== (id === ''))
        return refused('invalid_request', 'An id stands beside every scope but global.')
      if (because.trim() === '' || because.length > BECAUSE_LENGTH_MAX)
        return refused('invalid_request', `Why it is stopped has 1 to ${BECAUSE_LENGTH_MAX} characters.`)
      // It is compared letter by letter: another spelling would stop nothing, and look as if it did.
      if (scope === 'currency' && currencyOf(id) === null)
        return refused('invalid_request', 'A currency has its three capital letters, such as BDT.')
      if (!mayFor(by, STOPPERS, scope === 'merchant' ? id : null))
        return refused(
          'forbidden',
          `To stop this takes the role ${STOPPERS.join(' or ')} for all that it stops.`,
        )
      const tripped = await console.tripByPerson({ scope, id, why: because }, byOf(by))
      return tripped === 'unknown' ? NOTHING_THERE : { kind: 'stopped', already: tripped === 'already' }
    },
    async accounts(by, merchantId) {
      const one = oneOf(by, merchantId)
      if (typeof one !== 'string') return one
      return { kind: 'found', merchantId: one, balances: await console.merchantBalances(one) }
    },
    async statement(by, { merchantId, ...asked }) {
      const one = oneOf(by, merchantId)
      if (typeof one !== 'string') return one
      return { kind: 'found', ...(await console.readStatement({ ...asked, merchantId: one })) }
    },
    async notices(by, { merchantId, ...asked }) {
      const scope = scopeOf(by, merchantId)
      if (scope === null) return NOTHING_THERE
      return { kind: 'found', ...(await console.listNotices({ ...asked, merchants: scope })) }
    },
    async resend(by, { payout: named, sequence }) {
      const found = await meantBy(by, named)
      if ('kind' in found) return found
      const { merchantId, number, tag } = found.payout
      const count = await console.resendNotice(
        { merchantId, number, shown: payoutId(number, tag) },
        sequence,
        byOf(by),
      )
      if (count === 0) return NOTHING_THERE
      if (count === 'later')
        return refused('notice_overtaken', 'A later notice of this payout was told: send that one.')
      wake()
      const notices = await console.payoutNotices(merchantId, number)
      return { kind: 'found', notices: notices.filter(one => one.sequence === sequence) }
    },
    async inquire(by, named) {
      const found = await meantBy(by, named)
      if ('kind' in found) return found
      const { merchantId, number, tag, state } = found.payout
      const due = await console.inquireNow({ merchantId, number, shown: payoutId(number, tag) }, byOf(by))
      if (!due) return refused('payout_not_in_doubt', `There is nothing to ask: the payout is ${state}.`)
      wake()
      const after = (await people.findDecidable({ merchants: [merchantId], number })) ?? found
      return { kind: 'found', payout: after.payout, attempt: after.attempt }
    },
    async acts(by, asked) {
      return {
        kind: 'found',
        ...(await console.listActs({ ...asked, merchants: merchantsOf(by, AUDITORS) })),
      }
    },
    credentials: by => console.listCredentials(merchantsOf(by, ['admin'])),
    note: (by, asked) => console.recordAct(asked, byOf(by)),
  }
}

/** As the database keeps it with the switch. */
const BECAUSE_LENGTH_MAX = 1_000
const NO_PAYOUT = refused('not_found', 'There is no such payout.')

function byOf({ person, credential }: PersonActor) {
  return { personId: person.personId, credential }
}

function hidden(state: ProviderAccountState): ProviderAccountState {
  return state.stopped === null ? state : { ...state, stopped: { ...state.stopped, why: 'It is stopped.' } }
}
