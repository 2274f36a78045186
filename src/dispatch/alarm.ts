import type { Payout } from '../payout/payout.ts'

/** Something that a person should know, beside the incident that is kept with the payout. */
export interface Alarm {
  readonly kind: string
  /** In a few words, without anything that the provider or the merchant wrote. */
  readonly detail: string
  readonly payout: Pick<Payout, 'merchantId' | 'number' | 'tag' | 'requestId'>
  readonly attemptNo: number
  readonly providerAccountId: string
}
