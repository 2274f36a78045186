// Base64 as a signed document needs it: each value has one spelling, and every other one is refused. The decoder of the
// platform looks through blanks, wrong letters and stray bits, and two spellings of one signature would be two documents.

/** Base64url without padding (RFC 7515 section 2). */
export function base64url(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString('base64url')
}

/** The bytes, or null where the text is not exactly what `base64url` writes. */
export function fromBase64url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

/** The same for Base64 with padding (RFC 4648 section 4). */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}
