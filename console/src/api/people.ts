import { type Query, read, write } from './client.ts'
import type { Page } from './page.ts'
import type { Named } from './payouts.ts'
import type {
  DecisionGiven,
  Doubt,
  DoubtTotal,
  EvidenceFile,
  Preview,
  Proposal,
  ProposedDecision,
  SwitchReleaseGiven,
} from './types.gen.ts'

const DECISIONS_SHOWN = 100

export function listDoubts(query: Query): Promise<Page<Doubt> & { readonly totals: readonly DoubtTotal[] }> {
  return read('/v1/doubts', { query: { ...query, limit: DECISIONS_SHOWN } })
}

export function proposeDecision({ merchant, id }: Named, body: DecisionGiven): Promise<ProposedDecision> {
  return write(`/v1/payouts/${encodeURIComponent(id)}/decisions`, { merchant, body })
}

export function listDecisions(state: string | null): Promise<Page<Proposal>> {
  return read('/v1/decisions', { query: { state, limit: DECISIONS_SHOWN } })
}

export function readDecision(id: string): Promise<Proposal> {
  return read(`/v1/decisions/${id}`)
}

export function readEvidence(id: string, number: number): Promise<EvidenceFile> {
  return read(`/v1/decisions/${id}/evidence/${number}`)
}

export function confirmDecision(id: string, code: string): Promise<Proposal> {
  return write(`/v1/decisions/${id}/confirm`, { code })
}

export function rejectDecision(id: string, because: string): Promise<Proposal> {
  return write(`/v1/decisions/${id}/reject`, { body: { because } })
}

export function proposeSwitchRelease(body: SwitchReleaseGiven): Promise<Proposal> {
  return write('/v1/switch-releases', { body })
}

export function proposeSafeModeRelease(provider_account: string, because: string): Promise<Proposal> {
  return write('/v1/safe-mode-releases', { body: { provider_account, because } })
}

/** What a decision would book. Nothing is recorded. */
export function previewDecision({ merchant, id }: Named, body: DecisionGiven): Promise<Preview> {
  return write(`/v1/payouts/${encodeURIComponent(id)}/decision-previews`, { merchant, body })
}
