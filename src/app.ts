// The composition root: the one place where the parts meet. Everything else takes what it needs as arguments.
//
// A gateway takes requests and callbacks; a worker sends, asks and tells. One process may be both, and any number of
// either share one database.
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { createDesk } from './desk/desk.ts'
import { createDirectory, type Directory } from './desk/directory.ts'
import { createPeopleDesk, type PeopleDesk } from './desk/people.ts'
import { followAccounts } from './dispatch/accounts.ts'
import { createAdvance } from './dispatch/advance.ts'
import { type Call, createCall } from './dispatch/call.ts'
import { decisionOutcome, knownOfAttempt } from './dispatch/decision.ts'
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.ts'
import type { SendJournal } from './dispatch/journal.ts'
import { lostSends } from './dispatch/lost-sends.ts'
import { createReceiver } from './dispatch/receive.ts'
import { listenForAuditor } from './dispatch/silence.ts'
import { switchGauge } from './dispatch/switch-gauge.ts'
import { followSwitches, type Switches, sendingNote } from './dispatch/switches.ts'
import { mountGateway } from './gateway.ts'
import { mountHealth, mountMetrics } from './http/health.ts'
import { mountCallbacks } from './http/mount.ts'
import { createServer, stopServer } from './http/server.ts'
import type { JournalFiles } from './journal/files.ts'
import type { Guard } from './journal/guard.ts'
import { createRuns } from './journal/runs.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import type { Loop } from './lib/loop.ts'
import { createMetrics, type Metrics } from './lib/metrics.ts'
import { systemRandom } from './lib/random.ts'
import { createSeal } from './lib/seal.ts'
import type { Payout, PayoutState } from './payout/payout.ts'
import { createSearcher, type Searcher } from './proofs/searcher.ts'
import type { Connector, DoorNotices, SandboxKeys } from './protocols/protocol.ts'
import { protocolNamed } from './protocols/registry.ts'
import { openReceipting } from './receipting.ts'
import { openPeopleStore, type PeopleStore } from './store/people-store.ts'
import { openPool } from './store/postgres.ts'
import { openStore } from './store/postgres-store.ts'
import { openReceiptStore } from './store/receipt-store.ts'
import type { NewNotice, Store } from './store/store.ts'
import { FOLLOWER_LIMITS, openSwitchStore } from './store/switch-store.ts'
import { watch } from './watch.ts'
import { createDelivery, type Delivery, NOTICES_PER_HOST_MAX } from './webhooks/deliver.ts'
import { noticesFor } from './webhooks/notice.ts'
import { judgeTarget, mayReachAddress } from './webhooks/target.ts'

export interface AppOptions {
  readonly config: Config
  readonly databaseUrl: string
  readonly log: Log
  readonly roles: { readonly gateway: boolean; readonly worker: boolean }
  /** Where the send journal is kept; left out: below the data folder. */
  readonly journalFiles?: JournalFiles
  /** The most payouts that one commit of the intake takes; left out: the desk's own. */
  readonly intakeBatchMax?: number
  /** An auditor runs over this database: its silence is an alarm, and where it says so an end of sending. */
  readonly auditor?: { readonly stopsSends: boolean }
  /** The sandbox merchant's keys by protocol, in the demo: there requests may be signed and explained by hand. */
  readonly sandboxKeys?: (protocol: string) => SandboxKeys | null
}

export interface App {
  /** Where this process listens; a worker listens for its health and metrics alone. */
  readonly url: string
  readonly store: Store
  /** Takes nothing new, waits for what is under way, records it, and lets go of everything. Once; later calls wait. */
  stop(): Promise<void>
  /** Resolves when the process has stopped by itself, and why it did is in the log. */
  readonly stopped: Promise<void>
}

/** Connections of one process: intake and steps have one batch in flight each, reads share the rest. */
const POOL_SIZE = 12
/** Requests that came in before the stop are answered within this time. */
const REQUESTS_GRACE_MS = 15_000

