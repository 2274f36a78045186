// The control routes of a simulated provider: its books, and faults by name. Loopback only, like the rest of it.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { isoTime } from '../lib/clock.ts'
import { parseJson, toPlain } from '../lib/json.ts'
import { printDecimal } from '../money/decimal.ts'
import { beneficiaryKey } from '../payout/beneficiary.ts'
import type { RailOrder } from './books.ts'
import type { FaultPlan } from './faults.ts'

export interface ControlNeeds {
  readonly faults: FaultPlan
  books(): readonly RailOrder[]
  /** Callbacks that are neither acknowledged nor given up. */
  callbacksWaiting(): number
}

export function isControlPath(path: string): boolean {
  return path.startsWith('/_rail/')
}

/** An order as the books print it. Amounts are decimal text, times RFC 3339 in UTC. */
export type PrintedOrder = ReturnType<typeof printOrder>

export function addControl(server: FastifyInstance, { faults, books, callbacksWaiting }: ControlNeeds): void {
  server.register(async control => {
    control.removeAllContentTypeParsers()
    control.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    )
    control.get('/_rail/health', async (_request, reply) =>
      json(reply, 200, { ok: true, orders: books().length, callbacksWaiting: callbacksWaiting() }),
    )
    control.get('/_rail/books', async (_request, reply) =>
      json(reply, 200, { orders: books().map(printOrder) }),
    )
    control.get('/_rail/faults', async (_request, reply) => json(reply, 200, { faults: faults.list() }))
    control.delete('/_rail/faults', async (_request, reply) => {
      faults.clear()
      return json(reply, 200, { faults: [] })
    })
    control.post('/_rail/faults', async (request, reply) => {
      const asked = readFault(request.body)
      const refused = typeof asked === 'string' ? asked : faults.set(asked)
      return refused === null
        ? json(reply, 200, { faults: faults.list() })
        : json(reply, 400, { error: refused })
    })
  })
}

const BODY_BYTES_MAX = 4_096

const faultSchema = z.strictObject({
  name: z.string().max(64),
  rate: z.union([z.number(), z.string().regex(/^(?:0(?:\.[0-9]{1,6})?|1(?:\.0{1,6})?)$/)]).default(1),
  count: z.number().int().nullable().default(null),
  path: z.string().max(256).nullable().default(null),
})

function readFault(
  body: unknown,
): { name: string; rate: number; count: number | null; path: string | null } | string {
  const parsed =
    body instanceof Uint8Array ? parseJson(body) : { ok: false as const, why: 'a body is missing' }
  if (!parsed.ok) return parsed.why
  const checked = faultSchema.safeParse(toPlain(parsed.value))
  if (!checked.success) return z.prettifyError(checked.error)
  return { ...checked.data, rate: Number(checked.data.rate) }
}

export function printOrder(order: RailOrder) {
  return {
    merchantId: order.merchantId,
    reference: order.reference,
    number: order.number.toString(),
    amount: printDecimal(order.amount),
    currency: order.amount.currency as string,
    beneficiary: beneficiaryKey(order.beneficiary),
    behaviour: order.behaviour,
    state: order.state,
    timesArrived: order.timesArrived,
    timesAccepted: order.timesAccepted,
    timesConfirmed: order.timesConfirmed,
    timesPaid: order.timesPaid,
    acceptedAt: isoTime(order.acceptedAtMs),
    startedAt: order.startedAtMs === null ? null : isoTime(order.startedAtMs),
    paidAt: order.paidAtMs === null ? null : isoTime(order.paidAtMs),
    failedAt: order.failedAtMs === null ? null : isoTime(order.failedAtMs),
    returnedAt: order.returnedAtMs === null ? null : isoTime(order.returnedAtMs),
  }
}

function json(reply: FastifyReply, status: number, body: unknown): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .send(`${JSON.stringify(body)}\n`)
}
