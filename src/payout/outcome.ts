// What an exchange with a provider can say about a payout, and nothing about what it is worth: dispatch/certainty.ts judges
// that. The lists are constants and the types are derived from them, so that SQL checks and tests can walk through them.

/** What a provider says has become of a payout. `paid` and `failed` are its final words; `returned` follows `paid`. */
export const OUTCOMES = ['paid', 'failed', 'pending', 'unknown', 'returned'] as const
export type Outcome = (typeof OUTCOMES)[number]

/**
 * Everything one decoded answer can say: an outcome, `created` (a two-step provider knows the order and waits for the
 * second step), or `not_found` (only the protocol's own message; a bare HTTP 404 is never that).
 */
export const SAYINGS = [...OUTCOMES, 'created', 'not_found'] as const
export type Saying = (typeof SAYINGS)[number]

/** What kind of failure the provider's code stands for, as its contract lists it. */
export const FAILURES = [
  'refused', // turned away before acceptance
  'failed', // accepted, then ended unpaid
  'duplicate', // they know the reference already: usually the first send arrived
  'no_response', // their own time-out behind them
  'unlisted', // a code that the contract does not list
] as const
export type Failure = (typeof FAILURES)[number]

/** Why an attempt is in doubt. */
export const DOUBTS = [
  'lost', // committed, and no end of the call is recorded
  'reset', // the connection ended before one whole answer
  'timeout', // no whole answer in time
  'incomplete', // an answer that was cut, broken or too long
  'redirect', // an answer that points elsewhere
  'status', // an HTTP status that proves nothing
  'duplicate', // they say that they know the reference
  'unreadable', // a whole answer that is no message of the protocol
  'mismatch', // an answer that speaks of something else, or does not say of what
  'refused', // turned away, but an inquiry must confirm it
  'failing', // failed, but not yet for good
  'no_response', // their own time-out behind them
  'unlisted', // a failure whose code the contract does not list
  'unknown', // they cannot tell, or say what this step cannot end in
  'unforeseen', // none of the rows
  'repeat', // it would be dead, but the answer may speak of the repeat alone
  'created_alone', // it would be dead, but the order that was created may still pay
  'contradiction', // a callback and an inquiry tell two different ends
] as const
export type Doubt = (typeof DOUBTS)[number]

/** What of our order an answer can carry back. */
export const ECHO_FIELDS = ['reference', 'amount', 'currency', 'beneficiary'] as const
export type EchoField = (typeof ECHO_FIELDS)[number]

/** How each field of the answer compares with the stored order. Amounts are compared by value. */
export type Echo = Readonly<Record<EchoField, 'same' | 'other' | 'absent'>>

/** What the bytes of one whole answer mean, as the connector reads them. */
export type Answer =
  | { readonly kind: 'unread' } // the status is outside the contract's `bodyStatuses`
  | { readonly kind: 'unreadable' } // the status is inside, but the body cannot be decoded
  | {
      readonly kind: 'read'
      readonly said: Saying
      readonly failure: Failure | null // only beside `failed`
      readonly theirId: string | null // the provider's own id of the payout
      readonly theirRequestId?: string | null // its own id of this one request, where an inquiry may ask by it
      readonly echo: Echo
    }

/** Why no byte left. `unjournaled`: its sender ended before it wrote the send down (dispatch/journal.ts). */
export type Unsent = 'stopped' | 'guard' | 'name' | 'connect' | 'tls' | 'proxy' | 'unjournaled'

/** What the line did in one exchange, as the caller of the line reports it. */
export type Line =
  | { readonly kind: 'unsent'; readonly why: Unsent } // no request byte was handed to a socket
  | { readonly kind: 'cut'; readonly why: 'lost' | 'reset' | 'timeout' | 'incomplete' } // a byte may have left, no whole answer
  | { readonly kind: 'answered'; readonly status: number; readonly answer: Answer } // one whole answer
