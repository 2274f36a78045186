// What many pauses come to; kept like the summary of a storm.
import { z } from 'zod'
import type { Paused } from './pause.ts'

const pausesSchema = z.strictObject({
  kind: z.literal('pauses'),
  seed: z.number(),
  pauses: z.number(),
  /** By role and length in leases. */
  roles: z.record(z.string(), z.number()),
  /** Sends that stopped processes had under way. */
  sending: z.number(),
  orders: z.number(),
  arrivals: z.number(),
  neverArrived: z.number(),
  breaches: z.array(z.strictObject({ place: z.number(), says: z.string() })),
})
export type Pauses = z.infer<typeof pausesSchema>

export function emptyPauses(seed: number): Pauses {
  const none = { pauses: 0, sending: 0, orders: 0, arrivals: 0, neverArrived: 0 }
  return { kind: 'pauses', seed, ...none, roles: {}, breaches: [] }
}

export function readPauses(text: string | null): Pauses | null {
  if (text === null) return null
  const read = pausesSchema.safeParse(JSON.parse(text))
  return read.success ? read.data : null
}

export function addPause(summary: Pauses, paused: Paused): Pauses {
  const kind = `${paused.role} ${paused.leases}`
  return {
    ...summary,
    pauses: summary.pauses + 1,
    roles: { ...summary.roles, [kind]: (summary.roles[kind] ?? 0) + 1 },
    sending: summary.sending + paused.sending,
    orders: summary.orders + paused.orders,
    arrivals: summary.arrivals + paused.arrivals,
    neverArrived: summary.neverArrived + paused.neverArrived,
    breaches: [...summary.breaches, ...paused.breaches.map(says => ({ place: paused.place, says }))],
  }
}
