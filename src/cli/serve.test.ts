import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { openTestPeople } from '../../test/people-kit.ts'
import { createMigratedDatabase, createTestDatabase, temporaryFolder } from '../../test/postgres.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { parseMasterKeys } from '../lib/master-keys.ts'
import { oneTimeCode } from '../lib/one-time-code.ts'
import { seededRandom } from '../lib/random.ts'
import { createSeal } from '../lib/seal.ts'
import { openPool } from '../store/postgres.ts'
import { openStore } from '../store/postgres-store.ts'
import { setUpSandbox } from './sandbox.ts'

// Each test starts processes of its own, which a busy machine is slow at.
vi.setConfig({ testTimeout: 60_000 })

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const KEY = `k1:${Buffer.from(seededRandom(1).bytes(32)).toString('base64')}`

/** Of these tests alone: the usual folder may be the one in which somebody has tried the demo. */
let folder: string
beforeAll(async () => {
  folder = await temporaryFolder()
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

test('migrate brings an empty database to the schema, and --check says how it stands', async () => {
  const database = await createTestDatabase('migrate')
  ends.push(database.drop)
  expect(await run(database.url, 'migrate --check')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^behind/),
  })
  expect(await run(database.url, 'migrate')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/0 were there: the database is current/),
  })
  expect(await run(database.url, 'migrate --check')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^current/),
  })
  expect(await run(database.url, 'migrate')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^0 applied/),
  })
})

test('a database that cannot be reached is one sentence and exit code 1', async () => {
  const { code, problems } = await run('postgres://nobody@127.0.0.1:1/none', 'migrate')
  expect(code).toBe(1)
  expect(problems).toMatch(/^quittance migrate: [^\n]*ECONNREFUSED[^\n]*\n$/)
})

test('serve does not start on a database without the schema', async () => {
  const database = await createTestDatabase('bare')
  ends.push(database.drop)
  const { code, problems } = await run(database.url, 'serve')
  expect(code).toBe(2)
  expect(problems).toMatch(/^quittance serve: .*behind.*quittance migrate/)
})

test.each(['serve', 'worker'])(
  '%s refuses a database that holds the credentials of the demo',
  async command => {
    const database = await createMigratedDatabase('sandbox')
    ends.push(database.drop)
    const keys = parseMasterKeys(KEY)
    if (!keys.ok) throw new Error(keys.why)
    const pool = openPool({
      url: database.url,
      size: 1,
      applicationName: 'test',
      log: createLog({ level: 'silent' }),
    })
    const store = openStore({ pool, seal: createSeal(keys.keys) })
    await setUpSandbox(store, { paypro: 'http://127.0.0.1:1' }, seededRandom(1))
    await pool.end()
    const { code, problems } = await run(database.url, command)
    expect(code).toBe(2)
    expect(problems).toContain('fixed credentials of the demo')
    const other = `k1:${Buffer.from(seededRandom(2).bytes(32)).toString('base64')}`
    const sealed = await run(database.url, command, { QUITTANCE_MASTER_KEY: other })
    expect(sealed.code).toBe(2)
    expect(sealed.problems).toMatch(/^quittance \w+: QUITTANCE_MASTER_KEY does not hold the key [^\n]*\n$/)
  },
)

test('serve refuses the data folder of a demo, and a database in which a person of the demo can sign in', async () => {
  const database = await createMigratedDatabase('people')
  ends.push(database.drop)
  const demo = join(folder, 'demo')
  await mkdir(join(demo, 'sandbox'), { recursive: true })
  const there = await run(database.url, 'serve', { QUITTANCE_DATA_DIR: demo })
  expect(there.code).toBe(2)
  expect(there.problems).toContain('is the data folder of a demo')

  const log = createLog({ level: 'silent' })
  const pool = openPool({ url: database.url, size: 1, applicationName: 'test', log })
  const person = await openTestPeople({ pool }).person(['admin'])
  await pool.query("insert into sign_in (person_id, email) values ($1, 'admin@sandbox.local')", [
    person.personId,
  ])
  await pool.end()
  const held = await run(database.url, 'serve')
  expect(held.code).toBe(2)
  expect(held.problems).toContain('fixed credentials of the demo')
})

