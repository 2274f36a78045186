// What a load generator is asked for, and what it gives.
import type { RequestPlan } from './requests.ts'

export interface LoadPlan extends RequestPlan {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** Calls in a second, or null: closed. */
  readonly rate: number | null
  /** Ends after so many calls, where there are no more. */
  readonly callsMax: number | null
}

export interface LoadResult {
  readonly seconds: number
  readonly answers: number
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Of answers with 429 or 503, from sending to answer. */
  readonly refusedP50Ms: number
  readonly refusedP99Ms: number
  /** How many of those said when to come again. */
  readonly retryAfter: number
}
