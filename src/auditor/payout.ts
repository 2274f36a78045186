// What must hold of one payout, written down a second time: from the documents alone (docs/ledger.md, SAFETY.md section
// 6), without the lifecycle, the recipes or the audit that the rest of the program uses. One that is wrong is then
// contradicted here instead of confirmed.
import type { Breach, Invariant } from './breach.ts'

/** One payout with all that belongs to it, as it stood in one snapshot. Lists are in the order of their numbers. */
export interface PayoutFacts {
  readonly merchantId: string
  readonly number: string
  readonly state: string
  readonly version: number
  readonly attemptCount: number
  readonly currency: string
  readonly minor: bigint
  readonly attempts: readonly AttemptFact[]
  readonly proofs: readonly { readonly attemptNo: number; readonly kind: string }[]
  readonly steps: readonly { readonly sequence: number; readonly state: string }[]
  readonly movements: readonly Movement[]
}

export interface AttemptFact {
  readonly attemptNo: number
  readonly state: string
  readonly proofKind: string | null
  readonly providerAccountId: string
}

export interface Movement {
  readonly sequence: number
  readonly recipe: string
  readonly debit: string
  readonly credit: string
  readonly currency: string
  readonly minor: bigint
}

/** Every breach of one payout. */
export function judgePayout(facts: PayoutFacts): readonly Breach[] {
  const says = (invariant: Invariant) => (detail: string) => ({
    invariant,
    merchantId: facts.merchantId,
    subject: `payout ${facts.number} of ${facts.merchantId}`,
    detail,
  })
  return [
    ...attemptBreaches(facts).map(says('I1')),
    ...stepBreaches(facts).map(says('I7')),
    ...movementBreaches(facts).map(says('I8')),
  ]
}

/** Where the money of a payout stands: in an account of its merchant, or gone to the float it was paid from. */
type Place = 'available' | 'held' | 'in_flight' | 'gone'

const PLACES: Readonly<Record<string, Place>> = {
  waiting: 'held',
  queued: 'held',
  sending: 'in_flight',
  pending: 'in_flight',
  in_doubt: 'in_flight',
  paid: 'gone',
  failed: 'available',
  cancelled: 'available',
  returned: 'available',
}

/** I1: at most one attempt that is not dead, each dead one with its proof, and nothing after the one that was paid. */
function attemptBreaches(facts: PayoutFacts): readonly string[] {
  const { state, attempts, proofs } = facts
  const live = attempts.filter(attempt => attempt.state !== 'dead')
  const said: string[] = []
  if (live.length > 1) said.push(`attempts ${live.map(one => one.attemptNo).join(' and ')} are not dead`)
  for (const { attemptNo, state: stands, proofKind } of attempts) {
    const proof = proofs.find(one => one.attemptNo === attemptNo)
    if (stands === 'dead' && proof === undefined) said.push(`attempt ${attemptNo} is dead without a proof`)
    if (stands === 'dead' && proof !== undefined && proof.kind !== proofKind)
      said.push(`attempt ${attemptNo} is dead by ${proofKind}, its proof says ${proof.kind}`)
    if (stands !== 'dead' && proof !== undefined)
      said.push(`attempt ${attemptNo} is ${stands} and has a proof of death`)
    if ((stands === 'paid' || stands === 'returned') && attempts.some(one => one.attemptNo > attemptNo))
      said.push(`attempt ${attemptNo} is ${stands} and another one follows it`)
  }
  if (attempts.some(({ attemptNo }, index) => attemptNo !== index + 1))
    said.push(`its attempts are numbered ${attempts.map(one => one.attemptNo).join(', ')}`)
  if (attempts.length !== facts.attemptCount)
    said.push(`it counts ${facts.attemptCount} attempts and has ${attempts.length}`)
  // While bytes may have left, and after they paid, one attempt stands as its payout does. In any other state, none.
  const away = PLACES[state] === 'in_flight' || state === 'paid' || state === 'returned'
  if (away && live[0]?.state !== state)
    said.push(`it is ${state} and its attempt that is not dead is ${live[0]?.state ?? 'none'}`)
  if (!away && live.length > 0) said.push(`it is ${state} and attempt ${live[0]?.attemptNo} is not dead`)
  return said
}

/** Each step has its event, in order and without gaps, the last one is where the payout stands, and an end stays one. */
function stepBreaches({ steps, version, state }: PayoutFacts): readonly string[] {
  const said: string[] = []
  const gap = steps.findIndex(({ sequence }, index) => sequence !== index + 1)
  if (gap >= 0 || steps.length !== version)
    said.push(
      `it took ${version} steps and has ${steps.length} events, in order up to ${gap < 0 ? steps.length : gap}`,
    )
  const last = steps.at(-1)
  if (last?.state !== state) said.push(`it is ${state}, its last event says ${last?.state ?? 'nothing'}`)
  for (const [index, { state: from, sequence }] of steps.entries()) {
    const to = steps[index + 1]?.state
    const ends = ['failed', 'cancelled', 'returned'].includes(from) || (from === 'paid' && to !== 'returned')
    if (to !== undefined && ends) said.push(`after step ${sequence} it was ${from}, and then ${to}`)
  }
  return said
}

/**
 * I8: each step moved the whole amount from where it stood to where the next state keeps it, once, and nothing else was
 * moved. What was paid left through the float of the attempt that paid, and came back through the same one.
 */
function movementBreaches(facts: PayoutFacts): readonly string[] {
  const { attempts, steps, movements, minor, currency } = facts
  const payer = attempts.find(({ state }) => state === 'paid' || state === 'returned')
  const float = `float:${payer?.providerAccountId ?? '?'}`
  const expected = new Map<string, number>()
  let stands: Place = 'available'
  for (const { sequence, state } of steps) {
    const next = PLACES[state]
    if (next === undefined) return [`step ${sequence} reaches ${state}, which is no state`]
    if (next !== stands) {
      const [from, to] = [stands, next].map(place => (place === 'gone' ? float : place))
      expected.set(`${sequence}: ${minor} ${currency} from ${from} to ${to}`, 1)
    }
    stands = next
  }
  const said: string[] = []
  for (const movement of movements) {
    if (isBeside(movement, facts)) continue
    const { sequence, debit, credit } = movement
    const key = `${sequence}: ${movement.minor} ${movement.currency} from ${debit} to ${credit}`
    const left = expected.get(key) ?? 0
    if (left > 0) expected.set(key, left - 1)
    else said.push(`step ${key} was booked and should not be`)
  }
  for (const [key, left] of expected) if (left > 0) said.push(`step ${key} should be booked and was not`)
  return said
}

/** Movements that follow no step: a fee, what a dead attempt cost after all, and a correction that leaves live money. */
function isBeside({ recipe, debit, credit, currency, minor }: Movement, facts: PayoutFacts): boolean {
  if (currency !== facts.currency) return false
  switch (recipe) {
    case 'fee':
      return debit === 'available' && credit === 'fees'
    case 'recall':
      return debit === 'recall_receivable' && minor === facts.minor && diedAt(credit, facts)
    case 'correction':
      return ![debit, credit].some(account => account === 'held' || account === 'in_flight')
    default:
      return false
  }
}

function diedAt(account: string, { attempts }: PayoutFacts): boolean {
  return attempts.some(
    ({ state, providerAccountId }) => state === 'dead' && account === `float:${providerAccountId}`,
  )
}
