// What a protocol is to the rest of the system: one folder with a connector (we are the client), a door (we are the
// server) and its capabilities as data. Connectors and doors do no I/O of their own; time and chance come in as
// arguments, so that the same code runs in production, in the simulator and in tests.
import type { Money } from '../money/money.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { Answer, Outcome } from '../payout/outcome.ts'
import type { Payout, PayoutKey, PayoutState } from '../payout/payout.ts'

import type { Capabilities } from './capabilities.ts'

export type { PayoutKey }

export interface Protocol {
  /** The folder's name, stored with every payout, attempt and credential. */
  readonly name: string
  readonly connector: Connector | null
  readonly door: Door | null
  /** Builds one request by hand, for people; missing or null where the protocol cannot be tried by hand. */
  readonly builder?: RequestBuilder | null
}

// ---- the line ------------------------------------------------------------------------------------------------

export interface WireRequest {
  readonly method: 'GET' | 'POST'
  /** The whole URL. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export interface WireAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

// ---- connector: we are the client ----------------------------------------------------------------------------

/** A provider account as its connector sees it. `settings` holds what the protocol asks for, credentials included. */
export interface ProviderAccount {
  readonly id: string
  readonly protocol: string
  /** Without a slash at the end; the protocol's documented paths are appended. */
  readonly baseUrl: string
  readonly settings: Readonly<Record<string, string>>
}

/** One attempt in the words a connector needs. */
export interface ConnectorOrder {
  /** Our reference, in the declared alphabet and length. */
  readonly reference: string
  readonly amount: Money
  readonly beneficiary: Beneficiary
  readonly description: string | null
  /** Where the provider may call us back about this attempt; null where callbacks are off. */
  readonly callbackUrl: string | null
}

/** What an inquiry is about. */
export interface InquirySubject {
  readonly reference: string
  readonly theirId: string | null
  readonly amount: Money
}

/** Time and chance of one call: milliseconds since the epoch, and 32 random characters `0-9A-Za-z`. */
export interface CallMoment {
  readonly nowMs: number
  readonly nonce: string
}

export interface CallbackRequest {
  readonly method: string
  /** The query string without `?`, as received. */
  readonly query: string
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Uint8Array
}

/** A callback is a hint: whatever it says, an inquiry decides. */
export type CallbackReading =
  | {
      readonly kind: 'verified'
      /** Our reference as the callback names it. */
      readonly reference: string
      readonly theirId: string | null
      /** Decimal text as the callback names it, compared with the order by whoever knows the order; null: not named. */
      readonly amount: string | null
      readonly said: Outcome
      readonly answer: Answer
    }
  | { readonly kind: 'refused'; readonly why: string }

export interface Connector {
  /** Null, or the sentence that says which setting is missing or wrong. */
  checkAccount(account: ProviderAccount): string | null
  /** What may be relied on at this account; settings can only be stated, never guessed. */
  capabilities(account: ProviderAccount): Capabilities
  /** Null, or why this protocol cannot carry the order (row S2 of the certainty table). */
  cannotCarry(order: ConnectorOrder, account: ProviderAccount): string | null
  pay(order: ConnectorOrder, account: ProviderAccount, at: CallMoment): WireRequest
  readPay(answer: WireAnswer, order: ConnectorOrder, account: ProviderAccount): Answer
  inquire(subject: InquirySubject, account: ProviderAccount, at: CallMoment): WireRequest
  readInquiry(answer: WireAnswer, subject: InquirySubject, account: ProviderAccount): Answer
  readCallback(request: CallbackRequest, account: ProviderAccount): CallbackReading
  /** What the provider wants to read after a callback was stored, and after one was refused. */
  callbackTaken(): DoorAnswer
  callbackRefused(): DoorAnswer
  /** Asks for the provider's own figure of our float; null where the protocol has no such call. */
  readonly balance: ConnectorBalance | null
  /** A transcript without secrets, signatures and whole beneficiaries. */
  scrub(text: string): string
}

export interface ConnectorBalance {
  request(account: ProviderAccount, at: CallMoment): WireRequest
  /** Decimal text of what can be spent, or null where the answer cannot be read. */
  read(answer: WireAnswer, account: ProviderAccount): string | null
}

// ---- door: we are the server ---------------------------------------------------------------------------------

export interface Door {
  readonly routes: readonly DoorRoute[]
  /** The door's own callback to its clients; null where the protocol has none. */
  readonly notices: DoorNotices | null
}

export interface DoorRoute {
  readonly method: 'GET' | 'POST'
  /** A literal path, or with `:name` parts. Another method on it answers 405 without a body. */
  readonly path: string
  readonly bodyLimitBytes: number
  handle(request: DoorRequest, desk: Desk): Promise<DoorAnswer>
}

export interface DoorRequest {
  readonly method: string
  /** As received, undecoded, without the query. */
  readonly path: string
  readonly query: string
  readonly params: Readonly<Record<string, string>>
  /** Names in lower case; a header that came twice has two values. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: Uint8Array
  /** True where the body was larger than the route's limit; `body` is then empty. */
  readonly bodyTooLarge: boolean
  readonly remoteAddress: string
  readonly nowMs: number
  readonly requestId: string
}

export interface DoorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface DoorNotices {
  /** States whose arrival is told. */
  readonly states: readonly PayoutState[]
  /** Milliseconds before each try, the first included; after the last the notice is parked. */
  readonly scheduleMs: readonly number[]
  readonly timeoutMs: number
  /** The same bytes at every try. */
  request(notice: DoorNotice, credential: DoorCredential): WireRequest
  acknowledged(answer: WireAnswer): boolean
}

/** One step of a payout to be told. `payout.state` may be further on; `state` and `atMs` are the step's. */
export interface DoorNotice {
  readonly payout: Payout
  readonly state: PayoutState
  readonly atMs: number
  readonly url: string
}

// ---- one request by hand --------------------------------------------------------------------------------------

/** Builds a request as a client of the protocol would send it, and shows how its signature came about. Pure. */
export interface RequestBuilder {
  /** What can be asked; the first is the call that makes a payout. */
  readonly calls: readonly BuilderCall[]
  /** @throws AssertionFailed for a call that is not in `calls` */
  build(order: BuilderOrder): Built
}

export interface BuilderCall {
  readonly name: string
  /** The documented path, for where none is given. */
  readonly path: string
  /** Fields that a server takes, fresh at each moment; what the builder fills in by itself is not among them. */
  example(at: CallMoment): Readonly<Record<string, string>>
}

export interface BuilderOrder {
  readonly call: string
  readonly fields: ReadonlyMap<string, string>
  readonly credential: Pick<DoorCredential, 'publicId' | 'secret' | 'settings'>
  /** Without a slash at the end. */
  readonly baseUrl: string
  /** Null: the documented one. */
  readonly path: string | null
  readonly at: CallMoment
}

export type Built =
  | {
      readonly ok: true
      readonly request: WireRequest
      /** The content as the protocol writes it for signing, without any secret. */
      readonly canonical: string
      /** What goes into the signature, in order; together it is one text. */
      readonly hashed: readonly { readonly text: string; readonly secret: boolean }[]
      /** The recipe in a word: `MD5`, `SHA-256`. */
      readonly algorithm: string
      readonly signature: Uint8Array
    }
  | { readonly ok: false; readonly why: string }

// ---- the desk, as a door sees it -----------------------------------------------------------------------------

/**
 * The port behind every door. On the real desk the door is the drop-in server; on the simulator's rail it is the fake
 * provider. A method that cannot say what became of the request throws `Unavailable` (errors.ts); the door answers it
 * in the words its contract has for a fault that is ours.
 */
export interface Desk {
  credential(door: string, publicId: string): DoorCredential | null
  submit(submission: Submission): Promise<Submitted>
  find(merchantId: string, by: PayoutKey): Promise<Payout | null>
  balances(merchantId: string): Promise<readonly MerchantBalance[]>
}

export interface DoorCredential {
  readonly door: string
  /** The name by which the client presents itself: `merchantNo`, `shop_id`, consumer key, pid. */
  readonly publicId: string
  readonly merchantId: string
  readonly secret: string
  readonly active: boolean
  /** Protocol-specific, such as `salt_position`; `addresses` is a comma-separated list of allowed source addresses. */
  readonly settings: Readonly<Record<string, string>>
}

/** A payout as a door or the API asks for it. */
export interface Submission {
  readonly merchantId: string
  readonly door: string
  readonly doorCredentialId: string
  /** The id of the request that asks for it. */
  readonly requestId: string | null
  readonly reference: string
  readonly idempotencyKey: string | null
  /** SHA-256 over what counts as the content: a repeat with another fingerprint is a conflict. */
  readonly fingerprint: Uint8Array
  readonly amount: Money
  readonly beneficiary: Beneficiary
  readonly description: string | null
  readonly metadata: Readonly<Record<string, string>> | null
  readonly notifyUrl: string | null
  /** True where the payout waits for the merchant's second call before it may be sent. */
  readonly needsConfirmation: boolean
  /** The answer to this request as it would be given; stored with the payout and given again to every repeat. */
  firstAnswer(payout: NewPayoutIdentity): string
}

export interface NewPayoutIdentity {
  readonly number: bigint
  readonly tag: number
  readonly createdAtMs: number
  readonly state: PayoutState
}

/** Why a submission is refused. Nothing was recorded, and the reference and key stay free. */
export type SubmissionRefusal =
  | 'insufficient_funds'
  | 'method_not_available'
  | 'amount_out_of_limits'
  | 'rate_limited'

export type Submitted =
  | { readonly kind: 'accepted'; readonly number: bigint; readonly tag: number; readonly answer: string }
  | { readonly kind: 'replayed'; readonly number: bigint; readonly tag: number; readonly answer: string }
  /** The reference or the key stands for another content; number and tag name the payout that has it. */
  | {
      readonly kind: 'conflict'
      readonly by: 'reference' | 'idempotency_key'
      readonly number: bigint
      readonly tag: number
    }
  | { readonly kind: 'refused'; readonly why: SubmissionRefusal }

/** Balances of one currency, each zero or above. */
export interface MerchantBalance {
  readonly available: Money
  readonly held: Money
  readonly inFlight: Money
}
