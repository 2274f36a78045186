// What calls take and touch: names for claims that both stores understand, and the rows that a claim may go past because
// of the calls beside it.
import type {
  DueAttempt,
  DueNotice,
  DuePayout,
  DueProofSearch,
  NewPayout,
  PayoutStep,
  Store,
} from '../../src/store/store.ts'
import type { DueRow } from '../simulation/model/claims.ts'
import type { Meanwhile } from '../simulation/model/model-store.ts'
import { type Dossier, payoutKey } from '../simulation/model/rows.ts'
import { type Call, claimNamed } from './script.ts'

/** Claims of one store: from its own numbers to the script's names, and back. */
export class ClaimNames {
  readonly #nameOf: Map<bigint, bigint>
  readonly #numberOf: Map<bigint, bigint>

  constructor(of?: ClaimNames) {
    this.#nameOf = new Map(of === undefined ? [] : of.#nameOf)
    this.#numberOf = new Map(of === undefined ? [] : of.#numberOf)
  }

  /** The result with names in place of numbers, which are known from then on. */
  named(result: unknown, group: number, place: number): unknown {
    return (result as readonly DuePayout[]).map(due => {
      const name = claimNamed(group, place, keyOf(due.payout))
      this.#nameOf.set(due.claim, name)
      this.#numberOf.set(name, due.claim)
      return { ...due, claim: name }
    })
  }

  /** The call as this store has to hear it. A name that it never gave stays: no store numbers so high. */
  spoken({ name, args }: Call): readonly unknown[] {
    if (name !== 'advancePayouts') return args
    const batch = args[0] as readonly PayoutStep[]
    return [
      batch.map(step => ({
        ...step,
        claim: this.#numberOf.get(step.claim ?? 0n) ?? step.claim,
        ...own(step),
      })),
    ]
  }

  nameOf(claim: bigint): bigint | null {
    return this.#nameOf.get(claim) ?? null
  }
}

/** A contract that a store has seen before it need not keep again; here its row is gone, so it is a new one each time. */
function own({ attempt }: PayoutStep): Partial<PayoutStep> {
  return attempt?.kind === 'opened'
    ? { attempt: { ...attempt, contract: structuredClone(attempt.contract) } }
    : {}
}

interface Due {
  readonly id: string
  readonly key: string
}

/** The rows that a claim took, named as the model names them; null where the call is no claim. */
export function claimedRows(name: keyof Store, result: unknown): readonly Due[] | null {
  switch (name) {
    case 'claimDue':
      return (result as readonly DuePayout[]).map(({ payout }) => ({ id: keyOf(payout), key: keyOf(payout) }))
    case 'claimAttempts':
      return (result as readonly DueAttempt[]).map(({ payout, attempt }) =>
        within(keyOf(payout), `${attempt.attemptNo}`),
      )
    case 'claimNotices':
      return (result as readonly DueNotice[]).map(({ payout, target }) => within(keyOf(payout), target))
    case 'claimProofSearches':
      return (result as readonly DueProofSearch[]).map(due => within(keyOf(due), `${due.attemptNo}`))
    default:
      return null
  }
}

function within(key: string, rest: string): Due {
  return { id: `${key} ${rest}`, key }
}

function keyOf({ merchantId, number }: { readonly merchantId: string; readonly number: bigint }): string {
  return payoutKey(merchantId, number)
}

/** Keys of the payouts whose rows a call locked at some time. */
export function touchedPayouts({ name, args }: Call, result: unknown): readonly string[] {
  const claimed = typeof result === 'string' ? null : claimedRows(name, result)
  if (claimed !== null) return claimed.map(({ key }) => key)
  const [first, second] = args
  if (typeof first === 'string' && typeof second === 'bigint') return [payoutKey(first, second)]
  const items = Array.isArray(first) ? first : [first]
  return items.flatMap((item: { merchantId?: string; number?: bigint }) =>
    item?.merchantId !== undefined && item.number !== undefined
      ? [payoutKey(item.merchantId, item.number)]
      : [],
  )
}

/**
 * What the model has to know of the calls beside this one, and of Postgres' choice where the store leaves one.
 *
 * A claim goes past rows that others have locked, so it may take less than any order of the calls would give it: but only
 * rows of payouts that the other calls touch. Of rows that came due in the same moment a limit may take any; and so may a
 * claim beside another one, which may look at times that the other has just moved. `mayRetry`: the other one may have been
 * rolled back first, and have locked meanwhile what it did not take in the end.
 */
export function meanwhileOf(
  call: Call,
  result: unknown,
  beside: readonly { readonly call: Call; readonly result: unknown }[],
  dossiers: ReadonlyMap<string, Dossier>,
  mayRetry: boolean,
): Meanwhile {
  const taken = (typeof result === 'string' ? null : claimedRows(call.name, result)) ?? []
  const ids = new Set(taken.map(({ id }) => id))
  const touched = new Set(beside.flatMap(other => touchedPayouts(other.call, other.result)))
  const isFull = taken.length > 0 && taken.length === (call.args[0] as { limit: number }).limit
  const isOvertaken = beside.some(other => other.call.name === call.name)
  const times = new Set(taken.map(({ key, id }) => dueAtMs(call.name, dossiers.get(key), id)))
  return {
    isLocked: ({ id, payoutKey: key, atMs }: DueRow) =>
      !ids.has(id) &&
      (touched.has(key) || (isOvertaken && (isFull || mayRetry)) || (isFull && times.has(atMs))),
    isRaced: payout =>
      isAgain(call, result, payout) && beside.some(({ call: other }) => records(other, payout)),
  }
}

/** When a row that was claimed had come due. */
function dueAtMs(name: keyof Store, dossier: Dossier | undefined, id: string): number | null {
  if (dossier === undefined) return null
  const rest = id.slice(dossier.key.length + 1)
  switch (name) {
    case 'claimDue':
      return dossier.queue?.dueAtMs ?? null
    case 'claimAttempts':
      return (
        dossier.attempts.find(({ attempt }) => attempt.attemptNo === Number(rest))?.attempt.nextInquiryAtMs ??
        null
      )
    case 'claimNotices':
      return dossier.notices.find(notice => notice.target === rest && notice.state === 'due')?.dueAtMs ?? null
    default:
      return dossier.searches.find(({ attemptNo }) => attemptNo === Number(rest))?.nextAtMs ?? null
  }
}

function isAgain({ name, args }: Call, result: unknown, payout: NewPayout): boolean {
  if (name !== 'acceptPayouts' || !Array.isArray(result)) return false
  const place = (args[0] as readonly NewPayout[]).indexOf(payout)
  return (result[place] as { kind: string } | undefined)?.kind === 'again'
}

function records(
  { name, args }: Call,
  { merchantId, reference, idempotencyKey, number }: NewPayout,
): boolean {
  if (name !== 'acceptPayouts') return false
  return (args[0] as readonly NewPayout[]).some(
    other =>
      other.merchantId === merchantId &&
      (other.reference === reference ||
        other.number === number ||
        (idempotencyKey !== null && other.idempotencyKey === idempotencyKey)),
  )
}
