// Claims what is due, acts, and lets go. Two loops share a process: one sends payouts whose turn has come, one looks at
// attempts whose time has come. Any number of processes do the same on one database; claims keep them apart, and where
// a claim ends too early the fences in the store do.
//
// Everything is bounded: how much runs at once, how much goes to one provider account, how long a claim lasts. What is
// claimed and cannot be acted on is put back with a time, so that one slow provider never holds up the others.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Connector } from '../protocols/protocol.ts'
import type { Configuration, DueAttempt, DuePayout, PayoutStep, Store } from '../store/store.ts'
import type { Accounts } from './accounts.ts'
import type { Advance } from './advance.ts'
import type { Alarm } from './alarm.ts'
import type { Call } from './call.ts'
import { jitterOf } from './chance.ts'
import { type AccountState, createFleet } from './fleet.ts'
import { type InquireNeeds, inquire } from './inquire.ts'
import { createLoop, type LoopOptions } from './loop.ts'
import { chooseRoute } from './route.ts'
import { type SendNeeds, send } from './send.ts'
import { type NoticesFor, postponeStep, putBackStep } from './steps.ts'
import { heldWords, noRouteWords } from './words.ts'

export interface DispatcherOptions {
  readonly store: Pick<Store, 'claimDue' | 'claimAttempts' | 'findForStep' | 'payoutExchanges'>
  readonly advance: Advance
  readonly call: Pick<Call, 'callOnce' | 'ask'>
  /** The newest snapshot; the same object for as long as nothing changed. */
  readonly configuration: () => Configuration
  readonly connectorOf: (protocol: string) => Connector | null
  readonly noticesFor: NoticesFor
  readonly clock: Clock
  readonly random: Random
  readonly log: DispatchLog
  readonly incarnation: bigint
  /** Where providers reach us, without a slash at the end. */
  readonly publicUrl: string
  /** Beside the log line and the incident. */
  readonly alarmed?: (alarm: Alarm) => void
  readonly limits?: Partial<DispatchLimits>
}

export interface DispatchLimits {
  /** Sends that run at once in this process, and looks. */
  readonly sends: number
  readonly looks: number
  readonly claimMax: number
  readonly leaseMs: number
  readonly pollMs: number
  /** How long `stop` waits for calls that are under way. */
  readonly stopWithinMs: number
}

export const DISPATCH_LIMITS: DispatchLimits = {
  sends: 256,
  looks: 256,
  claimMax: 256,
  leaseMs: 30_000,
  pollMs: 250,
  stopWithinMs: 25_000,
}

/** The part of a logger that is used here. */
export interface DispatchLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface Dispatcher {
  start(): void
  /** A payout was accepted: its turn may have come. */
  wakePayouts(): void
  /** A callback was kept: an attempt is to be looked at. */
  wakeAttempts(): void
  /**
   * From this call on no first byte leaves. Waits for the calls that are under way and records how they ended; what has
   * not ended within `stopWithinMs` is left to be found as lost.
   */
  stop(): Promise<void>
  status(): DispatchStatus
  /** For the receiver of callbacks. */
  accounts(): Accounts
}

export interface DispatchStatus {
  readonly sending: number
  readonly looking: number
  readonly stopping: boolean
  /** Null while the store answers; else when it last did not, and in what words. */
  readonly storeDown: { readonly sinceMs: number; readonly why: string } | null
  readonly accounts: readonly AccountState[]
  /** How often each row of the certainty tables decided in this process. */
  readonly rows: ReadonlyMap<string, number>
  /** Payouts without a route at the moment they were claimed, and why the last one had none. */
  readonly unrouted: { readonly count: number; readonly why: string | null }
}

