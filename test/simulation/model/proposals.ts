// What one person proposes and another one confirms, of the kind `decision`. Written from 0006-people.sql and
// 0009-releases.sql; the desk before it is the real one. One lock makes all of it one after the other, which is what a
// model in memory does anyway.

import type { DecisionContent } from '../../../src/payout/decision.ts'
import type {
  Confirmation,
  Decidable,
  NewProposal,
  Proposal,
  ProposalConfirmed,
  Proposed,
} from '../../../src/store/people-store.ts'
import { contentHash } from '../../../src/store/proposals.ts'
import { advance } from './advance.ts'
import { stored } from './json.ts'
import { makerOf, personOf } from './persons.ts'
import { findForStep } from './reads.ts'
import { ModelRefusal, rule } from './refusal.ts'
import { type AttemptRow, type ProposalRow, payoutKey } from './rows.ts'
import type { Server } from './safe-mode.ts'
import { draftOf, type State, type Transaction } from './state.ts'

const OPEN_MAX = 100
const WRONG_MAX = 5
const LOCKED_MS = 900_000
/** As 0006 has it, for the commits around the call. */
const MARGIN_MS = 15_000

export function findDecidable(
  state: State,
  nowMs: number,
  of: { readonly merchants: readonly string[] | null; readonly number: bigint },
): Decidable | null {
  for (const merchantId of state.tables.merchants.keys()) {
    if (of.merchants !== null && !of.merchants.includes(merchantId)) continue
    const found = findForStep(state, merchantId, of.number)
    if (found === null) continue
    const row = rowOf(state, merchantId, of.number, found.payout.attempts)
    return { ...found, nowMs, maker: makerOf(found.payout), learned: row?.learned ?? 0 }
  }
  return null
}

export function propose(state: State, nowMs: number, asked: NewProposal): Proposed {
  const { proposals } = state.tables
  expire(state, nowMs)
  const hash = Buffer.from(contentHash(asked.content)).toString('hex')
  const open = [...proposals.values()].filter(one => one.state === 'open')
  const known = open.find(
    ({ asked: other, hash: otherHash }) =>
      other.proposedBy === asked.proposedBy &&
      other.kind === asked.kind &&
      other.subject === asked.subject &&
      otherHash === hash,
  )
  if (known !== undefined) return { kind: 'known', proposalId: known.asked.proposalId }
  if (open.length >= OPEN_MAX) return { kind: 'too_many' }
  rule(!proposals.has(asked.proposalId), 'proposal_pkey')
  rule(asked.expiresInMs <= 86_400_000, 'proposal_lasts_a_day')
  proposals.set(asked.proposalId, {
    asked: { ...asked, content: stored(asked.content) },
    ...{ number: BigInt(proposals.size + 1), hash, state: 'open', proposedAtMs: nowMs },
    expiresAtMs: nowMs + Math.round(asked.expiresInMs),
    ...{ endedAtMs: null, endedBy: null, endedWhy: null },
  })
  return { kind: 'proposed', proposalId: asked.proposalId }
}

export function findProposal(state: State, nowMs: number, proposalId: string): Proposal | null {
  const row = state.tables.proposals.get(proposalId)
  if (row === undefined) return null
  const { asked, hash, number, proposedAtMs, expiresAtMs, endedAtMs, endedBy, endedWhy } = row
  const { kind, merchantId, subject, payoutNumber, attemptNo, content, confirmedByRole, proposedBy } = asked
  return {
    ...{ proposalId, number, kind, merchantId, subject, payoutNumber, attemptNo, content, confirmedByRole },
    ...{ proposedBy, proposedAtMs, expiresAtMs, endedAtMs, endedBy, endedWhy },
    state: row.state === 'open' && expiresAtMs <= nowMs ? 'expired' : row.state,
    contentHash: Buffer.from(hash, 'hex'),
    current: isCurrent(state, row),
  }
}

