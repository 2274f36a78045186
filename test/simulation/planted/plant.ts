// Plants a bug in this process: from here on, whoever imports a patched file gets the copy. To be called before any code
// under test is loaded.
import { type Patch, patchFiles } from '../../patch.ts'
import { patchesOf } from './patched.ts'
import type { Planted } from './planted.ts'

/**
 * Signatures that cost nothing: the RSA of one request takes longer than all the rest of its payout. Whether a signature
 * is right is tried with openssl elsewhere; here it only has to be the same on both sides and fit no other text.
 */
const RSA = 'src/lib/rsa.ts'
const CHEAP_KEYS: readonly Patch[] = [
  { file: RSA, from: '  generateKeyPairSync,', to: '  generateKeyPairSync,\n  hash,' },
  {
    file: RSA,
    from: "return sign('sha256', Buffer.from(text), key)",
    to: "return Buffer.alloc(256, hash('sha256', text, 'buffer'))",
  },
  {
    file: RSA,
    from: "return verify('sha256', Buffer.from(text), key, signature)",
    to: "return Buffer.alloc(256, hash('sha256', text, 'buffer')).equals(signature)",
  },
  ...(
    [
      ['private', 'createPrivateKey'],
      ['public', 'createPublicKey'],
    ] as const
  ).map(([kind, open]) => ({
    file: RSA,
    from: `return read('${kind}', () => ${open}({ key: pem, format: 'pem' }))`,
    to: `return remembered('${kind}', pem, () => read('${kind}', () => ${open}({ key: pem, format: 'pem' })))`,
  })),
  {
    file: RSA,
    from: "function read(kind: 'private' | 'public'",
    to: `const keys = { private: new Map<string, RsaKey>(), public: new Map<string, RsaKey>() }
function remembered(kind: 'private' | 'public', pem: string, read: () => RsaKey): RsaKey {
  const key = keys[kind].get(pem) ?? read()
  keys[kind].set(pem, key)
  return key
}
function read(kind: 'private' | 'public'`,
  },
]

/** Null: no bug, only what makes histories cheap. @throws where a patch does not fit its file exactly once */
export function plant(planted: Planted | null): void {
  patchFiles([...CHEAP_KEYS, ...(planted === null ? [] : patchesOf(planted))])
}
