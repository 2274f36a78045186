// What tests of sign-in begin with: people who have an address and a password, over a cheap hash.
import { createSignIn, type SignInDesk } from '../src/desk/sign-in.ts'
import { type Clock, systemClock } from '../src/lib/clock.ts'
import { createPasswords, type Passwords } from '../src/lib/password.ts'
import { systemRandom } from '../src/lib/random.ts'
import type { Role } from '../src/payout/role.ts'
import { openSignInStore, type SignInStore } from '../src/store/sign-in-store.ts'
import type { TestPeople, TestPerson } from './people-kit.ts'
import type { TestStore } from './store-kit.ts'

export const PASSWORD = 'seven green bicycles sleep'

export interface TestSignIn {
  readonly signIns: SignInStore
  readonly desk: SignInDesk
  readonly passwords: Passwords
  /** With a password, by a link as everybody. */
  person(roles: readonly Role[], merchantId?: string | null): Promise<TestPerson & { readonly email: string }>
}

export function openTestSignIn(
  db: Pick<TestStore, 'pool'>,
  people: TestPeople,
  { sandbox = false, clock = systemClock }: { sandbox?: boolean; clock?: Clock } = {},
): TestSignIn {
  const signIns = openSignInStore({ pool: db.pool })
  const passwords = createPasswords(systemRandom, { log2N: 4, r: 8, p: 1 })
  const parts = { signIns, people: people.people, passwords, clock, random: systemRandom, sandbox }
  const desk = createSignIn(parts)
  return {
    signIns,
    desk,
    passwords,
    async person(roles, merchantId = null) {
      const person = await people.person(roles, { merchantId })
      const email = `${person.personId}@example.com`
      const made = await desk.makeLink({ kind: 'host', user: 'test' }, person.personId, email)
      if (made.kind !== 'made') throw new Error(made.kind)
      const set = await desk.setPassword({ link: made.link, password: PASSWORD, code: person.code() })
      if (set.kind !== 'set') throw new Error(set.detail)
      return { ...person, email }
    },
  }
}
