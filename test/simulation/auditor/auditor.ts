// The auditor of a history: it hears of every commit, of every first byte and of everything that a provider does, and
// says at that moment what must not be. SAFETY.md section 6 numbers what it holds.
//
// Not here yet: I17 (limits). It comes with that part.
import type { SendScopes } from '../../../src/payout/stop.ts'
import type { WireRequest } from '../../../src/protocols/protocol.ts'
import type { Confirmation, NewProposal, ProposalConfirmed } from '../../../src/store/people-store.ts'
import type {
  AcceptVerdict,
  CallbackVerdict,
  NewCallback,
  NewPayout,
  NewTrip,
  NoticeResult,
  PayoutStep,
  StepVerdict,
} from '../../../src/store/store.ts'
import type { NewRelease } from '../model/releases.ts'
import type { Disk } from '../process/disk.ts'
import type { StoreFunction } from '../process/store-port.ts'
import { isLive, type Transfer, type Truth } from '../rails/truth.ts'
import { auditAccept } from './accept.ts'
import { hashOfBytes, hashOfCallback } from './bytes.ts'
import { auditCalled, auditConfirmed, auditProposed, auditVoid } from './decisions.ts'
import { auditRepeat, rightFor } from './repeats.ts'
import { createRestores, type Restores } from './restores.ts'
import { createShadow, payoutKey, type Shadow, type ShadowAttempt } from './shadow.ts'
import { auditStep } from './step.ts'
import { createStops, type Stops } from './stops.ts'

export interface Violation {
  readonly invariant: string
  readonly said: string
  readonly atMs: number
}

export interface AuditorNeeds {
  now(): number
  readonly truth: () => Truth
  readonly report: (invariant: string, said: string) => void
  readonly sometimes: (mark: string) => void
  /** The protocol of a provider account. */
  readonly railOf: (account: string) => string
}

/** What the parts of the auditor need of it and of the history. */
export interface AuditNeeds extends AuditorNeeds {
  readonly wasRestored: () => boolean
  /** The step is what two people agreed on. */
  readonly byPeople: boolean
}

export interface Auditor {
  readonly shadow: Shadow
  readonly stops: Stops
  readonly restores: Restores
  committed(name: StoreFunction, args: readonly unknown[], result: unknown): void
  /** `disk`: where whoever sends has its journal. */
  handedOver(request: WireRequest, who: string, disk: Pick<Disk, 'holds'>): void
  transferred(transfer: Transfer, before: Transfer | null): void
  /** A callback was answered as taken. */
  acknowledged(callback: WireRequest): void
}

