// Not long after a restore a payout may have been sent already, by a part of this database's life that was lost: before its
// first send from here the journals are asked whether they held it, and then its provider whether it knows the reference.
import { Unavailable } from '../errors.ts'
import type { DuePayout } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import { askReference, referenceOf, referencesFrom } from './ask-reference.ts'
import { recordFound } from './found.ts'
import { STOPPED_AGAIN_MS } from './safe-mode.ts'
import { reviewStep } from './steps.ts'
import { heldWords, LOST_PAYMENT_WORDS } from './words.ts'
import type { Work } from './work.ts'

const UNTOLD_NEEDED = 3
const UNTOLD_KEPT_MAX = 10_000

/** False: a journal held it, its provider knows the reference, or nobody said. It is not sent now, and is taken care of. */
export type MayBeNew = (due: DuePayout, ready: ReadyAccount) => Promise<boolean>

export function firstSends(
  work: Work,
  putBack: (due: DuePayout, inMs: number, why: string | null) => Promise<void>,
): MayBeNew {
  const { fleet, options } = work
  const untold = new Map<string, number>()

  async function mayBeNew(due: DuePayout, ready: ReadyAccount): Promise<boolean> {
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

  return mayBeNew
}
