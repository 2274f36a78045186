// What signing in needs of the store, an interface of its own under the same rules as store.ts. Each function is one whole
// transaction and may throw `Unavailable`: then nobody is signed in, and asking again tells.
import type { Pool } from './postgres.ts'
import * as signIn from './sign-in.ts'
import { wholeStatements } from './whole.ts'

export type {
  FoundSession,
  LinkMade,
  LinkUse,
  LinkUsed,
  NewLink,
  NewSession,
  SignInBegun,
} from './sign-in.ts'

export interface SignInStore {
  /** Counts a try at this address, before its password is looked at. */
  beginSignIn(email: string): Promise<signIn.SignInBegun>
  /** The password was wrong: the try stays, and is recorded. */
  refuseSignIn(email: string, personId: string | null): Promise<void>
  /** It was right: that try counts for nothing. */
  passSignIn(tryNo: bigint): Promise<void>
  /** Whether this person may do more than look; somebody who is not there may not even do that. */
  needsFactor(personId: string): Promise<boolean>
  /** False: the person was stopped, or its password changed, since it was looked at. */
  beginSession(session: signIn.NewSession): Promise<boolean>
  /** The session that holds, and that it was seen. */
  findSession(hash: Uint8Array): Promise<signIn.FoundSession | null>
  endSession(sessionId: string): Promise<boolean>
  makeLink(link: signIn.NewLink): Promise<signIn.LinkMade>
  /** The person that an open link is for. */
  findLink(hash: Uint8Array): Promise<string | null>
  /** Sets a password and ends every session of the person, where link and code are good; else nothing. */
  useLink(use: signIn.LinkUse): Promise<signIn.LinkUsed>
  /** For the demo, whose people have an address of the sandbox; refused for every other. */
  putSandboxPassword(of: Parameters<typeof signIn.putSandboxPassword>[1]): Promise<void>
  findByEmail(email: string): Promise<string | null>
  holdsSandboxPeople(): Promise<boolean>
}

export function openSignInStore({ pool }: { pool: Pool }): SignInStore {
  const whole = wholeStatements(pool)
  return {
    beginSignIn: email => signIn.beginSignIn(whole, email),
    refuseSignIn: (email, personId) => signIn.refuseSignIn(whole, email, personId),
    passSignIn: tryNo => signIn.passSignIn(whole, tryNo),
    needsFactor: personId => signIn.needsFactor(whole, personId),
    beginSession: session => signIn.beginSession(whole, session),
    findSession: hash => signIn.findSession(whole, hash),
    endSession: sessionId => signIn.endSession(whole, sessionId),
    makeLink: link => signIn.makeLink(whole, link),
    findLink: hash => signIn.findLink(whole, hash),
    useLink: use => signIn.useLink(whole, use),
    putSandboxPassword: of => signIn.putSandboxPassword(whole, of),
    findByEmail: email => signIn.findByEmail(whole, email),
    holdsSandboxPeople: () => signIn.holdsSandboxPeople(whole),
  }
}
