// What the auditor says of a belief at the moment at which it is committed: it holds it against what the provider really
// did (I2), and against what was seen until then, as somebody could who has only the records (I1).
import type { PayoutStep } from '../../../src/store/store.ts'
import { isLive } from '../rails/truth.ts'
import type { AuditNeeds } from './auditor.ts'
import { PROVING_ROWS } from './rules.ts'
import type { ShadowAttempt } from './shadow.ts'

interface Proof {
  readonly kind: string
  readonly premises: unknown
}

export function auditDeath(attempt: ShadowAttempt, before: string, proof: Proof, needs: AuditNeeds): void {
  const { report, truth, sometimes } = needs
  const name = `attempt ${attempt.attemptNo} of payout ${attempt.payout.number}`
  sometimes(`dead ${proof.kind}`)
  const transfer = truth().of(attempt.account, attempt.reference)
  const isPeoples = proof.kind === 'by_people' || proof.kind === 'by_statement'
  if (isPeoples !== needs.byPeople) report('I18', `${name} is dead (${proof.kind}) without their agreement`)
  // What people decide wrongly is allowed, and told when it shows (light.ts).
  const isAllowed = attempt.decided?.wasRight === false
  if (transfer !== null && isLive(transfer) && !transfer.breaksContract && !isAllowed)
    report(
      'I2',
      `${name} was declared dead (${proof.kind}) while ${attempt.account} has it as ${transfer.state}`,
    )
  const row = (proof.premises as { row?: string } | null)?.row ?? 'none'
  if (!(PROVING_ROWS[proof.kind] ?? []).includes(row))
    report('I1', `${name} is dead (${proof.kind}) by row ${row}`)
  const missing = missingPremise(attempt, proof, row, needs)
  if (missing !== null) report('I1', `${name} is dead (${proof.kind}) and ${missing}`)
  if (before === 'in_doubt') sometimes('a doubt ended in a proof of death')
}

/** Null, or what the records do not show that the proof needs. */
function missingPremise(
  attempt: ShadowAttempt,
  { kind }: Proof,
  row: string,
  needs: AuditNeeds,
): string | null {
  const { contract, rights } = attempt
  const right = rights.at(-1)
  const usedAtMs = rights.reduce<number | null>((last, { usedAtMs: used }) => used ?? last, null)
  switch (kind) {
    case 'not_sent':
      // Of two steps the first may have been sent; of a repeat, what went before it may have been taken.
      if (usedAtMs !== null && (right?.step !== 2 || right.usedAtMs !== null))
        return 'its bytes were handed over'
      return right?.step === 2 && !contract.createAloneNeverPays ? 'its first step may pay alone' : null
    case 'never_arrived':
      return missingOfSilence(attempt, usedAtMs, needs)
    case 'failed_final': {
      const first = attempt.seen[0]?.atMs ?? needs.now()
      const grown = needs.now() - first >= contract.failedIsFinalAfterMs - ROUNDING_MS
      return row === 'Q7' && !grown ? 'the failure is younger than its contract asks' : null
    }
    case 'by_people': {
      const { maxProcessingMs, queryLagMs } = contract
      const sinceMs = needs.now() - (usedAtMs ?? 0)
      return sinceMs < maxProcessingMs + queryLagMs - ROUNDING_MS ? 'it may still be paid' : null
    }
    case 'by_statement':
      return usedAtMs !== null && dayOf(needs.now()) < dayOf(usedAtMs) + 2
        ? 'the day after is not over'
        : null
    default:
      return attempt.seen.length === 0 ? 'no exchange was recorded' : null
  }
}

/** Days since 1970, in UTC. */
function dayOf(ms: number): number {
  return Math.floor(ms / 86_400_000)
}

/** Times of the records and of this clock are rounded apart by less than this. */
const ROUNDING_MS = 50
const APART_MS = 600_000
/** Rows of sends by which a provider said nothing of the payout: a repeat that ends so is no other value between. */
const SAID_NOTHING: ReadonlySet<string> = new Set('S1 S2 S3 S4 S5 S6 S7 S8 S9 S10 S12 S13'.split(' '))

/** Q10, (a) and (b), from the records alone. */
function missingOfSilence(
  { contract, seen, rights }: ShadowAttempt,
  usedAtMs: number | null,
  { now }: AuditNeeds,
): string | null {
  const { notFoundIsFinalAfterMs: finalMs, notFoundAnswersNeeded: needed } = contract
  if (!seen.some(({ row, kind }) => kind === 'send' && row !== 'S5'))
    return 'the end of its call is not recorded'
  if (finalMs === 'never') return 'its contract never takes "not found" for final'
  if (usedAtMs !== null && now() - usedAtMs < finalMs - ROUNDING_MS) return '"not found" is not old enough'
  const isRepeated = rights.some(({ isRepeat }) => isRepeat)
  let counted = 0
  let countedAtMs = Number.POSITIVE_INFINITY
  for (const { row, kind, atMs } of seen.toReversed()) {
    // A callback is no answer, and an inquiry that brought nothing is no other value; everything else ends the run.
    if (kind === 'callback' || row === 'Q1' || (isRepeated && SAID_NOTHING.has(row))) continue
    if (row !== 'Q10' && row !== 'Q11') break
    if (countedAtMs - atMs < APART_MS - ROUNDING_MS) continue
    counted += 1
    countedAtMs = atMs
  }
  return counted < needed ? `"not found" was answered ${counted} times, not ${needed}` : null
}

/** Paid is believed only of what was paid. */
export function auditAccepted(
  attempt: ShadowAttempt,
  step: PayoutStep,
  { report, truth, sometimes, byPeople }: AuditNeeds,
): void {
  if (byPeople) return
  const transfer = truth().of(attempt.account, attempt.reference)
  const row = step.exchange?.row ?? 'none'
  sometimes(`paid by ${row}`)
  if (transfer?.breaksContract === true) return
  if (transfer === null || transfer.timesPaid === 0)
    report(
      'I1',
      `payout ${attempt.payout.number} is paid by row ${row}, and ${attempt.account} has not paid it`,
    )
}
