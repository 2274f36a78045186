// What needs two people, of whatever kind: proposed by one, ended by another. What a proposal says and what it rests on is
// written once; the files are sealed, each in its own place.
import { assert } from '../lib/assert.ts'
import { sha256 } from '../lib/digest.ts'
import type { Seal } from '../lib/seal.ts'
import type { CoveredDays, EvidenceKind, EvidenceType } from '../payout/decision.ts'
import { stepInput } from './advance.ts'
import type { Contracts } from './contracts.ts'
import { ms } from './rows.ts'
import type { PayoutStep } from './store.ts'
import type { Whole } from './whole.ts'

export const PROPOSAL_STATES = ['open', 'confirmed', 'rejected', 'void', 'expired'] as const
export type ProposalState = (typeof PROPOSAL_STATES)[number]

export interface NewEvidence {
  readonly kind: EvidenceKind
  readonly name: string
  readonly mediaType: EvidenceType
  readonly bytes: Uint8Array
  readonly covers: CoveredDays | null
}

export interface NewProposal {
  /** `pr_` and sixteen characters. */
  readonly proposalId: string
  readonly kind: string
  /** Null: it concerns the installation. */
  readonly merchantId: string | null
  /** What it is about, by its id. */
  readonly subject: string
  readonly payoutNumber: bigint | null
  readonly attemptNo: number | null
  /** Plain JSON. */
  readonly content: unknown
  readonly confirmedByRole: 'approver' | 'admin'
  /** A person's id, or `host:<user>`. */
  readonly proposedBy: string
  readonly credential: string
  readonly expiresInMs: number
  readonly evidence: readonly NewEvidence[]
}

export interface Proposal {
  readonly proposalId: string
  /** Grows with each proposal; pages go by it. */
  readonly number: bigint
  readonly kind: string
  readonly state: ProposalState
  readonly merchantId: string | null
  readonly subject: string
  readonly payoutNumber: bigint | null
  readonly attemptNo: number | null
  readonly content: unknown
  readonly contentHash: Uint8Array
  readonly confirmedByRole: 'approver' | 'admin'
  readonly proposedBy: string
  readonly proposedAtMs: number
  readonly expiresAtMs: number
  readonly endedAtMs: number | null
  readonly endedBy: string | null
  readonly endedWhy: string | null
  /** Of an open one that is about an attempt or a stop: whether that still is as it was shown. */
  readonly current: boolean
}

export type Proposed =
  | { readonly kind: 'proposed' | 'known'; readonly proposalId: string }
  | { readonly kind: 'too_many' }

export interface Confirmation {
  readonly proposalId: string
  readonly personId: string
  readonly credential: string
  readonly codeStep: number
  /** Steps of the payout that it is about; the effects of other kinds rest on the proposal alone. */
  readonly steps: readonly PayoutStep[]
}

export type ProposalConfirmed =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'not_open'; readonly state: ProposalState | 'unknown' }
  /** `rule`: the constraint that stands against it. The proposal stays open. */
  | { readonly kind: 'refused'; readonly rule: string }
  /** What it was about moved on; it is void from now on. */
  | { readonly kind: 'void' }

/** `merchants`: null for all of them and the installation itself. */
export interface ProposalPage {
  readonly merchants: readonly string[] | null
  readonly state: ProposalState | null
  readonly before: bigint | null
  readonly limit: number
}

export interface StoredEvidence extends NewEvidence {
  readonly sha256: Uint8Array
}

export async function propose(whole: Whole, seal: Seal, proposal: NewProposal): Promise<Proposed> {
  const [row] = await whole.rows<{ verdict: Proposed['kind']; id: string | null }>(
    { name: 'propose', text: 'select verdict, id from propose($1)' },
    [JSON.stringify(proposalInput(seal, proposal))],
  )
  assert(row !== undefined, 'a proposal is answered')
  if (row.verdict === 'too_many' || row.id === null) return { kind: 'too_many' }
  return { kind: row.verdict, proposalId: row.id }
}

