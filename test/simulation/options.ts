// What a seed stands for: the installation, its load and what goes wrong with it. Swarm testing: each kind of fault is on
// or off, and only then its rate is drawn, because a history with all of them at once never reaches most corners.

import type { Random } from '../../src/lib/random.ts'
import { seededRandom } from '../../src/lib/random.ts'

const SWARM = [
  'connect',
  'line',
  'server_error',
  'garbage',
  'client_error',
  'late',
  'behaviours',
  'callback_dropped',
  'callback_doubled',
  'callback_delayed',
  'callback_forged',
  'crash',
  'pause',
  'commit_cut',
  'store_error',
  'store_twice',
  'store_slow',
  'clock_offset',
  'clock_jump',
  'repeats',
  'other_content',
  'cancels',
  'notices',
  'outage',
] as const

/** Parts that are played in some histories only: in which share of them, and then at which rate. */
const PARTS = {
  kill_switch: { share: 0.2, rate: 1 },
  disk: { share: 0.3, rate: 0.03 },
  lost_tail: { share: 0.05, rate: 1 },
  restore: { share: 0.01, rate: 1 },
  decisions: { share: 0.15, rate: 1 },
  /** Beside what was proposed somebody else proposes the contrary, and both are confirmed at once. */
  conflicting_decisions: { share: 0.05, rate: 1 },
} as const

export const FAULTS = [...SWARM, ...(Object.keys(PARTS) as (keyof typeof PARTS)[])] as const
export type Fault = (typeof FAULTS)[number]

export interface AccountOptions {
  readonly id: string
  readonly protocol: 'paypro' | 'avanor' | 'payneteasy' | 'synthetic'
  /** PayPro without its query: a signed callback decides. */
  readonly query: boolean
}

export interface Options {
  readonly seed: number
  readonly accounts: readonly AccountOptions[]
  readonly merchants: number
  readonly payouts: number
  /** What each merchant has at the beginning. */
  readonly openingMinor: bigint
  readonly hosts: number
  /** For how long clients come and faults happen. */
  readonly breakMs: number
  /** Providers may break their contract. */
  readonly broken: boolean
  /** A history that is followed for a virtual day after it has healed, to see what comes back. */
  readonly long: boolean
  /** Contracts ask often at first and seldom later, so that waiting for a day costs a dozen inquiries and not hundreds. */
  readonly seldom: boolean
  /** In which share of them a synthetic provider takes the same reference again as the same payout. */
  readonly repeating: number
  /** Zero: the kind is off. Elsewhere the meaning of a rate is the fault's own. */
  readonly rates: Readonly<Record<Fault, number>>
  /** L0: a contract that is not drawn, and the behaviour of every order. */
  readonly pinned: { readonly contract: 'one_step' | 'two_steps'; readonly behaviour: string } | null
}

const MINUTE_MS = 60_000

/** The upper end of each rate, in parts of one. */
const RATE_MAX: Readonly<Record<(typeof SWARM)[number], number>> = {
  connect: 0.3,
  line: 0.3,
  server_error: 0.2,
  garbage: 0.1,
  client_error: 0.05,
  late: 0.05,
  behaviours: 1,
  callback_dropped: 0.3,
  callback_doubled: 0.5,
  callback_delayed: 0.3,
  callback_forged: 0.05,
  crash: 0.01,
  pause: 0.01,
  commit_cut: 0.05,
  store_error: 0.1,
  store_twice: 0.02,
  store_slow: 0.05,
  clock_offset: 1,
  clock_jump: 1,
  repeats: 1,
  other_content: 0.3,
  cancels: 0.3,
  notices: 0.5,
  outage: 1,
}

export function drawOptions(seed: number): Options {
  const random = seededRandom(seed)
  const rates = Object.fromEntries(SWARM.map(fault => [fault, drawRate(random, RATE_MAX[fault])]))
  return {
    seed,
    accounts: drawAccounts(random),
    merchants: drawSize(random, MERCHANTS),
    payouts: drawSize(random, PAYOUTS),
    openingMinor: random.below(8) === 0 ? 200_000n : 50_000_000n,
    hosts: drawSize(random, HOSTS),
    breakMs: MINUTE_MS * (1 + random.below(random.below(5) === 0 ? 60 : 8)),
    broken: random.below(10) === 0,
    long: random.below(20) === 0,
    seldom: random.below(8) !== 0,
    repeating: 0.5,
    rates: { ...rates, ...drawParts(seed) } as Record<Fault, number>, // an entry for each of FAULTS
    pinned: null,
  }
}

/** Up to so many (`most`), in this share of the histories. */
interface Size {
  readonly share: number
  readonly most: number
}

/**
 * Most histories are small: what goes wrong with many payouts at once goes wrong with two, and of small ones there are ten
 * times as many. Each kind of fault is drawn for both alike. The rest shows what only a crowd shows.
 */
const PAYOUTS: readonly Size[] = [
  { share: 0.8, most: 3 },
  { share: 0.16, most: 6 },
  { share: 0.03, most: 15 },
  { share: 0.01, most: 50 },
]
const MERCHANTS: readonly Size[] = [
  { share: 0.8, most: 1 },
  { share: 0.2, most: 3 },
]
const HOSTS: readonly Size[] = [
  { share: 0.45, most: 1 },
  { share: 0.5, most: 2 },
  { share: 0.05, most: 4 },
]
const PROVIDERS: readonly Size[] = [
  { share: 0.5, most: 1 },
  { share: 0.45, most: 2 },
  { share: 0.05, most: 4 },
]

function drawSize(random: Random, sizes: readonly Size[]): number {
  let rest = random.below(1_000) / 1_000
  let most = 1
  for (const size of sizes) {
    most = size.most
    if (rest < size.share) break
    rest -= size.share
  }
  return 1 + random.below(most)
}

function drawRate(random: Random, max: number): number {
  const isOn = random.below(2) === 0
  const part = random.below(1_000) / 1_000
  return isOn ? max * part : 0
}

/** From a generator of their own, so that a part that is added leaves all other draws as they were. */
function drawParts(seed: number): Readonly<Record<string, number>> {
  const random = seededRandom(BigInt(seed) * 1_000n + 970n)
  return Object.fromEntries(
    Object.entries(PARTS).map(([part, { share, rate }]) => [
      part,
      random.below(1_000) < share * 1_000 ? rate : 0,
    ]),
  )
}

/** Of the synthetic one each contract is another; Payneteasy's signatures take half a history's time. */
const PROTOCOLS = [
  ...(['paypro', 'paypro', 'avanor', 'payneteasy'] as const),
  ...(['synthetic', 'synthetic', 'synthetic', 'synthetic', 'synthetic', 'synthetic'] as const),
]

function drawAccounts(random: Random): readonly AccountOptions[] {
  const count = drawSize(random, PROVIDERS)
  return Array.from({ length: count }, (_, place) => {
    const protocol = PROTOCOLS[random.below(PROTOCOLS.length)] ?? 'paypro'
    return { id: `${protocol}${place + 1}`, protocol, query: random.below(5) !== 0 }
  })
}

/** The same history with a kind of fault switched off, or less of everything: for shrinking. */
export function withoutFault(options: Options, fault: Fault): Options {
  return { ...options, rates: { ...options.rates, [fault]: 0 } }
}
