// What the provider of the bench is started with, and what it says of its books.

export interface ProviderPlan {
  /** 0: any free one. */
  readonly port: number
  readonly callsBack: boolean
  /** From its answer to the order to its callback. */
  readonly paysAfterMs: number
}

export interface ProviderBooks {
  readonly orders: number
  readonly creates: number
  /** Orders that came a second time. Never, or something is very wrong. */
  readonly twice: number
  readonly inquiries: number
  readonly callbacks: number
  readonly callbacksRefused: number
  /** Requests without a right signature. */
  readonly wrong: number
}
