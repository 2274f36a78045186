// Signing in (SECURITY.md section 4): an address, a password, and for whoever may do more than look the code of the second
// factor. What is wrong is never told apart: an unknown address takes the same work and gets the same words as a wrong
// password. Secrets of sessions and links are made here, shown once, and kept as hashes.

import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { hmacSha256, sha256 } from '../lib/digest.ts'
import { oneTimeCode, stepNow, stepOfCode } from '../lib/one-time-code.ts'
import { type Passwords, PasswordsBusy } from '../lib/password.ts'
import type { Random } from '../lib/random.ts'
import type { PeopleStore, Person } from '../store/people-store.ts'
import type { LinkMade, SignInBegun, SignInStore } from '../store/sign-in-store.ts'
import { type HostActor, type PersonActor, whoIs } from './actor.ts'
import { passwordProblem } from './common-passwords.ts'
import { ID_ALPHABET } from './proposals.ts'
import { type Refused, refused } from './refused.ts'

export interface SignInDesk {
  /** Null: it is none that holds. */
  find(secret: string): Promise<Session | null>
  signIn(given: SignInGiven): Promise<SignedIn | Refused>
  end(session: Session): Promise<void>
  setPassword(given: PasswordGiven): Promise<PasswordSet | Refused>
  /** For whoever sits at the host; `email` null: the one that the person has. */
  makeLink(host: HostActor, personId: string, email: string | null): Promise<LinkGiven>
  /** The person's own code of this moment; null where nobody is told one. */
  ownCode(by: PersonActor): Promise<string | null>
}

export interface SignInParts {
  readonly signIns: SignInStore
  readonly people: Pick<PeopleStore, 'findFactor' | 'useCode'>
  readonly passwords: Passwords
  readonly clock: Clock
  readonly random: Random
  /** The demo: its people need no second factor to sign in, and are told their codes. */
  readonly sandbox: boolean
}

export interface Session {
  readonly by: PersonActor
  readonly email: string
  /** Derived from the secret: whoever cannot read the cookie cannot make it. */
  readonly token: string
  readonly expiresAtMs: number
}

export interface SignInGiven {
  readonly email: string
  readonly password: string
  readonly code: string | null
}

export interface SignedIn {
  readonly kind: 'signed_in'
  readonly session: Session
  readonly secret: string
}

export interface PasswordGiven {
  readonly link: string
  readonly password: string
  readonly code: string
}

export interface PasswordSet {
  readonly kind: 'set'
  readonly person: Pick<Person, 'personId'>
  readonly email: string
}

/** `link`: shown this once. */
export type LinkGiven =
  | { readonly kind: 'made'; readonly email: string; readonly link: string }
  | Exclude<LinkMade, { readonly kind: 'made' }>

export function createSignIn(parts: SignInParts): SignInDesk {
  const { signIns, people, clock, random, sandbox } = parts
  return {
    find: secret => findSession(parts, secret),
    signIn: given => signIn(parts, given),
    end: async ({ by }) => {
      await signIns.endSession(by.credential)
    },
    setPassword: given => setPassword(parts, given),
    async makeLink(host, personId, email) {
      const link = `ql_${newSecret(random)}`
      const asked = { hash: sha256(link), personId, email: email?.toLowerCase() ?? null, by: whoIs(host) }
      const made = await signIns.makeLink(asked)
      return made.kind === 'made' ? { ...made, link } : made
    },
    async ownCode({ person }) {
      const factor = sandbox ? await people.findFactor(person.personId) : null
      return factor === null ? null : oneTimeCode(factor, stepNow(clock.now()))
    },
  }
}

