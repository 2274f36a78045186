// What the conformance run asks of a protocol. Each brings what only it can know in its own conformance.fixture.ts, as
// an export named `conformance` of this type; the run finds it by the folder's name, so that a new protocol changes no
// file here. Signatures in it are made by hand, from texts written out and with node:crypto, never with the protocol's
// own sign.ts: a run that asks our signing whether our verifying is right agrees even when both are wrong.
import type { CurrencyCode } from '../money/currency.ts'
import type { Saying } from '../payout/outcome.ts'
import type {
  CallbackRequest,
  CallMoment,
  ConnectorOrder,
  DoorAnswer,
  DoorCredential,
  InquirySubject,
  ProofImage,
  ProviderAccount,
  WireAnswer,
} from './protocol.ts'

/** The door's clock through the whole run, in milliseconds. */
export const CONFORMANCE_NOW_MS = 1_729_947_461_317

/** A moment of the run; each number has a nonce of its own. */
export function conformanceMoment(number = 0): CallMoment {
  return { nowMs: CONFORMANCE_NOW_MS, nonce: `0123456789abcdefghijABCDEF${String(number).padStart(6, '0')}` }
}

/** One list for every scheme. An item that does not apply needs a reason. */
export const NEGATIVES = [
  'missing',
  'empty',
  'wrong JSON type',
  'one character changed',
  'cut',
  'one character more',
  'other letter case',
  'hex for Base64 and back',
  'padding changed',
  'blank or newline around',
  'other key',
  "another merchant's key",
  'key just expired',
  'empty secret',
  'signed for another method, path or host',
  'fields reordered',
  'field added',
  'field removed',
  'text moved across a field boundary',
  'field twice',
  'signature twice',
  'number printed again',
  'text normalised',
  '+ for %20',
  'same request again',
  'too old',
  'too new',
  'seconds for milliseconds',
  'other algorithm named',
] as const
export type NegativeName = (typeof NEGATIVES)[number]

/** One request to our door, as it comes over the line. */
export interface DoorMessage {
  /** Left out: POST. */
  readonly method?: string
  /** Without the query. */
  readonly path: string
  /** Without `?`; left out: none. */
  readonly query?: string
  /** A header that comes twice has two values. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string
  /** Left out: 192.0.2.1. */
  readonly remoteAddress?: string
  /** The door's clock where it is not CONFORMANCE_NOW_MS. */
  readonly nowMs?: number
}

/** One message to one of our two ends. */
export type Message = { readonly door: DoorMessage } | { readonly callback: CallbackRequest }

/**
 * Messages that must be refused; `replayed` where the good message again gets the first answer and changes nothing; else
 * the sentence that says why the item does not apply.
 */
export type Negative = readonly Message[] | string

export interface Conformance {
  /** Every credential that the door's desk knows; among them one that is switched off and one without a secret. */
  readonly credentials: readonly DoorCredential[]
  /** Where clients reach the door; left out: the base URL of the first account below. */
  readonly publicUrls?: readonly string[]
  /**
   * A client of the door as it holds itself: where it signs with a private key, that is PEM text in
   * `settings.private_key`. Null exactly where the protocol has no request builder.
   */
  readonly client: Pick<DoorCredential, 'publicId' | 'secret' | 'settings'> | null
  readonly signature: ConformanceSignature
  /** Null exactly where the protocol's connector is null. */
  readonly connector: ConformanceConnector | null
  /** Null exactly where the protocol's proof connector is null. */
  readonly proof: ConformanceProof | null
  readonly transcripts: {
    /** At least one exchange as it went over the line, and what may be kept of it. */
    readonly scrubs: readonly { readonly whole: string; readonly scrubbed: string }[]
    /** Secrets, signatures, whole beneficiaries and images of the run: none of them survives scrubbing, anywhere. */
    readonly secrets: readonly string[]
  }
}

