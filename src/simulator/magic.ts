// Magic beneficiaries: the wallet, card or bank account that is paid decides what the simulated provider does. Every
// other one is paid soon. docs/simulator.md prints this table for people; a test keeps the two the same.
import { unreachable } from '../lib/assert.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { SubmissionRefusal } from '../protocols/protocol.ts'
import type { LineFaultName } from './line-faults.ts'

/**
 * What the rail does with one order. It begins when the order begins to be paid: at its submission, or at its
 * confirmation where it waits for one. Only a refusal comes before that, at the submission.
 */
export interface Behaviour {
  readonly name: string
  /** The wallet, the card and the bank account that ask for it; their endings are the same two digits. */
  readonly wallet: string
  readonly card: string
  readonly bankAccount: string
  /** For people, one sentence. */
  readonly says: string
  /** Turned away before acceptance: nothing is recorded. */
  readonly refusal: SubmissionRefusal | null
  readonly steps: readonly RailStep[]
  /** What the rail itself says to the request that has the order paid, after it took it. */
  readonly answer: 'plain' | 'duplicate' | 'no_response'
  readonly inquiry: Inquiry
  readonly callbacks: 'plain' | 'none' | 'doubled' | 'forged' | 'contradicting'
  /** What happens on the line to the request that has the order paid. */
  readonly line: LineFaultName | null
}

/** `waiting`: for the merchant's second call. */
export const RAIL_STATES = ['waiting', 'pending', 'paid', 'failed', 'returned'] as const
export type RailState = (typeof RAIL_STATES)[number]

/** A step counts from the moment the order begins to be paid, in milliseconds. */
export interface RailStep {
  readonly to: Exclude<RailState, 'waiting' | 'pending'>
  /** Zero: it has happened when the submission is answered. Between `afterMs` and `untilMs`, drawn by chance. */
  readonly afterMs: number
  readonly untilMs: number
}

export type Inquiry =
  | { readonly kind: 'plain' }
  /** "Not found" for so long after acceptance; `Infinity` is for ever. */
  | { readonly kind: 'hidden'; readonly forMs: number }
  /** "Not found" from so long after acceptance on, and the reference is free again. */
  | { readonly kind: 'forgotten'; readonly afterMs: number }
  /** No answer that says anything. */
  | { readonly kind: 'silent' }
  /** The right state of another amount. */
  | { readonly kind: 'other_amount' }

const SECOND_MS = 1_000
const HOUR_MS = 3_600_000

const soon: readonly RailStep[] = [{ to: 'paid', afterMs: 50, untilMs: 300 }]
const failsSoon: readonly RailStep[] = [{ to: 'failed', afterMs: 50, untilMs: 300 }]

/** What a beneficiary without a number of its own gets. */
export const DEFAULT_BEHAVIOUR = behaviour('00', 'paid_soon', 'paid 50 to 300 ms later, told by callback', {})

