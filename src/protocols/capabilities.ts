// What may be relied on at a provider, as data. Dispatch reads these fields and knows no provider by name. What a
// document does not settle keeps its default, and every default is the pessimistic one: a wrong "no" costs time, a wrong
// "yes" pays twice. A contract that contradicts itself does not load.
import { assert } from '../lib/assert.ts'
import { ECHO_FIELDS, type EchoField, FAILURES, type Failure } from '../payout/outcome.ts'

/** A contract is plain JSON, because every attempt stores the one that judged it. Names that end in `Ms` are milliseconds. */
export interface Capabilities {
  /** How doubt is asked about. Where both are false only a callback, a statement or a person can end it. */
  readonly queryableByOurReference: boolean
  readonly queryableByTheirId: boolean
  /** How long after the last possible byte "not found" is an answer for good. */
  readonly notFoundIsFinalAfterMs: number | 'never'
  readonly notFoundAnswersNeeded: number
  /** The longest time to a final result. */
  readonly maxProcessingMs: number
  /** The longest time until an accepted payout shows in an inquiry. */
  readonly queryLagMs: number
  /** How long a failure may still be taken back; 0 only where the document calls the value final. */
  readonly failedIsFinalAfterMs: number
  /** `answer` only where the document says that a refused request leaves nothing behind. */
  readonly refusalConfirmedBy: 'answer' | 'inquiry'
  /** Whether the same reference again is the same payout, and for how long after the first byte. False: no repeat, ever. */
  readonly idempotentOnOurReference: boolean
  readonly idempotencyWindowMs: number
  /** False: a first call that ended in an error may have freed the reference after acceptance, so no repeat either. */
  readonly errorsRemembered: boolean
  /** Where our reference is unique: repeats and inquiries never leave it. */
  readonly keyScope: 'account' | 'region' | 'endpoint'
  readonly repeatForm: 'same_bytes' | 'fresh_nonce' | 'repeat_flag'
  /** The provider's failure codes; what is not in it is `unlisted`. Read it through `failureOf`. */
  readonly failures: Readonly<Record<string, Failure>>
  /** HTTP statuses whose body is a message of this protocol. */
  readonly bodyStatuses: readonly number[]
  /** HTTP statuses that turn a request away whatever the body says. */
  readonly refusalStatuses: readonly RefusalStatus[]
  /** What an answer must carry back of our order to be about it. */
  readonly echoes: { readonly send: readonly EchoField[]; readonly inquiry: readonly EchoField[] }
  /** Whether an accepting answer carries the provider's own id. */
  readonly givesTheirId: boolean
  /** Create, then pay, each with its own send right. */
  readonly twoStep: boolean
  readonly createAloneNeverPays: boolean
  readonly cancelByReference: boolean
  readonly callsBack: boolean
  /** False: a callback is a hint and never more. */
  readonly callbackSigned: boolean
  readonly callbackDecides: boolean
  readonly inquiryTimesMs: InquiryTimes
  /** How long after paid the money may come back. */
  readonly returnsWithinMs: number
  readonly timeoutsMs: { readonly connect: number; readonly headers: number; readonly total: number }
  readonly maxAnswerBytes: number
  /** Per provider account. */
  readonly ratePerSecond: number
  readonly concurrency: number
  /** The form of our reference: `length` characters of `alphabet`. */
  readonly reference: { readonly alphabet: string; readonly length: number }
  /** Whether the provider's proof image of a paid payout can be fetched. */
  readonly proof: boolean
}

/** When a doubt is asked about, in milliseconds since it began: at `first`, then at a step until `until`, then at another. */
export interface InquiryTimes {
  readonly first: readonly number[]
  readonly thenEveryMs: number
  readonly untilMs: number
  readonly afterwardsEveryMs: number
}

/** The only statuses that can refuse by themselves; no 2xx, 3xx, 409 or 5xx, which providers send after accepting too. */
export const REFUSAL_STATUSES = [400, 401, 403, 404, 405, 406, 408, 413, 415, 422, 425, 429] as const
export type RefusalStatus = (typeof REFUSAL_STATUSES)[number]

/** Fewer answers than this never prove that something did not arrive. */
export const NOT_FOUND_ANSWERS_MIN = 3

