// One installation with everything around it: providers, merchants, machines, and the auditor who sees all of it.

import { Unavailable } from '../../../src/errors.ts'
import { assert } from '../../../src/lib/assert.ts'
import type { Log } from '../../../src/lib/log.ts'
import { seededRandom } from '../../../src/lib/random.ts'
import { type CurrencyCode, currencyOf } from '../../../src/money/currency.ts'
import type { WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import type { Store, StoredProviderAccount } from '../../../src/store/store.ts'
import { type Auditor, createAuditor, type Violation } from '../auditor/auditor.ts'
import { move, payoutKey } from '../auditor/shadow.ts'
import { createMarks, type Marks } from '../marks.ts'
import { type Clients, startClients, WALLET } from '../merchants/clients.ts'
import { createDoorClient, shopSecret } from '../merchants/door-client.ts'
import { type ClientPlan, merchantIdOf, OPERATORS, planClients } from '../merchants/plan.ts'
import { createShop, type Shop } from '../merchants/shop.ts'
import type { WorldStore } from '../model/model-store.ts'
import { createNetwork, type Network } from '../network/network.ts'
import type { Options } from '../options.ts'
import { startDecisionPeople } from '../people/decisions.ts'
import { createSafeModePeople, type SafeModePeople } from '../people/safe-mode.ts'
import { startSwitchPeople } from '../people/switches.ts'
import { createDisk, DiskFailed, type DiskNeeds } from '../process/disk.ts'
import { createHost, type Host, type HostNeeds } from '../process/host.ts'
import { createLife } from '../process/life.ts'
import { createMachine, type Machine } from '../process/machine.ts'
import type { DrawPause, Strike } from '../process/points.ts'
import { type Committed, type StoreFunction, storePort } from '../process/store-port.ts'
import { createTruth, type Truth } from '../rails/truth.ts'
import { createPolls } from '../time/polls.ts'
import { createScheduler, type Hold, type Scheduler } from '../time/scheduler.ts'
import { createTrace, type Trace } from '../trace.ts'
import { createFaults, type Faults } from './faults.ts'
import { freshness } from './freshness.ts'
import { openProviders, trueClock } from './providers.ts'
import { planRestore } from './restores.ts'

export interface StoreOfWorld {
  readonly createStore: (clock: { now(): number }) => WorldStore
  /** Where the calls of the store take real time: what the next event has to wait for. */
  readonly hold?: Hold
}

export interface WorldOptions extends StoreOfWorld {
  readonly options: Options
  /** Clients that are left out. */
  readonly dropped: ReadonlySet<number>
  readonly told: boolean
  /** Decides what hits each port call, in place of chance. */
  readonly strike?: Strike
  readonly drawPause?: DrawPause
  readonly wrap?: HostNeeds['wrap']
}

export interface World {
  readonly options: Options
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly store: WorldStore
  readonly hosts: readonly Host[]
  readonly network: Network
  readonly truth: Truth
  readonly auditor: Auditor
  readonly faults: Faults
  readonly marks: Marks
  readonly shop: Shop
  readonly clients: Clients
  readonly violations: Violation[]
  readonly startMs: number
  report(invariant: string, said: string): void
  /** After a restore: people leave sending stopped for good. */
  kept(): boolean
  /** People still look at what is in doubt. */
  decide(): boolean
}

/** Longer than a process that was gone needs to come back. */
const RESTORE_SEEN_MS = 60_000

/** Nothing comes due by these, which are called often; what is not listed may change what is due. */
const READS: ReadonlySet<StoreFunction> = new Set([
  'configurationVersion',
  'readConfiguration',
  'findForStep',
  'findPayout',
  'payoutExchanges',
  'takeNumbers',
  'trippedSwitches',
  'safeModes',
  'findDecidable',
  'propose',
  'findProposal',
  'endProposal',
  'findFactor',
  'useCode',
])

const START_MS = Date.UTC(2026, 0, 5, 8)
const GATE = 'gate.example'
const SHOP = 'shop.example'
const BDT = bdt()

export async function createWorld(given: WorldOptions): Promise<World> {
  const { options } = given
  const purpose = (number: number) => seededRandom(BigInt(options.seed) * 1_000n + BigInt(number))
  const scheduler = createScheduler(START_MS, given.hold)
  const trace = createTrace(scheduler, START_MS, given.told)
  const marks = createMarks()
  const violations: Violation[] = []
  const report = (invariant: string, said: string): void => {
    violations.push({ invariant, said, atMs: scheduler.now() - START_MS })
    trace.note('AUDITOR', invariant, said)
  }

  const store = given.createStore({ now: () => scheduler.now() })
  const asked = expectations(scheduler)
  /** Until then every process looks whether its database is the one it was. */
  let seenByMs = Number.NEGATIVE_INFINITY
  /** Who was paused meanwhile has the same time from its waking on. */
  const seenBy = (): number =>
    databaseLife === 0
      ? seenByMs
      : Math.max(seenByMs, ...hosts.map(host => (host.life()?.pausedUntilMs() ?? seenByMs) + RESTORE_SEEN_MS))
  const fresh = freshness(scheduler.now, () => {
    const { queue, attempts } = store.nextDueAtMs()
    const times = [queue, attempts, asked.nextMs()].filter(atMs => atMs !== null)
    return times.length === 0 ? null : Math.min(...times)
  })
  const polls = createPolls(scheduler, kind => {
    if (kind === 'configuration') return asked.nextMs()
    if (kind === 'installation' && scheduler.now() < seenBy()) return scheduler.now()
    if (kind === 'switches' || kind === 'installation') return fresh.nextMs()
    return store.nextDueAtMs()[kind]
  })
  const auditor: Auditor = createAuditor({
    now: () => scheduler.now(),
    truth: () => truth,
    report,
    sometimes: marks.sometimes,
    railOf: account => providers.accounts.find(({ id }) => id === account)?.protocol ?? '',
  })
  const truth = createTruth((transfer, before) => {
    trace.note(transfer.account, `${transfer.reference} is ${transfer.state}`, transfer.behaviour)
    auditor.transferred(transfer, before)
  })
  const isProvider = (host: string): boolean => host.startsWith('rail-')
  const providers = openProviders(options, purpose(1))
  const faults = createFaults(options, providers.refusalsAt, isProvider)
  const network = createNetwork({ scheduler, random: purpose(2), faults, trace })
  await setUp(store, options, providers.accounts, auditor)
  const log = logOf(report)
  const committed: Committed = (name, args, result) => {
    auditor.committed(name, args, result)
    if ((name === 'claimDue' || name === 'claimAttempts') && (result as readonly unknown[]).length > 0)
      fresh.claimed()
    if (!READS.has(name)) polls.changed()
  }
  providers.open({ scheduler, network, truth, faults, trace, log, random: purpose(3) })

  const isRestored = options.rates.lost_tail + options.rates.restore > 0
  let databaseLife = 0
  const machines = machinesOf(options, { scheduler, faults, sometimes: marks.sometimes })
  const hosts = machines.map((machine, place) =>
    createHost({
      name: `host${place + 1}`,
      machine,
      touches: () => options.rates.disk > 0 && scheduler.now() < START_MS + options.breakMs,
      ...{ scheduler, polls, network, trace, log },
      model: store,
      random: purpose(20 + place),
      wall: wallOf(options, place, faults, scheduler),
      strike:
        given.strike === undefined
          ? faults.strike
          : point => (faults.isHealed() ? null : (given.strike?.(point) ?? null)),
      drawPause: given.drawPause ?? faults.drawPause,
      drawLatency: faults.drawLatency,
      committed,
      strikeLine: faults.strikeLine,
      plays: { switches: options.rates.kill_switch > 0, restores: isRestored },
      lifeOfDatabase: () => databaseLife,
      handedOver: (request, who) => auditor.handedOver(request, who, machine.disk),
      connectorOf: providers.connectorOf,
      publicUrl: `http://${GATE}`,
      alarmed: ({ kind }) => marks.sometimes(`alarm ${kind}`),
      roles: { gateway: true, worker: true },
      wrap: given.wrap ?? (ports => ports),
    }),
  )
  const gates = purpose(4)
  network.station(GATE, {
    async serve(request) {
      const answer = await atGate(request, hosts, gates.below(1_000))
      const isCallback = new URL(request.url).pathname.startsWith('/callbacks/')
      if (isCallback && answer?.status === 200) auditor.acknowledged(request)
      return answer
    },
  })
  const shop = createShop({
    shadow: auditor.shadow,
    isTouched: auditor.restores.isTouched,
    random: purpose(5),
    fails: () => faults.happens('notices'),
    ...{ report, sometimes: marks.sometimes },
  })
  network.station(SHOP, shop)

  const door = createDoorClient({
    scheduler,
    network,
    gateUrl: `http://${GATE}`,
    notifyUrl: `http://${SHOP}/notify`,
    wallet: WALLET,
  })
  const plans = planClients(options, START_MS, given.dropped)
  const clients = startClients(plans, {
    ...{ scheduler, hosts, trace, door, report },
    random: purpose(6),
    isTouched: auditor.restores.isTouched,
    currency: BDT,
    notifyUrl: `http://${SHOP}/notify`,
    sometimes: marks.sometimes,
    expects: atMs => {
      asked.add(atMs)
      polls.changed()
    },
  })
  const people = startPeople({
    ...{ options, scheduler, trace, store, faults, committed, auditor, marks, plans, truth, report },
    accounts: providers.accounts,
    lifeOfDatabase: () => databaseLife,
  })
  if (isRestored)
    planRestore({
      ...{ options, scheduler, trace, store, auditor, hosts, sometimes: marks.sometimes, startMs: START_MS },
      random: purpose(9),
      clientsAtMs: plans.map(({ atMs }) => atMs),
      restored() {
        databaseLife += 1
        seenByMs = scheduler.now() + RESTORE_SEEN_MS
        people.begin()
        polls.changed()
      },
    })
  return {
    ...{ options, scheduler, trace, store, hosts, network, truth, auditor, faults, marks, shop, clients },
    ...{ violations, report, startMs: START_MS },
    ...{ kept: people.keepsStopped, decide: people.decide },
  }
}

/** Those who act on the installation from outside of it. */
function startPeople(of: {
  readonly options: Options
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly store: WorldStore
  readonly faults: Faults
  readonly committed: Committed
  readonly auditor: Auditor
  readonly marks: Marks
  readonly accounts: readonly StoredProviderAccount[]
  readonly plans: readonly ClientPlan[]
  readonly truth: Truth
  readonly lifeOfDatabase: () => number
  readonly report: World['report']
}): SafeModePeople & { decide(): boolean } {
  const { options, scheduler, trace, faults, accounts } = of
  const life = createLife('people', scheduler)
  const store = storePort({
    ...{
      scheduler,
      life,
      trace,
      model: of.store,
      committed: of.committed,
      lifeOfDatabase: of.lifeOfDatabase,
      answered: () => {},
    },
    ...{ strike: faults.strikeLine, drawPause: faults.drawPause, drawLatency: faults.drawLatency },
  })
  const clock = trueClock(scheduler)
  const { shadow } = of.auditor
  const releasing = createSafeModePeople({
    ...{ scheduler, store, sometimes: of.marks.sometimes },
    random: seededRandom(BigInt(options.seed) * 1_000n + 10n),
    seesUnknown: () =>
      [...of.truth.all()].some(({ account, reference }) => !shadow.attempts.has(`${account} ${reference}`)),
  })
  const isConflicting = options.rates.conflicting_decisions > 0
  const decide =
    options.rates.decisions > 0 || isConflicting
      ? startDecisionPeople({
          ...{ clock, store, conflicting: isConflicting, report: of.report, sometimes: of.marks.sometimes },
          random: seededRandom(BigInt(options.seed) * 1_000n + 11n),
          merchants: Array.from({ length: options.merchants }, (_, place) => merchantIdOf(place)),
          untilMs: START_MS + options.breakMs,
          bookOf({ merchantId, number }) {
            const attempt = shadow.payouts.get(payoutKey(merchantId, number))?.attempts.at(-1)
            return attempt === undefined ? null : of.truth.of(attempt.account, attempt.reference)
          },
        })
      : () => false
  if (options.rates.kill_switch === 0) return { ...releasing, decide }
  startSwitchPeople({
    ...{ scheduler, store, clock, startMs: START_MS, breakMs: options.breakMs },
    random: seededRandom(BigInt(options.seed) * 1_000n + 8n),
    clientsAtMs: of.plans.map(({ atMs }) => atMs),
    keys: [
      { scope: 'global', id: '' },
      { scope: 'currency', id: BDT },
      ...Array.from({ length: options.merchants }, (_, place) => ({
        scope: 'merchant' as const,
        id: merchantIdOf(place),
      })),
      ...accounts.flatMap(({ id, protocol }) => [
        { scope: 'rail' as const, id: protocol },
        { scope: 'provider_account' as const, id },
      ]),
    ],
    acknowledged: of.auditor.stops.acknowledged,
    sometimes: of.marks.sometimes,
  })
  return { ...releasing, decide }
}

async function atGate(
  request: WireRequest,
  hosts: readonly Host[],
  drawn: number,
): Promise<WireAnswer | null> {
  const ready = hosts.filter(host => host.application() !== null)
  const host = ready[drawn % Math.max(1, ready.length)]
  return host === undefined ? null : host.serve(request)
}

/** Ahead or behind by minutes, with jumps of up to a day while faults happen. */
function wallOf(options: Options, place: number, faults: Faults, scheduler: Scheduler): HostNeeds['wall'] {
  const random = seededRandom(BigInt(options.seed) * 1_000n + 40n + BigInt(place))
  const rate = options.rates.clock_offset
  const offset = Math.round((random.below(1_200_001) - 600_000) * rate)
  const jumpMs = Math.round((random.below(172_800_001) - 86_400_000) * options.rates.clock_jump)
  const fromMs = START_MS + random.below(options.breakMs)
  const untilMs = fromMs + random.below(options.breakMs)
  return {
    offsetMs() {
      if (faults.isHealed()) return offset
      return offset + (scheduler.now() >= fromMs && scheduler.now() < untilMs ? jumpMs : 0)
    },
  }
}

/** Processes of one machine share a disk; others prove nothing about each other's sends. */
function machinesOf(
  { seed, hosts }: Options,
  of: Pick<DiskNeeds, 'scheduler' | 'sometimes'> & { readonly faults: Faults },
): readonly Machine[] {
  const { scheduler, faults, sometimes } = of
  const random = seededRandom(BigInt(seed) * 1_000n + 50n)
  const areOne = random.below(2) === 0
  const diskOf = (place: number) =>
    createDisk({
      ...{ scheduler, sometimes, random: seededRandom(BigInt(seed) * 1_000n + 51n + BigInt(place)) },
      fails: () => faults.happens('disk'),
    })
  const only = areOne ? createMachine('machine', diskOf(0), 'counted') : null
  return Array.from(
    { length: hosts },
    (_, place) => only ?? createMachine(`machine${place + 1}`, diskOf(place), 'same'),
  )
}

async function setUp(
  store: Store,
  options: Options,
  accounts: readonly StoredProviderAccount[],
  { shadow }: Auditor,
): Promise<void> {
  for (const account of accounts) await store.putProviderAccount(account)
  for (let place = 0; place < options.merchants; place += 1) {
    const merchantId = merchantIdOf(place)
    await store.putMerchant({ merchantId, name: merchantId, active: true })
    await store.putDoorCredential({
      ...{ door: 'paypro', publicId: `shop-${merchantId}`, merchantId, active: true },
      secret: shopSecret(merchantId),
      settings: {},
    })
    const [first] = accounts
    assert(first !== undefined, 'there is a provider')
    await store.fundMerchant({
      ...{ merchantId, providerAccountId: first.id, reference: `opening ${merchantId}`, note: '' },
      amount: { minor: options.openingMinor, currency: BDT },
    })
    move(shadow, merchantId, `float:${first.id}>available`, options.openingMinor, BDT)
    for (const [nth, method] of OPERATORS.entries())
      for (const [at, { id }] of accounts.entries())
        await store.putRoute({
          ...{ merchantId, providerAccountId: id, currency: BDT, method, active: true },
          priority: 10 + ((at + nth) % accounts.length),
        })
  }
}

/** Product code logs its own mistakes and goes on; here each is a finding. */
function logOf(report: World['report']): Log {
  const nothing = (): void => {}
  const error = (fields: { err?: unknown }, said?: string): void => {
    const { err } = fields
    if (err === undefined || err instanceof Unavailable || err instanceof DiskFailed) return
    report('M', `${said}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`)
  }
  // Of the logger's many methods product code calls these.
  const log = {
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error,
    fatal: error,
    child: () => log,
  }
  return log as unknown as Log
}

function bdt(): CurrencyCode {
  const currency = currencyOf('BDT')
  assert(currency !== null, 'BDT is a currency')
  return currency
}

/** A gateway looks at its configuration in time before a client asks it, and need not while none does. */
function expectations(scheduler: Scheduler): { add(atMs: number): void; nextMs(): number | null } {
  let times: number[] = []
  return {
    add(atMs) {
      times.push(atMs)
    },
    nextMs() {
      const now = scheduler.now()
      times = times.filter(atMs => atMs >= now)
      return times.length === 0 ? null : Math.min(...times) - SEEN_MS
    },
  }
}

/** A directory polls once in a second: this is enough for one before the client, which takes it for current for longer. */
const SEEN_MS = 1_500
