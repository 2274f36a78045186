export interface SealKey {
  /** 1 to 32 of `A-Z a-z 0-9 _ -`; stands in every text that this key sealed. */
  readonly id: string
  /** 32 random bytes. */
  readonly key: Uint8Array
}

export type MasterKeys =
  | { readonly ok: true; readonly keys: readonly SealKey[] }
  /** `why` names the rule and the place in the list, never a part of a key: it is printed at start. */
  | { readonly ok: false; readonly why: string }

/**
 * Reads `id:base64[,id:base64…]`, each key 32 bytes in standard Base64 with padding. Refused are also keys that are
 * plainly not random: text, few different bytes, or bytes that count up or down. A random key is refused by mistake with
 * a chance below one in 10^13.
 */
export function parseMasterKeys(text: string): MasterKeys {
  const entries = text.split(',', SEAL_KEYS_MAX + 1)
  if (entries.length > SEAL_KEYS_MAX) return refuse(`more than ${SEAL_KEYS_MAX} keys`)
  const keys: SealKey[] = []
  for (const [index, entry] of entries.entries()) {
    const place = `key ${index + 1}`
    const parts = ENTRY.exec(entry)
    if (parts === null) return refuse(`${place} is not <id>:<base64>`)
    const [, id = '', base64 = ''] = parts
    const key = Buffer.from(base64, 'base64')
    // Compared with what it decodes to: the decoder would look through characters that do not belong there.
    if (key.toString('base64') !== base64) return refuse(`${place} is not standard Base64 with padding`)
    if (key.length !== SEAL_KEY_BYTES)
      return refuse(`${place} has ${key.length} bytes, not ${SEAL_KEY_BYTES}`)
    if (isWeak(key)) return refuse(`${place} is weak: it is not made of random bytes`)
    if (!SEAL_KEY_ID.test(id)) return refuse(`${place} has an id that is not 1 to 32 of A-Z a-z 0-9 _ -`)
    if (keys.some(known => known.id === id)) return refuse(`${place} has the id of another key`)
    if (keys.some(known => key.equals(known.key))) return refuse(`${place} is another key again`)
    keys.push({ id, key: Uint8Array.from(key) })
  }
  return { ok: true, keys }
}

export const SEAL_KEYS_MAX = 16
export const SEAL_KEY_BYTES = 32
export const SEAL_KEY_ID = /^[A-Za-z0-9_-]{1,32}$/

const ENTRY = /^([^:]*):([^:]+)$/

/** Of 32 random bytes about 30 differ from each other. */
const DIFFERENT_BYTES_MIN = 16

function isWeak(key: Uint8Array): boolean {
  const steps = Array.from(key.subarray(1), (byte, index) => (byte - (key[index] ?? 0)) & 0xff)
  const isText = key.every(byte => byte >= 0x20 && byte < 0x7f)
  return isText || new Set(key).size < DIFFERENT_BYTES_MIN || new Set(steps).size === 1
}

function refuse(why: string): MasterKeys {
  return { ok: false, why }
}