async function signIn(
  parts: SignInParts,
  { email, password, code }: SignInGiven,
): Promise<SignedIn | Refused> {
  const { signIns, random } = parts
  const address = email.toLowerCase()
  const tried = await tryPassword(parts, address, password)
  if (tried === null) return WRONG
  if (tried.begun.kind === 'locked') return locked(tried.begun.waitMs)
  const { tryNo, personId, password: stored } = tried.begun
  if (!tried.right || personId === null || stored === null) {
    await signIns.refuseSignIn(address, personId)
    return WRONG
  }
  await signIns.passSignIn(tryNo)

  const secret = `qs_${newSecret(random)}`
  const sessionId = `se_${random.text(ID_ALPHABET, 12)}`
  const factor = await secondFactor(parts, personId, sessionId, code)
  if (factor !== null) return factor
  const begun = await signIns.beginSession({ sessionId, personId, hash: sha256(secret), password: stored })
  const session = begun ? await findSession(parts, secret) : null
  return session === null ? WRONG : { kind: 'signed_in', session, secret }
}

interface Tried {
  readonly begun: SignInBegun
  readonly right: boolean
}

/** The try is counted when its turn has come, before the password is looked at. */
async function tryPassword(
  { signIns, passwords }: SignInParts,
  address: string,
  password: string,
): Promise<Tried | null> {
  let begun: SignInBegun | null = null
  const right = await inTurn(() =>
    passwords.matches(password, async () => {
      begun = await signIns.beginSignIn(address)
      return begun.kind === 'locked' ? null : { stored: begun.password }
    }),
  )
  return begun === null ? null : { begun, right }
}

/** Null, or what stands in the way. Whoever may only look needs none. */
async function secondFactor(
  { signIns, people, clock, sandbox }: SignInParts,
  personId: string,
  credential: string,
  code: string | null,
): Promise<Refused | null> {
  if (sandbox || !(await signIns.needsFactor(personId))) return null
  if (code === null) return refused('second_factor_required', 'Send the code of your authenticator as well.')
  const factor = await people.findFactor(personId)
  const step = factor === null ? null : stepOfCode(factor, code, clock.now())
  switch (await people.useCode(personId, credential, step)) {
    case 'ok':
      return null
    case 'wrong':
    case 'used':
      return WRONG
    case 'locked':
      return locked(CODES_MS)
  }
}

async function setPassword(
  { signIns, people, passwords, clock }: SignInParts,
  { link, password, code }: PasswordGiven,
): Promise<PasswordSet | Refused> {
  const problem = passwordProblem(password)
  if (problem !== null) return refused('password_refused', problem)
  const hash = sha256(link)
  const personId = await signIns.findLink(hash)
  if (personId === null) return NO_LINK
  const factor = await people.findFactor(personId)
  const codeStep = factor === null ? null : stepOfCode(factor, code, clock.now())
  const stored = await inTurn(() => passwords.hash(password))
  const used = await signIns.useLink({ hash, codeStep, password: stored })
  switch (used.kind) {
    case 'set':
      return { kind: 'set', person: { personId: used.personId }, email: used.email }
    case 'not_open':
    case 'taken':
      return NO_LINK
    case 'code':
      if (used.said === 'locked') return locked(CODES_MS)
      return refused(
        'one_time_code_refused',
        'The code is not the one that is shown now, or was used before.',
      )
  }
}

async function findSession({ signIns }: SignInParts, secret: string): Promise<Session | null> {
  const found = await signIns.findSession(sha256(secret))
  if (found === null) return null
  const { sessionId: credential, person, email, expiresAtMs } = found
  return { by: { kind: 'person', person, credential }, email, token: tokenOf(secret), expiresAtMs }
}

function tokenOf(secret: string): string {
  return Buffer.from(hmacSha256(secret, 'quittance token')).toString('base64url')
}

/** 62 characters 43 times are 256 bits. */
function newSecret(random: Random): string {
  return random.text('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 43)
}

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PasswordsBusy)) throw error
    throw new Unavailable('overloaded', 'too many sign in at once', error)
  }
}

function locked(waitMs: number): Refused {
  return { ...refused('locked', 'Too many tries; wait.'), waitMs }
}

/** Wrong codes are counted over a quarter of an hour. */
const CODES_MS = 15 * 60 * 1000

/** One answer for whatever was wrong. */
const WRONG = refused('unauthenticated', 'Address, password or code is wrong.')
const NO_LINK = refused('unauthenticated', 'The link was used, is too old, or is none.')
