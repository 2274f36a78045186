// A machine on which one process runs at a time: it is started, crashes, and is started again as another incarnation with
// an empty memory. Its wall clock belongs to the machine.
import type { Alarm } from '../../../src/dispatch/alarm.ts'
import type { Log } from '../../../src/lib/log.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { Connector, WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Releases } from '../model/releases.ts'
import type { Network } from '../network/network.ts'
import type { Poller, Polls } from '../time/polls.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Trace } from '../trace.ts'
import { type Application, startApplication } from './application.ts'
import { callPort } from './call-port.ts'
import { processClock, type Wall } from './clock.ts'
import { createLife, type Life } from './life.ts'
import type { Machine } from './machine.ts'
import type { DrawPause, Point, Strike } from './points.ts'
import { type Committed, storePort } from './store-port.ts'
import { switchPort } from './switch-port.ts'

export interface HostNeeds {
  readonly name: string
  readonly scheduler: Scheduler
  readonly polls: Polls
  readonly network: Network
  readonly trace: Trace
  readonly model: Store & Releases
  readonly random: Random
  readonly wall: Wall
  readonly machine: Machine
  /** Whether its process says now and then how far its journal is. */
  readonly touches: () => boolean
  readonly strike: Strike
  readonly strikeLine: Strike
  readonly drawPause: DrawPause
  readonly drawLatency: () => { readonly ms: number; readonly late: boolean }
  readonly committed: Committed
  readonly handedOver: (request: WireRequest, who: string) => void
  readonly connectorOf: (protocol: string) => Connector | null | undefined
  readonly publicUrl: string
  readonly alarmed: (alarm: Alarm) => void
  readonly log: Log
  readonly roles: { readonly gateway: boolean; readonly worker: boolean }
  /** The parts of which this history plays. */
  readonly plays: { readonly switches: boolean; readonly restores: boolean }
  /** Grows with each restore: what was asked before is not answered any more. */
  readonly lifeOfDatabase: () => number
  /** Wraps the ports of every process, for planted bugs. */
  readonly wrap: (ports: { store: Store; call: ReturnType<typeof callPort> }) => {
    store: Store
    call: ReturnType<typeof callPort>
  }
}

export interface Host {
  readonly name: string
  start(): void
  life(): Life | null
  /** The process that runs and has started; null while there is none. */
  application(): Application | null
  /** A request that arrives here; null where no process answers it. */
  serve(request: WireRequest): Promise<WireAnswer | null>
  /** Runs work of a client inside the process; null where the process ends before the work does. */
  within<Result>(work: (application: Application) => Promise<Result>): Promise<Result | null>
}

/** Asked all the time, so that a process would die of them alone. */
const POLLED: ReadonlySet<string> = new Set(['checkInstallation', 'safeModes', 'claimReferenceQuestions'])

export function createHost(needs: HostNeeds): Host {
  const { scheduler, polls, network, trace } = needs
  let life: Life | null = null
  let application: Application | null = null

  function start(): void {
    const own = createLife(needs.name, scheduler)
    life = own
    application = null
    trace.note(needs.name, 'starts', '')
    const pollers = {
      claimDue: polls.poller(['queue']),
      claimAttempts: polls.poller(['attempts']),
      either: polls.poller(['queue', 'attempts']),
      notices: polls.poller(['notices']),
      questions: polls.poller(['questions']),
      proofs: polls.poller(['searches']),
      configuration: polls.poller(['configuration']),
      switches: polls.poller(['switches']),
      installation: polls.poller(['installation']),
    }
    own.onEnd(() => {
      trace.note(needs.name, 'is gone', '')
      for (const poller of Object.values(pollers)) poller.close()
    })
    const clock = (pollerOf: (ms: number) => Poller | null) =>
      processClock({ scheduler, life: own, wall: needs.wall, pollerOf })
    const other = clock(() => null)
    const { drawPause, strike, model, committed } = needs
    // The two loops of a dispatcher rest alike. The one that rests now is the one that was answered in this very event.
    let answered: { readonly name: string; readonly event: number } = { name: '', event: 0 }
    const dispatchPoller = (): Poller => {
      const { name, event } = answered
      const isKnown = event === scheduler.count() && (name === 'claimDue' || name === 'claimAttempts')
      return isKnown ? pollers[name] : pollers.either
    }
    const storeNeeds = {
      ...{ scheduler, life: own, model, drawPause, committed, trace },
      strike: (point: Point) => (POLLED.has(point.name) ? needs.strikeLine(point) : strike(point)),
      drawLatency: needs.drawLatency,
      lifeOfDatabase: needs.lifeOfDatabase,
      answered: () => {},
    }
    const ports = needs.wrap({
      store: storePort({
        ...storeNeeds,
        answered: name => {
          answered = { name, event: scheduler.count() }
        },
      }),
      call: callPort({ life: own, clock: other, network, strike, drawPause, handedOver: needs.handedOver }),
    })
    const { host, disk, isAlive } = needs.machine
    void startApplication({
      ...ports,
      machine: {
        ...{ isAlive, files: disk.folderOf(own), touches: needs.touches },
        self: { host, pid: needs.machine.begin(own) },
      },
      clocks: {
        // The rests of their loops; whatever else they sleep is slept in full.
        directory: clock(ms => (ms === 1_000 ? pollers.configuration : null)),
        dispatch: clock(ms => {
          if (ms > 250 && ms <= 312.5) return dispatchPoller()
          return ms > 5_000 && ms <= 6_250 ? pollers.questions : null
        }),
        delivery: clock(ms => (ms === 250 ? pollers.notices : null)),
        proofs: clock(ms => (ms === 1_000 ? pollers.proofs : null)),
        switches: clock(ms => (ms === 250 ? pollers.switches : null)),
        installation: clock(ms => (ms === 1_000 ? pollers.installation : null)),
        other,
      },
      random: needs.random,
      log: needs.log,
      connectorOf: needs.connectorOf,
      publicUrl: needs.publicUrl,
      alarmed: needs.alarmed,
      roles: needs.roles,
      watchesInstallation: needs.plays.restores,
      switchStore: needs.plays.switches ? switchPort({ ...storeNeeds, strike: needs.strikeLine }) : null,
    }).then(
      started => {
        if (life === own) application = started
      },
      // A database that does not answer at the start ends the process, and somebody starts it again.
      () => own.crash(),
    )
  }

  /** Waits for work of this process until the process is gone. */
  function untilGone<Result>(own: Life, work: () => Promise<Result>): Promise<Result | null> {
    const { promise, resolve, reject } = Promise.withResolvers<Result | null>()
    own.onEnd(() => resolve(null))
    own.deliver(() => void work().then(resolve, reject))
    return promise
  }

  return {
    name: needs.name,
    start,
    life: () => life,
    application: () => (life?.isAlive() === true ? application : null),
    async serve(request) {
      const own = life
      const running = application
      if (own === null || running === null || !own.isAlive()) return null
      return untilGone(own, () => running.serve(request))
    },
    async within(work) {
      const own = life
      const running = application
      if (own === null || running === null || !own.isAlive()) return null
      return untilGone(own, () => work(running))
    },
  }
}