/** Agreement, effect and record, or nothing of them. */
export function confirmProposal(
  state: State,
  tx: Transaction,
  confirmation: Confirmation,
  contractIdOf: (contract: unknown) => string,
  server: Server,
): ProposalConfirmed {
  const { proposals, agreedCodes } = state.tables
  expire(state, tx.nowMs)
  const { proposalId, personId, codeStep } = confirmation
  const row = proposals.get(proposalId)
  if (row === undefined) return { kind: 'not_open', state: 'unknown' }
  if (row.state !== 'open') return { kind: 'not_open', state: row.state }
  const end = (to: 'confirmed' | 'void'): ProposalConfirmed => {
    const endedWhy = to === 'void' ? 'moved_on' : null
    proposals.set(proposalId, { ...row, state: to, endedAtMs: tx.nowMs, endedBy: personId, endedWhy })
    return { kind: to }
  }
  try {
    agree(state, tx.nowMs, row, confirmation)
    if (!decide(state, tx, row, confirmation, contractIdOf, server)) {
      undo(tx)
      return end('void')
    }
  } catch (error) {
    if (!(error instanceof ModelRefusal)) throw error
    undo(tx)
    return { kind: 'refused', rule: error.constraint }
  }
  agreedCodes.add(`${personId} ${codeStep}`)
  return end('confirmed')
}

export function endProposal(
  state: State,
  nowMs: number,
  end: {
    readonly proposalId: string
    readonly to: 'rejected' | 'void'
    readonly by: string
    readonly why: string
  },
): Proposal['state'] | null {
  expire(state, nowMs)
  const row = state.tables.proposals.get(end.proposalId)
  if (row === undefined || row.state !== 'open') return row?.state ?? null
  const ended = { endedAtMs: nowMs, endedBy: end.by, endedWhy: end.why }
  state.tables.proposals.set(end.proposalId, { ...row, state: end.to, ...ended })
  return end.to
}

export function useCode(
  { tables }: State,
  nowMs: number,
  personId: string,
  step: number | null,
): 'ok' | 'wrong' | 'used' | 'locked' {
  const recent = tables.wrongCodes.filter(one => one.personId === personId && one.atMs > nowMs - LOCKED_MS)
  if (recent.length >= WRONG_MAX) return 'locked'
  if (step === null) {
    tables.wrongCodes.push({ personId, atMs: nowMs })
    return 'wrong'
  }
  const code = `${personId} ${step}`
  if (tables.usedCodes.has(code)) return 'used'
  tables.usedCodes.add(code)
  return 'ok'
}

/** agreement_is_in_order, and then the table's own constraints. */
function agree(state: State, nowMs: number, { asked, expiresAtMs }: ProposalRow, by: Confirmation): void {
  const { personId, codeStep } = by
  const content = asked.content as DecisionContent
  const { proposedBy, merchantId, payoutNumber, attemptNo, confirmedByRole, evidence } = asked
  rule(expiresAtMs > nowMs, 'agreement_is_on_an_open_proposal')
  const confirms = personOf(personId)
  rule(confirms?.active === true, 'agreement_is_of_people_let_in')
  if (proposedBy.startsWith('pe_'))
    rule(personOf(proposedBy)?.active === true, 'agreement_is_of_people_let_in')
  const mayConfirm = confirms.grants.some(
    grant => grant.role === confirmedByRole && (grant.merchantId === null || grant.merchantId === merchantId),
  )
  rule(mayConfirm, 'agreement_needs_the_role')
  const proof = content.verdict === 'dead' ? content.proof : null
  const hasStatement = evidence.some(({ kind }) => kind === 'statement')
  rule(proof !== 'by_statement' || hasStatement, 'agreement_needs_the_statement')
  const number = payoutNumber ?? 0n
  const row = rowOf(state, merchantId ?? '', number, attemptNo ?? 0)
  const opensAtMs = row === null ? null : deathOpensAtMs(state, row)
  rule(proof !== 'by_people' || (opensAtMs !== null && opensAtMs <= nowMs), 'agreement_is_not_too_early')
  const payout = state.tables.dossiers.get(payoutKey(merchantId ?? '', number))?.payout
  const maker = payout === undefined ? null : makerOf(payout)
  const isMakers = maker !== null && (maker === proposedBy || maker === personId)
  rule(!isMakers, 'agreement_is_not_its_makers')
  rule(proposedBy !== personId, 'agreement_is_of_two')
  rule(content.verdict === 'keep_waiting' || evidence.length > 0, 'agreement_rests_on_evidence')
  rule((content.verdict === 'dead') === (proof !== null), 'agreement_says_its_proof')
  const code = `${personId} ${codeStep}`
  rule(!state.tables.agreedCodes.has(code), 'agreement_confirmed_by_code_step_key')
  rule(state.tables.usedCodes.has(code), 'agreement_confirmed_by_code_step_fkey')
}

