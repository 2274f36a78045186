import type { Payout, PayoutKey } from '../payout/payout.ts'
import type {
  ExchangeRow,
  NoticeRow,
  PayoutAndAttempt,
  PayoutEventRow,
  PayoutPage,
  PostingRow,
  Store,
} from '../store/store.ts'

/** What can be asked about the payouts of one merchant. What belongs to another one is not there. */
export interface Finder {
  find(merchantId: string, by: PayoutKey): Promise<Payout | null>
  /** With its live or last attempt, which knows when the provider is asked next. */
  findWithAttempt(merchantId: string, by: PayoutKey): Promise<PayoutAndAttempt | null>
  list(merchantId: string, page: PayoutPage): Promise<readonly Payout[]>
  events(merchantId: string, number: bigint): Promise<readonly PayoutEventRow[]>
  postings(merchantId: string, number: bigint): Promise<readonly PostingRow[]>
  attempts: Store['payoutAttempts']
  exchanges(merchantId: string, number: bigint): Promise<readonly ExchangeRow[]>
  notices(merchantId: string, number: bigint): Promise<readonly NoticeRow[]>
}

export function createFinder(store: Store): Finder {
  return {
    find: (merchantId, by) => store.findPayout(merchantId, by),
    findWithAttempt: (merchantId, by) => findWithAttempt(store, merchantId, by),
    list: (merchantId, page) => store.listPayouts(merchantId, page),
    events: (merchantId, number) => store.payoutEvents(merchantId, number),
    postings: (merchantId, number) => store.payoutPostings(merchantId, number),
    attempts: (merchantId, number) => store.payoutAttempts(merchantId, number),
    exchanges: (merchantId, number) => store.payoutExchanges(merchantId, number),
    notices: (merchantId, number) => store.payoutNotices(merchantId, number),
  }
}

async function findWithAttempt(
  store: Store,
  merchantId: string,
  by: PayoutKey,
): Promise<PayoutAndAttempt | null> {
  if (by.by === 'reference') {
    const payout = await store.findPayout(merchantId, by)
    return payout === null ? null : store.findForStep(merchantId, payout.number)
  }
  const found = await store.findForStep(merchantId, by.number)
  // The tag makes ids unguessable: a number that is right under a wrong tag is no payout.
  if (found === null || (by.by === 'code' && found.payout.tag !== by.tag)) return null
  return found
}
