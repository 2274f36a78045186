// Attempts whose time has come: lost sends, doubts and pending ones to ask about, payments that may have come back.
import type { DueAttempt } from '../store/store.ts'
import { inquire } from './inquire.ts'
import { createLoop, type Loop } from './loop.ts'
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
    const due = await options.store.claimAttempts({ limit, leaseMs })
    more = due.length === limit
    for (const one of due) {
      running += 1
      work.begin(look(one, leaseMs), () => {
        running -= 1
        if (more) loop.wake()
      })
    }
    return more
  }

  async function look(due: DueAttempt, leaseMs: number): Promise<void> {
    const { payout, attempt } = due
    if (work.stopping()) return work.write(postponeStep(payout, attempt.attemptNo, 0))
    const berth = fleet.berth(attempt.providerAccountId)
    const asks = attempt.state === 'sending' ? null : (berth?.asks ?? null)
    const place = asks?.take() ?? { ok: true }
    if (!place.ok) return work.write(postponeStep(payout, attempt.attemptNo, place.inMs))
    try {
      // The claim moved the next look to the end of its lease, by the database's clock: from there the time of the
      // claim is known without asking any other clock.
      const claimedAtMs = (attempt.nextInquiryAtMs ?? options.clock.now() + leaseMs) - leaseMs
      const looked = await inquire(due, berth?.ready ?? null, claimedAtMs, work.needs)
      if (looked.kind === 'kept') return
      work.count(looked.row)
      if (looked.stopsAccount) berth?.hold.stop('it paid what was proven dead; a person has to look')
    } finally {
      asks?.release()
    }
  }

  return { ...loop, running: () => running }
}
