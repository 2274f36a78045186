import { addressOf, type Query, read, write } from './client.ts'
import { PAGE_LIMIT, type Page } from './page.ts'
import type {
  Attempt,
  Event,
  FoundPayout,
  Notice,
  Payout,
  Posting,
  ProofImage,
  Receipt,
} from './types.gen.ts'

export function searchPayouts(query: Query, before: string | null): Promise<Page<FoundPayout>> {
  return read('/v1/search/payouts', { query: { ...query, before, limit: PAGE_LIMIT } })
}

/** The same as a file; the browser opens it. */
export function searchFileAddress(query: Query): string {
  return addressOf('/v1/search/payouts.csv', query)
}

/** One payout and whose it is. */
export interface Named {
  readonly merchant: string
  readonly id: string
}

export function readPayout({ merchant, id }: Named): Promise<Payout> {
  return read(`/v1/payouts/${encodeURIComponent(id)}`, { merchant })
}

export function listEvents({ merchant, id }: Named): Promise<Page<Event>> {
  return read(`/v1/payouts/${encodeURIComponent(id)}/events`, { merchant })
}

export function listAttempts({ merchant, id }: Named): Promise<Page<Attempt>> {
  return read(`/v1/payouts/${encodeURIComponent(id)}/attempts`, { merchant })
}

export function listPostings({ merchant, id }: Named): Promise<Page<Posting>> {
  return read(`/v1/payouts/${encodeURIComponent(id)}/postings`, { merchant })
}

export function listPayoutNotices({ merchant, id }: Named): Promise<Page<Notice>> {
  return read(`/v1/payouts/${encodeURIComponent(id)}/notices`, { merchant })
}

export function listProofImages({ merchant, id }: Named): Promise<Page<ProofImage>> {
  return read(`/v1/payouts/${encodeURIComponent(id)}/proof_images`, { merchant })
}

export function readReceipt({ merchant, id }: Named): Promise<Receipt> {
  return read(`/v1/payouts/${encodeURIComponent(id)}/receipt`, { merchant })
}

export function receiptAddress({ merchant, id }: Named, form: 'png' | 'pdf' | 'json'): string {
  return addressOf(`/v1/payouts/${encodeURIComponent(id)}/receipt.${form}`, { merchant })
}

export function cancelPayout({ merchant, id }: Named): Promise<Payout> {
  return write(`/v1/payouts/${encodeURIComponent(id)}/cancel`, { merchant })
}

export function inquireNow({ merchant, id }: Named): Promise<unknown> {
  return write(`/v1/payouts/${encodeURIComponent(id)}/inquire`, { merchant })
}

export function resendNotice({ merchant, id }: Named, sequence: number): Promise<unknown> {
  return write(`/v1/payouts/${encodeURIComponent(id)}/notices/${sequence}/resend`, { merchant })
}
