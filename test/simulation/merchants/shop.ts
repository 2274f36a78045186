// The merchants' receiver of notices. What it is told has to be true, in order, and never ahead of what a read shows: I10
// and I23, from outside.
import type { Random } from '../../../src/lib/random.ts'
import { parsePayoutCode } from '../../../src/payout/number.ts'
import type { PayoutState } from '../../../src/payout/payout.ts'
import type { WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import { payoutKey, type Shadow } from '../auditor/shadow.ts'
import type { Station } from '../network/network.ts'

export interface ShopNeeds {
  readonly shadow: Shadow
  readonly random: Random
  /** Whether this notice is not acknowledged, for whatever reason. */
  readonly fails: () => boolean
  /** A restore lost what was known of this order, and its number may stand for another one. */
  readonly isTouched: (merchantId: string, reference: string) => boolean
  readonly report: (invariant: string, said: string) => void
  readonly sometimes: (mark: string) => void
}

export interface Shop extends Station {
  /** The states that were told of a payout, in the order of their first arrival. */
  heard(merchantId: string, number: bigint): readonly string[]
}

/** What a PayPro client reads, and the states that may be behind it. */
const MEANING: Readonly<Record<string, readonly PayoutState[]>> = {
  '0000': ['paid'],
  '0100119': ['failed', 'cancelled'],
  '990020': ['returned'],
}

export function createShop({ shadow, random, fails, isTouched, report, sometimes }: ShopNeeds): Shop {
  const heard = new Map<string, string[]>()

  function hear(merchantId: string, request: WireRequest): void {
    const told = JSON.parse(request.body ?? '{}') as {
      status?: string
      platFormTradeNo?: string
      tradeNo?: string
    }
    if (isTouched(merchantId, told.tradeNo ?? '')) return
    const code = parsePayoutCode(told.platFormTradeNo ?? '')
    const payout = code === null ? undefined : shadow.payouts.get(payoutKey(merchantId, code.number))
    if (payout === undefined) {
      report('I10', `a notice names ${told.platFormTradeNo}, which is no payout of ${merchantId}`)
      return
    }
    const states = MEANING[told.status ?? ''] ?? []
    const place = payout.events.findIndex(state => states.includes(state))
    if (place < 0)
      report(
        'I23',
        `a notice says ${told.status} of payout ${payout.number}, which was ${payout.events.join(', ')}`,
      )
    if (payout.reference !== told.tradeNo)
      report('I23', `a notice of ${payout.reference} names ${told.tradeNo}`)
    const key = payoutKey(merchantId, payout.number)
    const before = heard.get(key) ?? []
    const status = told.status ?? ''
    if (before.includes(status)) {
      sometimes('a notice came twice')
      return
    }
    heard.set(key, [...before, status])
    if (status === '990020' && !before.includes('0000'))
      report('I10', `payout ${payout.number} was told returned before paid`)
  }

  return {
    heard: (merchantId, number) => heard.get(payoutKey(merchantId, number)) ?? [],
    async serve(request): Promise<WireAnswer | null> {
      const merchantId = new URL(request.url).pathname.split('/').at(-1) ?? ''
      const lost = fails()
      // It may have been heard all the same.
      if (!lost || random.below(2) === 0) hear(merchantId, request)
      if (!lost) return { status: 200, headers: {}, body: Buffer.from('OK') }
      return random.below(3) === 0
        ? null
        : { status: [500, 200, 404][random.below(3)] ?? 500, headers: {}, body: Buffer.from('busy') }
    },
  }
}
