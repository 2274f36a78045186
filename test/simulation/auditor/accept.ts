// What the auditor says of payouts that come in: I3, I6 and I9.
import type { AcceptVerdict, NewPayout } from '../../../src/store/store.ts'
import type { AuditNeeds } from './auditor.ts'
import { move, payoutKey, type Shadow, type ShadowPayout } from './shadow.ts'

export function auditAccept(
  shadow: Shadow,
  batch: readonly NewPayout[],
  verdicts: readonly AcceptVerdict[],
  needs: AuditNeeds,
): void {
  batch.forEach((asked, place) => {
    const verdict = verdicts[place]
    switch (verdict?.kind) {
      case 'accepted':
        accepted(shadow, asked, needs)
        break
      case 'replayed':
        replayed(shadow, asked, verdict, needs)
        break
      case 'conflict':
        conflicting(shadow, asked, verdict.number, needs)
        break
      case 'insufficient':
        needs.sometimes('a payout was refused for want of money')
        break
      case 'refused':
        needs.sometimes('a payout was refused for want of a route')
        break
      case 'again':
        needs.sometimes('two processes recorded one reference')
        break
      default:
        needs.report('I9', 'a payout that came in has no verdict')
    }
  })
}

function accepted(shadow: Shadow, asked: NewPayout, { report, now }: AuditNeeds): void {
  const { merchantId, number, reference, amount } = asked
  const referenceKey = `${merchantId} ${reference}`
  const key = asked.idempotencyKey === null ? null : `${merchantId} ${asked.idempotencyKey}`
  if (shadow.byReference.has(referenceKey)) report('I9', `reference ${reference} stands for two payouts`)
  if (key !== null && shadow.byKey.has(key))
    report('I9', `key ${asked.idempotencyKey} stands for two payouts`)
  if (shadow.payouts.has(payoutKey(merchantId, number))) report('I9', `number ${number} was given twice`)
  const payout: ShadowPayout = {
    ...{ merchantId, number, reference, key },
    fingerprint: Buffer.from(asked.fingerprint).toString('hex'),
    firstAnswer: asked.firstAnswer,
    minor: amount.minor,
    currency: amount.currency,
    door: asked.door,
    notifyUrl: asked.notifyUrl,
    acceptedAtMs: now(),
    attempts: [],
    events: [asked.to],
    movements: ['available>held'],
    notices: [],
    incidents: [],
    state: asked.to,
    waitReason: asked.waitReason,
    version: 1,
    claim: null,
    stateSinceMs: now(),
  }
  shadow.payouts.set(payoutKey(merchantId, number), payout)
  shadow.byReference.set(referenceKey, payout)
  if (key !== null) shadow.byKey.set(key, payout)
  move(shadow, merchantId, 'available>held', amount.minor, amount.currency)
  const available = shadow.balances.get(`${merchantId} available ${amount.currency}`) ?? 0n
  if (available < 0n) report('I6', `available of ${merchantId} is ${available}`)
}

/** The payout that a request speaks of: by its key where it has one, else by its reference. */
function standing(shadow: Shadow, asked: NewPayout): ShadowPayout | null {
  const { merchantId, idempotencyKey, reference } = asked
  const byKey = idempotencyKey === null ? undefined : shadow.byKey.get(`${merchantId} ${idempotencyKey}`)
  return byKey ?? shadow.byReference.get(`${merchantId} ${reference}`) ?? null
}

function replayed(
  shadow: Shadow,
  asked: NewPayout,
  verdict: Extract<AcceptVerdict, { kind: 'replayed' }>,
  { report, sometimes }: AuditNeeds,
): void {
  const payout = standing(shadow, asked)
  sometimes('a repeat got the first answer')
  if (payout === null || payout.number !== verdict.number)
    report('I9', `${asked.reference} was answered as a repeat of ${verdict.number}`)
  else if (payout.firstAnswer !== verdict.answer)
    report('I9', `a repeat of payout ${payout.number} got another answer`)
  else if (payout.fingerprint !== Buffer.from(asked.fingerprint).toString('hex'))
    report('I9', `other content under ${asked.reference} was answered as a repeat`)
}

function conflicting(
  shadow: Shadow,
  asked: NewPayout,
  number: bigint,
  { report, sometimes }: AuditNeeds,
): void {
  const payout = standing(shadow, asked)
  sometimes('other content under a known reference was refused')
  if (payout === null || payout.number !== number)
    report('I9', `${asked.reference} was refused for payout ${number}, which has another reference and key`)
  else if (payout.fingerprint === Buffer.from(asked.fingerprint).toString('hex') && payout.key === null)
    report('I9', `a repeat of payout ${payout.number} was refused as a conflict`)
}
