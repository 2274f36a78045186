// What we may be certain of after an exchange with a provider. A send has three answers: dead, accepted, in doubt; and
// in doubt is the default. The tables below are read from the top and the first row that matches wins. Each row is a
// statement of its own, so that it can be compared with the printed table, and each has a test of its name.
//
// Dead is the dangerous word: it opens the next attempt. Nothing falls into it; every row that says it names its proof.
// A wrong "in doubt" makes a payout late, a wrong "dead" pays it twice.
import { assert } from '../lib/assert.ts'
import type { AttemptState } from '../payout/attempt.ts'
import type { Death } from '../payout/death.ts'
import { type Answer, type Doubt, ECHO_FIELDS, type EchoField, type Line } from '../payout/outcome.ts'
import { type Capabilities, isQueryable } from '../protocols/capabilities.ts'

export type Certainty =
  | { readonly kind: 'dead'; readonly proof: Death }
  | { readonly kind: 'accepted'; readonly as: 'created' | 'pending' | 'paid' }
  | { readonly kind: 'in_doubt'; readonly why: Doubt }
  | { readonly kind: 'unchanged' }

/**
 * What an answer leaves behind for the inquiries after it: `failed` counts towards Q7 and `not_found` towards Q10;
 * `failure` is any other answer that said failed, `accepted` any that said created, pending, paid or returned.
 */
export const OBSERVED = ['failed', 'failure', 'not_found', 'accepted', 'other'] as const
export type Observed = (typeof OBSERVED)[number]

type ReadAnswer = Extract<Answer, { kind: 'read' }>

// ---- table A: the send -----------------------------------------------------------------------------------------

export const SEND_ROWS = [
  'S1',
  'S2',
  'S3',
  'S4',
  'S5',
  'S6',
  'S7',
  'S8',
  'S9',
  'S10',
  'S11',
  'S12',
  'S13',
  'S14',
  'S15',
  'S16',
  'S17',
  'S18',
  'S19',
  'S20',
  'S21',
  'S22',
  'S23',
] as const
export type SendRow = (typeof SEND_ROWS)[number]

/** The send that is judged. */
export interface SendFacts {
  /** `only` where the contract has one step; of two steps the second is the one that pays. */
  readonly step: 'only' | 'first' | 'second'
  /** Which send of this step it is, counted from 1; above 1 it is a repeat. */
  readonly sends: number
  /** The provider's id of this attempt as stored before the send. */
  readonly theirIdBefore: string | null
}

/** Who acts after a send. */
export type Next =
  | 'requeue' // back into the queue, and no try is counted
  | 'review' // a person looks at the payout first
  | 'backoff' // another attempt, later
  | 'route' // another attempt if policy and route allow one, else the payout has failed
  | 'inquire' // ask as the contract's schedule says
  | 'inquire_when_final' // ask when the contract's finality delay ends
  | 'second_step' // the step that pays gets its send right
  | 'none'

export interface SendVerdict {
  readonly row: SendRow
  readonly certainty: Exclude<Certainty, { kind: 'unchanged' }>
  readonly alarm: boolean
  /** The provider account answers about something else: nothing more is sent through it. */
  readonly stopsAccount: boolean
  readonly next: Next
  readonly observed: Observed | null
}

/**
 * Judges one send. Total over everything a line and a provider can do.
 *
 * @throws AssertionFailed over facts that we got wrong ourselves; the attempt then stays without an end and is in doubt
 */
export function judgeSend(seen: Line, send: SendFacts, contract: Capabilities): SendVerdict {
  assert(Number.isSafeInteger(send.sends) && send.sends >= 1, 'the sends of a step are counted from 1')
  assert((send.step === 'only') === !contract.twoStep, 'the step is one that the contract has')
  return underStandingRules(firstSendRow(seen, send, contract), send, contract)
}

/** The two rules over the table. Both take a death back, and neither gives one. */
function underStandingRules(verdict: SendVerdict, send: SendFacts, contract: Capabilities): SendVerdict {
  if (verdict.certainty.kind !== 'dead') return verdict
  if (send.sends > 1) {
    return { ...verdict, certainty: { kind: 'in_doubt', why: 'repeat' }, next: 'inquire' }
  }
  if (send.step === 'second' && !contract.createAloneNeverPays) {
    return { ...verdict, certainty: { kind: 'in_doubt', why: 'created_alone' }, next: 'inquire' }
  }
  return verdict
}

