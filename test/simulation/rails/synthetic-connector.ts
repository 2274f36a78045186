// A connector without a protocol: flat JSON, and a contract that its seed drew. It reads exactly what the synthetic rail
// writes; what it means is for the certainty tables.
import { hmacSha256 } from '../../../src/lib/digest.ts'
import { type Answer, SAYINGS, type Saying } from '../../../src/payout/outcome.ts'
import { type Capabilities, failureOf } from '../../../src/protocols/capabilities.ts'
import type {
  CallbackReading,
  Connector,
  ProviderAccount,
  WireAnswer,
  WireRequest,
} from '../../../src/protocols/protocol.ts'

/** One message of the synthetic provider. */
export interface SyntheticMessage {
  readonly said: string
  readonly code: string | null
  readonly theirId: string | null
  readonly requestId: string | null
  readonly reference: string | null
  readonly amount: string | null
}

export const SYNTHETIC = 'synthetic'

export function syntheticConnector(contract: Capabilities): Connector {
  const post = (account: ProviderAccount, path: string, body: object): WireRequest => ({
    method: 'POST',
    url: `${account.baseUrl}${path}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const read = (answer: WireAnswer, subject: Subject): Answer => readAnswer(answer, subject, contract)
  return {
    checkAccount: () => null,
    capabilities: () => contract,
    cannotCarry: order => (order.description === 'cannot be carried' ? 'it says so itself' : null),
    pay: (order, account) =>
      post(account, '/pay', {
        reference: order.reference,
        amount: String(order.amount.minor),
        callbackUrl: order.callbackUrl,
      }),
    readPay: (answer, order) => read(answer, { reference: order.reference, minor: order.amount.minor }),
    commit: contract.twoStep
      ? {
          request: (order, account) =>
            post(account, '/commit', {
              reference: order.reference,
              theirId: order.theirId,
              amount: String(order.amount.minor),
            }),
          read: (answer, order) => read(answer, { reference: order.reference, minor: order.amount.minor }),
        }
      : null,
    inquire: (subject, account, at) =>
      post(account, '/query', {
        reference: subject.reference,
        step: subject.step,
        nonce: at.nonce.slice(0, 8),
      }),
    readInquiry: (answer, subject) =>
      read(answer, { reference: subject.reference, minor: subject.amount.minor }),
    readCallback: (request, account) => readCallback(request.body, account, contract),
    callbackTaken: () => ({ status: 200, headers: {}, body: 'OK' }),
    callbackRefused: () => ({ status: 400, headers: {}, body: 'no' }),
    balance: null,
    scrub: text => text,
  }
}

interface Subject {
  readonly reference: string
  readonly minor: bigint
}

export function syntheticSignature(secret: string, body: string): string {
  return Buffer.from(hmacSha256(secret, body)).toString('hex')
}

function readAnswer(answer: WireAnswer, subject: Subject, contract: Capabilities): Answer {
  if (!contract.bodyStatuses.includes(answer.status)) return { kind: 'unread' }
  const message = parsed(answer.body)
  return message === null ? { kind: 'unreadable' } : meaningOf(message, subject, contract)
}

function meaningOf(message: SyntheticMessage, subject: Subject | null, contract: Capabilities): Answer {
  const { said, code, theirId, requestId, reference, amount } = message
  const isKnown = (SAYINGS as readonly string[]).includes(said)
  return {
    kind: 'read',
    said: isKnown ? (said as Saying) : 'unknown', // just looked up in the list of its type
    failure: said === 'failed' ? (code === null ? null : failureOf(contract, code)) : null,
    theirId,
    theirRequestId: requestId,
    echo: {
      reference:
        reference === null
          ? 'absent'
          : subject === null || reference === subject.reference
            ? 'same'
            : 'other',
      amount:
        amount === null ? 'absent' : subject === null || amount === String(subject.minor) ? 'same' : 'other',
      currency: 'absent',
      beneficiary: 'absent',
    },
  }
}

function readCallback(body: Uint8Array, account: ProviderAccount, contract: Capabilities): CallbackReading {
  const told = parsedCallback(body)
  if (told === null) return { kind: 'refused', why: 'not a callback' }
  const { text, signature } = told
  const secret = account.settings.secret ?? ''
  if (contract.callbackSigned && signature !== syntheticSignature(secret, text))
    return { kind: 'refused', why: 'wrong signature' }
  const message = parsed(Buffer.from(text))
  if (message === null || message.reference === null) return { kind: 'refused', why: 'no reference' }
  const answer = meaningOf(message, null, contract)
  const said =
    answer.kind === 'read' && answer.said !== 'created' && answer.said !== 'not_found'
      ? answer.said
      : 'unknown'
  return {
    kind: 'verified',
    reference: message.reference,
    theirId: message.theirId,
    // Minor units of a currency with two decimals, as the rail writes them.
    amount: message.amount === null ? null : decimalOf(message.amount),
    said,
    answer,
  }
}

function decimalOf(minor: string): string {
  const digits = minor.padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function parsed(body: Uint8Array): SyntheticMessage | null {
  try {
    const value = JSON.parse(Buffer.from(body).toString()) as SyntheticMessage
    return typeof value.said === 'string' ? value : null
  } catch {
    return null
  }
}

function parsedCallback(body: Uint8Array): { readonly text: string; readonly signature: string } | null {
  try {
    const value = JSON.parse(Buffer.from(body).toString()) as { text: string; signature: string }
    return typeof value.text === 'string' ? value : null
  } catch {
    return null
  }
}
