// Looks at an attempt whose time has come, and never sends. A send whose time is over without an end is lost, and from
// then on in doubt, unless its sender's journal proves that it never left; everything else is asked about at the provider until it is known. Asking moves no money, so it may
// be repeated, and whatever comes of it that is not certain changes nothing but the time of the next look.
//
// A callback never decides here either, unless its provider cannot be asked at all. It is held against the answer: two
// different ends are nobody's to choose between but a person's.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Answer } from '../payout/outcome.ts'
import { isQueryable } from '../protocols/capabilities.ts'
import type { DueAttempt, PayoutStep, Store } from '../store/store.ts'
import { type ReadyAccount, type StoredTerms, storedTerms } from './accounts.ts'
import type { Alarm } from './alarm.ts'
import type { Call } from './call.ts'
import { callMoment, jitterOf } from './chance.ts'
import { isPayingNow, parseFacts, senderMayWork, stepOf } from './facts.ts'
import type { JournalVerdict, SendJournal } from './journal.ts'
import { type Look, type LookOutcome, lookOutcome } from './look.ts'
import { lostInMs, lostSteps, openRight, ROUNDING_MS } from './lost.ts'
import { withRequestId } from './order.ts'
import { type Recorded, type RecordNeeds, recordSteps } from './record.ts'
import { LOOK_APART_MS } from './schedule.ts'
import { type NoticesFor, postponeStep } from './steps.ts'
import { toldOf } from './told.ts'

export interface InquireNeeds extends RecordNeeds {
  readonly call: Pick<Call, 'ask'>
  readonly store: Pick<Store, 'findForStep' | 'payoutExchanges'>
  readonly journal: Pick<SendJournal, 'judge'>
  readonly clock: Clock
  readonly random: Random
  readonly noticesFor: NoticesFor
  readonly alarm: (alarm: Alarm) => void
}

/** For those who watch. `lost`: the sender's time was over. `kept`: nothing could be looked at, and it comes again. */
export type Inquired =
  | {
      readonly kind: 'lost' | 'looked'
      readonly row: string
      readonly recorded: Recorded
      /** The account pays what is proven dead, or answers about something else: nothing more is sent through it. */
      readonly stopsAccount: boolean
    }
  | { readonly kind: 'kept' }

/**
 * `claimedAtMs`: when the attempt was claimed, by the database's clock; `claimTookMs`: how long ago that may be by now at
 * most. `ready` is null where its account is gone.
 */
export async function inquire(
  due: DueAttempt,
  ready: ReadyAccount | null,
  claimedAtMs: number,
  needs: InquireNeeds,
  claimTookMs = 0,
): Promise<Inquired> {
  const began = needs.clock.monotonic()
  const ageMs = () => Math.max(0, claimedAtMs - due.attempt.createdAtMs) + (needs.clock.monotonic() - began)
  const terms = storedTerms(due.contract)
  if (terms === null) return keep(due, UNREADABLE_AGAIN_MS, 'its contract cannot be read', needs)
  const facts = parseFacts(due.facts)
  const isSending = due.attempt.state === 'sending' && senderMayWork(facts)
  if (isSending || (due.attempt.state === 'in_doubt' && isPayingNow(facts))) {
    const lost = await lose(due, terms, ageMs(), isSending, needs)
    if (lost !== null) return lost
  }
  if (ready === null) return keep(due, NO_ACCOUNT_AGAIN_MS, 'its provider account is gone', needs)
  return lookAt(due, terms, ready, { ageMs, claimTookMs }, needs)
}

const UNREADABLE_AGAIN_MS = 3_600_000
const NO_ACCOUNT_AGAIN_MS = 600_000
const UNWRITABLE_AGAIN_MS = 600_000

/** A send without an end. Null: it is over, and its provider is to be asked. */
async function lose(
  due: DueAttempt,
  terms: StoredTerms,
  ageMs: number,
  isSending: boolean,
  needs: InquireNeeds,
): Promise<Inquired | null> {
  const facts = parseFacts(due.facts)
  const leftMs = lostInMs(terms, facts, ageMs)
  const isOver = leftMs <= ROUNDING_MS
  const right = openRight(due, facts, terms)
  const verdict = right === null ? UNKNOWN : await needs.journal.judge(right, isOver)
  // Its sender is still at work, and its own answer comes first: also a callback may have woken this look.
  if (verdict.kind === 'later' || (verdict.kind === 'unproven' && !isOver))
    return keep(due, Math.max(leftMs, LOOK_APART_MS), null, needs)
  const proven = right !== null && verdict.kind === 'absent' ? { right, proof: verdict.proof } : null
  const told = proven !== null && terms.capabilities.callsBack ? await toldAbout(due, needs) : []
  if (told === null) return { kind: 'kept' }
  // A provider that speaks of a payout that never left: nothing is proven, and it is asked.
  const isBelieved = proven !== null && told.length === 0 && !facts.contradicted
  if (!isBelieved && !isSending) return isOver ? null : keep(due, leftMs, null, needs)
  const lost = { ageMs, jitter: jitterOf(needs.random), proven: isBelieved ? proven : null, isGone: !isOver }
  const recorded = await recordSteps(needs, due, found =>
    lostSteps(due, terms, lost, found, needs.noticesFor),
  )
  return { kind: 'lost', row: isBelieved ? 'S0' : 'S5', recorded, stopsAccount: false }
}

