// Signing in, as far as the database and the desk keep it (SECURITY.md section 4).
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openTestPeople, type TestPeople } from '../../test/people-kit.ts'
import { openTestSignIn, PASSWORD, type TestSignIn } from '../../test/sign-in-kit.ts'
import { openTestStore, type TestStore } from '../../test/store-kit.ts'
import { sha256 } from '../lib/digest.ts'
import type { SignedIn } from './sign-in.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let db: TestStore
let people: TestPeople
let kit: TestSignIn
const HOST = { kind: 'host', user: 'test' } as const

beforeAll(async () => {
  db = await openTestStore(1n)
  people = openTestPeople(db)
  kit = openTestSignIn(db, people)
})
afterAll(() => db.close())

type Person = Awaited<ReturnType<TestSignIn['person']>>

async function signedIn(person: Person): Promise<SignedIn> {
  const said = await kit.desk.signIn({ email: person.email, password: PASSWORD, code: person.code() })
  if (said.kind === 'refused') throw new Error(said.code)
  return said
}

function wrong(email: string, password = 'not the password') {
  return kit.desk.signIn({ email, password, code: null })
}

async function acts(subject: string): Promise<readonly string[]> {
  const { rows } = await db.pool.query<{ what: string }>(
    'select what from act where subject = $1 order by act_no',
    [subject],
  )
  return rows.map(({ what }) => what)
}

/** As if it had been so much earlier. */
async function earlier(table: string, column: string, by: string, where: string): Promise<void> {
  await db.pool.query(`alter table ${table} disable trigger user`)
  await db.pool.query(`update ${table} set ${column} = ${column} - interval '${by}' where ${where}`)
  await db.pool.query(`alter table ${table} enable trigger user`)
}

test('address, password and code begin a session, which is found by its secret and by nothing else', async () => {
  const person = await kit.person(['operator'])
  const { session, secret } = await signedIn(person)
  expect(session.by.person).toMatchObject({ personId: person.personId, grants: [{ role: 'operator' }] })
  expect(session.email).toBe(person.email)
  expect(await kit.desk.find(secret)).toEqual(session)
  for (const other of [`${secret}x`, secret.slice(0, -1), secret.toLowerCase(), '', session.token])
    expect(await kit.desk.find(other)).toBeNull()
  const { rows } = await db.pool.query('select hash from session where session_id = $1', [
    session.by.credential,
  ])
  expect(rows[0].hash).toEqual(Buffer.from(sha256(secret)))
  expect(await acts(person.personId)).toEqual([
    'add_person',
    'make_sign_in_link',
    'use_sign_in_link',
    'sign_in',
  ])
})

test('the letters of an address may be large, those of a password may not', async () => {
  const person = await kit.person(['viewer'])
  const email = person.email.toUpperCase()
  expect((await kit.desk.signIn({ email, password: PASSWORD, code: null })).kind).toBe('signed_in')
  expect(await wrong(person.email, PASSWORD.toUpperCase())).toMatchObject({ code: 'unauthenticated' })
})

test('whoever may do more than look needs the code, and each code once', async () => {
  const person = await kit.person(['viewer', 'approver'])
  const given = { email: person.email, password: PASSWORD }
  expect(await kit.desk.signIn({ ...given, code: null })).toMatchObject({ code: 'second_factor_required' })
  expect(await kit.desk.signIn({ ...given, code: '000000' })).toMatchObject({ code: 'unauthenticated' })
  const code = person.code()
  expect((await kit.desk.signIn({ ...given, code })).kind).toBe('signed_in')
  expect(await kit.desk.signIn({ ...given, code })).toMatchObject({ code: 'unauthenticated' })
  const viewer = await kit.person(['viewer'])
  expect((await kit.desk.signIn({ email: viewer.email, password: PASSWORD, code: null })).kind).toBe(
    'signed_in',
  )
})

test('an unknown address gets the words of a wrong password, and is locked like one that is known', async () => {
  const person = await kit.person(['viewer'])
  for (const email of [person.email, 'nobody@example.com']) {
    const first = await wrong(email)
    expect(first).toMatchObject({ kind: 'refused', code: 'unauthenticated' })
    for (let tries = 2; tries <= 5; tries += 1) expect(await wrong(email)).toEqual(first)
    const sixth = await wrong(email)
    expect(sixth).toMatchObject({ code: 'locked' })
    expect('waitMs' in sixth && sixth.waitMs).toBeGreaterThan(14 * 60_000)
    expect('waitMs' in sixth && sixth.waitMs).toBeLessThanOrEqual(15 * 60_000)
  }
  expect(await wrong(person.email, PASSWORD)).toMatchObject({ code: 'locked' })
  expect(await acts(person.personId)).toEqual(
    expect.arrayContaining([...Array(5).fill('wrong_password'), 'lock_out']),
  )
  expect((await db.pool.query("select from act where who = 'nobody' and what = 'lock_out'")).rowCount).toBe(1)

  await db.pool.query("update sign_in_try set at = at - interval '15 minutes'")
  expect(await wrong(person.email, PASSWORD)).toMatchObject({ kind: 'signed_in' })
})

