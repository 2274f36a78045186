// What the auditor says of repeats: the same bytes once more, where the contract takes them as the same payout, and before
// half of its window is over since the first byte (SAFETY.md section 3).
import type { PayoutStep } from '../../../src/store/store.ts'
import type { AuditNeeds } from './auditor.ts'
import type { Contract, Right, Shadow, ShadowAttempt } from './shadow.ts'

/** More of them than any attempt may have. */
const REPEATS_MAX = 2

function takesRepeats({
  idempotentOnOurReference,
  errorsRemembered,
  twoStep,
  repeatForm,
}: Contract): boolean {
  return idempotentOnOurReference && errorsRemembered && !twoStep && repeatForm !== 'repeat_flag'
}

/** Milliseconds since its first byte, which can only have left after its right was given. */
function agedMs({ rights: [first] }: ShadowAttempt, nowMs: number): number {
  return nowMs - (first?.usedAtMs ?? first?.givenAtMs ?? nowMs)
}

/** A step that counts one more repeat gives its right. */
export function giveRepeat(
  shadow: Shadow,
  attempt: ShadowAttempt,
  facts: { readonly repeats?: number } | null,
  lostInMs: number,
  { report, now }: AuditNeeds,
): void {
  const given = attempt.rights.filter(({ isRepeat }) => isRepeat).length
  const repeats = facts?.repeats ?? 0
  const first = attempt.rights[0]
  if (repeats <= given || first === undefined) return
  const name = `attempt ${attempt.attemptNo} of payout ${attempt.payout.number}`
  if (!takesRepeats(attempt.contract)) report('I2', `${name} is repeated, and its contract takes none`)
  if (repeats > REPEATS_MAX) report('I2', `${name} is repeated ${repeats} times`)
  if (attempt.state !== 'in_doubt') report('I4', `${name} is repeated while it is ${attempt.state}`)
  const right = { ...first, isRepeat: true, givenAtMs: now(), lostAtMs: now() + lostInMs, usedAtMs: null }
  attempt.rights.push(right)
  for (const [key, own] of [...shadow.rights])
    if (own === first) shadow.rights.set(`${key} ${repeats}`, right)
}

/** The right that these bytes may be sent by: the latest that was not used. `lost`: what a restore took. */
export function rightFor(
  shadow: Shadow,
  hash: string,
  lost: (key: string) => Right | null,
): { readonly right: Right; readonly isOfThisLife: boolean } | null {
  const keys = [hash, ...Array.from({ length: REPEATS_MAX }, (_, nth) => `${hash} ${nth + 1}`)]
  const found = keys.flatMap(key => {
    const own = shadow.rights.get(key)
    const right = own ?? lost(key)
    return right === null ? [] : [{ right, isOfThisLife: own !== undefined }]
  })
  return found.findLast(({ right }) => right.usedAtMs === null) ?? found.at(-1) ?? null
}

/** The first byte of a repeat leaves. */
export function auditRepeat({ attempt }: Right, name: string, { report, now, sometimes }: AuditNeeds): void {
  const { idempotencyWindowMs } = attempt.contract
  const agoMs = agedMs(attempt, now())
  sometimes('a repeat was sent')
  if (attempt.state !== 'in_doubt') sometimes('a repeat left after its doubt had ended')
  if (agoMs >= idempotencyWindowMs / 2)
    report(
      'I2',
      `${name} is repeated ${Math.round(agoMs)} ms after it was sent, with a window of ${idempotencyWindowMs} ms`,
    )
}

/** What became of repeats, as the exchanges tell it. */
export function markRepeats(attempt: ShadowAttempt, step: PayoutStep, { now, sometimes }: AuditNeeds): void {
  const { exchange } = step
  const last = attempt.rights.at(-1)
  if (exchange === null || last === undefined) return
  if (last.isRepeat && exchange.kind === 'send') {
    if (exchange.verdict.startsWith('accepted')) sometimes('a repeat was accepted')
    if (last.usedAtMs === null) sometimes('a repeat was stopped before its first byte')
  }
  const repeats = attempt.rights.filter(({ isRepeat }) => isRepeat).length
  if (exchange.row !== 'Q11' || attempt.state !== 'in_doubt' || repeats === REPEATS_MAX) return
  const isLate = agedMs(attempt, now()) >= attempt.contract.idempotencyWindowMs / 2
  if (takesRepeats(attempt.contract))
    sometimes(isLate ? 'a repeat was refused by the window' : 'a repeat was due')
  else if (attempt.contract.idempotentOnOurReference) sometimes('a repeat was refused by the contract')
}
