// The providers of an installation: their accounts as they are configured, the connectors that speak to them, and the rails
// behind their doors.
import type { Clock } from '../../../src/lib/clock.ts'
import type { Log } from '../../../src/lib/log.ts'
import { type Random, seededRandom } from '../../../src/lib/random.ts'
import { type Capabilities, declareCapabilities } from '../../../src/protocols/capabilities.ts'
import type { Connector, ProviderAccount } from '../../../src/protocols/protocol.ts'
import { protocolNamed } from '../../../src/protocols/registry.ts'
import { BEHAVIOUR_NAMES } from '../../../src/simulator/magic.ts'
import type { StoredProviderAccount } from '../../../src/store/store.ts'
import type { Network } from '../network/network.ts'
import type { AccountOptions, Options } from '../options.ts'
import { callbackLine } from '../rails/callback-line.ts'
import { askedSeldom, drawContract, pinnedContract, withRepeats } from '../rails/contract.ts'
import { breaks, createDoorRail, doorSettings } from '../rails/door-rail.ts'
import { drawSynthetic, syntheticBehaviours } from '../rails/synthetic-behaviours.ts'
import { syntheticConnector } from '../rails/synthetic-connector.ts'
import { createSyntheticRail } from '../rails/synthetic-rail.ts'
import type { Truth } from '../rails/truth.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Trace } from '../trace.ts'
import type { Faults } from './faults.ts'

export interface Providers {
  readonly accounts: readonly StoredProviderAccount[]
  connectorOf(protocol: string): Connector | null | undefined
  /** Statuses by which the provider at this host refuses by itself. */
  refusalsAt(host: string): readonly number[]
  /** Puts the rails on the network. */
  open(needs: ProvidersNeeds): void
}

export interface ProvidersNeeds {
  readonly scheduler: Scheduler
  readonly network: Network
  readonly truth: Truth
  readonly faults: Faults
  readonly trace: Trace
  readonly log: Log
  readonly random: Random
}

export function openProviders(options: Options, random: Random): Providers {
  const contracts = new Map<string, Capabilities>()
  for (const [place, { id, protocol }] of options.accounts.entries())
    if (protocol === 'synthetic')
      contracts.set(
        id,
        options.pinned === null
          ? drawRepeats(drawContract(random, options.seldom), options, place)
          : pinnedContract(options.pinned.contract),
      )
  const accounts = options.accounts.map(one => storedAccount(one))
  const connectors = new Map<string, Connector>()

  function connectorOf(protocol: string): Connector | null | undefined {
    const known = connectors.get(protocol)
    if (known !== undefined) return known
    const connector = contracts.has(protocol)
      ? syntheticOf(protocol)
      : realConnector(protocol, options.seldom)
    if (connector !== null) connectors.set(protocol, connector)
    return connector
  }
  function syntheticOf(id: string): Connector | null {
    const contract = contracts.get(id)
    return contract === undefined ? null : syntheticConnector(contract)
  }

  return {
    accounts,
    connectorOf,
    refusalsAt: host => contracts.get(host.slice('rail-'.length))?.refusalStatuses ?? [],
    open(needs) {
      for (const [place, account] of options.accounts.entries())
        openRail(
          account,
          accounts[place]?.settings ?? {},
          contracts.get(account.id) ?? null,
          options,
          needs,
          place,
        )
    },
  }
}

/** From a generator of their own, so that all other draws are as they were without them. */
function drawRepeats(contract: Capabilities, { seed, repeating }: Options, place: number): Capabilities {
  const random = seededRandom(BigInt(seed) * 1_000n + 30n + BigInt(place))
  return random.below(1_000) < repeating * 1_000 ? withRepeats(contract, random) : contract
}