/** A reference names one payout of all: a smaller space makes two of them meet at one provider account. */
export const REFERENCE_BITS_MIN = 64

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The pessimistic contract. The form of our reference has no default: it must be declared. */
export const CAPABILITY_DEFAULTS: Omit<Capabilities, 'reference'> = frozen({
  queryableByOurReference: false,
  queryableByTheirId: false,
  notFoundIsFinalAfterMs: 'never',
  notFoundAnswersNeeded: NOT_FOUND_ANSWERS_MIN,
  maxProcessingMs: 7 * DAY_MS,
  queryLagMs: DAY_MS,
  failedIsFinalAfterMs: DAY_MS,
  refusalConfirmedBy: 'inquiry',
  idempotentOnOurReference: false,
  idempotencyWindowMs: 0,
  errorsRemembered: false,
  keyScope: 'endpoint',
  repeatForm: 'same_bytes',
  failures: {},
  bodyStatuses: [200],
  refusalStatuses: [],
  echoes: { send: ECHO_FIELDS, inquiry: ECHO_FIELDS },
  givesTheirId: true,
  twoStep: false,
  createAloneNeverPays: false,
  cancelByReference: false,
  callsBack: false,
  callbackSigned: false,
  callbackDecides: false,
  inquiryTimesMs: {
    first: [10 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 2 * MINUTE_MS, 5 * MINUTE_MS],
    thenEveryMs: 10 * MINUTE_MS,
    untilMs: DAY_MS,
    afterwardsEveryMs: HOUR_MS,
  },
  returnsWithinMs: 35 * DAY_MS,
  timeoutsMs: { connect: 5 * SECOND_MS, headers: 45 * SECOND_MS, total: 60 * SECOND_MS },
  maxAnswerBytes: 1_048_576,
  ratePerSecond: 1,
  concurrency: 2,
  proof: false,
})

export type CapabilityOverrides = Partial<Omit<Capabilities, 'reference'>> & Pick<Capabilities, 'reference'>

/**
 * The defaults with what a document settles. Takes a whole stored contract as well.
 *
 * @throws AssertionFailed where a value is not of its kind or the contract contradicts itself
 */
export function declareCapabilities(overrides: CapabilityOverrides): Capabilities {
  assertKnownFields(overrides)
  const contract: Capabilities = structuredClone({ ...CAPABILITY_DEFAULTS, ...overrides })
  assertKinds(contract)
  assertLists(contract)
  assertTimes(contract)
  assertBounds(contract)
  assertReference(contract.reference)
  assertProofs(contract)
  return frozen(contract)
}

/** The meaning of a provider's failure code; the code comes from outside and may be any text. */
export function failureOf(contract: Pick<Capabilities, 'failures'>, code: string): Failure {
  const listed = Object.hasOwn(contract.failures, code) ? contract.failures[code] : undefined
  return listed ?? 'unlisted'
}

/** Whether the provider can be asked at all. */
export function isQueryable(
  contract: Pick<Capabilities, 'queryableByOurReference' | 'queryableByTheirId'>,
): boolean {
  return contract.queryableByOurReference || contract.queryableByTheirId
}

/** The rules of what proves what: a contract that breaks one of these could declare a living attempt dead. */
function assertProofs(contract: Capabilities): void {
  const { notFoundIsFinalAfterMs: notFound } = contract
  assert(
    notFound === 'never' || notFound >= contract.maxProcessingMs + contract.queryLagMs,
    'notFoundIsFinalAfterMs is not shorter than maxProcessingMs and queryLagMs together',
  )
  assert(
    isWhole(contract.notFoundAnswersNeeded) && contract.notFoundAnswersNeeded >= NOT_FOUND_ANSWERS_MIN,
    'notFoundAnswersNeeded is a whole number, 3 or more',
  )
  assert(!contract.callbackDecides || contract.callbackSigned, 'callbackDecides is only for signed callbacks')
  assert(
    !contract.callbackDecides || !isQueryable(contract),
    'callbackDecides is only for a provider that cannot be asked',
  )
  assert(
    contract.idempotentOnOurReference === contract.idempotencyWindowMs > 0,
    'idempotentOnOurReference and a window above 0 come together',
  )
  assert(!contract.createAloneNeverPays || contract.twoStep, 'createAloneNeverPays is only for two steps')
}

function assertKnownFields(overrides: CapabilityOverrides): void {
  for (const field of Object.keys(overrides)) {
    assert(
      field === 'reference' || Object.hasOwn(CAPABILITY_DEFAULTS, field),
      'a contract has only known fields',
    )
  }
}