export interface ConformanceSignature {
  /** Taken: at least one message to the door, and one callback where the protocol calls back. */
  readonly good: readonly Message[]
  /** Whether the door's answer is its refusal of a signature or of who speaks (not: of what is asked). */
  readonly isRefused: (answer: DoorAnswer) => boolean
  readonly negatives: Readonly<Record<NegativeName, Negative>>
  /**
   * Names of form fields of a callback that its signature does not cover, by contract. Whatever is changed there must
   * not change what the callback is read to say. Left out: every byte is covered.
   */
  readonly uncovered?: readonly string[]
}

export interface ConformanceAccounts {
  /** Complete; each capability setting in at least one of them. */
  readonly good: readonly ProviderAccount[]
  /** Each lacks one thing, or has one wrong. */
  readonly bad: readonly ProviderAccount[]
}

/** A credential at the door and the account of ours that fits it: the two ends of one line. */
export interface ConformanceLine {
  readonly credential: DoorCredential
  readonly account: ProviderAccount
}

export interface ConformanceConnector {
  readonly accounts: ConformanceAccounts
  /**
   * One order for each kind of beneficiary and each currency that is carried, with everything set that can travel. The
   * first is the one of the whole run. References differ.
   */
  readonly pairs: readonly (ConformanceLine & { readonly order: ConnectorOrder })[]
  /** What our door can say of a payout that came back: `returned`, or what its contract leaves of that. */
  readonly returnedReads: Extract<Saying, 'returned' | 'failed' | 'unknown'>
  readonly statuses: ConformanceStatuses
}

/** Answers of the provider with a value in the place that decides: good in everything else, and about the first order. */
export interface ConformanceStatuses {
  /** Values by which an answer may mean something else than `unlisted`, in every spelling that counts. */
  readonly listed: readonly unknown[]
  /** The listed value with which an inquiry says that it is paid. */
  readonly paid: unknown
  /** Whether the answers below carry a listed value for this one; left out: it is an element of `listed`. */
  readonly isListed?: (value: unknown) => boolean
  /** What every other value may be read as; left out: `unknown` alone. Never better than `failed`. */
  readonly unlisted?: readonly Extract<Saying, 'unknown' | 'failed' | 'not_found'>[]
  readonly pay: (value: unknown) => WireAnswer
  /** Exactly where the protocol is two-step. */
  readonly commit?: (value: unknown) => WireAnswer
  readonly inquiry: (value: unknown) => WireAnswer
  /** What `inquiry` answers: of two steps the second, with the ids that tie it to the step that paid. */
  readonly subject: InquirySubject
}

export interface ConformanceProof extends ConformanceLine {
  readonly accounts: ConformanceAccounts
  /** The reference of the order whose pictures are asked for. */
  readonly reference: string
  /** One small picture of each type that the door shows. */
  readonly images: readonly ProofImage[]
  /** The found order, with this in the place of its status and these in the place of its images. */
  readonly found: (status: unknown, images: readonly unknown[]) => WireAnswer
  /** A picture as `found` takes it. */
  readonly imageText: (image: ProofImage) => unknown
  /** The status that says that the order is paid, and whether another one does, in whatever spelling counts. */
  readonly paid: unknown
  readonly isPaid: (status: unknown) => boolean
  /** Images, as `found` takes them, that must be dropped: other types, broken encoding, other first bytes than declared. */
  readonly hostileImages: readonly unknown[]
  /** Answers of which nothing may be kept, and what they come to. */
  readonly hostileAnswers: readonly {
    readonly says: string
    readonly answer: WireAnswer
    readonly reads: 'not_yet' | 'stop'
  }[]
}

/** The currencies of the run's desk: those of the orders. */
export function conformanceCurrencies({ connector }: Conformance): readonly CurrencyCode[] {
  return [...new Set((connector?.pairs ?? []).map(({ order }) => order.amount.currency))]
}

/** Where clients reach the door of the run. */
export function conformancePublicUrls({ publicUrls, connector, proof }: Conformance): readonly string[] {
  const account = connector?.pairs[0]?.account ?? proof?.account
  return publicUrls ?? (account === undefined ? [] : [account.baseUrl])
}