const UNKNOWN: JournalVerdict = { kind: 'unproven', why: 'nobody knows who was to send it' }

async function lookAt(
  due: DueAttempt,
  terms: StoredTerms,
  ready: ReadyAccount,
  { ageMs, claimTookMs }: { readonly ageMs: () => number; readonly claimTookMs: number },
  needs: InquireNeeds,
): Promise<Inquired> {
  const asked = isQueryable(terms.capabilities) ? await ask(due, terms, ready, needs) : null
  if (asked === 'unwritable') return keep(due, UNWRITABLE_AGAIN_MS, 'the inquiry could not be built', needs)
  const speaks = asked === null || (asked.line.kind === 'answered' && asked.line.answer.kind === 'read')
  const told = terms.capabilities.callsBack && speaks ? await toldAbout(due, needs) : []
  // Without what callbacks told, no answer may be judged: the look comes again when its lease is over.
  if (told === null) return { kind: 'kept' }

  const look: Look = {
    ...{ due, terms, ready, asked, told, claimTookMs },
    ageMs: ageMs(),
    jitter: jitterOf(needs.random),
  }
  let outcome: LookOutcome | null = null
  const recorded = await recordSteps(needs, due, (found, again) => {
    outcome = lookOutcome(look, found, again, needs.noticesFor)
    return outcome.steps
  })
  return report(due, outcome, recorded, needs)
}

/** One question, read by the connector. Never rejects. */
async function ask(
  { payout, attempt, facts: stored }: DueAttempt,
  { capabilities }: StoredTerms,
  { connector, account }: ReadyAccount,
  needs: InquireNeeds,
): Promise<NonNullable<Look['asked']> | 'unwritable'> {
  const { reference, theirId } = attempt
  const facts = parseFacts(stored)
  const step = stepOf(capabilities, facts)
  const subject = { reference, theirId, amount: payout.amount, step, payRequestId: facts.payRequestId }
  const { connect, headers, total } = capabilities.timeoutsMs
  const limits = {
    connectMs: connect,
    headersMs: headers,
    totalMs: total,
    maxAnswerBytes: capabilities.maxAnswerBytes,
  }
  const asked = safely(() => connector.inquire(subject, account, callMoment(needs)), needs)
  if (asked === null) return 'unwritable'
  const request = withRequestId(asked, payout)
  const result = await needs.call.ask(request, limits)
  if (result.kind !== 'answered') return { line: result, result, request, step }
  const read = safely(() => connector.readInquiry(result.answer, subject, account), needs)
  const answer: Answer = read ?? { kind: 'unreadable' }
  return { line: { kind: 'answered', status: result.status, answer }, result, request, step }
}

/** A connector that throws is a mistake of ours: it said nothing, and nothing follows from it. */
function safely<Value>(run: () => Value, { failed }: InquireNeeds): Value | null {
  try {
    return run()
  } catch (error) {
    failed(error)
    return null
  }
}

async function toldAbout(
  { payout, attempt }: DueAttempt,
  { store, failed }: InquireNeeds,
): Promise<readonly Answer[] | null> {
  try {
    return toldOf(await store.payoutExchanges(payout.merchantId, payout.number), attempt.attemptNo)
  } catch (error) {
    if (!(error instanceof Unavailable)) failed(error)
    return null
  }
}

/** Nothing was looked at; the attempt comes again. */
async function keep(
  due: DueAttempt,
  inMs: number,
  because: string | null,
  needs: InquireNeeds,
): Promise<Inquired> {
  if (because !== null) needs.alarm(alarmOf(due, 'not_asked', because))
  const steps = (found: { payout: DueAttempt['payout'] }): readonly PayoutStep[] => [
    postponeStep(found.payout, due.attempt.attemptNo, inMs),
  ]
  await recordSteps(needs, due, steps)
  return { kind: 'kept' }
}

function report(
  due: DueAttempt,
  outcome: LookOutcome | null,
  recorded: Recorded,
  needs: InquireNeeds,
): Inquired {
  if (outcome === null) return { kind: 'kept' }
  for (const alarm of outcome.alarms) needs.alarm(alarmOf(due, `look_${outcome.row}`, alarm))
  return { kind: 'looked', row: outcome.row, recorded, stopsAccount: outcome.stopsAccount }
}

function alarmOf({ payout, attempt }: DueAttempt, kind: string, detail: string): Alarm {
  const { attemptNo, providerAccountId } = attempt
  return { kind, detail, payout, attemptNo, providerAccountId }
}
