// One-time codes of a second factor (RFC 6238 over RFC 4226): SHA-1, half minutes, six digits, as every authenticator
// on a telephone makes them. SHA-1 is what they speak; its weakness does not reach an HMAC.
import { createHmac, createSecretKey } from 'node:crypto'
import { assert } from './assert.ts'
import { equalConstantTime } from './digest.ts'

/** Seconds of one step, and how many steps before and after the present one are taken too: clocks differ. */
export const CODE_STEP_SECONDS = 30
const STEPS_AROUND = 1

/** 160 bits, as RFC 4226 section 4 recommends. */
export const CODE_SEED_BYTES = 20

/** The code of one step (RFC 4226 section 5.3). @param digits 6 to 8 */
export function oneTimeCode(seed: Uint8Array, step: number, digits = 6): string {
  assert(Number.isSafeInteger(step) && step >= 0, 'a step is a whole number')
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', createSecretKey(seed)).update(counter).digest()
  const offset = (mac[mac.length - 1] ?? 0) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** The step of this moment. */
export function stepNow(nowMs: number): number {
  return Math.floor(nowMs / 1000 / CODE_STEP_SECONDS)
}

/** The step whose code this is, or null where it is none of those around `nowMs`. All of them are compared. */
export function stepOfCode(seed: Uint8Array, code: string, nowMs: number): number | null {
  const present = stepNow(nowMs)
  let found: number | null = null
  for (let step = present - STEPS_AROUND; step <= present + STEPS_AROUND; step += 1)
    if (equalConstantTime(oneTimeCode(seed, step), code)) found = step
  return found
}

/** What an authenticator reads from a QR code or a link. */
export function authenticatorUri(of: { readonly name: string; readonly seed: Uint8Array }): string {
  const label = encodeURIComponent(`Quittance:${of.name}`)
  return `otpauth://totp/${label}?secret=${base32(of.seed)}&issuer=Quittance&algorithm=SHA1&digits=6&period=30`
}

/** RFC 4648 section 6, without padding. */
export function base32(bytes: Uint8Array): string {
  let bits = 0
  let held = 0
  let text = ''
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += BASE32.charAt((held >> bits) & 0x1f)
    }
  }
  return bits === 0 ? text : text + BASE32.charAt((held << (5 - bits)) & 0x1f)
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