/** A synthetic provider is a protocol of its own, named like its account: each has another contract. */
function storedAccount({ id, protocol, query }: AccountOptions): StoredProviderAccount {
  const isSynthetic = protocol === 'synthetic'
  const settings = isSynthetic ? { secret: `secret of ${id}` } : doorSettings(protocol)
  return {
    ...{ id, name: id, active: true, callbackSecret: `callbacks of ${id}` },
    protocol: isSynthetic ? id : protocol,
    baseUrl: `http://rail-${id}${protocol === 'avanor' ? '/gateway/v1' : ''}`,
    settings: protocol === 'paypro' && !query ? { ...settings, query: 'off' } : settings,
    ratePerSecond: 50,
    concurrency: 20,
    proofAccountId: null,
  }
}

/** Checks and contracts of an account are computed once: they would cost more than the rest of a history. */
const REAL = new Map<string, Connector>()

function realConnector(protocol: string, seldom: boolean): Connector | null {
  const name = `${protocol} ${seldom ? 'seldom' : 'often'}`
  const known = REAL.get(name)
  if (known !== undefined) return known
  const connector = protocolNamed(protocol)?.connector ?? null
  if (connector === null) return null
  const checked = new Map<string, string | null>()
  const contracts = new Map<string, Capabilities>()
  const keyOf = ({ id, settings }: ProviderAccount): string => `${id} ${settings.query ?? ''}`
  const remembered: Connector = {
    ...connector,
    checkAccount(account) {
      const key = keyOf(account)
      const before = checked.get(key)
      if (before !== undefined) return before
      const wrong = connector.checkAccount(account)
      checked.set(key, wrong)
      return wrong
    },
    capabilities(account) {
      const key = keyOf(account)
      const before = contracts.get(key)
      if (before !== undefined) return before
      const own = connector.capabilities(account)
      const contract = seldom
        ? declareCapabilities({ ...own, inquiryTimesMs: askedSeldom(own.inquiryTimesMs) })
        : own
      contracts.set(key, contract)
      return contract
    },
  }
  REAL.set(name, remembered)
  return remembered
}

function openRail(
  { id, protocol }: AccountOptions,
  settings: Readonly<Record<string, string>>,
  contract: Capabilities | null,
  options: Options,
  needs: ProvidersNeeds,
  place: number,
): void {
  const { scheduler, network, truth, faults, log } = needs
  const clock = trueClock(scheduler)
  const random = seededRandom(BigInt(options.seed) * 1_000n + 60n + BigInt(place))
  const exchange = callbackLine({ scheduler, network, account: id, draw: faults.callback })
  const odd = options.rates.behaviours
  if (contract !== null) {
    const behaviours = syntheticBehaviours(contract)
    const rail = createSyntheticRail({
      ...{ account: id, contract, clock, random, truth, exchange },
      secret: settings.secret ?? '',
      drawBehaviour: () =>
        behaviours.find(({ name }) => name === options.pinned?.behaviour) ??
        drawSynthetic(behaviours, random, odd, options.broken),
    })
    network.station(`rail-${id}`, rail)
    return
  }
  const rail = createDoorRail({
    ...{ account: id, protocol, settings, clock, log, random, truth, exchange, host: `rail-${id}` },
    drawBehaviour: () => drawDoorBehaviour(random, odd, options.broken, settings),
  })
  network.station(`rail-${id}`, rail)
}

function drawDoorBehaviour(
  random: Random,
  odd: number,
  mayBreak: boolean,
  settings: Readonly<Record<string, string>>,
): string {
  const drawn = BEHAVIOUR_NAMES[random.below(BEHAVIOUR_NAMES.length)] ?? 'paid_soon'
  const isOdd = random.below(1_000) < odd * 1_000
  return isOdd && (mayBreak || !breaks(drawn, settings)) ? drawn : 'paid_soon'
}

/** The clock of somebody whose time is right. */
export function trueClock(scheduler: Scheduler): Clock {
  const after = (ms: number, run: () => void) => {
    const planned = scheduler.after(Math.max(0, ms), run)
    return {
      cancel() {
        planned.cancelled = true
      },
    }
  }
  return {
    now: () => scheduler.now(),
    monotonic: () => scheduler.now(),
    after,
    sleep: ms => new Promise(resolve => void after(ms, resolve)),
  }
}
