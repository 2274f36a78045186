// Table A: what may be certain after a send. The header of certainty.ts says how the tables are read.
import { assert } from '../lib/assert.ts'
import type { Death } from '../payout/death.ts'
import type { Doubt, Line } from '../payout/outcome.ts'
import type { Capabilities } from '../protocols/capabilities.ts'
import {
  type Certainty,
  lacksEcho,
  type Observed,
  observedOf,
  type ReadAnswer,
  speaksOfAnother,
} from './certainty.ts'

export const SEND_ROWS = [
  'S1',
  'S2',
  'S3',
  'S4',
  'S0',
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
  // S0 stands here because it is S5 with a proof: no end of the call is recorded, and the journal of its sender, sealed and
  // whole, holds no entry of it. Nothing was sent, so it is S1 as far as the payout goes.
  if (seen.kind === 'unsent' && seen.why === 'unjournaled') {
    return dead('S0', 'not_sent', { next: 'requeue' })
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
