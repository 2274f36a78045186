// Asks one proof account once for the pictures of one paid payout, and says what to keep and when to ask again. What it
// hears is evidence beside the payout: no answer changes a state, and where it contradicts ours a person is told.
import type { PayoutState } from '../payout/payout.ts'
import type { ProofConnector, ProofReading, ProviderAccount, WireAnswer } from '../protocols/protocol.ts'
import type { DueProofSearch, NewIncident, ProofSearchResult } from '../store/store.ts'

/** What the line brought: one whole answer, or why there is none. */
export type ProofHeard =
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  | { readonly kind: 'unsent' | 'cut'; readonly said: string }

/** `tookMs`: since the search was claimed. */
export function proofSearchResult(
  due: DueProofSearch,
  of: {
    readonly heard: ProofHeard
    readonly state: PayoutState
    readonly account: ProviderAccount
    readonly connector: ProofConnector
    readonly tookMs: number
  },
): ProofSearchResult {
  const { heard, connector, account } = of
  const reading: ProofReading =
    heard.kind === 'answered'
      ? connector.read(heard.answer, { reference: due.reference }, account)
      : { kind: 'not_yet', why: heard.said }
  const sinceMs = due.sincePaidMs + of.tookMs
  const { merchantId, number, attemptNo } = due
  const base = { merchantId, number, attemptNo, images: [], incident: null }
  switch (reading.kind) {
    case 'stop':
      return { ...base, said: reading.why, nextInMs: null, incident: stopped(reading.why, account) }
    case 'not_yet':
      return { ...base, ...again(reading.why, sinceMs, connector) }
    case 'found': {
      const images = reading.said === 'paid' ? reading.images : []
      const said = saidOf(reading)
      const next = images.length > 0 ? { said, nextInMs: null } : again(said, sinceMs, connector)
      return { ...base, images, ...next, incident: contradiction(reading.said, of.state, account) }
    }
  }
}

function again(
  said: string,
  sinceMs: number,
  { scheduleMs }: ProofConnector,
): Pick<ProofSearchResult, 'said' | 'nextInMs'> {
  const next = scheduleMs.find(time => time > sinceMs)
  return next === undefined
    ? { said: `no proof available: ${said}`, nextInMs: null }
    : { said, nextInMs: next - sinceMs }
}

function saidOf({ said, images, dropped }: Extract<ProofReading, { kind: 'found' }>): string {
  const kept = said === 'paid' ? `${images.length} kept` : 'the provider does not say that it is paid'
  return dropped.length === 0 ? kept : `${kept}, ${dropped.length} dropped: ${dropped.join('; ')}`
}

function stopped(why: string, { id }: ProviderAccount): NewIncident {
  return { kind: 'proof_stopped', detail: `${id}: ${why}` }
}

/** Their word that it is paid, of a payout that we hold for unpaid. */
function contradiction(
  said: 'paid' | 'unknown',
  state: PayoutState,
  { id }: ProviderAccount,
): NewIncident | null {
  if (said !== 'paid' || (state !== 'failed' && state !== 'returned')) return null
  return { kind: 'proof_contradicts', detail: `${id} proves a payment of a payout that is ${state}` }
}
