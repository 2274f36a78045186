// Sign-in over HTTP, and what an attacker makes of it: forged writes, fixed sessions, caches (SECURITY.md sections 4 and 14, X22).
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ORIGIN, openTestConsole, type TestConsole, type Visitor } from '../../test/console-kit.ts'
import { PASSWORD } from '../../test/sign-in-kit.ts'
import { MERCHANT } from '../../test/store-kit.ts'
import { sessionShown } from './schema-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let house: TestConsole
let maker: Visitor

beforeAll(async () => {
  house = await openTestConsole()
  maker = await house.visitor(['maker', 'operator'], MERCHANT)
})
afterAll(() => house.close())

function signIn(body: object, headers: Record<string, string> = { origin: ORIGIN }) {
  return house.server.inject({
    ...{ method: 'POST', url: '/v1/session', payload: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...headers },
  })
}

function signOut(headers: Record<string, string>) {
  return house.server.inject({ method: 'DELETE', url: '/v1/session', headers })
}

const payout = (reference: string) => ({
  ...{ reference, amount: '10.50', currency: 'BDT' },
  beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
})
const key = (name: string) => ({ 'idempotency-key': name })

test('a sign-in sets a cookie that no script reads, no other site sends and no cache keeps', async () => {
  const person = await house.signIn.person(['viewer'])
  const answer = await signIn({ email: person.email, password: PASSWORD })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['set-cookie']).toMatch(
    /^__Host-quittance=qs_[A-Za-z0-9]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/,
  )
  expect(answer.headers['cache-control']).toBe('no-store')
  const session = sessionShown.parse(answer.json())
  expect(session).toMatchObject({
    person: { id: person.personId, email: person.email, grants: [{ merchant: null, role: 'viewer' }] },
    ...{ livemode: false, sandbox: false },
  })
  expect(answer.body).not.toContain('qs_')

  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
  const read = await house.server.inject({ url: '/v1/session', headers: { cookie } })
  expect(read.json()).toEqual(session)
  expect(read.headers['cache-control']).toBe('no-store')
})

test('whatever is wrong gets the same words; the fifth one locks, and says for how long', async () => {
  const person = await house.signIn.person(['operator'])
  const words = async (body: object) => {
    const { code, detail, status } = (await signIn(body)).json()
    return { code, detail, status }
  }
  const wrong = await words({ email: person.email, password: 'not the password', code: person.code() })
  expect(wrong).toMatchObject({ code: 'unauthenticated', status: 401 })
  expect(await words({ email: 'nobody@example.com', password: PASSWORD })).toEqual(wrong)
  expect(await words({ email: person.email, password: PASSWORD, code: '000000' })).toEqual(wrong)
  expect(await words({ email: person.email, password: PASSWORD })).toMatchObject({
    ...{ code: 'second_factor_required', status: 401 },
  })
  for (let tries = 2; tries <= 5; tries += 1) await signIn({ email: person.email, password: 'x' })
  const locked = await signIn({ email: person.email, password: PASSWORD, code: person.code() })
  expect(locked.json()).toMatchObject({ code: 'locked', status: 429 })
  expect(Number(locked.headers['retry-after'])).toBeGreaterThan(14 * 60)
})

test.each([
  {},
  { email: 'ada@example.com' },
  { email: 'ada', password: 'x' },
  { email: 'ada@example.com', password: 'x', code: '12345' },
  { email: 'ada@example.com', password: 'x', other: 1 },
  { email: ['ada@example.com'], password: 'x' },
  { email: 'ada@example.com', password: 'x'.repeat(513) },
])('a sign-in that is none is refused before anything is counted: %j', async body => {
  expect((await signIn(body)).json()).toMatchObject({ code: 'invalid_request' })
})

test('another page signs nobody in, and a program that is no browser may', async () => {
  const person = await house.signIn.person(['viewer'])
  const body = { email: person.email, password: PASSWORD }
  for (const origin of [
    'https://evil.example',
    'null',
    `${ORIGIN}.evil.example`,
    'http://console.example',
    '',
  ])
    expect((await signIn(body, { origin })).json(), origin).toMatchObject({ code: 'forbidden' })
  // What a form of another page can send without asking first is not taken as JSON.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
    expect((await signIn(body, { origin: ORIGIN, 'content-type': type })).statusCode).toBe(415)
  expect((await signIn(body, {})).statusCode).toBe(200)
})

test('a write by a session needs our origin and its token, and a forged one changes nothing', async () => {
  const { cookie, token } = maker
  const forged: Record<string, string>[] = [
    { cookie },
    { cookie, origin: ORIGIN },
    { cookie, 'quittance-token': token },
    { cookie, origin: 'https://evil.example', 'quittance-token': token },
    { cookie, origin: 'null', 'quittance-token': token },
    { cookie, origin: `${ORIGIN}:8443`, 'quittance-token': token },
    { cookie, origin: ORIGIN, 'quittance-token': `${token}x` },
    { cookie, origin: ORIGIN, 'quittance-token': '' },
  ]
  for (const [place, headers] of forged.entries()) {
    const answer = await house.server.inject({
      ...{ method: 'POST', url: '/v1/payouts', payload: JSON.stringify(payout(`forged-${place}`)) },
      headers: { ...headers, ...key(`forged-${place}`), 'content-type': 'application/json' },
    })
    expect({ place, code: answer.json().code }).toEqual({ place, code: 'forbidden' })
    expect((await signOut(headers)).statusCode).toBe(403)
    const stop = await house.server.inject({
      ...{ method: 'POST', url: '/v1/stops', payload: JSON.stringify({ scope: 'global', because: 'x' }) },
      headers: { ...headers, 'content-type': 'application/json' },
    })
    expect(stop.statusCode).toBe(403)
  }
  expect((await maker.get('/payouts')).json().data).toEqual([])
  expect((await maker.post('/payouts', payout('ours'), key('ours'))).statusCode).toBe(201)
})

