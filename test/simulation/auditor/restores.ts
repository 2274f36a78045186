// What the auditor keeps when a database is set back. Its books follow the database, because they say what was committed;
// what left the house, what providers did and what people were told does not come back. I14 lays one beside the other.
import type { Transfer, Truth } from '../rails/truth.ts'
import { isLive } from '../rails/truth.ts'
import type { Right, Shadow, ShadowAttempt } from './shadow.ts'

export interface Restores {
  save(): Shadow
  /** The database is as it was then; `accounts`: those that must not send before people release them. */
  restored(saved: Shadow, accounts: readonly string[]): void
  /** Of the last restore; null: there was none. */
  atMs(): number | null
  released(account: string): void
  /** Whether the lost part knew more of this order than there is now. */
  isTouched(merchantId: string, reference: string): boolean
  lostAttempt(account: string, reference: string): ShadowAttempt | null
  lostRight(hash: string): Right | null
  /** Bytes leave by this right. */
  sent(right: Right, name: string, who: string): void
  /** A transfer moved that belongs to this attempt, of whichever life. */
  transferred(attempt: ShadowAttempt, transfer: Transfer): void
}

/** A look at the installation each second, one that fails, and what was read is believed for five seconds. */
const SEEN_WITHIN_MS = 6_500

export function createRestores(
  shadow: Shadow,
  of: {
    now(): number
    readonly truth: () => Truth
    readonly report: (invariant: string, said: string) => void
    readonly sometimes: (mark: string) => void
  },
): Restores {
  const { now, report, sometimes } = of
  const touched = new Set<string>()
  const attempts = new Map<string, ShadowAttempt>()
  const rights = new Map<string, Right>()
  const unreleased = new Set<string>()
  let atMs: number | null = null

  function forget(saved: Shadow): void {
    for (const [key, attempt] of shadow.attempts) if (!saved.attempts.has(key)) attempts.set(key, attempt)
    for (const [hash, right] of shadow.rights) {
      const kept = saved.rights.get(hash)
      if (kept === undefined) rights.set(hash, right)
      else kept.usedAtMs = right.usedAtMs
    }
    for (const [key, payout] of shadow.payouts) {
      const kept = saved.payouts.get(key)
      const isSame =
        kept?.version === payout.version &&
        kept.notices.every(({ result }, at) => result === payout.notices[at]?.result)
      if (!isSame) touched.add(`${payout.merchantId} ${payout.reference}`)
    }
    if (attempts.size > 0) sometimes('a restore lost an attempt')
  }

  return {
    save: () => structuredClone(shadow),
    restored(saved, accounts) {
      forget(saved)
      // What was stored before it was acknowledged was stored in time.
      for (const [name, part] of Object.entries(shadow))
        if (name !== 'callbacks') fill(part, saved[name as keyof Shadow])
      atMs = now()
      for (const account of accounts) unreleased.add(account)
    },
    atMs: () => atMs,
    released: account => void unreleased.delete(account),
    isTouched: (merchantId, reference) => touched.has(`${merchantId} ${reference}`),
    lostAttempt: (account, reference) => attempts.get(`${account} ${reference}`) ?? null,
    lostRight: hash => rights.get(hash) ?? null,
    sent(right, name, who) {
      if (atMs === null) return
      const { account } = right.attempt
      const isNew = right.givenAtMs > atMs
      if (isNew && unreleased.has(account))
        report('I14', `${who} sent ${name} through ${account}, which nobody released after the restore`)
      if (!isNew && now() - atMs > SEEN_WITHIN_MS)
        report('I14', `${who} sent ${name} by a right from before the restore, ${now() - atMs} ms after it`)
      sometimes(isNew ? 'a send followed a restore' : 'a byte left as the database was restored')
    },
    transferred(attempt, transfer) {
      if (atMs === null || !isLive(transfer) || transfer.breaksContract) return
      const { merchantId, reference } = attempt.payout
      const here = shadow.byReference.get(`${merchantId} ${reference}`)?.attempts ?? []
      const lost = [...attempts.values()].filter(
        ({ payout }) => payout.merchantId === merchantId && payout.reference === reference,
      )
      const keys = new Set([...here, ...lost].map(one => `${one.account} ${one.reference}`))
      const live = [...keys].filter(key => {
        const [account = '', ours = ''] = key.split(' ')
        const other = of.truth().of(account, ours)
        return other !== null && isLive(other)
      })
      if (live.length > 1)
        report(
          'I14',
          `order ${reference} of ${merchantId} has ${live.length} transfers after a restore: ${live.join(', ')}`,
        )
    },
  }
}

/** Whoever holds the books holds their maps. */
function fill(into: Shadow[keyof Shadow], from: Shadow[keyof Shadow]): void {
  into.clear()
  if (into instanceof Set && from instanceof Set) for (const one of from) into.add(one)
  // Both are the same part of the books.
  if (into instanceof Map && from instanceof Map)
    for (const [key, value] of from) (into as Map<unknown, unknown>).set(key, value)
}
