// What the auditor says of one committed step: I1, I4, I5 to I8 and I10.
import type { AttemptChanged, AttemptOpened, PayoutStep } from '../../../src/store/store.ts'
import type { AuditNeeds } from './auditor.ts'
import { auditAccepted, auditDeath } from './belief.ts'
import { referenceOf } from './bytes.ts'
import { giveRepeat, markRepeats } from './repeats.ts'
import { attemptMayFollow, isTold, mayFollow, movementOf } from './rules.ts'
import {
  type Contract,
  lastAttempt,
  move,
  payoutKey,
  type Shadow,
  type ShadowAttempt,
  type ShadowPayout,
} from './shadow.ts'

export function auditStep(shadow: Shadow, step: PayoutStep, version: number, needs: AuditNeeds): void {
  const { report } = needs
  const payout = shadow.payouts.get(payoutKey(step.merchantId, step.number))
  if (payout === undefined) {
    report('I3', `a step of payout ${step.number}, which was never accepted`)
    return
  }
  const name = `payout ${payout.number}`
  if (step.version !== payout.version)
    report('I7', `${name} is at ${payout.version}, a step of ${step.version} was applied`)
  if (step.claim !== null && step.claim !== payout.claim) report('I7', `${name} took a step of an old claim`)
  if (step.exchange !== null) see(payout, step, needs)
  if (step.attempt?.kind === 'opened') open(shadow, payout, step, step.attempt, needs)
  const attempt = step.attempt === null ? null : (payout.attempts[step.attempt.attemptNo - 1] ?? null)
  if (step.attempt?.kind === 'changed') change(shadow, payout, step, step.attempt, attempt, needs)
  if (step.incident !== null) payout.incidents.push(step.incident.kind)
  book(shadow, payout, step, needs)
  if (step.queue.kind !== 'keep') payout.claim = null
  if (step.to !== null) advance(payout, step, version, needs)
}

function advance(
  payout: ShadowPayout,
  step: PayoutStep,
  version: number,
  { report, now, sometimes }: AuditNeeds,
): void {
  const { to } = step
  if (to === null) return
  const from = payout.state
  if (!mayFollow(from, to)) report('I7', `payout ${payout.number} went from ${from} to ${to}`)
  if (version !== payout.version + 1)
    report('I7', `payout ${payout.number} went from ${payout.version} to ${version}`)
  payout.state = to
  payout.version = version
  payout.waitReason = step.waitReason
  payout.stateSinceMs = now()
  payout.events.push(to)
  sometimes(`${from} to ${to}`)
  const attempt = lastAttempt(payout)
  const alive = attempt !== null && attempt.state !== 'dead'
  if (alive && attempt.state !== to)
    report('I7', `payout ${payout.number} is ${to}, its attempt ${attempt.state}`)
  if (!alive && ['sending', 'in_doubt', 'pending', 'paid', 'returned'].includes(to))
    report('I1', `payout ${payout.number} is ${to} without a live attempt`)
  const told = isTold(payout.door, payout.notifyUrl, to)
  if (step.notices.length !== (told ? 1 : 0))
    report('I10', `payout ${payout.number} reached ${to} with ${step.notices.length} notices`)
  if (told) payout.notices.push({ sequence: version, state: to, result: 'due' })
}

function open(
  shadow: Shadow,
  payout: ShadowPayout,
  step: PayoutStep,
  opened: AttemptOpened,
  needs: AuditNeeds,
): void {
  const { report, now } = needs
  const { attemptNo, providerAccountId, reference, requestHash, lostInMs } = opened
  const alive = payout.attempts.find(({ state }) => state !== 'dead')
  if (alive !== undefined)
    report(
      'I1',
      `payout ${payout.number} has a second attempt beside ${alive.attemptNo}, which is ${alive.state}`,
    )
  if (attemptNo !== payout.attempts.length + 1)
    report('I7', `payout ${payout.number} has an attempt ${attemptNo}`)
  if (step.to !== 'sending' || payout.state !== 'queued')
    report('I4', `payout ${payout.number} got an attempt while it was ${payout.state}`)
  // Found again after a restore: nobody is given a right to send it.
  const isFound = opened.incarnation === 0n && needs.wasRestored()
  if (isFound) needs.sometimes('an attempt was found after a restore')
  if (step.claim === null && !isFound) report('I4', `payout ${payout.number} got an attempt without a claim`)
  const contract = (opened.contract as { capabilities: Contract }).capabilities
  const attempt: ShadowAttempt = {
    ...{ payout, attemptNo, reference, contract },
    account: providerAccountId,
    openedAtMs: now(),
    rights: [],
    seen: [],
    state: 'sending',
    proof: null,
    ...{ deadAtMs: null, calledAtMs: null, agreedAtMs: null, decided: null },
  }
  payout.attempts.push(attempt)
  const derived = referenceOf([payout.merchantId, payout.reference, attemptNo], contract.reference)
  if (reference !== derived)
    report('I14', `attempt ${attemptNo} of payout ${payout.number} has a reference that nobody finds again`)
  const key = `${providerAccountId} ${reference}`
  if (shadow.attempts.has(key)) report('I9', `reference ${reference} stands for two attempts`)
  shadow.attempts.set(key, attempt)
  if (!isFound) give(shadow, attempt, 1, Buffer.from(requestHash).toString('hex'), now(), lostInMs)
}