export const BEHAVIOURS: readonly Behaviour[] = [
  DEFAULT_BEHAVIOUR,
  behaviour('01', 'paid_at_once', 'paid in the answer itself', { steps: [at('paid', 0)] }),
  behaviour('02', 'paid_slowly', 'paid after 10 s', { steps: [at('paid', 10 * SECOND_MS)] }),
  behaviour('03', 'paid_hours_later', 'paid after 3 hours', { steps: [at('paid', 3 * HOUR_MS)] }),
  behaviour('04', 'failed_later', 'taken, then failed 50 to 300 ms later', { steps: failsSoon }),
  behaviour('05', 'failed_at_once', 'taken, and failed in the answer itself', { steps: [at('failed', 0)] }),
  behaviour('06', 'refused', 'turned away before acceptance: insufficient balance', {
    refusal: 'insufficient_funds',
    steps: [],
  }),
  behaviour('07', 'paid_then_returned', 'paid, and 2 s later the money comes back', {
    steps: [...soon, at('returned', 2 * SECOND_MS)],
  }),
  behaviour('08', 'failed_then_paid', 'told as failed, and paid all the same 2 s later', {
    steps: [...failsSoon, at('paid', 2 * SECOND_MS)],
  }),

  behaviour('10', 'hidden_for_a_while', 'no answer, then "not found" for 3 s, then paid', {
    steps: [at('paid', 3 * SECOND_MS)],
    inquiry: { kind: 'hidden', forMs: 3 * SECOND_MS },
    line: 'lost_after',
  }),
  behaviour('11', 'never_found', 'no answer and paid, but "not found" for ever', {
    inquiry: { kind: 'hidden', forMs: Number.POSITIVE_INFINITY },
    callbacks: 'none',
    line: 'lost_after',
  }),
  behaviour('12', 'forgotten', 'paid, and after 3 s the reference is forgotten and free again', {
    inquiry: { kind: 'forgotten', afterMs: 3 * SECOND_MS },
  }),
  behaviour('13', 'no_response', 'taken, but answered with a fault of the provider; paid', {
    answer: 'no_response',
  }),
  behaviour('14', 'called_duplicate', 'taken, but answered as a duplicate; paid', { answer: 'duplicate' }),
  behaviour('15', 'other_amount', 'paid, and inquiries name another amount', {
    inquiry: { kind: 'other_amount' },
  }),
  behaviour('16', 'callback_only', 'paid and told by callback; inquiries are out of order', {
    inquiry: { kind: 'silent' },
  }),

  behaviour('20', 'never_arrived', 'the request is lost before it arrives: "not found" for ever', {
    steps: [],
    line: 'lost_before',
  }),
  behaviour('21', 'answer_lost', 'taken, the connection closes without an answer; paid', {
    line: 'lost_after',
  }),
  behaviour('22', 'answer_lost_then_failed', 'taken, the connection closes without an answer; failed', {
    steps: failsSoon,
    line: 'lost_after',
  }),
  behaviour('23', 'answer_reset', 'taken, the connection is reset; paid', { line: 'reset_after' }),
  behaviour('24', 'answer_held', 'taken, and no answer ever comes on the open connection; paid', {
    line: 'held',
  }),
  behaviour('25', 'answer_late', 'taken, the answer comes 3 s late; paid', { line: 'delayed' }),
  behaviour('26', 'answer_half', 'taken, the answer is cut half-way; paid', { line: 'half' }),
  behaviour('27', 'answer_garbage', 'taken, answered 200 with a page of HTML; paid', { line: 'garbage' }),
  behaviour('28', 'answer_empty', 'taken, answered 200 with nothing; paid', { line: 'empty' }),
  behaviour('29', 'answer_server_error', 'taken, answered 502 with a page of HTML; paid', {
    line: 'server_error',
  }),
  behaviour('30', 'answer_client_error', 'taken, answered 400 with plain text; paid', {
    line: 'client_error',
  }),
  behaviour('31', 'answer_redirected', 'taken, answered 307 to the same address; paid', { line: 'redirect' }),
  behaviour('32', 'request_doubled', 'the request arrives twice; taken once, paid once', { line: 'doubled' }),
  behaviour('33', 'answer_twice', 'the answer comes twice on the line; paid', { line: 'answer_doubled' }),

  behaviour('40', 'callback_lost', 'paid soon, and no callback is sent', { callbacks: 'none' }),
  behaviour('41', 'callback_doubled', 'paid soon, and each callback is sent twice', { callbacks: 'doubled' }),
  behaviour(
    '42',
    'callback_forged',
    'paid soon; first comes a callback with a wrong signature that says failed',
    {
      callbacks: 'forged',
    },
  ),
  behaviour('43', 'callback_contradicts', 'paid, but the callback says failed', {
    callbacks: 'contradicting',
  }),
]

export const BEHAVIOUR_NAMES: readonly string[] = BEHAVIOURS.map(({ name }) => name)

const byWallet: ReadonlyMap<string, Behaviour> = new Map(BEHAVIOURS.map(one => [one.wallet, one]))
const byCard: ReadonlyMap<string, Behaviour> = new Map(BEHAVIOURS.map(one => [one.card, one]))
const byBankAccount: ReadonlyMap<string, Behaviour> = new Map(BEHAVIOURS.map(one => [one.bankAccount, one]))
const byName: ReadonlyMap<string, Behaviour> = new Map(BEHAVIOURS.map(one => [one.name, one]))

/** What a beneficiary asks for. The country code in front of a wallet, `+880` or `880`, is looked through. */
export function behaviourOf(beneficiary: Beneficiary): Behaviour {
  return asked(beneficiary) ?? DEFAULT_BEHAVIOUR
}

function asked(beneficiary: Beneficiary): Behaviour | undefined {
  switch (beneficiary.kind) {
    case 'wallet':
      return byWallet.get(beneficiary.number.replace(/^\+?88/, ''))
    case 'card':
      return byCard.get(beneficiary.number)
    case 'bank_account':
      return byBankAccount.get(beneficiary.account)
    default:
      return unreachable(beneficiary)
  }
}

export function behaviourNamed(name: string): Behaviour | null {
  return byName.get(name) ?? null
}

function behaviour(
  ending: string,
  name: string,
  says: string,
  more: Partial<Omit<Behaviour, 'name' | 'wallet' | 'card' | 'bankAccount' | 'says'>>,
): Behaviour {
  const plain = {
    refusal: null,
    steps: soon,
    answer: 'plain',
    inquiry: { kind: 'plain' },
    callbacks: 'plain',
    line: null,
  } as const
  const numbers = {
    wallet: `017000000${ending}`,
    card: withCheckDigit(`4000000000000${ending}`),
    bankAccount: `9900000000${ending}`,
  }
  return Object.freeze({ name, ...numbers, says, ...plain, ...more })
}

/** Cards end in the digit of ISO/IEC 7812-1, annex B, and doors may refuse one that does not. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].toReversed().reduce((total, digit, place) => {
    const value = Number.parseInt(digit, 10) * (place % 2 === 0 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}

function at(to: RailStep['to'], afterMs: number): RailStep {
  return { to, afterMs, untilMs: afterMs }
}
