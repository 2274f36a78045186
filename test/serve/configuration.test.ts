// `serve` and `worker` start with everything right or not at all, and say which setting it is.
import { rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setUpSandbox } from '../../src/cli/sandbox.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { openPool } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/postgres-store.ts'
import {
  createMigratedDatabase,
  createTestDatabase,
  type TestDatabase,
  temporaryFolder,
} from '../postgres.ts'
import { type Program, startProgram } from '../program.ts'

const KEY = { id: 'k1', key: systemRandom.bytes(32) }
const OTHER = `k1:${Buffer.from(systemRandom.bytes(32)).toString('base64')}`
const MASTER_KEY = `${KEY.id}:${Buffer.from(KEY.key).toString('base64')}`

/** Of these tests alone: the usual folder may be the one in which somebody has tried the demo. */
let folder: string
let empty: TestDatabase
let migrated: TestDatabase
let sandbox: TestDatabase
beforeAll(async () => {
  folder = await temporaryFolder()
  empty = await createTestDatabase('empty')
  migrated = await createMigratedDatabase('migrated')
  sandbox = await createMigratedDatabase('sandbox')
  const pool = openPool({ url: sandbox.url, size: 1, applicationName: 'test', log: { warn: () => {} } })
  const store = openStore({ pool, seal: createSeal([KEY]) })
  await setUpSandbox(store, { paypro: 'http://127.0.0.1:9' }, systemRandom)
  await pool.end()
})
afterAll(async () => {
  for (const database of [empty, migrated, sandbox]) await database.drop()
  await rm(folder, { recursive: true, force: true })
})

test('with all of them right it is up, and one signal ends it with 0', async () => {
  await using program = startProgram(['serve'], environment())
  await program.until(/"serve is up"/)
  program.signal('SIGTERM')
  expect(await program.ended).toEqual({ code: 0, signal: null })
})

test.concurrent.each([
  ['serve', 'DATABASE_URL', ''],
  ['serve', 'QUITTANCE_MASTER_KEY', ''],
  ['worker', 'DATABASE_URL', ''],
  ['worker', 'QUITTANCE_MASTER_KEY', ''],
  ['serve', 'DATABASE_URL', 'mysql://somebody:hunter2@127.0.0.1/payouts'],
  ['serve', 'QUITTANCE_MASTER_KEY', 'k1:aHVudGVyMg=='],
  ['serve', 'PORT', 'eighty'],
  ['serve', 'QUITTANCE_PUBLIC_URL', 'payouts.example.com'],
  ['serve', 'LOG_LEVEL', 'loud'],
  ['serve', 'QUITTANCE_MASTERKEY', 'misspelt'],
])(
  '%s with a wrong %s (%j) ends with 2, names it and nothing else, and does not repeat it',
  async (command, variable, value) => {
    const { code, problems, out } = await end(startProgram([command], environment({ [variable]: value })))
    expect(code).toBe(2)
    const named = problems.split('\n').flatMap(line => /^ {2}([A-Z_]+) /.exec(line)?.[1] ?? [])
    expect(named).toEqual([variable])
    expect(problems + out).not.toMatch(/hunter2|aHVudGVyMg/)
  },
)

test.concurrent.each([
  [
    'serve',
    'holds the credentials of the demo',
    () => sandbox.url,
    MASTER_KEY,
    /the fixed credentials of the demo/,
  ],
  [
    'worker',
    'holds the credentials of the demo',
    () => sandbox.url,
    MASTER_KEY,
    /the fixed credentials of the demo/,
  ],
  [
    'serve',
    'was never migrated',
    () => empty.url,
    MASTER_KEY,
    /database schema is behind; quittance migrate/,
  ],
  [
    'worker',
    'was never migrated',
    () => empty.url,
    MASTER_KEY,
    /database schema is behind; quittance migrate/,
  ],
  [
    'serve',
    'is sealed by another key',
    () => sandbox.url,
    OTHER,
    /QUITTANCE_MASTER_KEY does not hold the key/,
  ],
  ['serve', 'does not answer', () => 'postgres://nobody@127.0.0.1:9/none', MASTER_KEY, /does not answer/],
])('%s refuses a database that %s with one sentence and 2', async (command, _what, url, key, sentence) => {
  const given = environment({ DATABASE_URL: url(), QUITTANCE_MASTER_KEY: key })
  const { code, problems } = await end(startProgram([command], given))
  expect(problems).toMatch(sentence)
  expect(problems.trim().split('\n')).toHaveLength(1)
  expect(problems).toMatch(new RegExp(`^quittance ${command}: `))
  expect(code).toBe(2)
})

test('a port that is taken is one sentence and 1: the settings are right, and it was tried', async () => {
  const taken = createServer()
  const port = await new Promise<number>(resolve => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const { code, problems } = await end(startProgram(['serve'], environment({ PORT: `${port}` })))
  await new Promise(resolve => taken.close(resolve))
  expect(problems).toMatch(new RegExp(`^quittance serve: port ${port} is taken`))
  expect(code).toBe(1)
})

/** What a start needs, changed; an empty text leaves a variable out. */
function environment(change: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = { QUITTANCE_DATA_DIR: folder, QUITTANCE_MASTER_KEY: MASTER_KEY, PORT: '0' }
  const whole = { DATABASE_URL: migrated.url, ...own, ...change }
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== ''))
}

async function end(program: Program) {
  await using ending = program
  const { code } = await ending.ended
  return { code, out: ending.out(), problems: ending.problems() }
}
