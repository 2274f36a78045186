// The people of the demo: three of them, so that whoever tries it can be the one who proposes, the other one who confirms, and
// one who may only look. They get a new password at every start, which is printed; nothing else opens the console.
import type { PeopleDesk } from '../desk/people.ts'
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import { oneTimeCode, stepNow } from '../lib/one-time-code.ts'
import type { Passwords } from '../lib/password.ts'
import type { Random } from '../lib/random.ts'
import { ROLES, type Role } from '../payout/role.ts'
import type { PeopleStore } from '../store/people-store.ts'
import type { SignInStore } from '../store/sign-in-store.ts'

export interface SandboxPerson {
  readonly email: string
  readonly name: string
  readonly roles: readonly Role[]
}

export const SANDBOX_PEOPLE: readonly SandboxPerson[] = [
  { email: 'admin@sandbox.local', name: 'Sandbox admin', roles: ROLES },
  { email: 'approver@sandbox.local', name: 'Sandbox approver', roles: ['approver', 'operator', 'viewer'] },
  { email: 'viewer@sandbox.local', name: 'Sandbox viewer', roles: ['viewer'] },
]

const HOST = { kind: 'host', user: 'demo' } as const

export interface SandboxPeopleParts {
  readonly desk: PeopleDesk
  readonly people: PeopleStore
  readonly signIns: SignInStore
  readonly passwords: Passwords
  readonly random: Random
  readonly clock: Clock
}

/** Lets in whoever is not there yet. @returns the password of all of them */
export async function setUpSandboxPeople(parts: SandboxPeopleParts): Promise<string> {
  const { signIns, passwords, random } = parts
  const password = Array.from({ length: 4 }, () => random.text(READABLE, 5)).join('-')
  const hash = await passwords.hash(password)
  for (const person of SANDBOX_PEOPLE) {
    const known = await signIns.findByEmail(person.email)
    const personId = known ?? (await letIn(person, parts))
    await signIns.putSandboxPassword({ personId, email: person.email, password: hash })
  }
  return password
}

/** Without letters that look alike: it is read from a terminal and typed into a page. */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789'

/** The first two of an installation the host lets in; the third one takes a proposal and the admin's word, as anywhere. */
async function letIn({ name, roles }: SandboxPerson, parts: SandboxPeopleParts): Promise<string> {
  const { desk, people, clock } = parts
  const grants = roles.map(role => ({ merchantId: null, role }))
  const made = await desk.addPerson(HOST, { name, grants, live: false })
  if (made.said === 'let_in') return made.personId
  const admin = (await people.listPersons()).find(
    person => person.active && person.grants.some(({ role }) => role === 'admin'),
  )
  const factor = admin === undefined ? null : await people.findFactor(admin.personId)
  assert(admin !== undefined && factor !== null && made.proposalId !== null, 'the demo has an admin')
  const by = { kind: 'person', person: admin, credential: 'host:demo' } as const
  const confirmed = await desk.confirm(by, made.proposalId, oneTimeCode(factor, stepNow(clock.now())))
  assert(confirmed.kind === 'found', 'the admin of the demo lets the third one in')
  return made.personId
}