test('the token of one session is of no use beside the cookie of another', async () => {
  const other = await house.visitor(['maker'], MERCHANT)
  const answer = await maker.post('/payouts', payout('mixed'), {
    ...key('mixed'),
    'quittance-token': other.token,
  })
  expect(answer.json()).toMatchObject({ code: 'forbidden' })
})

test('a session that somebody brings is not taken over: a sign-in begins its own, and unknown ones are none', async () => {
  const person = await house.signIn.person(['viewer'])
  const fixed = `__Host-quittance=qs_${'f'.repeat(43)}`
  const answer = await signIn({ email: person.email, password: PASSWORD }, { origin: ORIGIN, cookie: fixed })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['set-cookie']).not.toContain('f'.repeat(43))
  expect((await house.server.inject({ url: '/v1/session', headers: { cookie: fixed } })).statusCode).toBe(401)
  // Two of that name: nobody knows which is meant.
  const { cookie } = maker
  for (const both of [`${fixed}; ${cookie}`, `${cookie}; ${fixed}`, `${cookie}; ${cookie}`])
    expect((await house.server.inject({ url: '/v1/session', headers: { cookie: both } })).statusCode).toBe(
      401,
    )
  // Under the name that other hosts and plain connections may set.
  const plain = cookie.replace('__Host-', '')
  expect((await house.server.inject({ url: '/v1/session', headers: { cookie: plain } })).statusCode).toBe(401)
  expect(
    (await house.server.inject({ url: '/v1/session', headers: { cookie: `a=b; ${cookie}; c=d` } }))
      .statusCode,
  ).toBe(200)
})

test('signing out ends the session for good and takes the cookie back', async () => {
  const visitor = await house.visitor(['viewer'])
  const { cookie, token } = visitor
  const out = await signOut({ cookie, origin: ORIGIN, 'quittance-token': token })
  expect(out.statusCode).toBe(200)
  expect(out.headers['set-cookie']).toMatch(/^__Host-quittance=; .*Max-Age=0$/)
  expect((await visitor.get('/session')).statusCode).toBe(401)
  expect((await visitor.get('/doubts')).statusCode).toBe(401)
})

test('a key of a person has no session, and where a key came the cookie is not looked at', async () => {
  const authorization = `Bearer ${maker.person.keys[0]}`
  for (const method of ['GET', 'DELETE'] as const)
    expect(
      (await house.server.inject({ method, url: '/v1/session', headers: { authorization } })).statusCode,
    ).toBe(401)
  const bad = { authorization: 'Bearer qp_test_nobody_nobody', cookie: maker.cookie }
  expect((await house.server.inject({ url: '/v1/doubts', headers: bad })).statusCode).toBe(401)
  expect((await house.server.inject({ url: '/v1/payouts', headers: bad })).statusCode).toBe(401)
})

test('a password is set by a link, and every session of the person ends', async () => {
  const visitor = await house.visitor(['viewer'])
  const made = await house.signIn.desk.makeLink({ kind: 'host', user: 'test' }, visitor.person.personId, null)
  if (made.kind !== 'made') throw new Error(made.kind)
  const set = (body: object, headers: Record<string, string> = { origin: ORIGIN }) =>
    house.server.inject({
      ...{ method: 'POST', url: '/v1/session/password', payload: JSON.stringify(body) },
      headers: { 'content-type': 'application/json', ...headers },
    })
  const { link } = made
  const password = 'eleven yellow boats dream'
  expect((await set({ link, password: 'password1234', code: '123456' })).json()).toMatchObject({
    code: 'password_refused',
  })
  expect((await set({ link, password, code: '000000' })).json()).toMatchObject({
    code: 'one_time_code_refused',
  })
  const code = visitor.person.code()
  expect((await set({ link, password, code }, { origin: 'https://evil.example' })).statusCode).toBe(403)
  expect((await visitor.get('/session')).statusCode).toBe(200)
  expect((await set({ link, password, code })).json()).toEqual({
    ...{ object: 'password', person: visitor.person.personId, email: visitor.person.email },
  })
  expect((await visitor.get('/session')).statusCode).toBe(401)
  expect((await set({ link, password, code })).json()).toMatchObject({ code: 'unauthenticated' })
  const email = visitor.person.email
  expect((await signIn({ email, password })).statusCode).toBe(200)
})

test('nobody but the demo tells a code', async () => {
  expect((await maker.get('/sandbox/code')).statusCode).toBe(404)
  const demo = await openTestConsole({ sandbox: true })
  try {
    const visitor = await demo.visitor(['approver'])
    expect(visitor.cookie).toMatch(/^quittance=qs_/)
    expect((await visitor.get('/sandbox/code')).json().code).toMatch(/^[0-9]{6}$/)
  } finally {
    await demo.close()
  }
})

test('no password, code, secret or link stands in the log', () => {
  const written = house.lines.join('\n')
  for (const secret of [PASSWORD, 'qs_', 'ql_', maker.token, 'eleven yellow boats'])
    expect(written).not.toContain(secret)
})
