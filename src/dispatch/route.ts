// Which provider account a payout goes through, and why. Routes are tried by priority; the first one that is active,
// carries the payout's method and currency, and leads to an account that can send wins. An account that cannot be
// reached at the moment keeps its payouts: they wait for it, because choosing another is policy and not this file's.
import type { Payout } from '../payout/payout.ts'
import type { Route } from '../store/store.ts'

/** What a route needs to know of an account: null, or why nothing is sent through it. */
export type RouteAccounts = ReadonlyMap<string, { readonly unusable: string | null }>

export type RouteChoice =
  | { readonly ok: true; readonly providerAccountId: string; readonly explained: string }
  | { readonly ok: false; readonly why: string }

export function chooseRoute(
  payout: Pick<Payout, 'merchantId' | 'method' | 'amount'>,
  routes: readonly Route[],
  accounts: RouteAccounts,
): RouteChoice {
  const asked = `${payout.method} in ${payout.amount.currency}`
  const candidates = routes.filter(route => carries(route, payout)).sort(byPriority)
  const passed: string[] = []
  for (const { providerAccountId, priority } of candidates) {
    const account = accounts.get(providerAccountId)
    const unusable = account === undefined ? 'it does not exist' : account.unusable
    if (unusable === null) {
      const before = passed.length === 0 ? '' : `; before it ${passed.join(', ')}`
      return {
        ok: true,
        providerAccountId,
        explained: `${asked} by priority ${priority} through ${providerAccountId}${before}`,
      }
    }
    passed.push(`${providerAccountId} was passed over: ${unusable}`)
  }
  const why = passed.length === 0 ? `no route carries ${asked}` : passed.join(', ')
  return { ok: false, why }
}

function carries(route: Route, payout: Pick<Payout, 'merchantId' | 'method' | 'amount'>): boolean {
  return (
    route.active &&
    route.merchantId === payout.merchantId &&
    route.currency === payout.amount.currency &&
    (route.method === null || route.method === payout.method)
  )
}

/** Two routes of one priority are ordered by their account, so that every process chooses alike. */
function byPriority(one: Route, other: Route): number {
  if (one.priority !== other.priority) return one.priority - other.priority
  return one.providerAccountId < other.providerAccountId ? -1 : 1
}
