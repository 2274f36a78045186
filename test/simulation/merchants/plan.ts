// What the merchants' clients are going to do, drawn before the history begins, so that one of them can be left out and
// all the others stay as they were.
import { type Random, seededRandom } from '../../../src/lib/random.ts'
import type { WalletOperator } from '../../../src/payout/beneficiary.ts'
import type { Options } from '../options.ts'

export interface ClientPlan {
  readonly index: number
  readonly merchantId: string
  readonly atMs: number
  readonly reference: string
  readonly door: 'api' | 'paypro'
  /** Only the native API has one. */
  readonly key: string | null
  readonly operator: WalletOperator
  readonly minor: bigint
  readonly needsConfirmation: boolean
  /** Times at which the same request is made again, whatever was answered. */
  readonly againAtMs: readonly number[]
  /** When other content is tried under the same reference; null: never. */
  readonly otherAtMs: number | null
  readonly cancelAtMs: number | null
}

export const OPERATORS = ['bkash', 'rocket', 'nagad'] as const satisfies readonly WalletOperator[]

export function merchantIdOf(place: number): string {
  return `m_${place + 1}`
}

export function planClients(
  options: Options,
  startMs: number,
  dropped: ReadonlySet<number>,
): readonly ClientPlan[] {
  return Array.from({ length: options.payouts }, (_, index) => index)
    .filter(index => !dropped.has(index))
    .map(index =>
      planOne(
        options,
        startMs,
        index,
        seededRandom(BigInt(options.seed) * 1_000n + 7n + BigInt(index) * 1_000_003n),
      ),
    )
}

function planOne(options: Options, startMs: number, index: number, random: Random): ClientPlan {
  const { rates, breakMs } = options
  const happens = (rate: number): boolean => random.below(1_000) < rate * 1_000
  const atMs = startMs + 2_000 + random.below(breakMs)
  const door = random.below(3) === 0 ? 'paypro' : 'api'
  const repeats = happens(rates.repeats / 2) ? 1 + random.below(random.below(10) === 0 ? 49 : 3) : 0
  const againAtMs = Array.from({ length: repeats }, () => atMs + againMs(random))
  const otherAtMs = happens(rates.other_content) ? atMs + againMs(random) : null
  const cancelAtMs = happens(rates.cancels) ? atMs + random.below(random.below(2) === 0 ? 400 : 30_000) : null
  return {
    ...{ index, atMs, door, againAtMs, otherAtMs, cancelAtMs },
    merchantId: merchantIdOf(random.below(options.merchants)),
    reference: `order-${index}`,
    key: door === 'api' && random.below(2) === 0 ? `key-${index}` : null,
    operator: OPERATORS[random.below(OPERATORS.length)] ?? 'bkash',
    minor: BigInt(100 + random.below(100_000)),
    needsConfirmation: door === 'api' && random.below(10) === 0,
  }
}

/** At once, while it is on its way, or days later. */
function againMs(random: Random): number {
  switch (random.below(4)) {
    case 0:
      return random.below(50)
    case 1:
      return random.below(10_000)
    case 2:
      return random.below(600_000)
    default:
      return random.below(3_600_000)
  }
}
