// What people see, made of what is stored.
import { isoTime } from '../lib/clock.ts'
import { printDecimal } from '../money/decimal.ts'
import type { EvidenceFacts } from '../payout/decision.ts'
import { payoutId } from '../payout/number.ts'
import type { Proposal, StoredEvidence } from '../store/people-store.ts'
import type { ApiDoubt, ApiPreview } from './people-needs.ts'
import type { DoubtShown, EvidenceFileShown, PreviewShown, ProposalShown } from './schema-people.ts'

export function doubtResource(doubt: ApiDoubt): DoubtShown {
  const { payout, attempt } = doubt
  return {
    object: 'doubt',
    kind: doubt.kind,
    payout_id: payoutId(payout.number, payout.tag),
    merchant: payout.merchantId,
    reference: payout.reference,
    amount: printDecimal(payout.amount),
    currency: payout.amount.currency,
    // It lasts inside one transaction: nobody reads it.
    state: payout.state === 'accepted' ? 'queued' : payout.state,
    wait_reason: payout.waitReason,
    why: payout.why,
    since: isoTime(payout.stateSinceMs),
    age_seconds: Math.floor(doubt.ageMs / 1000),
    version: payout.version,
    attempt:
      attempt === null
        ? null
        : {
            number: attempt.attemptNo,
            state: attempt.state,
            revision: attempt.revision,
            provider_account: attempt.providerAccountId,
            reference: attempt.reference,
            their_id: attempt.theirId,
            doubt: attempt.doubt,
            created_at: isoTime(attempt.createdAtMs),
            next_check_at: timeOrNull(attempt.nextInquiryAtMs),
            inquiries: attempt.inquiries,
          },
    observations: doubt.observations.map(({ said, atMs }) => ({ said, at: isoTime(atMs) })),
    exchanges: doubt.exchanges.map(({ atMs, ...exchange }) => ({ ...exchange, at: isoTime(atMs) })),
    incidents: doubt.incidents.map(({ atMs, kind, detail }) => ({ at: isoTime(atMs), kind, detail })),
    decidable: doubt.decidable,
    dead_may_be_decided: doubt.deadMayBeDecided,
    dead_opens_at: timeOrNull(doubt.deathOpensAtMs),
    open_proposals: [...doubt.proposals],
  }
}

export function proposalResource(proposal: Proposal): ProposalShown {
  const { evidence, ...content } = readContent(proposal.content)
  return {
    id: proposal.proposalId,
    object: 'proposal',
    kind: proposal.kind,
    state: proposal.state,
    merchant: proposal.merchantId,
    subject: proposal.subject,
    content,
    sha256: Buffer.from(proposal.contentHash).toString('hex'),
    evidence: evidence.map((one, place) => ({ number: place + 1, ...evidenceResource(one) })),
    current: proposal.current,
    confirmed_by_role: proposal.confirmedByRole,
    proposed_by: proposal.proposedBy,
    proposed_at: isoTime(proposal.proposedAtMs),
    expires_at: isoTime(proposal.expiresAtMs),
    ended_at: timeOrNull(proposal.endedAtMs),
    ended_by: proposal.endedBy,
    ended_why: proposal.endedWhy,
  }
}

export function evidenceFileResource(evidence: StoredEvidence, number: number): EvidenceFileShown {
  const sha256 = Buffer.from(evidence.sha256).toString('hex')
  return {
    object: 'evidence',
    number,
    ...evidenceResource({ ...evidence, size: evidence.bytes.length, sha256 }),
    data: Buffer.from(evidence.bytes).toString('base64'),
  }
}

export function previewResource({ state, recipe, postings, ifWrong }: ApiPreview): PreviewShown {
  return {
    state: state === 'accepted' ? 'queued' : state,
    // A decision books what an answer would have booked, and never a correction.
    recipe: recipe === 'correction' ? null : recipe,
    postings: postings.map(({ debit, credit, amount }) => ({
      debit,
      credit,
      amount: printDecimal(amount),
      currency: amount.currency,
    })),
    if_wrong: ifWrong,
  }
}

function evidenceResource({ kind, name, mediaType, size, sha256, covers }: EvidenceFacts) {
  return { kind, name, media_type: mediaType, size, sha256, covers }
}

/** Contents are objects, whose evidence is shown apart: the desk writes them, and nothing changes them. */
function readContent(content: unknown): Record<string, unknown> & { evidence: readonly EvidenceFacts[] } {
  return { evidence: [], ...(content as object) }
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms)
}
