import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestPeople, type TestPeople } from '../../test/people-kit.ts'
import { openTestStore, type TestStore } from '../../test/store-kit.ts'
import { createSignIn } from '../desk/sign-in.ts'
import { systemClock } from '../lib/clock.ts'
import { createPasswords } from '../lib/password.ts'
import { systemRandom } from '../lib/random.ts'
import { openSignInStore } from '../store/sign-in-store.ts'
import { SANDBOX_PEOPLE, setUpSandboxPeople } from './sandbox-people.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let db: TestStore
let kit: TestPeople
beforeAll(async () => {
  db = await openTestStore(1n)
  kit = openTestPeople(db)
})
afterAll(() => db.close())

test('the demo lets in three people once, and gives them a new password at every start', async () => {
  const signIns = openSignInStore({ pool: db.pool })
  const passwords = createPasswords(systemRandom, { log2N: 4, r: 8, p: 1 })
  const parts = { ...kit, signIns, passwords, random: systemRandom, clock: systemClock }
  const first = await setUpSandboxPeople(parts)
  const second = await setUpSandboxPeople(parts)
  expect(first).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  expect(second).not.toBe(first)
  const persons = await kit.people.listPersons()
  expect(persons.map(({ name, active }) => ({ name, active }))).toEqual(
    SANDBOX_PEOPLE.map(({ name }) => ({ name, active: true })),
  )
  const desk = createSignIn({ ...parts, sandbox: true })
  for (const { email, roles } of SANDBOX_PEOPLE) {
    expect(await desk.signIn({ email, password: first, code: null })).toMatchObject({
      code: 'unauthenticated',
    })
    const said = await desk.signIn({ email, password: second, code: null })
    if (said.kind === 'refused') throw new Error(said.code)
    const { grants } = said.session.by.person
    expect(grants.map(({ role }) => role).sort()).toEqual([...roles].sort())
    expect(grants.every(({ merchantId }) => merchantId === null)).toBe(true)
  }
})
