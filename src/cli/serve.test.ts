import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { afterEach, expect, test, vi } from 'vitest'
import { createMigratedDatabase, createTestDatabase } from '../../test/postgres.ts'
import { createLog } from '../lib/log.ts'
import { parseMasterKeys } from '../lib/master-keys.ts'
import { seededRandom } from '../lib/random.ts'
import { createSeal } from '../lib/seal.ts'
import { openPool } from '../store/postgres.ts'
import { openStore } from '../store/postgres-store.ts'
import { setUpSandbox } from './sandbox.ts'

// Each test starts processes of its own, which a busy machine is slow at.
vi.setConfig({ testTimeout: 60_000 })

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
const KEY = `k1:${Buffer.from(seededRandom(1).bytes(32)).toString('base64')}`

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
  const settings = { DATABASE_URL: databaseUrl, QUITTANCE_MASTER_KEY: KEY, PORT: '0', ...more }
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
