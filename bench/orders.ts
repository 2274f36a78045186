// Payouts that stand already, recorded through the store as a door would.
import { sha256 } from '../src/lib/digest.ts'
import { currencyOf } from '../src/money/currency.ts'
import { payoutCode } from '../src/payout/number.ts'
import type { Lab } from './lab.ts'
import { BENCH_MERCHANT, BENCH_MINOR, CREDENTIALS } from './merchant.ts'
import type { Order } from './requests.ts'

const BATCH = 500
const TAG = 5

export async function orders(
  lab: Lab,
  count: number,
  door: 'payneteasy' | 'avanor',
  to: 'waiting' | 'queued',
): Promise<readonly Order[]> {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT is a currency')
  const all: Order[] = []
  for (let made = 0; made < count; made += BATCH) {
    const { first } = await lab.store.takeNumbers(BATCH)
    const run = lab.run()
    const batch = Array.from({ length: Math.min(BATCH, count - made) }, (_, place) => {
      const number = first + BigInt(place)
      const reference = `${run}-${place}`
      all.push({ number: String(number), reference, id: `po_${payoutCode(number, TAG)}` })
      return {
        ...{ merchantId: BENCH_MERCHANT, number, tag: TAG, reference, idempotencyKey: null },
        ...{ fingerprint: sha256(reference), amount: { minor: BENCH_MINOR, currency } },
        beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' } as const,
        ...{ description: null, metadata: null, door, doorCredentialId: CREDENTIALS[door].publicId },
        ...{ requestId: null, notifyUrl: null, createdAtMs: Date.now(), to, refuse: null },
        waitReason: to === 'waiting' ? ('confirmation' as const) : null,
        firstAnswer: '{}',
      }
    })
    const verdicts = await lab.store.acceptPayouts(batch)
    if (verdicts.some(({ kind }) => kind !== 'accepted')) throw new Error('orders are recorded')
  }
  return all
}
