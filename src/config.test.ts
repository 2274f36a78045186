import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const KEY = `k1:${Buffer.from(Array.from({ length: 32 }, (_, place) => (place * 37 + 11) % 251)).toString('base64')}`
const SERVE = { DATABASE_URL: 'postgres://u:p@db:5432/q', QUITTANCE_MASTER_KEY: KEY }

function problems(environment: Record<string, string>, mode: Parameters<typeof readConfig>[1]) {
  const result = readConfig(environment, mode)
  return result.ok ? [] : result.problems.map(problem => problem.variable)
}

test('the demo starts with nothing set', () => {
  const result = readConfig({}, 'demo')
  expect(result).toMatchObject({
    ok: true,
    config: { host: '127.0.0.1', port: 8080, databaseUrl: null, dataDir: '.quittance', logLevel: 'warn' },
  })
})

test('serve starts with a database and a master key, and not without', () => {
  expect(problems(SERVE, 'serve')).toEqual([])
  expect(problems({}, 'serve')).toEqual(['DATABASE_URL', 'QUITTANCE_MASTER_KEY'])
  expect(problems({}, 'worker')).toEqual(['DATABASE_URL', 'QUITTANCE_MASTER_KEY'])
  expect(problems({}, 'migrate')).toEqual(['DATABASE_URL'])
})

test.each([
  ['PORT', 'eighty'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '80.5'],
  ['DATABASE_URL', 'mysql://host/db'],
  ['DATABASE_URL', 'host=db'],
  ['DATABASE_URL', 'postgres://u:p@db1:5432,,db2:5432/q'],
  ['QUITTANCE_MASTER_KEY', 'k1:c2hvcnQ='],
  ['QUITTANCE_MASTER_KEY', 'no-colon'],
  ['QUITTANCE_PUBLIC_URL', 'payouts.example.com'],
  ['QUITTANCE_PUBLIC_URL', 'ftp://payouts.example.com'],
  ['QUITTANCE_PUBLIC_URL', 'https://payouts.example.com/?a=1'],
  ['LOG_LEVEL', 'loud'],
  ['QUITTANCE_MASTERKEY', 'x'],
])('serve refuses %s=%s by its name', (variable, value) => {
  expect(problems({ ...SERVE, [variable]: value }, 'serve')).toEqual([variable])
})

test('the demo never listens beyond loopback', () => {
  expect(problems({ HOST: '0.0.0.0' }, 'demo')).toEqual(['HOST'])
  expect(problems({ ...SERVE, HOST: '0.0.0.0' }, 'serve')).toEqual([])
})

test('a refused database address is not repeated: it holds a password', () => {
  const result = readConfig({ ...SERVE, DATABASE_URL: 'mysql://u:hunter2@db/q' }, 'serve')
  expect(JSON.stringify(result)).not.toContain('hunter2')
})

test('everything wrong is told at once', () => {
  expect(problems({ PORT: 'x', LOG_LEVEL: 'y' }, 'serve')).toEqual([
    'PORT',
    'DATABASE_URL',
    'QUITTANCE_MASTER_KEY',
    'LOG_LEVEL',
  ])
})
