import { expect, test } from 'vitest'
import type { PayoutState } from '../payout/payout.ts'
import type { ProofConnector, ProofImage, ProofReading, ProviderAccount } from '../protocols/protocol.ts'
import type { DueProofSearch } from '../store/store.ts'
import { type ProofHeard, proofSearchResult } from './search.ts'

const MINUTE_MS = 60_000
const PICTURE: ProofImage = { mediaType: 'image/png', bytes: new Uint8Array([1]) }
const account: ProviderAccount = {
  id: 'pa_proof',
  protocol: 'toy',
  baseUrl: 'https://x.example',
  settings: {},
}
const due: DueProofSearch = {
  ...{ merchantId: 'm', number: 7n, attemptNo: 1, providerAccountId: 'pa_proof', reference: 'r' },
  ...{ sincePaidMs: 2_000, tries: 0 },
}
const ANSWER: ProofHeard = { kind: 'answered', answer: { status: 200, headers: {}, body: new Uint8Array() } }

function result(
  reading: ProofReading,
  more: { state?: PayoutState; heard?: ProofHeard; sincePaidMs?: number; tookMs?: number } = {},
) {
  const { state = 'paid', heard = ANSWER, sincePaidMs = due.sincePaidMs, tookMs = 0 } = more
  const connector = {
    scheduleMs: [MINUTE_MS, 10 * MINUTE_MS],
    read: () => reading,
  } as Partial<ProofConnector>
  return proofSearchResult(
    { ...due, sincePaidMs },
    // Only what a search asks of a connector.
    { heard, state, account, connector: connector as ProofConnector, tookMs },
  )
}

const FOUND = { kind: 'found', said: 'paid', images: [PICTURE], dropped: [] } as const

test('a picture of a payout that is paid is kept, and nothing is asked again', () => {
  expect(result(FOUND)).toMatchObject({ images: [PICTURE], nextInMs: null, incident: null, said: '1 kept' })
})

test('a picture of what the provider does not call paid is not kept', () => {
  expect(result({ ...FOUND, said: 'unknown' })).toMatchObject({ images: [], nextInMs: 58_000 })
})

test('without a picture it is asked again at the next time of the schedule, and after the last never', () => {
  const none = { ...FOUND, images: [] }
  expect(result(none)).toMatchObject({ nextInMs: 58_000 })
  expect(result(none, { sincePaidMs: 59_000, tookMs: 2_000 })).toMatchObject({ nextInMs: 539_000 })
  expect(result(none, { sincePaidMs: 600_000 })).toMatchObject({ nextInMs: null })
  expect(result(none, { sincePaidMs: 600_000 }).said).toContain('no proof available')
  expect(result({ kind: 'not_yet', why: 'not found' })).toMatchObject({ said: 'not found', nextInMs: 58_000 })
})

test('an answer that never came is asked for again', () => {
  const lost = result(FOUND, { heard: { kind: 'cut', said: 'the connection ended' } })
  expect(lost).toMatchObject({ images: [], said: 'the connection ended', nextInMs: 58_000, incident: null })
})

test('wrong credentials stop the search and tell a person', () => {
  expect(result({ kind: 'stop', why: 'Invalid API key' })).toMatchObject({
    nextInMs: null,
    incident: { kind: 'proof_stopped', detail: 'pa_proof: Invalid API key' },
  })
})

test('proof of a payment that we hold for unpaid tells a person, whatever else is done with it', () => {
  for (const state of ['failed', 'returned'] as const)
    expect(result(FOUND, { state })).toMatchObject({ incident: { kind: 'proof_contradicts' } })
  expect(result({ ...FOUND, said: 'unknown' }, { state: 'returned' }).incident).toBeNull()
})

test('pictures that were dropped are told', () => {
  const dropped = result({ ...FOUND, dropped: ['not base64'] })
  expect(dropped.said).toBe('1 kept, 1 dropped: not base64')
})