export function createAuditor(of: AuditorNeeds): Auditor {
  const shadow = createShadow()
  const { report, sometimes } = of
  const stops = createStops(of)
  const restores = createRestores(shadow, of)
  const needs: AuditNeeds = { ...of, wasRestored: () => restores.atMs() !== null, byPeople: false }

  function committed(name: StoreFunction, args: readonly unknown[], result: unknown): void {
    // The arguments and results are those of the store's own type, by the name of the function.
    switch (name) {
      case 'acceptPayouts':
        auditAccept(shadow, args[0] as readonly NewPayout[], result as readonly AcceptVerdict[], needs)
        break
      case 'advancePayouts':
        advanced(args[0] as readonly PayoutStep[], result as readonly StepVerdict[])
        break
      case 'claimDue':
        claimed(result as readonly { payout: { merchantId: string; number: bigint }; claim: bigint }[])
        break
      case 'recordNotices':
        noticed(args[0] as readonly NoticeResult[])
        break
      case 'recordCallbacks':
        for (const { hash } of args[0] as readonly NewCallback[])
          shadow.callbacks.add(Buffer.from(hash).toString('hex'))
        auditCalled(shadow, args[0] as readonly NewCallback[], result as readonly CallbackVerdict[], of.now())
        break
      case 'propose':
        auditProposed(shadow, args[0] as NewProposal, of.now())
        break
      case 'confirmProposal':
        auditConfirmed(shadow, args[0] as Confirmation, result as ProposalConfirmed, needs)
        break
      case 'endProposal':
        if (result === 'void') auditVoid(shadow, (args[0] as { proposalId: string }).proposalId, needs)
        break
      case 'releaseSafeMode':
        if (result === 'released')
          restores.released((args[0] as { providerAccountId: string }).providerAccountId)
        break
      case 'tripSwitch':
        stops.tripped(args[0] as NewTrip, result)
        break
      case 'releaseSwitch':
        stops.released(args[0] as NewRelease, result)
        break
      default:
    }
  }

  function scopesOf({ account, payout }: ShadowAttempt): SendScopes {
    const { merchantId, currency } = payout
    return { merchantId, currency, rail: needs.railOf(account), providerAccountId: account }
  }

  function advanced(steps: readonly PayoutStep[], verdicts: readonly StepVerdict[]): void {
    steps.forEach((step, place) => {
      const verdict = verdicts[place]
      if (verdict?.kind === 'done') {
        auditStep(shadow, step, verdict.version, needs)
        if (step.exchange?.row === 'S1') stoppedLate(step)
      } else if (step.attempt?.kind === 'opened') sometimes('an intent was stale')
      else if (step.to !== null) sometimes('a step was stale')
    })
  }

  /** What was not sent after its right was given, and whether a switch was the reason. */
  function stoppedLate({ merchantId, number, exchange }: PayoutStep): void {
    const attempt = shadow.payouts.get(payoutKey(merchantId, number))?.attempts[
      (exchange?.attemptNo ?? 0) - 1
    ]
    if (attempt === undefined) return
    const sinceMs = stops.stoppedSinceMs(scopesOf(attempt))
    if (sinceMs !== null && sinceMs >= attempt.openedAtMs)
      sometimes('the kill switch was tripped between the intent and the first byte')
  }

  function claimed(due: readonly { payout: { merchantId: string; number: bigint }; claim: bigint }[]): void {
    for (const { payout, claim } of due) {
      const known = shadow.payouts.get(payoutKey(payout.merchantId, payout.number))
      if (known === undefined) report('I3', `payout ${payout.number} is in the queue and was never accepted`)
      else {
        if (known.claim !== null) sometimes('a claim followed a claim that ended')
        if (known.state !== 'queued')
          report('I7', `payout ${known.number} is claimed while it is ${known.state}`)
        known.claim = claim
      }
    }
  }

  function noticed(results: readonly NoticeResult[]): void {
    for (const { merchantId, number, sequence, next } of results) {
      const payout = shadow.payouts.get(payoutKey(merchantId, number))
      const notice = payout?.notices.find(one => one.sequence === sequence)
      if (notice === undefined) {
        report('I10', `a notice ${sequence} of payout ${number} was sent and is none`)
        continue
      }
      const earlier = payout?.notices.find(one => one.sequence < sequence && one.result === 'due')
      if (earlier !== undefined) report('I10', `payout ${number} told ${sequence} before ${earlier.sequence}`)
      if (notice.result === 'due' && next.kind !== 'again' && next.kind !== 'later') notice.result = next.kind
      if (next.kind === 'parked') sometimes('a notice was parked')
    }
  }

  function handedOver(request: WireRequest, who: string, disk: Pick<Disk, 'holds'>): void {
    const hash = hashOfBytes(request)
    const found = rightFor(shadow, hash, restores.lostRight)
    // A database that is restored may know nothing of it: then this file is all there is.
    if (!disk.holds(hash)) report('I14', `${who} sent bytes that its journal does not hold: ${request.url}`)
    if (found === null) {
      report('I4', `${who} sent bytes that no committed intent holds: ${request.url}`)
      return
    }
    const { right, isOfThisLife } = found
    const { attempt, step, isRepeat } = right
    const { payout } = attempt
    const name = `payout ${payout.number} attempt ${attempt.attemptNo} step ${step}`
    if (right.usedAtMs !== null) report('I2', `${who} used the send right of ${name} a second time`)
    if (needs.now() > right.lostAtMs) report('I15', `${who} sent ${name} after its time was over`)
    if (attempt.state === 'dead') report('I2', `${who} sent ${name}, which is proven dead`)
    // The doubt of a repeat may end while it is on its way: its provider takes both for one.
    const maySend = payout.state === 'sending' || isRepeat || (step === 2 && payout.state === 'in_doubt')
    if (isOfThisLife && !maySend) report('I4', `${who} sent ${name} while the payout is ${payout.state}`)
    stops.sent(scopesOf(attempt), name, who)
    restores.sent(right, name, who)
    if (isRepeat) auditRepeat(right, name, needs)
    right.usedAtMs = needs.now()
    if (step === 2) sometimes('a second step was sent')
    if (attempt.attemptNo > 1) sometimes('a second attempt was sent')
  }

  function transferred(transfer: Transfer, before: Transfer | null): void {
    const attempt =
      shadow.attempts.get(`${transfer.account} ${transfer.reference}`) ??
      restores.lostAttempt(transfer.account, transfer.reference)
    if (attempt === null) {
      report('I4', `${transfer.account} has a transfer ${transfer.reference} that no attempt stands for`)
      return
    }
    const { payout } = attempt
    if (transfer.minor !== payout.minor)
      report(
        'I2',
        `${transfer.account} pays ${transfer.minor} for payout ${payout.number} of ${payout.minor}`,
      )
    restores.transferred(attempt, transfer)
    if (!isLive(transfer) || transfer.breaksContract) return
    if (attempt.state === 'dead' && attempt.decided?.wasRight !== false)
      report(
        'I2',
        `attempt ${attempt.attemptNo} of payout ${payout.number} is dead (${attempt.proof}) and ${transfer.state} at ${transfer.account}`,
      )
    const live = payout.attempts.filter(one => {
      const other = needs.truth().of(one.account, one.reference)
      return other !== null && isLive(other)
    })
    if (live.length > 1)
      report('I2', `payout ${payout.number} has ${live.length} transfers under way or paid`)
    if (transfer.timesAccepted > 1)
      report('I2', `payout ${payout.number} was accepted ${transfer.timesAccepted} times`)
    if (transfer.timesPaid > 1) report('I2', `payout ${payout.number} was paid ${transfer.timesPaid} times`)
    if (before?.state === 'failed' && transfer.state === 'paid') sometimes('paid after it had failed')
  }

  function acknowledged(callback: WireRequest): void {
    sometimes('a callback was acknowledged')
    if (!shadow.callbacks.has(hashOfCallback(callback)))
      report('I3', 'a callback was acknowledged that is not stored')
  }

  return { shadow, stops, restores, committed, handedOver, transferred, acknowledged }
}