function firstSendRow(seen: Line, send: SendFacts, contract: Capabilities): SendVerdict {
  if (seen.kind === 'unsent' && seen.why === 'stopped') {
    return dead('S1', 'not_sent', { next: 'requeue' })
  }
  if (seen.kind === 'unsent' && seen.why === 'guard') {
    return dead('S2', 'not_sent', { next: 'review', alarm: true })
  }
  if (seen.kind === 'unsent' && (seen.why === 'name' || seen.why === 'connect')) {
    return dead('S3', 'not_sent', { next: 'backoff' })
  }
  if (seen.kind === 'unsent' && (seen.why === 'tls' || seen.why === 'proxy')) {
    return dead('S4', 'not_sent', { next: 'backoff', alarm: true })
  }

  if (seen.kind === 'cut' && seen.why === 'lost') {
    return inDoubt('S5', 'lost')
  }
  if (seen.kind === 'cut' && (seen.why === 'reset' || seen.why === 'timeout')) {
    return inDoubt('S6', seen.why)
  }
  if (seen.kind === 'cut' && seen.why === 'incomplete') {
    return inDoubt('S7', 'incomplete')
  }

  if (seen.kind !== 'answered') return unforeseen()
  const { status, answer } = seen
  if (status >= 300 && status < 400) {
    return inDoubt('S8', 'redirect', { alarm: true })
  }
  // "Not inside" and never "outside": a status that is no number must not pass.
  if (!(status >= 200 && status < 500)) {
    return inDoubt('S9', 'status')
  }
  if (status === 409) {
    return inDoubt('S10', 'duplicate')
  }

  const isRefusedUnread =
    answer.kind === 'unread' && contract.refusalStatuses.some(refusal => refusal === status)
  if (isRefusedUnread && contract.refusalConfirmedBy === 'answer') {
    return dead('S11', 'refused', { observed: 'failure' })
  }
  if (isRefusedUnread) {
    return inDoubt('S11', 'refused', { observed: 'failure' })
  }
  if (answer.kind === 'unread') {
    return inDoubt('S12', 'status')
  }
  if (answer.kind === 'unreadable') {
    return inDoubt('S13', 'unreadable', { alarm: true })
  }

  if (answer.kind !== 'read') return unforeseen()
  const { said, failure } = answer
  const observed = observedOnSend(answer)
  const isRefusal = said === 'failed' && failure === 'refused'
  const isAcceptance = said === 'created' || said === 'pending' || said === 'paid'
  if (speaksOfAnother(answer, send.theirIdBefore)) {
    return inDoubt('S14', 'mismatch', { alarm: true, stopsAccount: true, observed })
  }
  if (!isRefusal && lacksEcho(answer, contract.echoes.send)) {
    return inDoubt('S15', 'mismatch', { observed })
  }
  if (isAcceptance && contract.givesTheirId && (answer.theirId ?? send.theirIdBefore) === null) {
    return inDoubt('S15', 'mismatch', { observed })
  }

  const stepPays = send.step !== 'first'
  if (said === 'created' && !stepPays) {
    return accepted('S16', 'created', 'second_step')
  }
  if (said === 'pending') {
    return accepted('S16', 'pending', 'inquire')
  }
  if (said === 'paid' && stepPays) {
    return accepted('S16', 'paid', 'none')
  }

  if (isRefusal && contract.refusalConfirmedBy === 'answer') {
    return dead('S17', 'refused', { observed })
  }
  if (isRefusal) {
    return inDoubt('S18', 'refused', { observed })
  }
  if (said === 'failed' && failure === 'failed' && contract.failedIsFinalAfterMs === 0) {
    return dead('S19', 'failed_final', { observed })
  }
  if (said === 'failed' && failure === 'failed') {
    // After a repeat the failure may be the repeat's alone: remembered, but no sighting for Q7.
    const sighting = send.sends === 1 ? 'failed' : observed
    return inDoubt('S20', 'failing', { next: 'inquire_when_final', observed: sighting })
  }
  if (said === 'failed' && (failure === 'duplicate' || failure === 'no_response')) {
    return inDoubt('S21', failure, { observed })
  }
  if (said === 'failed' && (failure === 'unlisted' || failure === null)) {
    return inDoubt('S21', 'unlisted', { alarm: true, observed })
  }
  if (said === 'unknown') {
    return inDoubt('S22', 'unknown', { observed })
  }
  if (said === 'not_found' || said === 'returned' || said === 'created' || said === 'paid') {
    return inDoubt('S22', 'unknown', { alarm: true, observed })
  }
  return unforeseen()
}

