// One number serves every id form. The decimal number is what the doors with integer ids show; the sixteen
// characters are what the doors with text ids show; `po_` and the same sixteen characters is the native id.
// The characters carry the number and a random tag, so ids cannot be guessed from each other, and no second
// index is needed to find a payout by any of its forms.
import { assert } from '../lib/assert.ts'

export type PayoutId = `po_${string}`

const NUMBER_BITS = 53n
const TAG_BITS = 29n
/** Numbers stay below 2^53 so that JSON clients keep every digit. */
export const PAYOUT_NUMBER_LIMIT = 1n << NUMBER_BITS
/** Tags are drawn at random below this bound. */
export const PAYOUT_TAG_LIMIT = 1 << Number(TAG_BITS)

const CODE_LENGTH = 16
const CODE = /^[0-9a-z]{16}$/

/** Sixteen characters `0-9a-z` for a payout: 29 random bits in front, the 53-bit number behind. */
export function payoutCode(number: bigint, tag: number): string {
  assert(number > 0n && number < PAYOUT_NUMBER_LIMIT, 'a payout number is above 0 and below 2^53')
  assert(Number.isInteger(tag) && tag >= 0 && tag < PAYOUT_TAG_LIMIT, 'a payout tag has 29 bits')
  return ((BigInt(tag) << NUMBER_BITS) | number).toString(36).padStart(CODE_LENGTH, '0')
}

/** The number and tag inside sixteen characters, or null where no payout can have that code. */
export function parsePayoutCode(code: string): { number: bigint; tag: number } | null {
  if (!CODE.test(code)) return null
  let bits = 0n
  for (const character of code) bits = bits * 36n + BigInt(Number.parseInt(character, 36))
  const number = bits & (PAYOUT_NUMBER_LIMIT - 1n)
  const tag = bits >> NUMBER_BITS
  if (number === 0n || tag >= BigInt(PAYOUT_TAG_LIMIT)) return null
  return { number, tag: Number(tag) }
}

/** The native id, `po_` and the payout's code. */
export function payoutId(number: bigint, tag: number): PayoutId {
  return `po_${payoutCode(number, tag)}`
}

/** The number and tag of a native id, or null where the text is no native id. */
export function parsePayoutId(id: string): { number: bigint; tag: number } | null {
  return id.startsWith('po_') ? parsePayoutCode(id.slice(3)) : null
}