/** The hash of what is proposed, the files' own hashes included. */
export function contentHash(content: unknown): Uint8Array {
  return sha256(JSON.stringify(content))
}

/** A proposal as the functions of the database take it. */
export function proposalInput(seal: Seal, proposal: NewProposal): unknown {
  return {
    proposal_id: proposal.proposalId,
    kind: proposal.kind,
    merchant_id: proposal.merchantId,
    subject: proposal.subject,
    payout_number: proposal.payoutNumber === null ? null : String(proposal.payoutNumber),
    attempt_no: proposal.attemptNo,
    content: proposal.content,
    content_hash: Buffer.from(contentHash(proposal.content)).toString('hex'),
    confirmed_by_role: proposal.confirmedByRole,
    proposed_by: proposal.proposedBy,
    credential: proposal.credential,
    expires_in_ms: Math.round(proposal.expiresInMs),
    evidence: proposal.evidence.map((one, place) => ({
      evidence_no: place + 1,
      kind: one.kind,
      name: one.name,
      media_type: one.mediaType,
      size: one.bytes.length,
      hash: Buffer.from(sha256(one.bytes)).toString('hex'),
      covers_from: one.covers?.from ?? null,
      covers_through: one.covers?.through ?? null,
      sealed: seal.seal(
        Buffer.from(one.bytes).toString('base64'),
        evidenceContext(proposal.proposalId, place + 1),
      ),
    })),
  }
}

export async function findProposal(whole: Whole, proposalId: string): Promise<Proposal | null> {
  const [row] = await whole.rows<ProposalRow>(FIND, [proposalId])
  return row === undefined ? null : rowProposal(row)
}

/** Newest first. */
export async function listProposals(whole: Whole, page: ProposalPage): Promise<readonly Proposal[]> {
  const { merchants, state, before, limit } = page
  const rows = await whole.rows<ProposalRow>(LIST, [merchants, state, before, limit])
  return rows.map(rowProposal)
}

export async function confirmProposal(
  whole: Whole,
  contracts: Contracts,
  confirmation: Confirmation,
): Promise<ProposalConfirmed> {
  const steps: unknown[] = []
  for (const [place, step] of confirmation.steps.entries())
    steps.push(await stepInput(step, place, contracts))
  const [row] = await whole.rows<{ verdict: ProposalConfirmed['kind']; why: string | null }>(
    { name: 'confirm_proposal', text: 'select verdict, why from confirm_proposal($1)' },
    [
      JSON.stringify({
        proposal_id: confirmation.proposalId,
        person_id: confirmation.personId,
        credential: confirmation.credential,
        code_step: confirmation.codeStep,
        effect: { steps },
      }),
    ],
  )
  assert(row !== undefined, 'a confirmation is answered')
  switch (row.verdict) {
    case 'confirmed':
    case 'void':
      return { kind: row.verdict }
    case 'not_open':
      // The function gives a state of the list, or says that there is no such proposal.
      return { kind: 'not_open', state: (row.why ?? 'unknown') as ProposalState | 'unknown' }
    case 'refused':
      return { kind: 'refused', rule: row.why ?? '' }
  }
}

/** Ends an open one without an effect, and gives the state it has then; null where there is none. */
export async function endProposal(
  whole: Whole,
  end: {
    readonly proposalId: string
    readonly to: 'rejected' | 'void'
    readonly by: string
    readonly credential: string
    readonly why: string
  },
): Promise<ProposalState | null> {
  const [row] = await whole.rows<{ state: ProposalState | null }>(
    { name: 'end_proposal', text: 'select end_proposal($1, $2, $3, $4, $5) as state' },
    [end.proposalId, end.to, end.by, end.credential, end.why],
  )
  return row?.state ?? null
}