type SendExtras = Partial<Pick<SendVerdict, 'alarm' | 'stopsAccount' | 'next' | 'observed'>>

function dead(row: SendRow, proof: Death, extras: SendExtras): SendVerdict {
  return sendVerdict(row, { kind: 'dead', proof }, { next: 'route', ...extras })
}

function inDoubt(row: SendRow, why: Doubt, extras: SendExtras = {}): SendVerdict {
  return sendVerdict(row, { kind: 'in_doubt', why }, { next: 'inquire', ...extras })
}

function accepted(row: SendRow, as: 'created' | 'pending' | 'paid', next: Next): SendVerdict {
  return sendVerdict(row, { kind: 'accepted', as }, { next, observed: 'accepted' })
}

/** S23: what no row foresaw. By type nothing arrives here; what does arrive proves nothing. */
function unforeseen(): SendVerdict {
  return inDoubt('S23', 'unforeseen', { alarm: true, observed: 'other' })
}

function sendVerdict(
  row: SendRow,
  certainty: SendVerdict['certainty'],
  extras: SendExtras & Pick<SendVerdict, 'next'>,
): SendVerdict {
  return { row, certainty, alarm: false, stopsAccount: false, observed: null, ...extras }
}

/** A send proves nothing by "not found", and a failure counts as a sighting only where S20 says so. */
function observedOnSend(answer: ReadAnswer): Observed {
  const observed = observedOf(answer)
  if (observed === 'failed') return 'failure'
  return observed === 'not_found' ? 'other' : observed
}

// ---- table B: the inquiry --------------------------------------------------------------------------------------

export const INQUIRY_ROWS = ['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7', 'Q8', 'Q9', 'Q10', 'Q11'] as const
export type InquiryRow = (typeof INQUIRY_ROWS)[number]

/** Two answers "not found" that are closer together than this count as one. */
export const NOT_FOUND_APART_MS = 600_000

/** More observations than this are never kept; of a longer run the oldest stays and the ones after it go. */
export const OBSERVATIONS_MAX = 64

/** What an earlier verdict observed, and when: milliseconds since the epoch by the database, as every time here. */
export interface Observation {
  readonly said: Observed
  readonly atMs: number
}

/** What an inquiry is judged by. Plain JSON; read in the transaction that applies the verdict. */
export interface AttemptFacts {
  readonly state: AttemptState
  /** How many different steps were given their send right, whether or not a byte is known to have left. Q4 to Q6. */
  readonly stepsSent: 1 | 2
  /** The provider's id as stored: an answer that names another one speaks of another payout. Q2. */
  readonly theirId: string | null
  /** One send in all, of one step and no repeat, and its verdict was in_doubt `refused` (S18, or S11 read as it). Q9. */
  readonly refusedOnOnlySend: boolean
  /** Some earlier verdict, the send's included, observed `accepted`. "Not found" then proves nothing. Q9, Q10. */
  readonly acceptanceSeen: boolean
  /** Some earlier verdict, the send's included, observed `failed` or `failure`. Q4. */
  readonly failureSeen: boolean
  /** A callback and an inquiry told two different ends (W3), and nobody has settled it: no answer proves a death. Q7, Q9, Q10. */
  readonly contradicted: boolean
  /** Oldest first, the send's own included, kept by `rememberObservation`. What is missing at the old end only delays. Q7, Q10. */
  readonly observations: readonly Observation[]
  /** When the last byte of any send of this attempt may have left; null while its sender may still be at work. Q10. */
  readonly lastPossibleByteAtMs: number | null
  /** This inquiry was answered by the provider account of the send. Q2. */
  readonly sameAccount: boolean
  /** This inquiry was asked at the provider account, region and endpoint of the send. Q9, Q10. */
  readonly sameScope: boolean
}