test('a person is given a link on the host, sets a password by it, and signs in', async () => {
  const database = await createMigratedDatabase('link')
  ends.push(database.drop)
  const added = await run(database.url, 'person add Ada --role viewer')
  const personId = /pe_[a-z0-9]{12}/.exec(added.out)?.[0] ?? ''
  const first = await run(database.url, `person link --person ${personId}`)
  expect(first).toMatchObject({ code: 1, problems: expect.stringContaining('no address yet') })
  const made = await run(database.url, `person link --person ${personId} --email Ada@Example.com`, {
    QUITTANCE_PUBLIC_URL: 'https://payouts.example.com',
  })
  expect(made.code, made.problems).toBe(0)
  expect(made.out).toMatch(/^address {2}ada@example\.com$/m)
  const link = /https:\/\/payouts\.example\.com\/set-password#(ql_[A-Za-z0-9]{43})$/m.exec(made.out)?.[1]
  const seed = /secret=([A-Z2-7]+)/.exec(added.out)?.[1] ?? ''

  const child = start(database.url, ['serve'])
  const url = await readUrl(child)
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const all = { 'content-type': 'application/json', origin: url, ...headers }
    const answer = await request(url + path, { method: 'POST', headers: all, body: JSON.stringify(body) })
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() }
  }
  const password = 'seven green bicycles sleep'
  const code = oneTimeCode(fromBase32(seed), Math.floor(systemClock.now() / 30_000))
  expect(await post('/v1/session/password', { link, password, code })).toMatchObject({ status: 200 })
  expect(await post('/v1/session', { email: 'ada@example.com', password: 'wrong' })).toMatchObject({
    status: 401,
  })
  const signedIn = await post('/v1/session', { email: 'ada@example.com', password })
  expect(signedIn).toMatchObject({ status: 200 })
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? ''
  expect(cookie).toMatch(/^__Host-quittance=/)
  const read = await request(`${url}/v1/overview`, { headers: { cookie } })
  expect([read.statusCode, JSON.parse(await read.body.text())]).toMatchObject([200, { object: 'overview' }])
  const page = await request(`${url}/`, { headers: { accept: 'text/html' } })
  expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(await page.body.text()).toContain('Quittance')
  const nothing = await request(`${url}/v1/nothing`, { headers: { accept: 'text/html' } })
  expect([nothing.statusCode, await nothing.body.json()]).toMatchObject([404, { code: 'not_found' }])
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test.each(['serve', 'worker'])(
  '%s is up on a migrated database, and one signal ends it clean',
  async command => {
    const database = await createMigratedDatabase('serve')
    ends.push(database.drop)
    const child = start(database.url, [command])
    const url = await readUrl(child)
    expect((await request(`${url}/health/ready`)).statusCode).toBe(200)
    const sandboxKey = { authorization: 'Bearer qk_test_sandbox' }
    const answer = await request(`${url}/v1/payouts`, { headers: sandboxKey })
    expect(answer.statusCode).toBe(command === 'serve' ? 401 : 404)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  },
)

function start(
  databaseUrl: string,
  argv: readonly string[],
  more: Record<string, string> = {},
): ChildProcess {
  const own = { QUITTANCE_DATA_DIR: folder, QUITTANCE_MASTER_KEY: KEY, PORT: '0' }
  const settings = { DATABASE_URL: databaseUrl, ...own, ...more }
  const environment = { PATH: process.env.PATH, ...settings }
  const child = spawn(process.execPath, [MAIN, ...argv], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  ends.push(() => child.kill('SIGKILL'))
  return child
}

async function run(databaseUrl: string, command: string, more: Record<string, string> = {}) {
  const child = start(databaseUrl, command.split(' '), more)
  const [out, problems, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, out, problems }
}

/** From the log line that says that it is up. */
async function readUrl(child: ChildProcess): Promise<string> {
  let all = ''
  for await (const chunk of child.stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    all += chunk
    const found = /"url":"(http:[^"]+)"[^\n]* is up"/.exec(all)?.[1]
    if (found !== undefined) return found
  }
  throw new Error(`it ended without an address:\n${all}`)
}

async function text(stream: AsyncIterable<unknown> | null): Promise<string> {
  let all = ''
  for await (const chunk of stream ?? []) all += String(chunk)
  return all
}

/** What an authenticator makes of the link that it was given (RFC 4648 section 6). */
function fromBase32(seed: string): Uint8Array {
  const bits = [...seed].map(one =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0'),
  )
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Uint8Array.from(bytes, byte => Number.parseInt(byte, 2))
}