/** @throws where the port is taken or the database cannot be used; nothing is left running then */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, databaseUrl, log, roles } = options
  const clock = systemClock
  const pool = openPool({
    url: databaseUrl,
    size: POOL_SIZE,
    applicationName: `quittance ${config.mode}`,
    log,
  })
  const seal = createSeal(config.masterKeys)
  const store = openStore({ pool, seal })
  const peopleStore = openPeopleStore({ pool, seal })
  const people = peopleDeskOf(peopleStore)
  await using opening = new AsyncDisposableStack()
  opening.defer(() => store.close())

  const directory = await createDirectory({ store, clock, log })
  opening.defer(() => directory.stop())
  const runs = createRuns({
    ...{ config, store, clock, log, isWorker: roles.worker },
    ...(options.journalFiles === undefined ? {} : { files: options.journalFiles }),
  })
  opening.defer(() => runs.stop())
  await runs.start()
  const metrics = createMetrics()
  const stops = await followStops({ options, store, clock, metrics })
  opening.defer(() => stops.end())
  // Late bound, because the server must listen before the dispatcher can tell providers where to call back.
  const work: Work = { dispatcher: null, delivery: null, searcher: null, lost: null }
  const advance = createAdvance(store, () => work.delivery?.wake())

  // Known once it listens, and kept: a server that stops has no address any more, and still answers what came in.
  let urls: readonly string[] = []
  const receipting = openReceipting({
    ...{ store: openReceiptStore({ pool, seal }), config, directory, clock, log, metrics },
    publicUrl: () => config.publicUrl ?? urls[0] ?? '',
  })
  opening.defer(() => receipting.stop())
  const desk = createDesk({
    store,
    directory,
    clock,
    random: systemRandom,
    log,
    ...(options.intakeBatchMax === undefined ? {} : { intakeBatchMax: options.intakeBatchMax }),
    onAccepted: () => work.dispatcher?.wakePayouts(),
    noticesFor: doorNoticesFor,
    ...receipting.pictures,
  })
  const server = createServer({ log, clock, random: systemRandom, metrics })
  mountHealth(server, {
    clock,
    checks: { database: () => store.ready() },
    notes: () => sendingNote(stops.switches),
  })
  mountMetrics(server, metrics)
  if (roles.gateway) {
    await mountGateway(server, {
      ...{ config, databaseUrl, pool, seal, desk, people, peopleStore, directory, clock, log },
      ...{ receipts: receipting.api, sandboxKeys: options.sandboxKeys ?? null, urls: () => urls },
      wake: () => wakeWork(work),
    })
    mountReceiver(server, { store, directory, advance, clock, log, metrics, work })
  }
  await server.listen({ host: config.host, port: config.port })
  opening.defer(() => stopServer(server, { clock, graceMs: 0 }))
  const url = urlOf(server)
  urls = doorUrls(config, url)

  const providerCall = createCall({ clock, mayReach: () => true })
  // Merchants' receivers often end an answer by closing the connection; a notice may take that, a provider's answer not.
  const noticeCall = createCall({
    askConnections: NOTICES_PER_HOST_MAX,
    clock,
    mayReach: address => mayReachAddress(address, targetRules(config)),
    takesUnmeasured: true,
  })
  if (roles.worker) {
    const parts = {
      ...{ config, store, advance, directory, clock, log, providerCall, noticeCall },
      ...{ journal: runs.journal(), safeMode: runs.guard() },
      ...{ switches: stops.switches, auditorIsSilent: stops.auditorIsSilent },
    }
    startWork(work, parts, config.publicUrl ?? url)
    receipting.start()
  }
  const dispatcher = () => work.dispatcher
  const watching = watch({ store, clock, log, metrics, desk, dispatcher, runs })

  opening.move()
  const ended = Promise.withResolvers<void>()
  let stopping: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    // Requests first: what was asked before the stop is answered. Then what was sent is waited for and recorded.
    await stopServer(server, { clock, graceMs: REQUESTS_GRACE_MS })
    await desk.idle()
    await work.lost?.stop()
    await work.dispatcher?.stop()
    await work.delivery?.stop()
    await work.searcher?.stop()
    await advance.idle()
    await watching.stop()
    await stops.end()
    await Promise.all([providerCall.close(), noticeCall.close(), receipting.stop()])
    await directory.stop()
    await runs.stop()
    await store.close()
    ended.resolve()
  }
  return {
    url,
    store,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
    stopped: ended.promise,
  }
}

/** What stops sends in this process beside its own end: the kill switches, and an auditor that is silent. */
async function followStops(parts: {
  readonly options: AppOptions
  readonly store: Store
  readonly clock: Clock
  readonly metrics: Metrics
}) {
  const { options, store, clock, metrics } = parts
  const { config, databaseUrl, log, auditor } = options
  const switchStore = openSwitchStore({
    ...{ url: databaseUrl, log, ...FOLLOWER_LIMITS },
    applicationName: `quittance ${config.mode} switches`,
  })
  await using opening = new AsyncDisposableStack()
  opening.defer(() => switchStore.close())
  const switches = await followSwitches({ store: switchStore, clock, log, changed: switchGauge(metrics) })
  opening.move()
  const silence = auditor === undefined ? null : listenForAuditor({ store, clock, log, metrics, ...auditor })
  return {
    switches,
    auditorIsSilent: silence?.auditorIsSilent ?? null,
    async end() {
      await switches.stop()
      await switchStore.close()
      await silence?.stop()
    },
  }
}

/** The desk for people, with dispatch's words about attempts. The command line on the host opens it by itself. */
export function peopleDeskOf(people: PeopleStore): PeopleDesk {
  return createPeopleDesk({
    people,
    clock: systemClock,
    random: systemRandom,
    judge: (found, content, agreed, nowMs) => decisionOutcome(found, content, agreed, nowMs, doorNoticesFor),
    known: knownOfAttempt,
  })
}