export interface InquiryVerdict {
  readonly row: InquiryRow
  readonly certainty: Certainty
  readonly alarm: boolean
  /** The provider pays what was proven dead: its contract is broken. */
  readonly incident: 'paid_after_death' | null
  readonly stopsAccount: boolean
  /** The dead attempt was paid after all: its money is to be recalled. */
  readonly recall: boolean
  /** After `paid` follows the step to returned, in the same transaction. */
  readonly returned: boolean
  readonly observed: Observed | null
}

/** Judges one answer to an inquiry about one attempt. What is not certain changes nothing. */
export function judgeInquiry(
  seen: Line,
  attempt: AttemptFacts,
  contract: Capabilities,
  at: { readonly nowMs: number },
): InquiryVerdict {
  if (seen.kind !== 'answered' || seen.answer.kind !== 'read' || !statusSpeaks(seen.status)) {
    return unchanged('Q1', { observed: null })
  }
  const { answer } = seen
  const { said, failure } = answer
  const observed = observedOf(answer)
  const wasPaid = attempt.state === 'paid' || attempt.state === 'returned'
  const payingStepSent = !contract.twoStep || attempt.stepsSent === 2

  if (speaksOfAnother(answer, attempt.theirId)) {
    return unchanged('Q2', { observed: 'other', alarm: true })
  }
  if (said !== 'not_found' && lacksEcho(answer, contract.echoes.inquiry)) {
    return unchanged('Q2', { observed: 'other', alarm: true })
  }
  if (!attempt.sameAccount) {
    return unchanged('Q2', { observed: 'other', alarm: true })
  }

  if (attempt.state === 'dead' && (said === 'paid' || said === 'pending')) {
    return paidAfterDeath(said)
  }
  if (attempt.state === 'dead') {
    return unchanged('Q3', { observed, alarm: said === 'returned' })
  }

  // Of a returned payout some providers go on saying paid; returned is final, so that is a case of Q8.
  if (said === 'paid' && payingStepSent && attempt.state !== 'returned') {
    return acceptedBy('Q4', 'paid', { alarm: attempt.failureSeen })
  }
  if (said === 'pending' && !wasPaid) {
    return acceptedBy('Q4', 'pending', { alarm: attempt.failureSeen })
  }

  if (said === 'created' && !wasPaid && !payingStepSent) {
    return acceptedBy('Q5', 'created', {})
  }
  if (said === 'created' && !wasPaid) {
    return unchanged('Q5', { observed })
  }

  if (said === 'returned' && attempt.state === 'returned') {
    return unchanged('Q6', { observed })
  }
  if (said === 'returned' && payingStepSent) {
    return acceptedBy('Q6', 'paid', { returned: true })
  }

  const isFailure = said === 'failed' && (failure === 'refused' || failure === 'failed')
  if (isFailure && !wasPaid && !attempt.contradicted && failedLongEnough(attempt, contract, at.nowMs)) {
    return deadBy('Q7', 'failed_final', observed)
  }

  if (said !== 'not_found') {
    return unchanged('Q8', { observed, alarm: contradicts(said, attempt) })
  }

  const mayBeUnknown = neverAccepted(attempt) && attempt.sameScope
  if (mayBeUnknown && attempt.refusedOnOnlySend) {
    return deadBy('Q9', 'refused', observed)
  }
  if (
    mayBeUnknown && // (c)
    notFoundOftenEnough(attempt, contract, at.nowMs) && // (a)
    notFoundLateEnough(attempt, contract, at.nowMs) // (b), (d)
  ) {
    return deadBy('Q10', 'never_arrived', observed)
  }
  // Asked elsewhere than at the send, "not found" is no answer about it and starts the count of Q10 anew.
  return unchanged('Q11', { observed: attempt.sameScope ? observed : 'other' })
}

/**
 * The observations with one more. What lies before a change of value can never count again and is let go, so that
 * the list stays short however long a doubt lasts.
 */
export function rememberObservation(
  observations: readonly Observation[],
  next: Observation,
): readonly Observation[] {
  const run = runOf(next.said, observations)
  if (run.length < OBSERVATIONS_MAX) return [...run, next]
  return [...run.slice(0, 1), ...run.slice(2), next]
}

/** Q1, the other way round: the statuses under which a body may speak. */
function statusSpeaks(status: number): boolean {
  return (status >= 200 && status < 300) || (status >= 400 && status < 500 && status !== 409)
}

