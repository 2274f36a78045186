// What the merchant of the bench is started with, and what it saw.
import type { RequestPlan } from './requests.ts'

export interface LivesPlan extends Omit<RequestPlan, 'kind' | 'host' | 'notifyUrl'> {
  /** Gateways, by their addresses. */
  readonly at: readonly string[]
  readonly connections: number
  /** Lives that begin in a second, or null: closed. */
  readonly rate: number | null
  readonly livesAtOnce: number
  readonly warmSeconds: number
  readonly seconds: number
}

export interface LivesResult {
  readonly accepted: number
  readonly refused: number
  /** What the first of them was answered. */
  readonly refusal: string | null
  /** Connections that ended with a create unanswered. */
  readonly broken: number
  readonly told: number
  /** Notices of a life that had been told, or was none of ours. At least once is what is promised. */
  readonly doubled: number
  readonly untold: number
  /** Lives that were told in the time that counts. */
  readonly perSecond: number
  /** From the moment at which the create should have been sent to the notice of its end. */
  readonly life: Spread
  /** To the answer to the create. */
  readonly answer: Spread
}

export type Spread = Readonly<Record<'p50Ms' | 'p99Ms' | 'maxMs', number>>
