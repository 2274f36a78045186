// Claims what is due, acts, and lets go. Two loops share a process: one sends payouts whose turn has come, one looks at
// attempts whose time has come. Any number of processes do the same on one database; claims keep them apart, and where
// a claim ends too early the fences in the store do.
//
// Everything is bounded: how much runs at once, how much goes to one provider account, how long a claim lasts. What is
// claimed and cannot be acted on is put back with a time, so that one slow provider never holds up the others.
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Configuration, Store } from '../store/store.ts'
import type { Accounts, ConnectorOf } from './accounts.ts'
import type { Advance } from './advance.ts'
import type { Alarm } from './alarm.ts'
import type { Call } from './call.ts'
import { dueAttempts } from './due-attempts.ts'
import { duePayouts } from './due-payouts.ts'
import { type AccountState, createFleet } from './fleet.ts'
import type { JournalEntry, SendJournal } from './journal.ts'
import { restoreJournaled } from './restore-journaled.ts'
import type { SafeMode } from './safe-mode.ts'
import type { NoticesFor } from './steps.ts'
import { createSweep } from './sweep.ts'
import type { Switches } from './switches.ts'
import { createWork } from './work.ts'

export interface DispatcherOptions {
  readonly store: Pick<
    Store,
    | 'claimDue'
    | 'claimAttempts'
    | 'findForStep'
    | 'payoutExchanges'
    | 'claimReferenceQuestions'
    | 'answerReferenceQuestion'
    | 'unknownSends'
    | 'recordPhantom'
    | 'findPhantom'
  >
  readonly advance: Advance
  readonly call: Pick<Call, 'callOnce' | 'ask'>
  /** The newest snapshot; the same object for as long as nothing changed. */
  readonly configuration: () => Configuration
  readonly connectorOf: ConnectorOf
  readonly switches: Pick<Switches, 'stops' | 'stopsAll'>
  readonly noticesFor: NoticesFor
  readonly clock: Clock
  readonly random: Random
  readonly log: DispatchLog
  readonly journal: SendJournal
  readonly safeMode: SafeMode
  /** Where providers reach us, without a slash at the end. */
  readonly publicUrl: string
  /** Asked before each send and in its last check; true: nothing leaves. Absent: nobody audits. */
  readonly auditorIsSilent?: () => boolean
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
  /** After a restore: sends that a journal holds. @throws Unavailable */
  restore(entries: readonly JournalEntry[]): Promise<void>
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

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { clock, log } = options
  const limits = { ...DISPATCH_LIMITS, ...options.limits }
  const fleet = createFleet(options)
  const work = createWork(options, limits, fleet)
  const attempts = dueAttempts(work)
  const payouts = duePayouts(work, attempts.wake)
  const sweep = createSweep(work)

  async function stop(): Promise<void> {
    const bound = new AbortController()
    const ended = Promise.all([work.stop(), payouts.stop(), attempts.stop(), sweep.stop()])
      .then(() => work.stop())
      .then(() => bound.abort())
    await clock.sleep(limits.stopWithinMs, bound.signal)
    if (work.underWay() > 0) log.warn({ calls: work.underWay() }, 'stopped before every call had ended')
    work.giveUp()
    if (bound.signal.aborted) await ended
  }

  return {
    start() {
      payouts.start()
      attempts.start()
      sweep.start()
    },
    wakePayouts: payouts.wake,
    wakeAttempts: attempts.wake,
    stop,
    restore: entries => restoreJournaled(entries, work),
    status: () => ({
      sending: payouts.running(),
      looking: attempts.running(),
      stopping: work.stopping(),
      storeDown: work.storeDown(),
      accounts: fleet.states(),
      rows: new Map(work.rows),
      unrouted: payouts.unrouted(),
    }),
    accounts: () => fleet.accounts(),
  }
}