/** Q7: this failure and those right before it span the finality delay; one is enough where that is 0. */
function failedLongEnough(attempt: AttemptFacts, contract: Capabilities, nowMs: number): boolean {
  if (contract.failedIsFinalAfterMs === 0) return true
  const [first] = runOf('failed', attempt.observations)
  return first !== undefined && nowMs - first.atMs >= contract.failedIsFinalAfterMs
}

/** Q10 (a): this answer and enough of those right before it, each far enough from the next. */
function notFoundOftenEnough(attempt: AttemptFacts, contract: Capabilities, nowMs: number): boolean {
  let counted = 1
  let countedAtMs = nowMs
  for (const { atMs } of runOf('not_found', attempt.observations).toReversed()) {
    if (countedAtMs - atMs >= NOT_FOUND_APART_MS) {
      counted += 1
      countedAtMs = atMs
    }
  }
  return counted >= contract.notFoundAnswersNeeded
}

/** Q10 (b) and (d): the last possible byte is known, and longer ago than an accepted payout stays unseen. */
function notFoundLateEnough(attempt: AttemptFacts, contract: Capabilities, nowMs: number): boolean {
  if (contract.notFoundIsFinalAfterMs === 'never') return false
  if (attempt.lastPossibleByteAtMs === null) return false
  return nowMs > attempt.lastPossibleByteAtMs + contract.notFoundIsFinalAfterMs
}

/** A provider that once knew the payout cannot prove by "not found" that it never did. */
function neverAccepted(attempt: AttemptFacts): boolean {
  const isOpen = attempt.state === 'sending' || attempt.state === 'in_doubt'
  return isOpen && !attempt.acceptanceSeen && !attempt.contradicted
}

/** Q8: whether what was said cannot be true beside what is known already. */
function contradicts(said: ReadAnswer['said'], attempt: AttemptFacts): boolean {
  if (said === 'unknown') return false
  const wasPaid = attempt.state === 'paid' || attempt.state === 'returned'
  return wasPaid || attempt.contradicted || said !== 'failed'
}

/** The observations of one kind that no other kind follows, oldest first. */
function runOf(said: Observed, observations: readonly Observation[]): readonly Observation[] {
  return observations.slice(observations.findLastIndex(observation => observation.said !== said) + 1)
}

type InquiryExtras = Partial<Omit<InquiryVerdict, 'row' | 'certainty'>>

function unchanged(row: InquiryRow, extras: InquiryExtras): InquiryVerdict {
  return inquiryVerdict(row, { kind: 'unchanged' }, extras)
}

function acceptedBy(
  row: InquiryRow,
  as: 'created' | 'pending' | 'paid',
  extras: InquiryExtras,
): InquiryVerdict {
  return inquiryVerdict(row, { kind: 'accepted', as }, { observed: 'accepted', ...extras })
}

function deadBy(row: InquiryRow, proof: Death, observed: Observed): InquiryVerdict {
  return inquiryVerdict(row, { kind: 'dead', proof }, { observed })
}

function paidAfterDeath(said: 'paid' | 'pending'): InquiryVerdict {
  const recall = said === 'paid'
  const extras = { alarm: true, incident: 'paid_after_death', stopsAccount: true, recall } as const
  return unchanged('Q3', { ...extras, observed: 'accepted' })
}

function inquiryVerdict(row: InquiryRow, certainty: Certainty, extras: InquiryExtras): InquiryVerdict {
  return { row, certainty, ...quiet(), ...extras }
}

function quiet(): Omit<InquiryVerdict, 'row' | 'certainty'> {
  return {
    alarm: false,
    incident: null,
    stopsAccount: false,
    recall: false,
    returned: false,
    observed: null,
  }
}

// ---- table C: the callback -------------------------------------------------------------------------------------
// Its other witnesses (W1, W2, W5 to W7) are a withdrawn send right, a cancel, statements and people.

export const CALLBACK_ROWS = ['W3', 'W4'] as const
export type CallbackRow = (typeof CALLBACK_ROWS)[number]

export interface CallbackFacts {
  /** `unsigned` where the protocol signs no callback. A bad one changes nothing and wakes nobody. */
  readonly signature: 'good' | 'bad' | 'unsigned'
  /** What the inquiry that this callback woke has seen; null before it was made. */
  readonly inquiry: Line | null
}

