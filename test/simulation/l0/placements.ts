// L0: one payout and exactly one fault, or two. Every port call of a small history is a place; every kind of fault is put
// at every place, under every behaviour of the provider. What is numbered can be played again by its number.
import { seededRandom } from '../../../src/lib/random.ts'
import { FAULTS, type Fault, type Options } from '../options.ts'
import { FAULT_KINDS, type FaultKind } from '../process/points.ts'

export interface Placement {
  readonly at: number
  readonly kind: FaultKind
}

export interface L0Case {
  readonly contract: 'one_step' | 'two_steps'
  readonly behaviour: string
}

/** SAFETY.md section 7, as rails/synthetic-behaviours.ts names them; those that break the contract are played too. */
const BEHAVIOURS = [
  'pays_at_once',
  'pays_later',
  'refuses',
  'fails_later',
  'fails_pays_within',
  'fails_pays_after',
  'pays_returns',
  'pays_hours_later',
  'not_found_for_a_while',
  'never_found',
  'dropped_before',
  'dropped_after',
  'server_error_after',
  'client_error_after',
  'redirect_after',
  'garbage_after',
  'cut_after',
  'times_out_behind',
  'calls_it_duplicate',
  'other_amount',
  'doubled',
  'callback_only',
  'callback_contradicts',
  'forgets',
] as const

export const L0_CASES: readonly L0Case[] = BEHAVIOURS.flatMap(behaviour => [
  { contract: 'one_step', behaviour } as const,
  { contract: 'two_steps', behaviour } as const,
])

/** Places of a case that are tried; a history of one payout has about so many before it has ended. */
export const POINTS = 40

export const SINGLES = L0_CASES.length * POINTS * FAULT_KINDS.length

/** The case and the faults of a number: a single one below `SINGLES`, a drawn pair above. */
export function placementsOf(number: number): {
  readonly of: L0Case
  readonly placements: readonly Placement[]
} {
  if (number < SINGLES) {
    const kind = FAULT_KINDS[number % FAULT_KINDS.length]
    const at = Math.floor(number / FAULT_KINDS.length) % POINTS
    const of = L0_CASES[Math.floor(number / FAULT_KINDS.length / POINTS)]
    if (kind === undefined || of === undefined) throw new Error(`there is no placement ${number}`)
    return { of, placements: [{ at, kind }] }
  }
  const random = seededRandom(number)
  const draw = (): Placement => ({
    at: random.below(POINTS * 2),
    kind: FAULT_KINDS[random.below(FAULT_KINDS.length)] ?? 'crash_before',
  })
  const of = L0_CASES[random.below(L0_CASES.length)]
  if (of === undefined) throw new Error('there are cases')
  return { of, placements: [draw(), draw()] }
}

export function optionsOf({ contract, behaviour }: L0Case, number: number): Options {
  const none = Object.fromEntries(FAULTS.map(fault => [fault, 0])) as Record<Fault, number> // an entry for each
  return {
    seed: number,
    accounts: [{ id: 'synthetic1', protocol: 'synthetic', query: true }],
    merchants: 1,
    payouts: 1,
    openingMinor: 1_000_000n,
    hosts: 2,
    breakMs: 150_000,
    broken: true,
    long: behaviour === 'pays_returns',
    seldom: true,
    repeating: 0,
    rates: none,
    pinned: { contract, behaviour },
  }
}