/** One file of a proposal. That it was read is an act like any other, in the same statement. */
export async function readEvidence(
  whole: Whole,
  seal: Seal,
  of: { readonly proposalId: string; readonly evidenceNo: number },
  by: { readonly who: string; readonly credential: string },
): Promise<StoredEvidence | null> {
  const [row] = await whole.rows<{
    kind: EvidenceKind
    name: string
    media_type: EvidenceType
    hash: Buffer
    covers_from: string | null
    covers_through: string | null
    sealed: string
  }>(EVIDENCE, [of.proposalId, of.evidenceNo, by.who, by.credential])
  if (row === undefined) return null
  const { covers_from: from, covers_through: through } = row
  return {
    kind: row.kind,
    name: row.name,
    mediaType: row.media_type,
    bytes: Buffer.from(seal.open(row.sealed, evidenceContext(of.proposalId, of.evidenceNo)), 'base64'),
    covers: from === null || through === null ? null : { from, through },
    sha256: row.hash,
  }
}

function evidenceContext(proposalId: string, evidenceNo: number): string {
  return `evidence.sealed:${proposalId}:${evidenceNo}`
}

interface ProposalRow {
  proposal_id: string
  proposal_no: bigint
  kind: string
  state: ProposalState
  merchant_id: string | null
  subject: string
  payout_number: bigint | null
  attempt_no: number | null
  content: unknown
  content_hash: Buffer
  confirmed_by_role: 'approver' | 'admin'
  proposed_by: string
  proposed_at_ms: number
  expires_at_ms: number
  ended_at_ms: number | null
  ended_by: string | null
  ended_why: string | null
  current: boolean
}

function rowProposal(row: ProposalRow): Proposal {
  return {
    proposalId: row.proposal_id,
    number: row.proposal_no,
    kind: row.kind,
    state: row.state,
    merchantId: row.merchant_id,
    subject: row.subject,
    payoutNumber: row.payout_number,
    attemptNo: row.attempt_no,
    content: row.content,
    contentHash: row.content_hash,
    confirmedByRole: row.confirmed_by_role,
    proposedBy: row.proposed_by,
    proposedAtMs: row.proposed_at_ms,
    expiresAtMs: row.expires_at_ms,
    endedAtMs: row.ended_at_ms,
    endedBy: row.ended_by,
    endedWhy: row.ended_why,
    current: row.current,
  }
}

// An open one whose day is over has ended, whether or not somebody has come by to write it down.
const STATE = `case when p.state = 'open' and p.expires_at <= now() then 'expired' else p.state end`
const COLUMNS = `p.proposal_id, p.proposal_no, p.kind, ${STATE} as state, p.merchant_id, p.subject, p.payout_number,
  p.attempt_no, p.content, p.content_hash, p.confirmed_by_role, p.proposed_by, ${ms('p.proposed_at')} as proposed_at_ms,
  ${ms('p.expires_at')} as expires_at_ms, ${ms('p.ended_at')} as ended_at_ms, p.ended_by, p.ended_why,
  case when p.attempt_no is null then release_is_current(p) else decision_is_current(p) end as current`
const FIND = { name: 'find_proposal', text: `select ${COLUMNS} from proposal p where p.proposal_id = $1` }
const LIST = {
  name: 'list_proposals',
  text: `select ${COLUMNS} from proposal p
    where ($1::text[] is null or p.merchant_id = any ($1)) and ($2::text is null or ${STATE} = $2)
      and ($3::bigint is null or p.proposal_no < $3)
    order by p.proposal_no desc limit $4`,
}
const EVIDENCE = {
  name: 'read_evidence',
  text: `with read as (
      select e.*, p.merchant_id from evidence e join proposal p on p.proposal_id = e.proposal_id
      where e.proposal_id = $1 and e.evidence_no = $2
    ), told as (
      insert into act (who, credential, what, subject, merchant_id, hash)
      select $3, $4, 'read_evidence', proposal_id || '/' || evidence_no, merchant_id, hash from read
    )
    select kind, name, media_type, hash, covers_from::text, covers_through::text, sealed from read`,
}
