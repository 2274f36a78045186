// The signature of PayPro: the fields sorted by name, written `key1=value1key2=value2` without separators, hashed by
// MD5 together with the secret, in lowercase hex (document; contract, section 3). MD5 with a secret at one end is weak
// and it is not ours to choose: TLS, strict field grammars and references that are unique for ever stand beside it.
import { assert } from '../../lib/assert.ts'
import { equalConstantTime, md5Hex } from '../../lib/digest.ts'
import type { DoorCredential } from '../protocol.ts'
import { type PayproFields, type PayproScalar, payproLiteral, payproText } from './wire.ts'

/** Where the secret is put. The document says "as the salt" and no more; `append` is the inference, never both at once. */
export type PayproSaltPosition = 'append' | 'prepend'

export interface PayproSalt {
  readonly secret: string
  readonly position: PayproSaltPosition
}

/** The salt position of a setting, or null where it is neither. Without a setting the secret is appended. */
export function payproSaltPosition(setting: string | undefined): PayproSaltPosition | null {
  if (setting === undefined || setting === '') return 'append'
  return setting === 'append' || setting === 'prepend' ? setting : null
}

/**
 * The salt of a client of our door, whose notices are signed with it too.
 *
 * @throws AssertionFailed where the setting is neither position: nothing is verified by a guess
 */
export function payproCredentialSalt(credential: Pick<DoorCredential, 'secret' | 'settings'>): PayproSalt {
  const position = payproSaltPosition(credential.settings.salt_position)
  assert(position !== null, 'salt_position of a door credential is append or prepend')
  return { secret: credential.secret, position }
}

/** What is hashed beside the secret: every field that is not empty, but `sign`, in the order of UTF-16 code units. */
export function payproCanonical(fields: PayproFields): string {
  return canonical(fields, value => payproText(value))
}

/**
 * The literal reading of the document, in which an empty field is signed as `key=` and a null as `key=null`.
 * It is accepted beside the first one, because both describe the same content; it is never written.
 */
export function payproCanonicalLiteral(fields: PayproFields): string {
  return canonical(fields, payproLiteral)
}

/** @throws AssertionFailed without a secret */
export function payproSign(fields: PayproFields, salt: PayproSalt): string {
  assert(salt.secret !== '', 'nothing is signed with an empty secret')
  return digest(payproCanonical(fields), salt)
}

/**
 * Whether `sign` is the signature of the fields as received: 32 lowercase hex characters, under one of two readings
 * and no third. Compared in constant time; anything but such a text is false, and so is everything without a secret.
 */
export function payproVerify(
  fields: PayproFields,
  sign: PayproScalar | undefined,
  salt: PayproSalt,
): boolean {
  if (typeof sign !== 'string' || !SIGN.test(sign) || salt.secret === '') return false
  if (equalConstantTime(digest(payproCanonical(fields), salt), sign)) return true
  return hasEmpty(fields) && equalConstantTime(digest(payproCanonicalLiteral(fields), salt), sign)
}

const SIGN = /^[0-9a-f]{32}$/

function canonical(fields: PayproFields, textOf: (value: PayproScalar) => string | null): string {
  let text = ''
  // Sorted by code unit, upper case first: a sort by locale would be another signature (section 10).
  for (const name of [...fields.keys()].sort()) {
    const value = fields.get(name)
    if (name === 'sign' || value === undefined) continue
    const written = textOf(value)
    if (written !== null) text += `${name}=${written}`
  }
  return text
}

function digest(text: string, salt: PayproSalt): string {
  return md5Hex(salt.position === 'append' ? text + salt.secret : salt.secret + text)
}

function hasEmpty(fields: PayproFields): boolean {
  for (const value of fields.values()) if (value === '' || value === null) return true
  return false
}