function give(
  shadow: Shadow,
  attempt: ShadowAttempt,
  step: 1 | 2,
  hash: string,
  givenAtMs: number,
  lostInMs: number,
): void {
  const right = { attempt, step, isRepeat: false, givenAtMs, lostAtMs: givenAtMs + lostInMs, usedAtMs: null }
  attempt.rights.push(right)
  shadow.rights.set(hash, right)
}

function change(
  shadow: Shadow,
  payout: ShadowPayout,
  step: PayoutStep,
  changed: AttemptChanged,
  attempt: ShadowAttempt | null,
  needs: AuditNeeds,
): void {
  const { report, now } = needs
  if (attempt === null) {
    // Whoever sent it has outlived the database that knew it, and notes what it heard.
    if (changed.state === null && needs.wasRestored()) return
    report('I4', `payout ${payout.number} has no attempt ${changed.attemptNo}`)
    return
  }
  const facts = changed.facts as {
    stepsSent?: number
    payRequestHash?: string | null
    repeats?: number
  } | null
  giveRepeat(shadow, attempt, facts, changed.nextLookInMs ?? 0, needs)
  if (facts?.stepsSent === 2 && attempt.rights.length === 1 && typeof facts.payRequestHash === 'string')
    give(shadow, attempt, 2, facts.payRequestHash, now(), changed.nextLookInMs ?? 0)
  if ((changed.state === 'dead') !== (changed.proof !== null))
    report(
      'I1',
      `attempt ${attempt.attemptNo} of payout ${payout.number} is ${changed.state} with proof ${changed.proof?.kind}`,
    )
  if (changed.state === null) return
  if (changed.state !== attempt.state && !attemptMayFollow(attempt.state, changed.state))
    report(
      'I7',
      `attempt ${attempt.attemptNo} of payout ${payout.number} went from ${attempt.state} to ${changed.state}`,
    )
  const before = attempt.state
  attempt.state = changed.state
  if (changed.proof !== null) {
    attempt.proof = changed.proof.kind
    attempt.deadAtMs = now()
    auditDeath(attempt, before, changed.proof, needs)
  }
  if (changed.state === 'paid') auditAccepted(attempt, step, needs)
}

function see(payout: ShadowPayout, step: PayoutStep, needs: AuditNeeds): void {
  const { now, sometimes } = needs
  const { exchange } = step
  if (exchange === null) return
  const { row, kind, verdict } = exchange
  sometimes(`row ${row}`)
  if (kind !== 'callback') sometimes(`${kind} ${verdict}`)
  const attempt = payout.attempts[exchange.attemptNo - 1]
  if (attempt === undefined) return
  attempt.seen.push({ row, kind, verdict, atMs: now() })
  markRepeats(attempt, step, needs)
}

/** I5, I6, I8: exactly the one movement that the step has, of exactly the payout's money. */
function book(
  shadow: Shadow,
  payout: ShadowPayout,
  step: PayoutStep,
  { report, sometimes }: AuditNeeds,
): void {
  const attempt =
    step.attempt === null ? lastAttempt(payout) : (payout.attempts[step.attempt.attemptNo - 1] ?? null)
  const account = attempt?.account ?? ''
  const expected = step.to === null ? null : movementOf(payout.state, step.to, account)
  const made = step.postings.map(({ debit, credit }) => `${debit}>${credit}`)
  const recall = `recall_receivable>float:${account}`
  const isRecall = step.recipe === 'recall' && made.length === 1 && made[0] === recall
  if (isRecall) {
    sometimes('money was booked as to be recalled')
    if (attempt?.state !== 'dead')
      report('I8', `payout ${payout.number} is recalled and its attempt is ${attempt?.state}`)
  } else if (made.join() !== (expected ?? ''))
    report(
      'I8',
      `payout ${payout.number} from ${payout.state} to ${step.to} moved ${made.join() || 'nothing'}, not ${expected ?? 'nothing'}`,
    )
  for (const { debit, credit, amount } of step.postings) {
    if (amount.minor !== payout.minor || amount.currency !== payout.currency)
      report('I5', `payout ${payout.number} of ${payout.minor} moved ${amount.minor} ${amount.currency}`)
    move(shadow, payout.merchantId, `${debit}>${credit}`, amount.minor, amount.currency)
    payout.movements.push(`${debit}>${credit}`)
    for (const own of [debit, credit]) {
      if (own !== 'available' && own !== 'held' && own !== 'in_flight') continue
      const left = shadow.balances.get(`${payout.merchantId} ${own} ${amount.currency}`) ?? 0n
      if (left < 0n) report('I6', `${own} of ${payout.merchantId} is ${left}`)
    }
  }
}
