// The closed list of codes that callers of the native API, the CLI and the console can meet. Records over it are
// total, and docs/errors.md lists the same codes; a test holds both to that.

export const ERRORS = {
  malformed_json: { status: 400, retryable: false, title: 'The body is not one well-formed JSON object.' },
  invalid_request: {
    status: 400,
    retryable: false,
    title: 'The request has fields that are missing or wrong.',
  },
  idempotency_key_missing: {
    status: 400,
    retryable: false,
    title: 'A request that moves money needs an Idempotency-Key header.',
  },
  idempotency_key_invalid: {
    status: 400,
    retryable: false,
    title: 'The Idempotency-Key header is not one value of 1 to 255 printable characters.',
  },
  unsupported_version: { status: 400, retryable: false, title: 'That Quittance-Version does not exist.' },
  unauthenticated: {
    status: 401,
    retryable: false,
    title: 'The key or session is missing, unknown or ended.',
  },
  second_factor_required: {
    status: 401,
    retryable: false,
    title: 'The password is right; the one-time code of the second factor is needed too.',
  },
  forbidden: { status: 403, retryable: false, title: 'The API key has no right to do this.' },
  second_person_needed: {
    status: 403,
    retryable: false,
    title: 'Another person has to do this.',
  },
  one_time_code_refused: {
    status: 403,
    retryable: false,
    title: 'The one-time code is missing, wrong, too old or used before.',
  },
  not_found: { status: 404, retryable: false, title: 'There is nothing here.' },
  method_not_allowed: { status: 405, retryable: false, title: 'This address does not take that method.' },
  reference_reused: {
    status: 409,
    retryable: false,
    title: 'The reference belongs to another payout of this merchant.',
  },
  payout_not_cancellable: {
    status: 409,
    retryable: false,
    title: 'The payout has left or ended; it cannot be cancelled any more.',
  },
  proposal_not_open: {
    status: 409,
    retryable: false,
    title: 'The proposal has ended, or what it is about has moved on; nothing was changed by this request.',
  },
  payout_not_in_doubt: {
    status: 409,
    retryable: false,
    title: 'There is nothing to decide: the payout is not in doubt.',
  },
  decision_too_early: {
    status: 409,
    retryable: false,
    title: 'The payout may still be paid; it cannot be decided dead yet.',
  },
  release_too_early: {
    status: 409,
    retryable: false,
    title: 'Safe mode cannot be released yet; nothing was changed by this request.',
  },
  too_many_proposals: {
    status: 409,
    retryable: false,
    title: 'As many proposals are open as are allowed; end some first.',
  },
  notice_overtaken: {
    status: 409,
    retryable: false,
    title: 'A later notice of the payout was told; sent now, the older one would be the last word.',
  },
  payout_not_paid: {
    status: 409,
    retryable: false,
    title: 'The payout was not paid, so there is no receipt of it.',
  },
  receipt_not_issued: {
    status: 409,
    retryable: true,
    title: 'The payout was paid, and its receipt is on its way.',
  },
  payload_too_large: { status: 413, retryable: false, title: 'The body is larger than this address takes.' },
  unsupported_media_type: {
    status: 415,
    retryable: false,
    title: 'The body must be application/json in UTF-8.',
  },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'The Idempotency-Key was used before with another body.',
  },
  insufficient_funds: { status: 422, retryable: false, title: 'The available balance is too small.' },
  method_not_available: {
    status: 422,
    retryable: false,
    title: 'No provider account of this merchant pays that method in that currency.',
  },
  amount_out_of_limits: {
    status: 422,
    retryable: false,
    title: 'The amount is outside the limits set for it.',
  },
  evidence_missing: {
    status: 422,
    retryable: false,
    title: 'A decision rests on evidence, and what is needed is not there.',
  },
  evidence_refused: {
    status: 422,
    retryable: false,
    title: 'The evidence is not a file of a kind that is kept.',
  },
  card_number_refused: {
    status: 422,
    retryable: false,
    title: 'Card numbers are not taken by this installation.',
  },
  password_refused: {
    status: 422,
    retryable: false,
    title: 'The password is too short, too long, or one that everybody tries.',
  },
  locked: {
    status: 429,
    retryable: true,
    title: 'Too many wrong passwords for this address; wait as Retry-After says.',
  },
  rate_limited: { status: 429, retryable: true, title: 'Too many requests; wait as Retry-After says.' },
  internal: {
    status: 500,
    retryable: false,
    title: 'A fault of ours. Read the payout before anything is repeated.',
  },
  overloaded: { status: 503, retryable: true, title: 'Too much work is waiting; nothing was recorded.' },
  unavailable: {
    status: 503,
    retryable: true,
    title: 'The database cannot be reached. Repeat with the same Idempotency-Key: it cannot pay twice.',
  },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>

export type ErrorCode = keyof typeof ERRORS

/** Thrown where a store or an intake cannot say whether the work was recorded; the same natural keys tell later. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  readonly code: 'unavailable' | 'overloaded'
  constructor(code: 'unavailable' | 'overloaded', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
