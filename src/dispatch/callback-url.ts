// The address a provider calls back. Its last part is a message authentication code that only we and whoever was given
// the address can know, so that a callback about another attempt, merchant or account is turned away unread. It proves
// nothing about what is said there: that is the protocol's own signature, and an inquiry decides in any case.
import { equalConstantTime, hmacSha256 } from '../lib/digest.ts'
import { parsePayoutCode, payoutCode } from '../payout/number.ts'

/** What one callback address is about. */
export interface CallbackAddress {
  readonly protocol: string
  readonly providerAccountId: string
  readonly merchantId: string
  readonly number: bigint
  readonly tag: number
  readonly attemptNo: number
}

export interface ParsedCallbackAddress extends CallbackAddress {
  /** As it was received; worth nothing before `callbackMacHolds`. */
  readonly mac: string
}

/** The path pattern under which these addresses are served. */
export const CALLBACK_PATH = '/callbacks/:protocol/:account/:merchant/:code/:attempt/:mac'

/** The whole address. `publicUrl` is where providers reach us, without a slash at the end. */
export function callbackUrl(publicUrl: string, about: CallbackAddress, secret: string): string {
  const { protocol, providerAccountId, merchantId, number, tag, attemptNo } = about
  const mac = callbackMac(about, secret)
  return `${publicUrl}/callbacks/${protocol}/${providerAccountId}/${merchantId}/${payoutCode(number, tag)}/${attemptNo}/${mac}`
}

/** Reads the path (without the query) of a callback, or null where it is none of ours. */
export function parseCallbackPath(path: string): ParsedCallbackAddress | null {
  const [, protocol, providerAccountId, merchantId, code, attempt, mac] = ADDRESS.exec(path) ?? []
  const payout = parsePayoutCode(code ?? '')
  if (payout === null) return null
  if (protocol === undefined || providerAccountId === undefined || merchantId === undefined) return null
  if (attempt === undefined || mac === undefined) return null
  return { protocol, providerAccountId, merchantId, ...payout, attemptNo: Number.parseInt(attempt, 10), mac }
}

/** Whether the address is one that we made, for this account's secret. */
export function callbackMacHolds(address: ParsedCallbackAddress, secret: string): boolean {
  return equalConstantTime(address.mac, callbackMac(address, secret))
}

/** Names as the configuration allows them; an attempt number as we print it. */
const ADDRESS =
  /^\/callbacks\/([a-z0-9]{1,40})\/([a-z0-9_-]{1,40})\/([a-z0-9_]{1,40})\/([0-9a-z]{16})\/([1-9][0-9]{0,4})\/([0-9a-f]{32})$/

const MAC_BYTES = 16

function callbackMac({ merchantId, number, attemptNo }: CallbackAddress, secret: string): string {
  const code = hmacSha256(secret, `${merchantId}/${number}/${attemptNo}`)
  return Buffer.from(code.subarray(0, MAC_BYTES)).toString('hex')
}
