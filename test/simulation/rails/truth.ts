// What a provider really did, transfer by transfer: the side of the story that no lie on the line can change. The auditor
// lays it beside what Quittance believes.

export type TransferState = 'waiting' | 'pending' | 'paid' | 'failed' | 'returned'

export interface Transfer {
  readonly account: string
  readonly reference: string
  readonly state: TransferState
  readonly minor: bigint
  readonly timesAccepted: number
  readonly timesPaid: number
  /** When it last changed. */
  readonly atMs: number
  /** How the provider treats it, by the name of a behaviour. */
  readonly behaviour: string
  /** The behaviour breaks what the provider's contract declares. */
  readonly breaksContract: boolean
  /** Whoever asks about it is told what it is. False: the provider lies or is silent, within its contract. */
  readonly canBeAsked: boolean
}

/** Money that left, is leaving, or will. An order that waits for its second step is none. */
export function isLive({ state }: Transfer): boolean {
  return state === 'pending' || state === 'paid'
}

export interface Truth {
  update(transfer: Transfer): void
  of(account: string, reference: string): Transfer | null
  all(): Iterable<Transfer>
}

export function createTruth(changed: (transfer: Transfer, before: Transfer | null) => void): Truth {
  const transfers = new Map<string, Transfer>()
  const key = (account: string, reference: string): string => `${account} ${reference}`
  return {
    update(transfer) {
      const place = key(transfer.account, transfer.reference)
      const before = transfers.get(place) ?? null
      transfers.set(place, transfer)
      changed(transfer, before)
    },
    of: (account, reference) => transfers.get(key(account, reference)) ?? null,
    all: () => transfers.values(),
  }
}
