// Who signs a request that is tried by hand: what was given, and the sandbox's own client where nothing was.
import type { DoorCredential, Protocol, SandboxCredential, SandboxKeys } from './protocol.ts'

export interface CredentialGiven {
  readonly id: string | null
  readonly secret: string | null
  readonly settings: Readonly<Record<string, string>>
  /** PEM; the public half is enough to explain a request, and the private one is needed to sign. */
  readonly keys: Partial<SandboxKeys> | null
}

/** One client from its own side, and as the door knows it. */
export interface ClientByHand {
  /** A private key is PEM text in `settings.private_key`. */
  readonly client: SandboxCredential
  /** A public key is PEM text in `settings.public_key`. */
  readonly door: DoorCredential
}

/** The client, or the sentence that says what is missing, without a secret in it. */
export function clientByHand(protocol: Protocol, given: CredentialGiven): ClientByHand | string {
  const sandbox = sandboxClient(protocol, given.keys)
  const publicId = given.id ?? sandbox?.publicId
  if (publicId === undefined) return `an id says who signs: ${protocol.name} has no sandbox credential`
  // What the sandbox knows of its own client says nothing about another one.
  const isOther = sandbox === null || (publicId !== sandbox.publicId && publicId !== sandbox.settings.api_key)
  const settings = { ...(isOther ? {} : sandbox.settings), ...given.settings }
  const secret = given.secret ?? (isOther ? '' : sandbox.secret)
  const { privateKey, publicKey } = given.keys ?? {}
  return {
    client: {
      publicId,
      secret,
      settings: privateKey === undefined ? settings : { private_key: privateKey, ...settings },
    },
    door: {
      door: protocol.name,
      publicId: isOther ? publicId : sandbox.publicId,
      merchantId: 'by-hand',
      secret,
      active: true,
      settings:
        publicKey === undefined
          ? settings
          : { ...settings, public_key: given.settings.public_key ?? publicKey },
    },
  }
}

/** The sandbox merchant at this door; null where it has none, or its key is not known. */
export function sandboxClient(
  { sandbox }: Protocol,
  keys: Partial<SandboxKeys> | null,
): SandboxCredential | null {
  if (sandbox === null) return null
  const { privateKey = '', publicKey } = keys ?? {}
  // What the door knows of it is made of the public half alone.
  const whole = publicKey === undefined ? null : { privateKey, publicKey }
  return sandbox.needsKeys && whole === null ? null : (sandbox.credentials(whole)[0] ?? null)
}
