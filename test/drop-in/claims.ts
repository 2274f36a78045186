// What each vector claims: this digest is made of that text in this way. The texts are those of the vectors; where an
// entry prints none (bodies at the door, mistakes described in words) it is put together here as the document says,
// from nothing but the entry.

export type Claim =
  | {
      readonly id: string
      /** As it stands in the vector. */
      readonly stated: string
      readonly made:
        | 'md5'
        | 'sha1'
        | 'sha256'
        | 'rsa-sha256'
        | 'rsa-sha1'
        | 'rsa-pss'
        | { readonly hmac: string }
      readonly of: string
      readonly form: Form
      /** For a signature that must be refused: the text that the right one is made of. */
      readonly insteadOf?: string
    }
  /** Nobody can make it: its secret is not published, or it is plainly none. */
  | { readonly id: string; readonly stated: string; readonly made: 'none'; readonly why: string }

/** How the bytes are written down; `cut` lacks its end. */
export type Form = 'hex' | 'base64' | 'escaped' | 'upper' | 'newline' | 'space' | 'cut' | 'base64-cut'

export function written(bytes: Buffer, form: Form): string {
  switch (form) {
    case 'hex':
      return bytes.toString('hex')
    case 'base64':
      return bytes.toString('base64')
    case 'escaped':
      return encodeURIComponent(bytes.toString('base64'))
    case 'upper':
      return bytes.toString('hex').toUpperCase()
    case 'newline':
      return `${bytes.toString('hex')}\n`
    case 'space':
      return ` ${bytes.toString('hex')}`
    case 'cut':
      return bytes.toString('hex').slice(0, -1)
    case 'base64-cut':
      return bytes.subarray(0, -1).toString('base64')
  }
}

/** The mistakes that are made in writing down the right digest. */
export const WRITING: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['uppercase', 'upper'],
  ['trailing-newline-in-sign', 'newline'],
  ['trailing-newline-in-signature', 'newline'],
  ['leading-space', 'space'],
  ['truncated', 'cut'],
  ['base64', 'base64'],
])

/** Zeros, nothing, and the place-holder of a body that is to be signed. */
export function isPlainlyNone(stated: string): boolean {
  return /^0*$/.test(stated) || stated === '?'
}

/** The mistake an entry names: `paypro-neg-uppercase` → `uppercase`. */
export function mistakeOf(id: string): string {
  return id.replace(/^.*?-neg-/, '')
}
