// What the API is handed for signing in, as a type of its own. Everything in it may throw Unavailable.
import type { Person } from '../store/people-store.ts'
import type { ApiPerson, ApiRefused } from './people-needs.ts'

/** A person who came with a session: what its browser was given, and until when. */
export interface ApiSession {
  readonly by: ApiPerson
  readonly email: string
  /** What every write has to bring beside the cookie. */
  readonly token: string
  readonly expiresAtMs: number
}

export interface ApiSignedIn {
  readonly kind: 'signed_in'
  readonly session: ApiSession
  /** The whole secret, for the cookie alone. */
  readonly secret: string
}

export interface ApiSessions {
  /** Null: it is none, or has ended. */
  find(secret: string): Promise<ApiSession | null>
  signIn(given: {
    readonly email: string
    readonly password: string
    readonly code: string | null
  }): Promise<ApiSignedIn | ApiRefused>
  end(session: ApiSession): Promise<void>
  setPassword(given: {
    readonly link: string
    readonly password: string
    readonly code: string
  }): Promise<
    { readonly kind: 'set'; readonly person: Pick<Person, 'personId'>; readonly email: string } | ApiRefused
  >
  /** The person's own code of this moment; null where nobody is told one, as in every installation but the demo. */
  ownCode(by: ApiPerson): Promise<string | null>
  /** In the demo, which is plain HTTP on this machine, the cookie is not for secure connections alone. */
  readonly sandbox: boolean
  /** Where the console is reached; a write from any other origin is refused. */
  origins(): readonly string[]
}