/** effect_decision. False: it has moved on. */
function decide(
  state: State,
  tx: Transaction,
  row: ProposalRow,
  { steps }: Confirmation,
  contractIdOf: (contract: unknown) => string,
  server: Server,
): boolean {
  const { merchantId, payoutNumber, attemptNo, content } = row.asked
  const [step] = steps
  if (step === undefined || steps.length !== 1 || !isCurrent(state, row)) return false
  if (step.version !== (content as DecisionContent).version) return false
  const isFenced = step.attempt?.kind === 'changed' && step.attempt.revision !== null
  if (!isFenced || step.merchantId !== merchantId || step.number !== payoutNumber) return false
  const [verdict] = advance(state, tx, steps, contractIdOf, server)
  if (verdict?.kind !== 'done') return false
  // That two people looked is news as well.
  const draft = draftOf(state, tx, payoutKey(merchantId, payoutNumber))
  const place = draft?.attempts.findIndex(({ attempt }) => attempt.attemptNo === attemptNo) ?? -1
  const decided = draft?.attempts[place]
  if (draft !== null && decided !== undefined)
    draft.attempts = draft.attempts.with(place, { ...decided, learned: decided.attempt.revision })
  return true
}

/** decision_is_current. A callback is news before anybody has asked about it. */
function isCurrent(state: State, { asked, proposedAtMs }: ProposalRow): boolean {
  const { version, revision } = asked.content as DecisionContent
  const dossier = state.tables.dossiers.get(payoutKey(asked.merchantId ?? '', asked.payoutNumber ?? 0n))
  const row = dossier?.attempts.find(({ attempt }) => attempt.attemptNo === asked.attemptNo)
  if (dossier === undefined || row === undefined || dossier.payout.version !== version) return false
  const isCalled = dossier.callbacks.some(
    ({ attemptNo, verified, receivedAtMs }) =>
      attemptNo === asked.attemptNo && verified && receivedAtMs > proposedAtMs,
  )
  return row.learned <= revision && revision <= row.attempt.revision && !isCalled
}

/** death_opens_at. Null: never. */
function deathOpensAtMs({ tables }: State, { attempt, facts, contractId }: AttemptRow): number | null {
  const { capabilities } = (tables.contracts.get(contractId) ?? {}) as {
    capabilities?: { maxProcessingMs?: number; queryLagMs?: number; timeoutsMs?: { total?: number } }
  }
  const { maxProcessingMs, queryLagMs, timeoutsMs } = capabilities ?? {}
  const { lastPossibleByteAfterMs, payIntentAfterMs, repeatedAfterMs } = (facts ?? {}) as {
    readonly [Name in 'lastPossibleByteAfterMs' | 'payIntentAfterMs' | 'repeatedAfterMs']?: number | null
  }
  if (maxProcessingMs === undefined || queryLagMs === undefined || timeoutsMs?.total === undefined)
    return null
  const lostMs = timeoutsMs.total + MARGIN_MS + Math.max(payIntentAfterMs ?? 0, repeatedAfterMs ?? 0)
  return attempt.createdAtMs + (lastPossibleByteAfterMs ?? lostMs) + maxProcessingMs + queryLagMs
}

function rowOf({ tables }: State, merchantId: string, number: bigint, attemptNo: number): AttemptRow | null {
  const rows = tables.dossiers.get(payoutKey(merchantId, number))?.attempts ?? []
  return rows.find(({ attempt }) => attempt.attemptNo === attemptNo) ?? null
}

function expire({ tables }: State, nowMs: number): void {
  for (const [id, row] of tables.proposals)
    if (row.state === 'open' && row.expiresAtMs <= nowMs)
      tables.proposals.set(id, {
        ...{ ...row, state: 'expired', endedAtMs: nowMs },
        endedWhy: 'nobody confirmed it in time',
      })
}

/** The block of the function is rolled back, and what ended the proposal stands. */
function undo(tx: Transaction): void {
  tx.drafts.clear()
  tx.balances.clear()
  tx.attemptReferences.clear()
  tx.incidents.length = 0
}
