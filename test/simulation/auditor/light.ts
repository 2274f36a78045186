// What turned out to be wrong: an attempt that was called dead, by whomever, and was paid; or called paid by people, and
// was not. As soon as its provider has said so there is an incident, and the money is booked as to be recalled.
import { isLive, type Transfer } from '../rails/truth.ts'
import type { World } from '../runner/world.ts'
import type { ShadowAttempt } from './shadow.ts'

const ASKED_WITHIN_MS = 900_000
const OF_A_PAYMENT = ['paid_after_death', 'answer_after_death', 'contradiction']

/** A decision stands as it was taken, and what speaks against it stands beside it. */
export function auditLight(world: World): void {
  const { auditor, truth, report, marks } = world
  for (const attempt of auditor.shadow.attempts.values()) {
    const { payout, decided } = attempt
    const name = `attempt ${attempt.attemptNo} of payout ${payout.number}`
    if (decided !== null && !isAsDecided(attempt))
      report('I18', `${name} was decided to be ${decided.verdict} and is ${attempt.state}`)
    const transfer = truth.of(attempt.account, attempt.reference)
    if (transfer === null) continue
    const wrong =
      attempt.state === 'dead' ? isLive(transfer) : decided?.wasRight === false && transfer.timesPaid === 0
    if (!wrong) continue
    const whose = decided === null ? 'a broken contract' : `a wrong decision`
    const shown = attempt.state === 'dead' ? isShownPaid(world, attempt, transfer) : isShownFailed(attempt)
    marks.sometimes(shown ? `${whose} came to light` : `${whose} stays in the dark`)
    if (!shown) continue
    if (!isTold(world, attempt))
      report('I2', `${name} is ${attempt.state}, its provider says ${transfer.state}, and nobody was told`)
    const isRecalled = payout.movements.includes(`recall_receivable>float:${attempt.account}`)
    if (
      attempt.state === 'dead' &&
      transfer.state === 'paid' &&
      wasAskedSince(attempt, transfer) &&
      !isRecalled
    )
      report('I2', `${name} is dead and was paid, and its money is not booked as to be recalled`)
  }
}

/** An incident of the time since; of a failure the look says which row of the tables speaks against it. */
function isTold({ store }: World, { payout, state, deadAtMs, decided }: ShadowAttempt): boolean {
  const sinceMs = (state === 'dead' ? deadAtMs : decided?.atMs) ?? 0
  return store.tables().incidents.some(({ merchantId, number, kind, detail, atMs }) => {
    if (merchantId !== payout.merchantId || number !== payout.number || atMs < sinceMs) return false
    if (state === 'dead') return OF_A_PAYMENT.includes(kind)
    return kind === 'contradiction' || (kind === 'look' && detail.includes('Q8'))
  })
}

function isAsDecided({ decided, state }: ShadowAttempt): boolean {
  return decided?.verdict === 'dead' ? state === 'dead' : state === 'paid' || state === 'returned'
}

/** An inquiry was answered since it is what it is; or its provider called, and could be asked about it. */
function isShownPaid({ scheduler }: World, attempt: ShadowAttempt, transfer: Transfer): boolean {
  if (wasAskedSince(attempt, transfer)) return true
  const sinceMs = Math.max(attempt.deadAtMs ?? 0, transfer.atMs)
  const { queryableByOurReference, queryableByTheirId } = attempt.contract
  const calledAtMs = attempt.calledAtMs ?? 0
  const canBeAsked = transfer.canBeAsked && (queryableByOurReference || queryableByTheirId)
  return canBeAsked && calledAtMs > sinceMs && scheduler.now() - calledAtMs > ASKED_WITHIN_MS
}

function wasAskedSince(
  { deadAtMs, seen }: ShadowAttempt,
  { canBeAsked, atMs: changedAtMs }: Transfer,
): boolean {
  // Between an answer and its record lies a moment in which the books of the provider may have changed.
  const sinceMs = Math.max(deadAtMs ?? 0, changedAtMs + ANSWER_MS_MAX)
  return canBeAsked && seen.some(({ row, atMs }) => row === 'Q3' && atMs > sinceMs)
}

const ANSWER_MS_MAX = 120_000

function isShownFailed({ decided, seen }: ShadowAttempt): boolean {
  return seen.some(({ kind, row, atMs }) => kind === 'inquiry' && row === 'Q8' && atMs > (decided?.atMs ?? 0))
}
