// A client of the PayPro door, as a merchant would write it: it signs, sends over the network and reads the answer.
import { parsePayoutCode } from '../../../src/payout/number.ts'
import { payproBuilder } from '../../../src/protocols/paypro/builder.ts'
import type { WireAnswer } from '../../../src/protocols/protocol.ts'
import type { Network } from '../network/network.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { ClientPlan } from './plan.ts'

export type DoorSaid =
  | { readonly kind: 'taken'; readonly number: bigint; readonly answer: string }
  | { readonly kind: 'refused'; readonly why: string }
  /** Whatever it was, the same request again is safe. */
  | { readonly kind: 'unknown' }

export interface DoorClient {
  create(plan: ClientPlan, minor: bigint): Promise<DoorSaid | null>
  /** `data.status` of the door's own answer; null where it has none. */
  query(plan: ClientPlan): Promise<string | null>
}

const WAY_CODES = { bkash: 'EWALLET_BKASH', rocket: 'EWALLET_ROCKET', nagad: 'EWALLET_NAGAD' } as const
const WAITS_MS = 10_000

export function createDoorClient(of: {
  readonly scheduler: Scheduler
  readonly network: Network
  readonly gateUrl: string
  readonly notifyUrl: string
  readonly wallet: string
}): DoorClient {
  const { scheduler, network, gateUrl } = of

  function call(
    plan: ClientPlan,
    name: string,
    fields: readonly (readonly [string, string])[],
  ): Promise<WireAnswer | null> {
    const { promise, resolve } = Promise.withResolvers<WireAnswer | null>()
    const built = payproBuilder.build({
      ...{ call: name, fields: new Map(fields), baseUrl: gateUrl, path: null },
      credential: { publicId: `shop-${plan.merchantId}`, secret: shopSecret(plan.merchantId), settings: {} },
      at: { nowMs: scheduler.now(), nonce: '' },
    })
    if (!built.ok) throw new Error(built.why)
    network.carry(built.request, 'ask', plan.merchantId, { lost: false, twice: false }, seen =>
      resolve(seen.kind === 'answered' ? seen.answer : null),
    )
    scheduler.after(WAITS_MS, () => resolve(null))
    return promise
  }

  return {
    async create(plan, minor) {
      const answer = await call(plan, 'payout', [
        ['tradeNo', plan.reference],
        ['amount', `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`],
        ['notifyUrl', `${of.notifyUrl}/${plan.merchantId}`],
        ['wayCode', WAY_CODES[plan.operator]],
        ['walletId', of.wallet],
      ])
      return answer === null ? null : said(answer)
    },
    async query(plan) {
      const answer = await call(plan, 'query', [['tradeNo', plan.reference]])
      return answer?.status === 200 ? (parsed(answer).data?.status ?? null) : null
    },
  }
}

export function shopSecret(merchantId: string): string {
  return `secret of ${merchantId}`
}

interface PayproBody {
  readonly code?: string
  readonly success?: boolean
  readonly msg?: string
  readonly data?: { readonly status?: string; readonly platFormTradeNo?: string }
}

function parsed(answer: WireAnswer): PayproBody {
  try {
    return JSON.parse(Buffer.from(answer.body).toString()) as PayproBody
  } catch {
    return {}
  }
}

function said(answer: WireAnswer): DoorSaid {
  if (answer.status !== 200) return { kind: 'unknown' }
  const body = parsed(answer)
  if (body.code === undefined) return { kind: 'unknown' }
  if (body.code !== '0000') return { kind: 'refused', why: `${body.code} ${body.msg ?? ''}` }
  const code = parsePayoutCode(body.data?.platFormTradeNo ?? '')
  return code === null
    ? { kind: 'unknown' }
    : { kind: 'taken', number: code.number, answer: Buffer.from(answer.body).toString() }
}
