import { afterAll, beforeAll, expect, test } from 'vitest'
import { releaseByTwo } from '../../test/people-kit.ts'
import { MERCHANT, openTestStore, type TestStore } from '../../test/store-kit.ts'
import { systemClock } from '../lib/clock.ts'
import { runCli } from './cli.ts'
import { plainPaint } from './terminal.ts'

let db: TestStore
beforeAll(async () => {
  db = await openTestStore(0n)
})
afterAll(() => db.close())

test('stop, switches and release are one story, and the release takes two persons', async () => {
  expect(await run('switches')).toMatchObject({ code: 0, out: 'Nothing is stopped.' })

  const began = systemClock.monotonic()
  const stopped = await run('stop', '--scope', 'merchant', '--id', MERCHANT, '--why', 'its key was stolen')
  // It is said only when no later first byte can leave.
  expect(systemClock.monotonic() - began).toBeGreaterThan(1_490)
  expect(stopped.code).toBe(0)
  expect(stopped.out).toContain('no send leaves for any payout of merchant m_test')
  const again = await run('stop', '--scope', 'merchant', '--id', MERCHANT, '--why', 'once more')
  expect(again).toMatchObject({ code: 0, out: expect.stringMatching(/^It was stopped already/) })

  const listed = await run('switches')
  const [, , row = '', , , , ...history] = listed.out.split('\n')
  expect(row).toMatch(/^merchant m_test {2}\d{4}-\d\d-\d\dT[\d:.]+Z +\d+ s {2}host:\S+ +its key was stolen$/)
  expect(history[0]).toMatch(/Z {2}trip {2}merchant m_test {2}host:\S+ +once more$/)
  expect(history[1]).toMatch(/Z {2}trip {2}merchant m_test {2}host:\S+ +its key was stolen$/)

  const release = ['release', '--scope', 'merchant', '--id', MERCHANT, '--why', 'new key']
  expect(await run(...release)).toMatchObject({ code: 2, problems: expect.stringContaining('--person') })
  expect(await db.store.trippedSwitches()).toHaveLength(1)
  expect(await releaseByTwo(db, { scope: 'merchant', id: MERCHANT }, 'new key')).toBe('confirmed')
  const after = await run('switches', '--history', '1')
  expect(after.out).toMatch(/^Nothing is stopped\.\n/)
  expect(after.out).toMatch(/release {2}merchant m_test {2}pe_\w{12}, pe_\w{12} {2}new key$/)
})

test('whoever mistypes what to stop is told that nothing was stopped', async () => {
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['--scope', 'merchant', '--id', 'm_tset'], /there is no merchant m_tset; nothing was stopped/],
    [['--scope', 'rail', '--id', 'payprp'], /there is no rail payprp/],
    [['--scope', 'currency', '--id', 'bdt'], /bdt is no currency/],
    [['--scope', 'merchant'], /--scope merchant needs --id/],
    [['--id', MERCHANT], /--id goes with a --scope/],
  ]
  for (const [argv, why] of wrong) {
    const { code, out, problems } = await run('stop', ...argv, '--why', 'w')
    expect({ code, out }, argv.join(' ')).toEqual({ code: 2, out: '' })
    expect(problems).toMatch(why)
  }
  expect(await db.store.trippedSwitches()).toEqual([])
})

test('where the database cannot be reached nobody is told that anything was stopped', async () => {
  const nowhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }
  const { code, out, problems } = await runWith(nowhere, 'stop', '--why', 'w')
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(problems).toMatch(/Nobody knows whether anything was stopped: run it again/)
  expect(await runWith({}, 'stop', '--why', 'w')).toMatchObject({ code: 2 })
})

function run(...argv: readonly string[]) {
  return runWith({ DATABASE_URL: db.url, LOG_LEVEL: 'silent' }, ...argv)
}

async function runWith(environment: Record<string, string>, ...argv: readonly string[]) {
  const out: string[] = []
  const problems: string[] = []
  const terminal = {
    line: (text: string) => out.push(text),
    problem: (text: string) => problems.push(text),
    status: () => {},
    isInteractive: false,
    paint: plainPaint,
  }
  const code = await runCli({ argv, environment, program: 'none' }, terminal)
  return { code, out: out.join('\n'), problems: problems.join('\n') }
}
