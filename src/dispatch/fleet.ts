// The provider accounts at work in this process: how much runs through each of them at the moment, and whether it can
// be reached. Follows the configuration: limits change under way, and an account that was stopped starts anew when its
// configuration changed.
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Configuration, Route } from '../store/store.ts'
import { type Accounts, type ConnectorOf, type ReadyAccount, readyAccounts } from './accounts.ts'
import { jitterOf } from './chance.ts'
import { createHold, type Hold } from './hold.ts'
import { createLane, type Lane } from './lane.ts'

export interface Berth {
  readonly ready: ReadyAccount
  readonly hold: Hold
  readonly sends: Lane
  readonly asks: Lane
}

export interface AccountState {
  readonly providerAccountId: string
  readonly state: 'up' | 'down' | 'stopped' | 'broken'
  readonly why: string | null
}

export interface Fleet {
  accounts(): Accounts
  routesOf(merchantId: string): readonly Route[]
  berth(providerAccountId: string): Berth | null
  /** How many sends could be taken up now, over all accounts; the same for inquiries. */
  freeSends(): number
  freeAsks(): number
  /** The longest time that an inquiry through any account may take. */
  askMsMax(): number
  states(): readonly AccountState[]
}

/** Of the rate and the concurrency that an account allows, inquiries have this share to themselves. */
const ASK_SHARE = 0.5

export function createFleet(options: {
  readonly configuration: () => Configuration
  readonly connectorOf: ConnectorOf
  readonly clock: Clock
  readonly random: Random
}): Fleet {
  let seen: Configuration | null = null
  let accounts: Accounts = new Map()
  let broken: ReadonlyMap<string, string> = new Map()
  let routes: ReadonlyMap<string, readonly Route[]> = new Map()
  let berths: ReadonlyMap<string, Berth> = new Map()

  /** The same snapshot is the same object, so that this costs nothing while nothing changes. */
  function follow(): void {
    const configuration = options.configuration()
    if (configuration === seen) return
    const before = seen
    seen = configuration
    ;({ accounts, broken } = readyAccounts(configuration, options.connectorOf))
    routes = Map.groupBy(configuration.routes, route => route.merchantId)
    berths = new Map([...accounts].map(([id, ready]) => [id, berthOf(id, ready, before)]))
  }

  function berthOf(id: string, ready: ReadyAccount, before: Configuration | null): Berth {
    const known = berths.get(id)
    if (known === undefined) return newBerth(id, ready)
    const hold = isSame(id, before, seen) ? known.hold : newHold()
    return { ...known, ready, hold }
  }

  function newBerth(id: string, ready: ReadyAccount): Berth {
    const limits = () => accounts.get(id) ?? ready
    const sends = createLane(() => {
      const { concurrency, ratePerSecond } = limits()
      return { concurrency, ratePerSecond: ratePerSecond * (1 - ASK_SHARE) }
    }, options.clock)
    const asks = createLane(() => {
      const { concurrency, ratePerSecond } = limits()
      return {
        concurrency: Math.max(1, Math.ceil(concurrency * ASK_SHARE)),
        ratePerSecond: ratePerSecond * ASK_SHARE,
      }
    }, options.clock)
    return { ready, hold: newHold(), sends, asks }
  }

  function newHold(): Hold {
    return createHold(options.clock, () => jitterOf(options.random))
  }

  function sum(count: (berth: Berth) => number): number {
    follow()
    let total = 0
    for (const berth of berths.values()) total += count(berth)
    return total
  }

  return {
    accounts() {
      follow()
      return accounts
    },
    routesOf(merchantId) {
      follow()
      return routes.get(merchantId) ?? []
    },
    berth(providerAccountId) {
      follow()
      return berths.get(providerAccountId) ?? null
    },
    freeSends: () => sum(({ ready, sends }) => (ready.unusable === null ? sends.free() : 0)),
    freeAsks: () => sum(({ asks }) => asks.free()),
    askMsMax() {
      follow()
      return Math.max(0, ...[...accounts.values()].map(({ capabilities }) => capabilities.timeoutsMs.total))
    },
    states() {
      follow()
      return [
        ...[...berths].map(([providerAccountId, { hold }]) => ({ providerAccountId, ...hold.state() })),
        ...[...broken].map(([providerAccountId, why]) => ({
          providerAccountId,
          state: 'broken' as const,
          why,
        })),
      ]
    },
  }
}

function isSame(id: string, before: Configuration | null, now: Configuration | null): boolean {
  const stored = (configuration: Configuration | null) =>
    JSON.stringify(configuration?.providerAccounts.find(account => account.id === id))
  return stored(before) === stored(now)
}
