// Payouts whose turn has come: claimed, routed, and sent if their provider account takes them now. What it does not take
// goes back into the queue with a time and a reason.
import { createLoop, type Loop } from '../lib/loop.ts'
import type { DuePayout } from '../store/store.ts'
import { jitterOf } from './chance.ts'
import { firstSends } from './first-sends.ts'
import { chooseRoute } from './route.ts'
import { STOPPED_AGAIN_MS } from './safe-mode.ts'
import { send } from './send.ts'
import { scopesOf } from './send-right.ts'
import { putBackStep } from './steps.ts'
import { stopWords } from './switches.ts'
import { heldWords, noRouteWords } from './words.ts'
import type { Work } from './work.ts'

export interface DuePayouts extends Loop {
  running(): number
  /** Payouts that had no route when they were claimed, and why the last one had none. */
  unrouted(): { readonly count: number; readonly why: string | null }
}

const NO_ROUTE_AGAIN_MS = 60_000
/** A switch may be released at any moment, and what waits for it should not wait much longer. */
const TRIPPED_AGAIN_MS = 10_000

/** `created` hears that an attempt may wait for its second step. */
export function duePayouts(work: Work, created: () => void): DuePayouts {
  const { limits, fleet, options } = work
  let running = 0
  let unrouted: { count: number; why: string | null } = { count: 0, why: null }
  /** There was more than could be taken: whoever ends makes room for it. */
  let more = false
  const mayBeNew = firstSends(work, putBack)
  const loop = createLoop(work.loop(round))

  async function round(): Promise<boolean> {
    const limit = Math.min(limits.sends - running, fleet.freeSends(), limits.claimMax)
    more = true
    if (limit <= 0 || work.sendsStopped()) return false
    // What could not be written down could not be sent.
    if (options.journal.incarnation() === null) return false
    // Nothing would be sent: others may be able to, and who waits in the queue is found by its own time.
    if (options.switches.stopsAll() !== null) return false
    const due = await options.store.claimDue({
      ...{ limit, leaseMs: limits.leaseMs },
      noted: options.safeMode.noted(),
    })
    more = due.length === limit
    for (const one of due) {
      running += 1
      work.begin(act(one), () => {
        running -= 1
        if (more) loop.wake()
      })
    }
    return more
  }

  async function act(due: DuePayout): Promise<void> {
    if (work.sendsStopped()) return putBack(due, 0, null)
    const route = chooseRoute(due.payout, fleet.routesOf(due.payout.merchantId), fleet.accounts())
    if (!route.ok) {
      unrouted = { count: unrouted.count + 1, why: route.why }
      return putBack(due, NO_ROUTE_AGAIN_MS, noRouteWords(route.why))
    }
    const berth = fleet.berth(route.providerAccountId)
    if (berth === null) return putBack(due, NO_ROUTE_AGAIN_MS, null)
    const stop = options.switches.stops(scopesOf(due.payout, berth.ready))
    if (stop !== null) return putBack(due, stop.kind === 'unseen' ? 0 : TRIPPED_AGAIN_MS, stopWords(stop))
    const stopped = options.safeMode.stops(route.providerAccountId)
    if (stopped !== null)
      return putBack(
        due,
        STOPPED_AGAIN_MS,
        heldWords(route.providerAccountId, { why: stopped, inMs: STOPPED_AGAIN_MS }),
      )
    const held = berth.hold.enter()
    if (held !== null) return putBack(due, held.inMs, heldWords(route.providerAccountId, held))
    const place = berth.sends.take()
    if (!place.ok) {
      berth.hold.left()
      return putBack(due, place.inMs, null)
    }
    try {
      if (options.safeMode.asksFirst(route.providerAccountId) && !(await mayBeNew(due, berth.ready))) return
      const sent = await send(due, berth, work.needs)
      if (sent.kind === 'tried') work.count(sent.row)
      else if (sent.why === 'closed') await putBack(due, 0, null)
      if (berth.ready.capabilities.twoStep) created()
    } finally {
      berth.sends.release()
      berth.hold.left()
    }
  }

  function putBack({ payout, claim }: DuePayout, inMs: number, why: string | null): Promise<void> {
    const dueInMs = inMs + jitterOf(options.random) * limits.pollMs
    return work.write(putBackStep(payout, claim, { dueInMs, why }))
  }

  return { ...loop, running: () => running, unrouted: () => unrouted }
}
