// What a protocol is to the rest of the system: one folder with a connector (we are the client), a door (we are the
// server) and its capabilities as data. Connectors and doors do no I/O of their own; time and chance come in as
// arguments, so that the same code runs in production, in the simulator and in tests.
import type { Money } from '../money/money.ts'
import type { Beneficiary } from '../payout/beneficiary.ts'
import type { Answer, Outcome } from '../payout/outcome.ts'
import type { Payout, PayoutKey, PayoutState } from '../payout/payout.ts'
import type { Capabilities } from './capabilities.ts'
import type { Desk, DoorCredential } from './desk-port.ts'
import type { DoorDocument } from './door-document.ts'
import type { ProtocolSandbox } from './protocol-sandbox.ts'

export type {
  Confirmed,
  Desk,
  DoorCredential,
  MerchantBalance,
  NewPayoutIdentity,
  OneTimeAnswer,
  OneTimeUse,
  Submission,
  SubmissionRefusal,
  Submitted,
} from './desk-port.ts'
export type { DoorDocument, DoorExample, DoorField, DoorOperation, PostmanSigning } from './door-document.ts'
export type { ProtocolSandbox, SandboxCredential, SandboxKeys, SandboxRail } from './protocol-sandbox.ts'
export type { PayoutKey }

export interface Protocol {
  /** The folder's name, stored with every payout, attempt and credential. */
  readonly name: string
  /** Null where nothing is paid by this protocol. */
  readonly connector: Connector | null
  /** Fetches the provider's proof images of payouts; null where it has none. */
  readonly proof: ProofConnector | null
  readonly door: Door | null
  /** Builds and explains one request by hand, for people; null where the protocol cannot be tried by hand. */
  readonly builder: RequestBuilder | null
  /** The door for readers: its OpenAPI file and its part of the Postman collection are made of this. */
  readonly document: DoorDocument | null
  /** How it is tried without its provider; null where it cannot be. */
  readonly sandbox: ProtocolSandbox | null
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
  /** The last step that was given its send right: `only` where the contract has one, else of two the first or second. */
  readonly step: 'only' | 'first' | 'second'
  /** The provider's own id of our request that pays, where its answer named one (`Answer.theirRequestId`). */
  readonly payRequestId: string | null
}

/** An order that the first of two steps created, about to be paid by the second. */
export interface CommitOrder {
  readonly reference: string
  /** The provider's own id of the order, as the first step told it. */
  readonly theirId: string
  readonly amount: Money
}

/** The step that pays an order which `pay` only created. Each step has its own send right, and is sent once. */
export interface ConnectorCommit {
  request(order: CommitOrder, account: ProviderAccount, at: CallMoment): WireRequest
  read(answer: WireAnswer, order: CommitOrder, account: ProviderAccount): Answer
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
  /** The second of two steps, exactly where the contract is `twoStep`; then `pay` only creates, and moves no money. */
  readonly commit: ConnectorCommit | null
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

// ---- proof: we fetch the provider's pictures -------------------------------------------------------------------

/** One picture. Untrusted where it came from a provider: never rendered as HTML, served with its own type. */
export interface ProofImage {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp'
  readonly bytes: Uint8Array
}

/** A payout that was paid, by the reference under which its provider knows it. */
export interface ProofSubject {
  readonly reference: string
}

/** Evidence beside a payout; no reading changes a state. */
export type ProofReading =
  | {
      readonly kind: 'found'
      /** `unknown`: the provider does not say that it is paid. */
      readonly said: 'paid' | 'unknown'
      readonly images: readonly ProofImage[]
      /** For each image that was not kept, why. */
      readonly dropped: readonly string[]
    }
  /** Ask again on the schedule. */
  | { readonly kind: 'not_yet'; readonly why: string }
  /** Asking again would be answered the same: our fault, or credentials. */
  | { readonly kind: 'stop'; readonly why: string }

export interface ProofConnector {
  /** Null, or the sentence that says which setting is missing or wrong. */
  checkAccount(account: ProviderAccount): string | null
  /** `timeoutsMs` and `maxAnswerBytes` bound the call; `proof` is true. */
  capabilities(account: ProviderAccount): Capabilities
  /** When it is asked, in milliseconds after the payment; after the last there is no proof. */
  readonly scheduleMs: readonly number[]
  request(subject: ProofSubject, account: ProviderAccount, at: CallMoment): WireRequest
  read(answer: WireAnswer, subject: ProofSubject, account: ProviderAccount): ProofReading
  /** A transcript without secrets, signatures and images. */
  scrub(text: string): string
}

// ---- door: we are the server ---------------------------------------------------------------------------------

export interface Door {
  readonly routes: readonly DoorRoute[]
  /** The door's own callback to its clients; null where the protocol has none. */
  readonly notices: DoorNotices | null
}

export interface DoorRoute {
  /** `ANY` where the door itself answers every method; another method than these is else answered 405 without a body. */
  readonly method: 'GET' | 'POST' | 'ANY'
  /** A literal path, or with `:name` parts. */
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
  /** Scheme, host and port under which clients reach this door, each without a slash at the end. Never the Host header. */
  readonly publicUrls: readonly string[]
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
  /** What can be asked; the first is the one that people try first. */
  readonly calls: readonly BuilderCall[]
  /** @throws AssertionFailed for a call that is not in `calls` */
  build(order: BuilderOrder): Built
  /** What the door would say of a request and why, check by check in the door's order, up to the first that fails. */
  explain(request: DoorRequest, credential: (publicId: string) => DoorCredential | null): readonly Check[]
}

/** One check of a door. */
export interface Check {
  /** What has to hold, such as `the signature is right`. */
  readonly says: string
  readonly ok: boolean
  /** Where it does not hold: what was found, what was expected and what is usually the cause. Never a secret. */
  readonly why: string | null
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
  /** Those of them that were given as numbers; their value is the literal, digit by digit. */
  readonly numbers?: ReadonlySet<string>
  /** A client's own: where it signs with a private key, that is PEM text in `settings.private_key`. */
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