const NO_ROUTE_AGAIN_MS = 60_000
/** A lease of an attempt outlives the inquiry that it is for by this much. */
const LOOK_MARGIN_MS = 30_000
/** Looks that need no provider, such as those at lost sends, go on when every provider is busy. */
const LOOKS_BESIDE = 8

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { clock, random, log, store, advance } = options
  const limits = { ...DISPATCH_LIMITS, ...options.limits }
  const fleet = createFleet(options)
  const givenUp = new AbortController()
  const underWay = new Set<Promise<void>>()
  const rows = new Map<string, number>()
  let sending = 0
  let looking = 0
  let stopping = false
  let storeDown: DispatchStatus['storeDown'] = null
  let unrouted: DispatchStatus['unrouted'] = { count: 0, why: null }

  const needs: SendNeeds & InquireNeeds = {
    ...{ store, advance, clock, random },
    call: options.call,
    incarnation: options.incarnation,
    publicUrl: options.publicUrl,
    noticesFor: options.noticesFor,
    stopping: () => stopping,
    givenUp: givenUp.signal,
    alarm,
    failed: error => log.error({ err: error }, 'a mistake of ours while dispatching'),
  }

  // ---- payouts whose turn has come -------------------------------------------------------------------------------

  async function claimPayouts(): Promise<boolean> {
    const limit = Math.min(limits.sends - sending, fleet.freeSends(), limits.claimMax)
    if (limit <= 0 || stopping) return false
    const due = await store.claimDue({ limit, leaseMs: limits.leaseMs })
    for (const one of due) {
      sending += 1
      begin(act(one), () => {
        sending -= 1
        payouts.wake()
      })
    }
    return due.length === limit
  }

  async function act(due: DuePayout): Promise<void> {
    if (stopping) return putBack(due, 0, null)
    const { merchantId } = due.payout
    const route = chooseRoute(due.payout, fleet.routesOf(merchantId), fleet.accounts())
    if (!route.ok) {
      unrouted = { count: unrouted.count + 1, why: route.why }
      return putBack(due, NO_ROUTE_AGAIN_MS, noRouteWords(route.why))
    }
    const berth = fleet.berth(route.providerAccountId)
    if (berth === null) return putBack(due, NO_ROUTE_AGAIN_MS, null)
    const held = berth.hold.enter()
    if (held !== null) return putBack(due, held.inMs, heldWords(route.providerAccountId, held))
    const place = berth.sends.take()
    if (!place.ok) {
      berth.hold.left()
      return putBack(due, place.inMs, null)
    }
    try {
      const sent = await send(due, berth, needs)
      if (sent.kind === 'tried') count(sent.row)
    } finally {
      berth.sends.release()
      berth.hold.left()
    }
  }

  function putBack({ payout, claim }: DuePayout, inMs: number, why: string | null): Promise<void> {
    const dueInMs = inMs + jitterOf(random) * limits.pollMs
    return write(putBackStep(payout, claim, { dueInMs, why }))
  }

  // ---- attempts whose time has come ------------------------------------------------------------------------------

  async function claimLooks(): Promise<boolean> {
    const limit = Math.min(limits.looks - looking, fleet.freeAsks() + LOOKS_BESIDE, limits.claimMax)
    if (limit <= 0 || stopping) return false
    const leaseMs = Math.max(limits.leaseMs, fleet.askMsMax() + LOOK_MARGIN_MS)
    const due = await store.claimAttempts({ limit, leaseMs })
    for (const one of due) {
      looking += 1
      begin(look(one, leaseMs), () => {
        looking -= 1
        attempts.wake()
      })
    }
    return due.length === limit
  }

  async function look(due: DueAttempt, leaseMs: number): Promise<void> {
    if (stopping) return write(postponeStep(due.payout, due.attempt.attemptNo, 0))
    const berth = fleet.berth(due.attempt.providerAccountId)
    const asks = due.attempt.state === 'sending' ? null : (berth?.asks ?? null)
    const place = asks?.take() ?? { ok: true }
    if (!place.ok) return write(postponeStep(due.payout, due.attempt.attemptNo, place.inMs))
    try {
      // The claim moved the next look to the end of its lease, by the database's clock: from there the time of the
      // claim is known without asking any other clock.
      const claimedAtMs = (due.attempt.nextInquiryAtMs ?? clock.now() + leaseMs) - leaseMs
      const looked = await inquire(due, berth?.ready ?? null, claimedAtMs, needs)
      if (looked.kind === 'kept') return
      count(looked.row)
      if (looked.stopsAccount) berth?.hold.stop('it paid what was proven dead; a person has to look')
    } finally {
      asks?.release()
    }
  }

  // ---- both ------------------------------------------------------------------------------------------------------

  const payouts = createLoop(loopOptions(claimPayouts))
  const attempts = createLoop(loopOptions(claimLooks))

  function loopOptions(round: () => Promise<boolean>): LoopOptions {
    return {
      clock,
      round,
      pollMs: () => limits.pollMs * (1 + jitterOf(random) / 4),
      failed(error) {
        if (!(error instanceof Unavailable)) needs.failed(error)
        if (storeDown === null) log.warn({ err: error }, 'the store cannot be reached; dispatch waits')
        storeDown ??= { sinceMs: clock.now(), why: error instanceof Error ? error.message : 'unknown' }
      },
      recovered() {
        if (storeDown !== null) log.info({}, 'the store is back; dispatch goes on')
        storeDown = null
      },
    }
  }

  function begin(work: Promise<void>, end: () => void): void {
    const done = work.catch(needs.failed).finally(() => {
      underWay.delete(done)
      end()
    })
    underWay.add(done)
  }

  /** A step that only moves a time. If it is lost, the claim's lease ends and the same is decided again. */
  async function write(step: PayoutStep): Promise<void> {
    try {
      await advance.step(step)
    } catch (error) {
      if (!(error instanceof Unavailable)) needs.failed(error)
    }
  }

  function count(row: string): void {
    rows.set(row, (rows.get(row) ?? 0) + 1)
  }

  function alarm(raised: Alarm): void {
    const { kind, detail, attemptNo, providerAccountId, payout } = raised
    const { merchantId, number } = payout
    log.error(
      { alarm: kind, detail, merchantId, number: String(number), attemptNo, providerAccountId },
      'alarm',
    )
    options.alarmed?.(raised)
  }

  return {
    start() {
      payouts.start()
      attempts.start()
    },
    wakePayouts: () => payouts.wake(),
    wakeAttempts: () => attempts.wake(),
    async stop() {
      stopping = true
      const bound = new AbortController()
      const ended = Promise.all([payouts.stop(), attempts.stop()])
        .then(() => Promise.all(underWay))
        .then(() => bound.abort())
      await clock.sleep(limits.stopWithinMs, bound.signal)
      if (underWay.size > 0) log.warn({ calls: underWay.size }, 'stopped before every call had ended')
      givenUp.abort()
      // What still waits for the store lets go now; what waits for a provider ends with the connection.
      if (bound.signal.aborted) await ended
    },
    status: () => ({
      ...{ sending, looking, stopping, storeDown, unrouted },
      accounts: fleet.states(),
      rows: new Map(rows),
    }),
    accounts: () => fleet.accounts(),
  }
}
