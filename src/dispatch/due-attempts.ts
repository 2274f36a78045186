// Attempts whose time has come: lost sends, doubts and pending ones to ask about, payments that may have come back.
import { createLoop, type Loop } from '../lib/loop.ts'
import type { DueAttempt } from '../store/store.ts'
import { commit, waitsForCommit } from './commit.ts'
import { parseFacts, senderMayWork } from './facts.ts'
import type { Berth } from './fleet.ts'
import { LOST_INCARNATION } from './found.ts'
import { inquire } from './inquire.ts'
import { repeat, repeatable } from './repeat.ts'
import { type Sent, scopesOf } from './send-right.ts'
import { postponeStep } from './steps.ts'
import type { Work } from './work.ts'

export interface DueAttempts extends Loop {
  running(): number
}

/** A lease of an attempt outlives the inquiry that it is for by this much. */
const LOOK_MARGIN_MS = 30_000
/** Looks that need no provider, such as those at lost sends, go on when every provider is busy. */
const LOOKS_BESIDE = 8

export function dueAttempts(work: Work): DueAttempts {
  const { limits, fleet, options } = work
  let running = 0
  /** There was more than could be taken: whoever ends makes room for it. */
  let more = false
  const loop = createLoop(work.loop(round))

  async function round(): Promise<boolean> {
    const limit = Math.min(limits.looks - running, fleet.freeAsks() + LOOKS_BESIDE, limits.claimMax)
    more = true
    if (limit <= 0 || work.stopping()) return false
    const leaseMs = Math.max(limits.leaseMs, fleet.askMsMax() + LOOK_MARGIN_MS)
    const askedAt = options.clock.monotonic()
    const askedAtWall = options.clock.now()
    const due = await options.store.claimAttempts({ limit, leaseMs })
    more = due.length === limit
    for (const one of due) {
      running += 1
      work.begin(look(one, leaseMs, askedAt, askedAtWall), () => {
        running -= 1
        if (more) loop.wake()
      })
    }
    return more
  }

  /** `askedAt`: before the claim, by the monotonic clock; `askedAtWall`: the same by the other one. */
  async function look(due: DueAttempt, leaseMs: number, askedAt: number, askedAtWall: number): Promise<void> {
    const { payout, attempt } = due
    if (work.stopping()) return work.write(postponeStep(payout, attempt.attemptNo, 0))
    const berth = fleet.berth(attempt.providerAccountId)
    // The claim moved the next look to the end of its lease, by the database's clock: from there the time of the claim is
    // known without asking any other clock.
    // How much later its answer was read is not known; between asking and now lies all of it.
    const claimTookMs = options.clock.monotonic() - askedAt
    const claimedAtMs = (attempt.nextInquiryAtMs ?? options.clock.now() + leaseMs) - leaseMs
    // Never less than its age: what is seen of a send from here must not look older than it is, nor its window longer.
    const ageMs = () => Math.max(0, claimedAtMs - attempt.createdAtMs) + (options.clock.monotonic() - askedAt)
    // A machine that sleeps stops its monotonic clock. The wall clock may only stop a send.
    const sleptMs = () =>
      Math.max(0, options.clock.now() - askedAtWall - (options.clock.monotonic() - askedAt))
    const windowAgeMs = () => ageMs() + sleptMs()
    const send = berth === null ? null : sendOf(due, berth, ageMs, windowAgeMs)
    // Where nothing may be sent now it is still asked about: it may have ended meanwhile.
    if (berth !== null && send !== null && (await sent(due, berth, send))) return
    const asks = isOnItsWay(due) ? null : (berth?.asks ?? null)
    const place = asks?.take() ?? { ok: true }
    if (!place.ok) return work.write(postponeStep(payout, attempt.attemptNo, place.inMs))
    try {
      const looked = await inquire(due, berth?.ready ?? null, claimedAtMs, work.needs, claimTookMs)
      if (looked.kind === 'kept') return
      work.count(looked.row)
      // Its answer may have opened the step that pays.
      if (berth?.ready.capabilities.twoStep === true) loop.wake()
      if (looked.stopsAccount) berth?.hold.stop('it paid what was proven dead; a person has to look')
    } finally {
      asks?.release()
    }
  }

  /** What this attempt may send now: the step that pays an order, or itself once more. Null: nothing. */
  function sendOf(
    due: DueAttempt,
    berth: Berth,
    ageMs: () => number,
    windowAgeMs: () => number,
  ): (() => Promise<Sent>) | null {
    const { ready, hold } = berth
    // Found again after a restore: what was sent of it before, and when, the lost part of the database knew.
    if (due.incarnation === LOST_INCARNATION) return null
    if (waitsForCommit(due)) return () => commit(due, berth, ageMs, work.needs)
    const again = repeatable(due, ready, windowAgeMs(), work.needs)
    return again === null ? null : () => repeat(due, again, { hold, ageMs, windowAgeMs }, work.needs)
  }

  /** It goes where other sends go: through the same lane. False where the account takes no sends now. */
  async function sent(
    { payout, attempt }: DueAttempt,
    berth: Berth,
    send: () => Promise<Sent>,
  ): Promise<boolean> {
    const { switches, safeMode, journal } = options
    if (work.sendsStopped() || berth.ready.unusable !== null || journal.incarnation() === null) return false
    if (switches.stops(scopesOf(payout, berth.ready)) !== null) return false
    if (safeMode.stopsSecond(attempt.providerAccountId, attempt.createdAtMs)) return false
    if (safeMode.stops(attempt.providerAccountId) !== null || berth.hold.enter() !== null) return false
    const place = berth.sends.take()
    if (!place.ok) {
      berth.hold.left()
      await work.write(postponeStep(payout, attempt.attemptNo, place.inMs))
      return true
    }
    try {
      const ended = await send()
      if (ended.kind === 'tried') work.count(ended.row)
      return true
    } finally {
      berth.sends.release()
      berth.hold.left()
    }
  }

  return { ...loop, running: () => running }
}

/** A send whose end is not recorded: there is nothing to ask before its time is over. */
function isOnItsWay({ attempt, facts }: DueAttempt): boolean {
  return attempt.state === 'sending' && senderMayWork(parseFacts(facts))
}
