// I18, and I2 with people: what two people agree on is of two, none of whom made the payout, and about what both have
// seen. A right decision is never followed by a payment; a wrong one that the rules allow is told as soon as it shows.
import type { DecisionContent } from '../../../src/payout/decision.ts'
import type { Confirmation, NewProposal, ProposalConfirmed } from '../../../src/store/people-store.ts'
import type { CallbackVerdict, NewCallback } from '../../../src/store/store.ts'
import { MIA } from '../model/persons.ts'
import { isLive } from '../rails/truth.ts'
import type { AuditNeeds } from './auditor.ts'
import { payoutKey, type Seen, type Shadow, type ShadowAttempt, type ShadowPayout } from './shadow.ts'
import { auditStep } from './step.ts'

export function auditProposed(shadow: Shadow, asked: NewProposal, now: number): void {
  const { proposalId, proposedBy, merchantId, payoutNumber, attemptNo } = asked
  const payout = shadow.payouts.get(payoutKey(merchantId ?? '', payoutNumber ?? 0n))
  if (payout === undefined || attemptNo === null || shadow.proposals.has(proposalId)) return
  // The simulation proposes decisions alone.
  const content = asked.content as DecisionContent
  const wordsSeen = payout.attempts[attemptNo - 1]?.seen.length ?? 0
  const { version } = payout
  shadow.proposals.set(proposalId, {
    ...{ proposedBy, attemptNo, version, wordsSeen, verdict: content.verdict },
    ...{ atMs: now, payoutKey: payoutKey(payout.merchantId, payout.number) },
  })
}

/** A callback that is genuine is news for those who are about to decide; the same one again is none. */
export function auditCalled(
  shadow: Shadow,
  calls: readonly NewCallback[],
  verdicts: readonly CallbackVerdict[],
  now: number,
): void {
  for (const [place, { merchantId, number, attemptNo, verified }] of calls.entries()) {
    const attempt = shadow.payouts.get(payoutKey(merchantId, number))?.attempts[attemptNo - 1]
    if (verified && verdicts[place] === 'kept' && attempt !== undefined) attempt.calledAtMs = now
  }
}

export function auditConfirmed(
  shadow: Shadow,
  { proposalId, personId, steps }: Confirmation,
  result: ProposalConfirmed,
  needs: AuditNeeds,
): void {
  const { report, sometimes } = needs
  if (result.kind === 'refused') sometimes(`an agreement was refused: ${result.rule}`)
  if (result.kind === 'void') auditVoid(shadow, proposalId, needs)
  if (result.kind !== 'confirmed') return
  const proposal = shadow.proposals.get(proposalId)
  const payout = shadow.payouts.get(proposal?.payoutKey ?? '')
  const attempt = payout?.attempts[(proposal?.attemptNo ?? 0) - 1]
  const [step] = steps
  if (proposal === undefined || payout === undefined || attempt === undefined || step === undefined) {
    report('I18', `proposal ${proposalId} was agreed on and is about nothing`)
    return
  }
  const name = `the decision about payout ${payout.number}`
  const { verdict, proposedBy } = proposal
  if (proposedBy === personId) report('I18', `${name} is of ${personId} alone`)
  const maker = makerOf(payout)
  if (maker === proposedBy || maker === personId) report('I18', `${name} is of its maker`)
  if (payout.version !== proposal.version)
    report('I18', `${name} is about version ${proposal.version}, and it is at ${payout.version}`)
  if ((attempt.calledAtMs ?? 0) > proposal.atMs) report('I18', `${name} does not know of a callback`)
  if (isNews(attempt.seen.slice(0, proposal.wordsSeen), attempt.seen.slice(proposal.wordsSeen)))
    report('I18', `${name} does not know what its provider said since`)
  if ((attempt.agreedAtMs ?? 0) > proposal.atMs) report('I18', `${name} overtakes another decision`)
  attempt.agreedAtMs = needs.now()
  sometimes(`a decision: ${verdict}`)
  if (verdict !== 'keep_waiting') {
    const wasRight = isRight(attempt, verdict, needs)
    attempt.decided = { verdict, wasRight, atMs: needs.now() }
    if (!wasRight) sometimes(`a wrong decision: ${verdict}`)
  }
  auditStep(shadow, step, step.to === null ? step.version : step.version + 1, { ...needs, byPeople: true })
}

/** The first commit wins, and what was proposed beside it is void. */
export function auditVoid(shadow: Shadow, proposalId: string, { sometimes }: AuditNeeds): void {
  sometimes('a decision was void')
  const proposal = shadow.proposals.get(proposalId)
  const attempt = shadow.payouts.get(proposal?.payoutKey ?? '')?.attempts[(proposal?.attemptNo ?? 0) - 1]
  if ((attempt?.agreedAtMs ?? 0) > (proposal?.atMs ?? 0)) sometimes('two decisions met')
}

/** Whoever owns the credential by which it came in. */
function makerOf({ door, merchantId }: ShadowPayout): string | null {
  return door === 'paypro' && merchantId === 'm_1' ? MIA.personId : null
}

/** Against the provider's books. A failure that its contract may still take back is no death. */
function isRight(attempt: ShadowAttempt, verdict: 'paid' | 'dead', { truth, now }: AuditNeeds): boolean {
  const transfer = truth().of(attempt.account, attempt.reference)
  if (verdict === 'paid') return transfer !== null && transfer.timesPaid > 0
  if (transfer === null) return true
  const isYoung = transfer.state === 'failed' && now() - transfer.atMs < attempt.contract.failedIsFinalAfterMs
  return !isLive(transfer) && !isYoung
}

/** The provider said another word than before. What it only repeats, and an inquiry that brought nothing, is none. */
function isNews(before: readonly Seen[], since: readonly Seen[]): boolean {
  const last = before.flatMap(wordOf).at(-1)
  return since.flatMap(wordOf).some(word => word !== last)
}

function wordOf({ kind, row, verdict }: Seen): readonly string[] {
  if (kind === 'send' && verdict.startsWith('accepted')) return ['accepted']
  if (kind !== 'inquiry') return []
  if (row === 'Q4' || row === 'Q5' || row === 'Q6') return ['accepted']
  if (row === 'Q2' || row === 'Q8') return ['other']
  return row === 'Q11' ? ['not found'] : []
}
