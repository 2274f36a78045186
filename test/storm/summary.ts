// What many histories come to: kept after each of them, so that the next start of the same seed goes on from there.
import { z } from 'zod'
import type { History } from './history.ts'

const summarySchema = z.strictObject({
  kind: z.literal('storm'),
  seed: z.number(),
  histories: z.number(),
  orders: z.number(),
  arrivals: z.number(),
  refusals: z.number(),
  neverArrived: z.number(),
  faults: z.record(z.string(), z.number()),
  lost: z.number(),
  double: z.number(),
  breaches: z.array(z.strictObject({ seed: z.number(), says: z.string() })),
  seconds: z.number(),
})
export type Summary = z.infer<typeof summarySchema>

export function emptySummary(seed: number): Summary {
  const none = { histories: 0, orders: 0, arrivals: 0, refusals: 0, neverArrived: 0, lost: 0, double: 0 }
  return { kind: 'storm', seed, ...none, faults: {}, breaches: [], seconds: 0 }
}

/** Null where nothing is kept, or what is kept is of another shape. */
export function readSummary(text: string | null): Summary | null {
  if (text === null) return null
  const read = summarySchema.safeParse(JSON.parse(text))
  return read.success ? read.data : null
}

export function addHistory(summary: Summary, history: History): Summary {
  const faults = { ...summary.faults }
  for (const [fault, count] of Object.entries(history.faults)) faults[fault] = (faults[fault] ?? 0) + count
  const saying = (word: string): number => history.breaches.filter(says => says.startsWith(word)).length
  return {
    ...summary,
    histories: summary.histories + 1,
    orders: summary.orders + history.orders,
    arrivals: summary.arrivals + history.arrivals,
    refusals: summary.refusals + history.refusals,
    neverArrived: summary.neverArrived + history.neverArrived,
    faults,
    lost: summary.lost + saying('lost'),
    double: summary.double + saying('double'),
    breaches: [...summary.breaches, ...history.breaches.map(says => ({ seed: history.seed, says }))],
  }
}