/** Stored contracts and overrides come from outside the type system: a text "false" must not be true. */
function assertKinds(contract: Capabilities): void {
  for (const [field, usual] of Object.entries(CAPABILITY_DEFAULTS)) {
    // The fields of both objects are the same; Object.entries does not keep their names.
    const value: unknown = contract[field as keyof Capabilities]
    const isOfItsKind =
      typeof value === typeof usual && Array.isArray(value) === Array.isArray(usual) && value !== null
    // This one has two kinds, and is looked at below.
    assert(isOfItsKind || field === 'notFoundIsFinalAfterMs', `${field} is of its kind`)
  }
  const { notFoundIsFinalAfterMs: notFound } = contract
  assert(notFound === 'never' || isDuration(notFound), 'notFoundIsFinalAfterMs is a duration or never')
  assert(['answer', 'inquiry'].includes(contract.refusalConfirmedBy), 'refusalConfirmedBy is of its list')
  assert(['account', 'region', 'endpoint'].includes(contract.keyScope), 'keyScope is of its list')
  assert(
    ['same_bytes', 'fresh_nonce', 'repeat_flag'].includes(contract.repeatForm),
    'repeatForm is of its list',
  )
}

function assertLists(contract: Capabilities): void {
  const { bodyStatuses, refusalStatuses, echoes, failures } = contract
  for (const status of bodyStatuses) {
    assert(isWhole(status) && status >= 200 && status <= 599, 'bodyStatuses are HTTP statuses')
  }
  for (const status of refusalStatuses) {
    assert(REFUSAL_STATUSES.includes(status), 'refusalStatuses are of their list')
    assert(!bodyStatuses.includes(status), 'a status whose body is read does not refuse by itself')
  }
  for (const fields of [echoes.send, echoes.inquiry]) {
    assert(Array.isArray(fields), 'echoes are lists for the send and for the inquiry')
    for (const field of fields) assert(ECHO_FIELDS.includes(field), 'echoes are of their list')
  }
  for (const failure of Object.values(failures)) {
    assert(FAILURES.includes(failure), 'failures are of their list')
  }
}

function assertTimes(contract: Capabilities): void {
  const { inquiryTimesMs: times, timeoutsMs: timeouts } = contract
  for (const duration of [
    contract.maxProcessingMs,
    contract.queryLagMs,
    contract.failedIsFinalAfterMs,
    contract.idempotencyWindowMs,
    contract.returnsWithinMs,
  ]) {
    assert(isDuration(duration), 'durations are whole milliseconds, 0 or more')
  }
  assert(Array.isArray(times.first), 'the first inquiry times are a list')
  let before = 0
  for (const time of times.first) {
    assert(isWhole(time) && time > before, 'the first inquiry times grow')
    before = time
  }
  assert(isWhole(times.untilMs) && times.untilMs >= before, 'untilMs is not before the first inquiry times')
  for (const step of [times.thenEveryMs, times.afterwardsEveryMs]) {
    assert(isWhole(step) && step >= SECOND_MS, 'inquiries are a second or more apart')
  }
  for (const timeout of [timeouts.connect, timeouts.headers, timeouts.total]) {
    assert(
      isWhole(timeout) && timeout > 0 && timeout <= timeouts.total,
      'no time-out is longer than the total',
    )
  }
}

function assertBounds(contract: Capabilities): void {
  assert(isWhole(contract.maxAnswerBytes) && contract.maxAnswerBytes > 0, 'maxAnswerBytes is above 0')
  assert(isWhole(contract.concurrency) && contract.concurrency > 0, 'concurrency is above 0')
  assert(
    Number.isFinite(contract.ratePerSecond) && contract.ratePerSecond > 0,
    'ratePerSecond is finite and above 0',
  )
}

function assertReference(reference: Capabilities['reference'] | undefined): void {
  assert(
    typeof reference?.alphabet === 'string' && isWhole(reference.length),
    'the alphabet and length of our reference are declared',
  )
  const { alphabet, length } = reference
  assert(/^[!-~]+$/.test(alphabet), 'the alphabet of our reference is printable ASCII without blanks')
  assert(new Set(alphabet).size === alphabet.length, 'the alphabet of our reference has no character twice')
  assert(
    length * Math.log2(alphabet.length) >= REFERENCE_BITS_MIN,
    'the space of our references is 64 bits or more',
  )
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value)
}

function isDuration(value: number): boolean {
  return isWhole(value) && value >= 0
}

function frozen<Value extends object>(value: Value): Value {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) frozen(part)
  }
  return Object.freeze(value)
}
