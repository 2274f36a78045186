// What the two loops of a dispatcher share: its needs and limits, what is under way, and what is counted of it.
import { Unavailable } from '../errors.ts'
import type { LoopOptions } from '../lib/loop.ts'
import type { PayoutStep } from '../store/store.ts'
import type { Alarm } from './alarm.ts'
import { jitterOf } from './chance.ts'
import type { DispatcherOptions, DispatchLimits, DispatchStatus } from './dispatcher.ts'
import type { Fleet } from './fleet.ts'
import type { InquireNeeds } from './inquire.ts'
import type { SendNeeds } from './send-right.ts'

export interface Work {
  readonly options: DispatcherOptions
  readonly limits: DispatchLimits
  readonly fleet: Fleet
  readonly needs: SendNeeds & InquireNeeds
  readonly rows: ReadonlyMap<string, number>
  /** What a loop over one kind of round is made of. */
  loop(round: () => Promise<boolean>): LoopOptions
  /** Runs work whose end is waited for on `stop`; `end` runs when it has ended, however it did. */
  begin(work: Promise<void>, end: () => void): void
  /** A step that only moves a time. If it is lost, the claim's lease ends and the same is decided again. */
  write(step: PayoutStep): Promise<void>
  count(row: string): void
  stopping(): boolean
  /** True while nothing may be sent: also where all else goes on. */
  sendsStopped(): boolean
  storeDown(): DispatchStatus['storeDown']
  /** From now on nothing new begins. Resolves when nothing is under way. */
  stop(): Promise<void>
  underWay(): number
  /** Whoever waits for the store lets go. */
  giveUp(): void
}

export function createWork(options: DispatcherOptions, limits: DispatchLimits, fleet: Fleet): Work {
  const { clock, random, log, store, advance } = options
  const givenUp = new AbortController()
  const underWay = new Set<Promise<void>>()
  const rows = new Map<string, number>()
  let stopping = false
  let storeDown: DispatchStatus['storeDown'] = null

  const sendsStopped = () => stopping || options.auditorIsSilent?.() === true

  const needs: SendNeeds & InquireNeeds = {
    ...{ store, advance, clock, random },
    call: options.call,
    journal: options.journal,
    safeMode: options.safeMode,
    publicUrl: options.publicUrl,
    noticesFor: options.noticesFor,
    stopping: sendsStopped,
    switches: options.switches,
    givenUp: givenUp.signal,
    alarm: raised => tell(raised, options),
    failed: error => log.error({ err: error }, 'a mistake of ours while dispatching'),
  }

  return {
    ...{ options, limits, fleet, needs, rows },
    loop: round => ({
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
    }),
    begin(work, end) {
      const done = work.catch(needs.failed).finally(() => {
        underWay.delete(done)
        end()
      })
      underWay.add(done)
    },
    async write(step) {
      try {
        await advance.step(step)
      } catch (error) {
        if (!(error instanceof Unavailable)) needs.failed(error)
      }
    },
    count(row) {
      rows.set(row, (rows.get(row) ?? 0) + 1)
    },
    stopping: () => stopping,
    sendsStopped,
    storeDown: () => storeDown,
    async stop() {
      stopping = true
      while (underWay.size > 0) await Promise.all(underWay)
    },
    underWay: () => underWay.size,
    giveUp: () => givenUp.abort(),
  }
}

function tell(alarm: Alarm, { log, alarmed }: DispatcherOptions): void {
  const { kind, detail, attemptNo, providerAccountId, payout } = alarm
  const { merchantId, number, requestId } = payout
  log.error(
    { alarm: kind, detail, merchantId, number: String(number), requestId, attemptNo, providerAccountId },
    'alarm',
  )
  alarmed?.(alarm)
}