test('right passwords do not count, and of many tries at once no more than five are looked at', async () => {
  const person = await kit.person(['viewer'])
  for (let again = 0; again < 7; again += 1)
    expect((await kit.desk.signIn({ email: person.email, password: PASSWORD, code: null })).kind).toBe(
      'signed_in',
    )
  const many = await Promise.all(Array.from({ length: 12 }, () => wrong(person.email)))
  const codes = many.map(one => (one.kind === 'refused' ? one.code : one.kind))
  expect(codes.filter(code => code === 'unauthenticated')).toHaveLength(5)
  expect(codes.filter(code => code === 'locked')).toHaveLength(7)
})

test('a session ends after 30 quiet minutes and after 12 hours, by the clock of the database', async () => {
  const person = await kit.person(['viewer'])
  const quiet = await signedIn(person)
  const where = `session_id = '${quiet.session.by.credential}'`
  await earlier('session', 'seen_at', '29 minutes', where)
  expect(await kit.desk.find(quiet.secret)).not.toBeNull()
  // It was seen just now, so another 29 minutes are none too many.
  await earlier('session', 'seen_at', '29 minutes', where)
  expect(await kit.desk.find(quiet.secret)).not.toBeNull()
  await earlier('session', 'seen_at', '30 minutes', where)
  expect(await kit.desk.find(quiet.secret)).toBeNull()

  const long = await signedIn(person)
  await earlier('session', 'begun_at', '12 hours', `session_id = '${long.session.by.credential}'`)
  expect(await kit.desk.find(long.secret)).toBeNull()
})

test('signing out ends that session alone, and every sign-in begins another one', async () => {
  const person = await kit.person(['viewer'])
  const [one, other] = [await signedIn(person), await signedIn(person)]
  expect(one.secret).not.toBe(other.secret)
  expect(one.session.token).not.toBe(other.session.token)
  await kit.desk.end(one.session)
  expect(await kit.desk.find(one.secret)).toBeNull()
  expect(await kit.desk.find(other.secret)).not.toBeNull()
  expect(await acts(person.personId)).toContain('sign_out')
})

test('of more than ten sessions the oldest ends', async () => {
  const person = await kit.person(['viewer'])
  const all: SignedIn[] = []
  for (let count = 0; count < 11; count += 1) {
    const said = await kit.desk.signIn({ email: person.email, password: PASSWORD, code: null })
    if (said.kind === 'signed_in') all.push(said)
  }
  const held = await Promise.all(all.map(({ secret }) => kit.desk.find(secret)))
  expect(held.map(session => session !== null)).toEqual([false, ...Array(10).fill(true)])
})

test('a person who was stopped, or whose rights changed, has no session any more', async () => {
  const stopped = await kit.person(['viewer'])
  const before = await signedIn(stopped)
  await people.people.stopPerson(stopped.personId, 'host:test')
  expect(await kit.desk.find(before.secret)).toBeNull()
  const { rows } = await db.pool.query('select ended_why from session where person_id = $1', [
    stopped.personId,
  ])
  expect(rows).toEqual([{ ended_why: 'stopped' }])
  expect(await wrong(stopped.email, PASSWORD)).toMatchObject({ code: 'unauthenticated' })

  const changed = await kit.person(['viewer', 'maker'])
  const more = await signedIn(changed)
  await db.pool.query("delete from person_role where person_id = $1 and role = 'maker'", [changed.personId])
  expect(await kit.desk.find(more.secret)).toBeNull()
})

