// Payouts whose turn has come: claimed, routed, and sent if their provider account takes them now. What it does not take
// goes back into the queue with a time and a reason.
import { Unavailable } from '../errors.ts'
import { createLoop, type Loop } from '../lib/loop.ts'
import type { DuePayout } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import { askReference, referenceOf, referencesFrom } from './ask-reference.ts'
import { jitterOf } from './chance.ts'
import type { Berth } from './fleet.ts'
import { recordFound } from './found.ts'
import { chooseRoute } from './route.ts'
import { STOPPED_AGAIN_MS } from './safe-mode.ts'
import { send } from './send.ts'
import { scopesOf } from './send-right.ts'
import { putBackStep, reviewStep } from './steps.ts'
import { stopWords } from './switches.ts'
import { heldWords, LOST_PAYMENT_WORDS, noRouteWords } from './words.ts'
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
   * a journal held it, its provider knows the reference, or nobody said; it is not sent now.
   */
  async function mayBeNew(due: DuePayout, { ready }: Berth): Promise<boolean> {
    const { payout } = due
    const attemptNo = payout.attempts + 1
    const found = {
      attemptNo,
      reference: referenceOf(payout, attemptNo, ready),
      requestHash: new Uint8Array(32),
    }
    // What a journal held is known since it was held against the database, whatever its provider says by now.
    switch (await journaled(due, ready)) {
      case 'this':
        await recordFound(payout, { ...found, by: 'a send journal held it' }, ready, work.needs)
        return false
      case 'another':
        await forPeople(due)
        return false
      case 'unclear':
        await askAgain(due, ready)
        return false
      case 'none':
        break
    }
    const known = await askReference(payout, attemptNo, ready, work.needs)
    if (known === 'found') {
      await recordFound(payout, { ...found, by: 'its provider knows it' }, ready, work.needs)
      return false
    }
    if (known === 'not_found' || known === 'unaskable' || (known === 'untold' && askedOften(payout)))
      return true
    await askAgain(due, ready)
    return false
  }

  /** Whether the lost part sent this payout: as this very attempt, or through another account or as a later one. */
  async function journaled(
    { payout }: DuePayout,
    ready: ReadyAccount,
  ): Promise<'this' | 'another' | 'none' | 'unclear'> {
    const routed = fleet.routesOf(payout.merchantId).map(route => fleet.berth(route.providerAccountId)?.ready)
    const accounts = new Set([ready, ...routed.filter(one => one !== undefined)])
    const among = referencesFrom(payout, [...accounts])
    try {
      const place = await options.store.findPhantom(payout.merchantId, among)
      return place === null ? 'none' : place === 0 ? 'this' : 'another'
    } catch (error) {
      if (!(error instanceof Unavailable)) work.needs.failed(error)
      return 'unclear'
    }
  }

  /** It cannot be recorded as it was sent, because what came before it is lost as well. */
  function forPeople({ payout, claim }: DuePayout): Promise<void> {
    const incident = { kind: 'found', detail: 'a send journal holds a payment of it that this database lost' }
    const step = reviewStep({
      payout,
      claim,
      why: LOST_PAYMENT_WORDS,
      incident,
      noticesFor: options.noticesFor,
    })
    return 'refusal' in step ? Promise.resolve() : work.write(step)
  }

  function askAgain(due: DuePayout, { account }: ReadyAccount): Promise<void> {
    const held = { why: 'it is asked first whether it knows it', inMs: STOPPED_AGAIN_MS }
    return putBack(due, held.inMs, heldWords(account.id, held))
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
