// Payouts whose turn has come: claimed, routed, and sent if their provider account takes them now. What it does not take
// goes back into the queue with a time and a reason.
import { createLoop, type Loop } from '../lib/loop.ts'
import type { DuePayout } from '../store/store.ts'
import { askReference, referenceOf } from './ask-reference.ts'
import { jitterOf } from './chance.ts'
import type { Berth } from './fleet.ts'
import { recordFound } from './found.ts'
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
const UNTOLD_NEEDED = 3
const UNTOLD_KEPT_MAX = 10_000

/** `created` hears that an attempt may wait for its second step. */
export function duePayouts(work: Work, created: () => void): DuePayouts {
  const { limits, fleet, options } = work
  let running = 0
  let unrouted: { count: number; why: string | null } = { count: 0, why: null }
  /** There was more than could be taken: whoever ends makes room for it. */
  let more = false
  const untold = new Map<string, number>()
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
      if (options.safeMode.asksFirst(route.providerAccountId) && !(await mayBeNew(due, berth))) return
      const sent = await send(due, berth, work.needs)
      if (sent.kind === 'tried') work.count(sent.row)
      else if (sent.why === 'closed') await putBack(due, 0, null)
      if (berth.ready.capabilities.twoStep) created()
    } finally {
      berth.sends.release()
      berth.hold.left()
    }
  }

  /**
   * Not long after a restore a payout may have been sent already, by a part of this database's life that was lost. False:
   * its provider knows the reference, or did not say; it is not sent now.
   */
  async function mayBeNew(due: DuePayout, { ready }: Berth): Promise<boolean> {
    const { payout } = due
    const attemptNo = payout.attempts + 1
    const known = await askReference(payout, attemptNo, ready, work.needs)
    if (known === 'not_found') return true
    const reference = referenceOf(payout, attemptNo, ready)
    const isSilent = known === 'unaskable' || (known === 'untold' && askedOften(payout))
    // Where the provider does not say, the journals do: what one of them held is known since the sweep, by this reference.
    const sent = { merchantId: payout.merchantId, providerAccountId: ready.account.id, reference }
    const isPhantom = isSilent && (await options.store.isPhantom(sent))
    if (isSilent && !isPhantom) return true
    if (!isSilent && known !== 'found') {
      const inMs = STOPPED_AGAIN_MS
      await putBack(
        due,
        inMs,
        heldWords(ready.account.id, { why: 'it is asked first whether it knows it', inMs }),
      )
      return false
    }
    const by = isPhantom ? 'a send journal held it' : 'its provider knows it'
    const found = { attemptNo, reference, requestHash: new Uint8Array(32), by }
    await recordFound(payout, found, ready, work.needs)
    return false
  }

  /** One answer that shows nothing may be an error that passes; as many in a row, each after a rest, are taken for "not found". */
  function askedOften({ merchantId, number }: DuePayout['payout']): boolean {
    const key = `${merchantId}/${number}`
    const times = (untold.get(key) ?? 0) + 1
    if (times < UNTOLD_NEEDED) {
      untold.set(key, times)
      for (const [oldest] of untold) if (untold.size > UNTOLD_KEPT_MAX) untold.delete(oldest)
      return false
    }
    untold.delete(key)
    return true
  }

  function putBack({ payout, claim }: DuePayout, inMs: number, why: string | null): Promise<void> {
    const dueInMs = inMs + jitterOf(options.random) * limits.pollMs
    return work.write(putBackStep(payout, claim, { dueInMs, why }))
  }

  return { ...loop, running: () => running, unrouted: () => unrouted }
}