test('a link sets a password once, with the code of its person, and ends every session', async () => {
  const person = await kit.person(['viewer'])
  const { secret } = await signedIn(person)
  const made = await kit.desk.makeLink(HOST, person.personId, null)
  if (made.kind !== 'made') throw new Error(made.kind)
  const { link } = made
  const password = 'another long password of theirs'
  expect(await kit.desk.setPassword({ link, password: 'short', code: person.code() })).toMatchObject({
    code: 'password_refused',
  })
  expect(await kit.desk.setPassword({ link, password, code: '000000' })).toMatchObject({
    code: 'one_time_code_refused',
  })
  expect(await kit.desk.find(secret)).not.toBeNull()
  const other = await people.person(['viewer'])
  expect(await kit.desk.setPassword({ link, password, code: other.code() })).toMatchObject({
    code: 'one_time_code_refused',
  })
  await db.pool.query('delete from wrong_code')
  expect(await useWithFreshCode(person, link, password)).toMatchObject({ kind: 'set', email: person.email })
  expect(await kit.desk.find(secret)).toBeNull()
  expect(await wrong(person.email, PASSWORD)).toMatchObject({ code: 'unauthenticated' })
  expect((await kit.desk.signIn({ email: person.email, password, code: null })).kind).toBe('signed_in')
  expect(await useWithFreshCode(person, link, 'a third password of them all')).toMatchObject({
    code: 'unauthenticated',
  })
})

test('a link that is too old, that another one took the place of, or that nobody made is none', async () => {
  const old = await kit.person(['viewer'])
  const made = await kit.desk.makeLink(HOST, old.personId, null)
  if (made.kind !== 'made') throw new Error(made.kind)
  await db.pool.query('alter table sign_in_link disable trigger user')
  await db.pool.query(
    "update sign_in_link set made_at = made_at - interval '15 minutes', expires_at = expires_at - interval '15 minutes' where person_id = $1",
    [old.personId],
  )
  await db.pool.query('alter table sign_in_link enable trigger user')
  const again = await kit.desk.makeLink(HOST, old.personId, null)
  const third = await kit.desk.makeLink(HOST, old.personId, null)
  if (again.kind !== 'made' || third.kind !== 'made') throw new Error('not made')
  for (const link of [made.link, again.link, 'ql_nobody'])
    expect(await kit.desk.setPassword({ link, password: PASSWORD, code: '123456' })).toMatchObject({
      code: 'unauthenticated',
    })
  expect(await kit.desk.setPassword({ link: third.link, password: PASSWORD, code: '000000' })).toMatchObject({
    code: 'one_time_code_refused',
  })
})

test('a link is made for somebody who is there, and for an address that nobody else has', async () => {
  const [one, other] = [await kit.person(['viewer']), await people.person(['viewer'])]
  expect(await kit.desk.makeLink(HOST, 'pe_nobodynobody', 'a@example.com')).toEqual({ kind: 'unknown' })
  expect(await kit.desk.makeLink(HOST, other.personId, null)).toEqual({ kind: 'no_address' })
  expect(await kit.desk.makeLink(HOST, other.personId, one.email)).toEqual({ kind: 'taken' })
  await people.people.stopPerson(one.personId, 'host:test')
  expect(await kit.desk.makeLink(HOST, one.personId, null)).toEqual({ kind: 'unknown' })
})

test('a password that nobody chose is taken for addresses of the sandbox alone', async () => {
  const person = await people.person(['admin'])
  const password = await kit.passwords.hash(PASSWORD)
  const of = { personId: person.personId, password }
  await expect(kit.signIns.putSandboxPassword({ ...of, email: 'ada@example.com' })).rejects.toMatchObject({
    constraint: 'sandbox_password_is_of_the_sandbox',
  })
  expect(await kit.signIns.holdsSandboxPeople()).toBe(false)
  await kit.signIns.putSandboxPassword({ ...of, email: 'tester@sandbox.local' })
  expect(await kit.signIns.holdsSandboxPeople()).toBe(true)
  expect(await kit.signIns.findByEmail('tester@sandbox.local')).toBe(person.personId)

  const demo = openTestSignIn(db, people, { sandbox: true })
  const given = { email: 'tester@sandbox.local', password: PASSWORD, code: null }
  expect(await kit.desk.signIn(given)).toMatchObject({ code: 'second_factor_required' })
  const inDemo = await demo.desk.signIn(given)
  expect(inDemo.kind).toBe('signed_in')
  if (inDemo.kind !== 'signed_in') return
  expect(await kit.desk.ownCode(inDemo.session.by)).toBeNull()
  const code = await demo.desk.ownCode(inDemo.session.by)
  expect((await kit.desk.signIn({ ...given, code })).kind).toBe('signed_in')
})

/** Codes are used once; a person of a test that has used up its three is given them again. */
async function useWithFreshCode(person: Person, link: string, password: string) {
  await db.pool.query('alter table one_time_code disable trigger user')
  await db.pool.query('delete from one_time_code where person_id = $1', [person.personId])
  await db.pool.query('alter table one_time_code enable trigger user')
  return kit.desk.setPassword({ link, password, code: person.oldCode(0) })
}
