// What we may be certain of after an exchange with a provider. A send has three answers: dead, accepted, in doubt; and
// in doubt is the default. The tables below are read from the top and the first row that matches wins. Each row is a
// statement of its own, so that it can be compared with the printed table, and each has a test of its name.
//
// Dead is the dangerous word: it opens the next attempt. Nothing falls into it; every row that says it names its proof.
// A wrong "in doubt" makes a payout late, a wrong "dead" pays it twice.
//
// Here stand the words that the tables share. Table A, the send, is certainty-send.ts; table B, the inquiry,
// certainty-inquiry.ts; table C, the callback, certainty-callback.ts.
import type { Death } from '../payout/death.ts'
import { type Answer, type Doubt, ECHO_FIELDS, type EchoField } from '../payout/outcome.ts'

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

/** One whole answer that could be decoded. */
export type ReadAnswer = Extract<Answer, { kind: 'read' }>

/** An echo is other, or the answer names another id than the one we know. */
export function speaksOfAnother(answer: ReadAnswer, theirId: string | null): boolean {
  if (ECHO_FIELDS.some(field => answer.echo[field] === 'other')) return true
  return theirId !== null && answer.theirId !== null && answer.theirId !== theirId
}

/** A declared echo is absent. Written as "not the same", so that nothing else can pass for it. */
export function lacksEcho(answer: ReadAnswer, declared: readonly EchoField[]): boolean {
  return declared.some(field => answer.echo[field] !== 'same')
}

/** What an answer leaves behind. */
export function observedOf({ said, failure }: ReadAnswer): Observed {
  if (said === 'failed') return failure === 'refused' || failure === 'failed' ? 'failed' : 'failure'
  if (said === 'created' || said === 'pending' || said === 'paid' || said === 'returned') return 'accepted'
  return said === 'not_found' ? 'not_found' : 'other'
}
