// Chance as the faults of a history: one generator for each purpose, so that switching one kind off leaves the draws of
// the others as they were.
import type { Random } from '../../../src/lib/random.ts'
import { seededRandom } from '../../../src/lib/random.ts'
import { CONNECT_FAULTS, type LineFault } from '../network/line.ts'
import type { LineFaults } from '../network/network.ts'
import type { Fault, Options } from '../options.ts'
import type { DrawPause, FaultKind, Strike } from '../process/points.ts'
import type { CallbackFault } from '../rails/callback-line.ts'

export interface Faults extends LineFaults {
  readonly strike: Strike
  /** What the line to the store alone does: nobody dies of it. */
  readonly strikeLine: Strike
  readonly drawPause: DrawPause
  drawLatency(): { readonly ms: number; readonly late: boolean }
  callback(): { readonly fault: CallbackFault | null; readonly delayMs: number }
  /** How many of each kind happened. */
  readonly counts: Map<string, number>
  /** From now on nothing goes wrong any more. */
  heal(): void
  isHealed(): boolean
  /** One draw of a kind's own generator: true as often as its rate says. */
  happens(fault: Fault): boolean
  chance(fault: Fault): Random
}

const LINE: readonly LineFault[] = [
  'lost_before',
  'reset_before',
  'lost_after',
  'reset_after',
  'held',
  'delayed',
  'half',
  'doubled',
]
const GARBAGE: readonly LineFault[] = ['garbage', 'empty', 'redirect']
const CLIENT: readonly LineFault[] = ['client_error', 'unauthorized', 'nothing_there', 'conflict', 'too_many']
const SERVER: readonly LineFault[] = ['server_error', 'fault']

/** `refusals`: statuses by which the provider at this host refuses, so that it never answers so what it has accepted. */
export function createFaults(
  options: Options,
  refusals: (host: string) => readonly number[],
  isProvider: (host: string) => boolean,
): Faults {
  const chances = new Map<Fault, Random>()
  const latency = seededRandom(BigInt(options.seed) * 1_000n + 900n)
  const counts = new Map<string, number>()
  let healed = false

  function chance(fault: Fault): Random {
    let random = chances.get(fault)
    if (random === undefined) {
      random = seededRandom(BigInt(options.seed) * 1_000n + BigInt(purposeOf(fault)))
      chances.set(fault, random)
    }
    return random
  }

  function happens(fault: Fault): boolean {
    const rate = options.rates[fault]
    if (healed || rate === 0) return false
    const does = chance(fault).below(PARTS) < rate * PARTS
    if (does) count(fault)
    return does
  }
  const count = (name: string): void => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const of = <Value>(fault: Fault, list: readonly [Value, ...Value[]] | readonly Value[]): Value | null =>
    list[chance(fault).below(list.length)] ?? null

  const strike: Strike = ({ port, name }) => {
    if (healed) return null
    let kind: FaultKind | null = null
    if (happens('crash')) kind = chance('crash').below(2) === 0 ? 'crash_before' : 'crash_after'
    else if (happens('pause')) kind = 'pause'
    else if (port === 'store' && happens('commit_cut')) kind = 'answer_lost'
    else if (port === 'store' && happens('store_error')) kind = 'no_effect'
    else if (port === 'store' && isWrite(name) && happens('store_twice')) kind = 'twice'
    if (kind !== null) count(`${port} ${kind}`)
    return kind
  }

  const strikeLine: Strike = () => {
    if (happens('commit_cut')) return 'answer_lost'
    return happens('store_error') ? 'no_effect' : null
  }

  return {
    counts,
    strike,
    strikeLine,
    happens,
    chance,
    drawPause() {
      const random = chance('pause')
      // Around the lease, and far beyond it; 90 % to 110 % of 75 seconds is where a send is lost.
      const ms =
        [1_000, 25_000, 67_000 + random.below(16_000), 90_000, 300_000, 750_000][random.below(6)] ?? 1_000
      // A machine that sleeps hides the time from one of its clocks, a jump from the other. Both at once hide it from all.
      const mayFreeze = options.rates.clock_jump === 0
      return { ms, frozen: random.below(3) === 0 && mayFreeze }
    },
    drawLatency() {
      const ms = 1 + latency.below(4)
      if (healed) return { ms, late: false }
      const slow = happens('store_slow') ? 500 + chance('store_slow').below(8_000) : 0
      return { ms: ms + slow, late: latency.below(5) === 0 }
    },
    callback() {
      const delayMs = 1_000 + chance('callback_delayed').below(600_000)
      if (happens('callback_dropped')) return { fault: 'dropped', delayMs }
      if (happens('callback_doubled')) return { fault: 'doubled', delayMs }
      if (happens('callback_forged')) return { fault: 'forged', delayMs }
      return { fault: happens('callback_delayed') ? 'delayed' : null, delayMs }
    },
    connect: host => (isProvider(host) && happens('connect') ? of('connect', CONNECT_FAULTS) : null),
    connectMs(host) {
      if (healed || options.rates.connect === 0 || !isProvider(host)) return 0
      const random = chance('connect')
      return random.below(20) === 0 ? 500 + random.below(4_000) : 0
    },
    line(host, kind) {
      if (!isProvider(host)) return null
      let fault: LineFault | null = null
      if (happens('line')) fault = of('line', LINE)
      else if (happens('server_error')) fault = of('server_error', SERVER)
      else if (happens('garbage')) fault = of('garbage', GARBAGE)
      else if (happens('client_error')) fault = of('client_error', CLIENT)
      else if (kind === 'send' && happens('late')) fault = 'late'
      if (fault === 'too_many' && refusals(host).includes(429)) return 'server_error'
      if (fault !== null) count(`line ${fault}`)
      return fault
    },
    lateMs: () => 5_000 + chance('late').below(170_000),
    heal() {
      healed = true
    },
    isHealed: () => healed,
  }
}

const PARTS = 100_000
const WRITES = new Set([
  'acceptPayouts',
  'advancePayouts',
  'recordCallbacks',
  'recordNotices',
  'answerOneTimeUse',
])

function isWrite(name: string): boolean {
  return WRITES.has(name)
}

/** A number that stays the kind's own when the list of kinds changes. */
function purposeOf(fault: Fault): number {
  let sum = 0
  for (let place = 0; place < fault.length; place += 1) sum = (sum * 31 + fault.charCodeAt(place)) % 797
  return 100 + sum
}
