// One process of Quittance: the real application, composed as app.ts composes it, but of ports. Clients and providers reach
// it as a station of the network; what HTTP adds between is tested elsewhere.
import { createDesk, type WholeDesk } from '../../../src/desk/desk.ts'
import { createDirectory } from '../../../src/desk/directory.ts'
import { followAccounts } from '../../../src/dispatch/accounts.ts'
import { createAdvance } from '../../../src/dispatch/advance.ts'
import type { Alarm } from '../../../src/dispatch/alarm.ts'
import type { Call } from '../../../src/dispatch/call.ts'
import { createDispatcher, type Dispatcher } from '../../../src/dispatch/dispatcher.ts'
import { lostSends } from '../../../src/dispatch/lost-sends.ts'
import { createReceiver, type Receiver } from '../../../src/dispatch/receive.ts'
import { followSwitches } from '../../../src/dispatch/switches.ts'
import type { JournalFiles } from '../../../src/journal/files.ts'
import { createGuard, type Guard } from '../../../src/journal/guard.ts'
import { type Journal, openJournal } from '../../../src/journal/journal.ts'
import { judgeLeft } from '../../../src/journal/start.ts'
import { assert } from '../../../src/lib/assert.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import type { Log } from '../../../src/lib/log.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { Payout, PayoutState } from '../../../src/payout/payout.ts'
import { createSearcher } from '../../../src/proofs/searcher.ts'
import type { Connector, DoorNotices, WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import { protocolNamed } from '../../../src/protocols/registry.ts'
import type { NewNotice, Store, StoredIncarnation } from '../../../src/store/store.ts'
import { createDelivery } from '../../../src/webhooks/deliver.ts'
import { noticesFor } from '../../../src/webhooks/notice.ts'
import { judgeTarget, type TargetVerdict } from '../../../src/webhooks/target.ts'
import { serveDoor, wireAnswer } from '../network/door-station.ts'

/** The parts of a process poll by clocks of their own, so that what one of them waits for wakes no other. */
export interface Clocks {
  readonly directory: Clock
  readonly dispatch: Clock
  readonly delivery: Clock
  readonly proofs: Clock
  readonly switches: Clock
  readonly installation: Clock
  readonly other: Clock
}

/** What a process knows of the machine on which it runs. */
export interface OwnMachine {
  readonly self: { readonly host: string; readonly pid: number }
  isAlive(pid: number): boolean
  readonly files: JournalFiles
  /** Whether the process says now and then how far its journal is. */
  touches(): boolean
}

export interface Ports {
  readonly store: Store
  readonly clocks: Clocks
  readonly random: Random
  readonly call: Call
  readonly log: Log
  readonly connectorOf: (protocol: string) => Connector | null | undefined
  /** Where providers and clients reach us, without a slash at the end. */
  readonly publicUrl: string
  readonly alarmed: (alarm: Alarm) => void
  readonly machine: OwnMachine
  readonly roles: { readonly gateway: boolean; readonly worker: boolean }
  /** Whether a database may be restored in this history. */
  readonly watchesInstallation: boolean
  /** Over which the kill switch is followed; null: in this history nobody trips one. */
  readonly switchStore: Pick<Store, 'trippedSwitches'> | null
}

export interface Application {
  readonly desk: WholeDesk
  /** A request of a client at one of the doors, or of a provider at its callback address. */
  serve(request: WireRequest): Promise<WireAnswer>
}

// Where a part is not played: nothing is tripped, and no database was ever restored.
const NOTHING_TRIPPED = { stops: () => null, stopsAll: () => null }
const NO_SAFE_MODE = {
  stops: () => null,
  asksFirst: () => false,
  stopsSecond: () => false,
  noted: () => null,
}

export async function startApplication(ports: Ports): Promise<Application> {
  const { store, clocks, random, call, log, connectorOf, publicUrl } = ports
  const directory = await createDirectory({ store, clock: clocks.directory, log })
  const { journal, guard } = await startJournal(ports)
  const advance = createAdvance(store)
  const configuration = () => directory.configuration()
  const switches =
    ports.switchStore === null
      ? NOTHING_TRIPPED
      : await followSwitches({ store: ports.switchStore, clock: clocks.switches, log })
  let dispatcher: Dispatcher | null = null

  const desk = createDesk({
    ...{ store, directory, random, log, clock: clocks.other },
    onAccepted: () => dispatcher?.wakePayouts(),
    noticesFor: doorNoticesFor,
    drawReceipt: async () => OWN_PICTURE,
  })
  const receiver = createReceiver({
    ...{ store, advance, log, clock: clocks.other },
    accounts: followAccounts(configuration, connectorOf),
    connectorOf: protocol => connectorOf(protocol) ?? null,
    alarm: ports.alarmed,
    refused: () => {},
    failed: error => log.error({ err: error }, 'a mistake of ours while taking a callback'),
    wake: () => dispatcher?.wakeAttempts(),
  })
  if (ports.roles.worker) {
    dispatcher = createDispatcher({
      ...{ store, advance, log, random, configuration, connectorOf, publicUrl, call },
      ...{ switches, safeMode: guard ?? NO_SAFE_MODE, journal },
      clock: clocks.dispatch,
      noticesFor: doorNoticesFor,
      alarmed: ports.alarmed,
    })
    const delivery = createDelivery({
      ...{ store, log, noticesOf, clock: clocks.delivery, ask: call.ask },
      credential: (door, publicId) => directory.credential(door, publicId),
      judgeTarget: judged,
    })
    const searcher = createSearcher({
      ...{ store, log, configuration, random, clock: clocks.proofs, ask: call.ask },
      proofOf: protocol => protocolNamed(protocol)?.proof ?? null,
    })
    dispatcher.start()
    if (guard !== null) {
      const { restore } = dispatcher
      const lost = lostSends({ journaled: guard.journaled, restore, clock: clocks.other, log })
      lost.start()
      guard.onEntered(lost.wake)
    }
    delivery.start()
    searcher.start()
  }
  let requests = 0
  const side = {
    ...{ doors: DOORS, desk, url: publicUrl },
    nowMs: () => clocks.other.now(),
    requestId: () => {
      requests += 1
      return `r${ports.machine.self.pid}-${requests}`
    },
  }
  return {
    desk,
    serve: request =>
      new URL(request.url).pathname.startsWith('/callbacks/')
        ? takeCallback(request, receiver)
        : serveDoor(request, side),
  }
}

/** As src/journal/runs.ts begins a process: its journal first, and then what others left. */
async function startJournal(
  ports: Ports,
): Promise<{ readonly journal: Journal; readonly guard: Guard | null }> {
  const { store, clocks, log, machine } = ports
  const { files, self } = machine
  const find = (incarnation: bigint) => store.findIncarnation(incarnation)
  async function begin(): Promise<StoredIncarnation> {
    const stored = await find(await store.beginIncarnation({ kind: 'simulated', ...self }))
    assert(stored !== null, 'an incarnation that was begun is there')
    return stored
  }
  const journal = await openJournal({ files, begin, find, clock: clocks.other, log })
  const guard = ports.watchesInstallation
    ? createGuard({ files, journal, store, clock: clocks.installation, log })
    : null
  await guard?.start()
  await judgeLeft({ files, store, journal, self, isAlive: machine.isAlive, log })
  void touchOften(journal, ports)
  return { journal, guard }
}

const TOUCH_MS = 10_000

/** How much of its journal is on the disk, as src/watch.ts says it. */
async function touchOften(journal: Journal, { store, clocks, machine }: Ports): Promise<void> {
  while (machine.touches()) {
    await clocks.other.sleep(TOUCH_MS)
    for (const { incarnation, bytes } of journal.writing())
      await store.touchIncarnation(incarnation, bytes).catch(() => {})
  }
}

const DOORS = ['paypro', 'avanor'].flatMap(name => protocolNamed(name)?.door ?? [])
const OWN_PICTURE = Buffer.from('a picture')

/** Every history has the same few addresses, and judging one takes as long as telling it. */
const JUDGED = new Map<string, TargetVerdict>()
const JUDGED_MAX = 1_000

function judged(target: string): TargetVerdict {
  const known = JUDGED.get(target)
  if (known !== undefined) return known
  const verdict = judgeTarget(target, { allowLoopback: false })
  if (JUDGED.size < JUDGED_MAX) JUDGED.set(target, verdict)
  return verdict
}

async function takeCallback(request: WireRequest, receiver: Receiver): Promise<WireAnswer> {
  const url = new URL(request.url)
  const answer = await receiver.receive(url.pathname, {
    method: request.method,
    query: url.search.slice(1),
    headers: new Map(),
    body: Buffer.from(request.body ?? ''),
  })
  return wireAnswer(answer)
}

function noticesOf(door: string): DoorNotices | null {
  return protocolNamed(door)?.door?.notices ?? null
}

export function doorNoticesFor(payout: Payout, state: PayoutState): readonly NewNotice[] {
  return noticesFor(payout, state, noticesOf)
}