export interface CallbackVerdict extends Omit<InquiryVerdict, 'row'> {
  readonly row: CallbackRow
  /** The row of table B that was read; null where none was. */
  readonly by: InquiryRow | null
  readonly next: 'inquire_now' | 'ask_again_soon' | 'person' | 'none'
}

/**
 * What a callback allows. Where the provider can be asked it wakes an inquiry, and is judged again beside what that has
 * seen. Each callback is judged for its content once: the same bytes again are no second sighting.
 */
export function judgeCallback(
  answer: Answer,
  callback: CallbackFacts,
  attempt: AttemptFacts,
  contract: Capabilities,
  at: { readonly nowMs: number },
): CallbackVerdict {
  const row = isQueryable(contract) ? 'W3' : 'W4'
  if (callback.signature === 'bad') return undecided(row, 'none')
  if (row === 'W4') return judgeUnasked(answer, callback, attempt, contract, at)
  if (callback.inquiry === null) return undecided(row, 'inquire_now')

  const { row: by, ...judged } = judgeInquiry(callback.inquiry, attempt, contract, at)
  const told = endOf(asLine(answer), attempt)
  const asked = by === 'Q1' || by === 'Q2' ? null : endOf(callback.inquiry, attempt)
  if (told !== null && asked !== null && told !== asked) {
    return { row, by, ...judged, ...contradiction(attempt) }
  }
  return { row, by, ...judged, next: told !== null && asked === null ? 'ask_again_soon' : 'none' }
}

/** W4: the provider cannot be asked, so the callback decides where its contract lets it, or a person does. */
function judgeUnasked(
  answer: Answer,
  callback: CallbackFacts,
  attempt: AttemptFacts,
  contract: Capabilities,
  at: { readonly nowMs: number },
): CallbackVerdict {
  const mayDecide = contract.callbackDecides && callback.signature === 'good'
  if (!mayDecide) return undecided('W4', 'person')
  if (answer.kind !== 'read' || answer.said === 'not_found') return undecided('W4', 'person')
  const { row: by, ...judged } = judgeInquiry(asLine(answer), attempt, contract, at)
  return { row: 'W4', by, ...judged, next: 'none' }
}

/** What was settled stays as it is; everything else waits in doubt until a person has looked. */
function contradiction(attempt: AttemptFacts): Partial<CallbackVerdict> & Pick<CallbackVerdict, 'next'> {
  const isSettled = attempt.state === 'paid' || attempt.state === 'returned' || attempt.state === 'dead'
  const certainty: Certainty = isSettled ? { kind: 'unchanged' } : { kind: 'in_doubt', why: 'contradiction' }
  return { certainty, alarm: true, returned: false, observed: 'accepted', next: 'person' }
}

/** The end that an answer about this attempt tells, if it tells one. */
function endOf(seen: Line, attempt: AttemptFacts): 'paid' | 'unpaid' | null {
  if (seen.kind !== 'answered' || seen.answer.kind !== 'read') return null
  if (speaksOfAnother(seen.answer, attempt.theirId)) return null
  const { said } = seen.answer
  if (said === 'paid' || said === 'returned') return 'paid'
  return observedOf(seen.answer) === 'failed' ? 'unpaid' : null
}

function undecided(row: CallbackRow, next: CallbackVerdict['next']): CallbackVerdict {
  return { row, by: null, certainty: { kind: 'unchanged' }, ...quiet(), next }
}

function asLine(answer: Answer): Line {
  return { kind: 'answered', status: 200, answer }
}

// ---- what an answer says of itself -----------------------------------------------------------------------------

/** An echo is other, or the answer names another id than the one we know. */
function speaksOfAnother(answer: ReadAnswer, theirId: string | null): boolean {
  if (ECHO_FIELDS.some(field => answer.echo[field] === 'other')) return true
  return theirId !== null && answer.theirId !== null && answer.theirId !== theirId
}

/** A declared echo is absent. Written as "not the same", so that nothing else can pass for it. */
function lacksEcho(answer: ReadAnswer, declared: readonly EchoField[]): boolean {
  return declared.some(field => answer.echo[field] !== 'same')
}

function observedOf({ said, failure }: ReadAnswer): Observed {
  if (said === 'failed') return failure === 'refused' || failure === 'failed' ? 'failed' : 'failure'
  if (said === 'created' || said === 'pending' || said === 'paid' || said === 'returned') return 'accepted'
  return said === 'not_found' ? 'not_found' : 'other'
}