/** Undefined where a protocol proves and pays nothing: then its accounts are none of dispatch's. */
function connectorOf(name: string): Connector | null | undefined {
  const protocol = protocolNamed(name)
  return protocol?.connector === null && protocol.proof !== null ? undefined : (protocol?.connector ?? null)
}

/** Every base URL under which a client may have reached a door here. */
function doorUrls({ doorUrls: further, publicUrl }: Config, listening: string): readonly string[] {
  const local = listening.replace('//127.0.0.1:', '//localhost:')
  return [...new Set([...further, ...(publicUrl === null ? [] : [publicUrl]), listening, local])]
}

function noticesOf(door: string): DoorNotices | null {
  return protocolNamed(door)?.door?.notices ?? null
}

function doorNoticesFor(payout: Payout, state: PayoutState): readonly NewNotice[] {
  return noticesFor(payout, state, noticesOf)
}

function targetRules(config: Config): { allowLoopback: boolean } {
  return { allowLoopback: config.allowLoopbackTargets }
}

/** What a worker does; null in a process that is none. */
interface Work {
  dispatcher: Dispatcher | null
  delivery: Delivery | null
  searcher: Searcher | null
  /** Sends that journals hold and a restored database does not. */
  lost: Loop | null
}

/** Somebody made a look at an attempt, or a notice, due at once. */
function wakeWork({ dispatcher, delivery }: Work): void {
  dispatcher?.wakeAttempts()
  delivery?.wake()
}

/** `publicUrl`: where providers call us back. */
function startWork(
  work: Work,
  parts: {
    readonly config: Config
    readonly store: Store
    readonly advance: ReturnType<typeof createAdvance>
    readonly directory: Directory
    readonly clock: Clock
    readonly log: Log
    readonly switches: Switches
    readonly journal: SendJournal
    readonly safeMode: Guard
    readonly providerCall: Call
    readonly noticeCall: Call
    readonly auditorIsSilent: (() => boolean) | null
  },
  publicUrl: string,
): void {
  const { config, store, advance, directory, clock, log, providerCall, noticeCall } = parts
  const { switches, journal, safeMode } = parts
  const configuration = () => directory.configuration()
  work.dispatcher = createDispatcher({
    ...{ store, advance, clock, log, configuration, connectorOf, publicUrl },
    ...{ switches, journal, safeMode },
    call: providerCall,
    ...(parts.auditorIsSilent === null ? {} : { auditorIsSilent: parts.auditorIsSilent }),
    noticesFor: doorNoticesFor,
    random: systemRandom,
  })
  work.delivery = createDelivery({
    ...{ store, clock, log, noticesOf },
    credential: (door, publicId) => directory.credential(door, publicId),
    judgeTarget: target => judgeTarget(target, targetRules(config)),
    ask: noticeCall.ask,
  })
  work.searcher = createSearcher({
    ...{ store, clock, log, configuration },
    proofOf: protocol => protocolNamed(protocol)?.proof ?? null,
    ask: providerCall.ask,
    random: systemRandom,
  })
  work.dispatcher.start()
  const { dispatcher } = work
  work.lost = lostSends({ journaled: safeMode.journaled, restore: dispatcher.restore, clock, log })
  work.lost.start()
  safeMode.onEntered(work.lost.wake)
  work.delivery.start()
  work.searcher.start()
}

function mountReceiver(
  server: FastifyInstance,
  parts: {
    readonly store: Store
    readonly directory: Directory
    readonly advance: ReturnType<typeof createAdvance>
    readonly clock: Clock
    readonly log: Log
    readonly metrics: Metrics
    readonly work: Work
  },
): void {
  const { store, directory, advance, clock, log, metrics, work } = parts
  const refused = metrics.counter('quittance_callbacks_refused_total', 'Callbacks that were not taken.', [
    'why',
  ])
  const receiver = createReceiver({
    store,
    advance,
    accounts: followAccounts(() => directory.configuration(), connectorOf),
    connectorOf: protocol => connectorOf(protocol) ?? null,
    clock,
    alarm: alarm => log.error({ ...alarm, payout: String(alarm.payout.number) }, 'alarm'),
    refused: (why, protocol) => {
      refused.inc({ why })
      log.warn({ why, protocol }, 'a callback was refused')
    },
    failed: error => log.error({ err: error }, 'a mistake of ours while taking a callback'),
    wake: () => work.dispatcher?.wakeAttempts(),
  })
  mountCallbacks(server, {
    log,
    receive: ({ path, request }) => receiver.receive(`/callbacks/${path.join('/')}`, request),
  })
}

function urlOf(server: FastifyInstance): string {
  // A server that listens on a port has an address of this shape; only one on a socket file has a text.
  const { address, family, port } = server.server.address() as AddressInfo
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address
  return `http://${family === 'IPv6' && host === address ? `[${host}]` : host}:${port}`
}
