// The commands for people, as far as they go without a database: what is wrong is told, and nothing is tried.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './cli.ts'
import { plainPaint } from './terminal.ts'

const BECAUSE = ['--because', 'they wrote']
const CONFIRM = ['confirm', 'pr_0123456789abcdef', '--person', 'pe_0123456789ab', '--code', '123456']
const WHY = ['--why', 'it is mended', '--person', 'pe_0123456789ab']

test.each([
  [['decide', 'nonsense', '--paid', ...BECAUSE], 'a payout is po_… or its number'],
  [['decide', '42', ...BECAUSE], 'say one of --paid, --dead, --keep-waiting'],
  [['decide', '42', '--paid', '--dead', ...BECAUSE], 'cannot be used with option'],
  [['decide', '42', '--paid'], '--because'],
  [['decide', '42', '--paid', '--after', 'review', ...BECAUSE], '--after stands beside --dead'],
  [['decide', '42', '--dead', '--statement', 'x.pdf', ...BECAUSE], '--covers'],
  [['decide', '42', '--dead', '--covers', '2026-11-21..2026-11-22', ...BECAUSE], '--statement'],
  [['decide', '42', '--dead', '--evidence', '/no/such/file', ...BECAUSE], 'the file cannot be read'],
  [['person', 'dance'], 'the action is add, list, stop or link'],
  [['person', 'add', '', '--role', 'viewer'], 'a name'],
  [['person', 'add', 'Ada'], '--role is one of'],
  [['person', 'add', 'Ada', '--role', 'king'], '--role is one of'],
  [['person', 'add', 'Ada', '--role', 'viewer@'], '--role is one of'],
  [['person', 'stop'], 'name the person to stop'],
  [['person', 'link'], 'name the person: --person'],
  [['person', 'link', '--person', 'pe_0123456789ab', '--email', 'ada'], '--email is an address'],
  [['person', 'link', '--person', 'pe_0123456789ab', '--email', 'admin@SANDBOX.local'], 'for the demo alone'],
  [[...CONFIRM, '--key-file', '/no/such/file'], '--key-file cannot be read'],
  [['release', ...WHY, '--key-file', '/no/such/file'], '--key-file cannot be read'],
  [['release', ...WHY, '--scope', 'merchant', '--key-file', 'x'], '--scope merchant needs --id'],
  [['safe-mode', 'release', ...WHY, '--key-file', 'x'], '--provider-account'],
  [
    ['safe-mode', 'release', '--provider-account', 'pa_1', ...WHY, '--key-file', '/no/such/file'],
    '--key-file cannot be read',
  ],
  [['decisions', '--state', 'someday'], 'someday'],
])('%j is refused', async (argv, why) => {
  const { code, problems } = await run(argv)
  expect(code).toBe(2)
  expect(problems).toContain(why)
})

test('without a database and a master key nothing is tried, and both are named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quittance-cli-'))
  try {
    const file = join(folder, 'letter.txt')
    await writeFile(file, 'they wrote')
    for (const argv of [
      ['doubts'],
      ['decisions'],
      ['person', 'list'],
      ['person', 'link', '--person', 'pe_0123456789ab'],
      ['decide', '42', '--paid', '--evidence', file, ...BECAUSE],
      [...CONFIRM, '--key-file', file],
      ['safe-mode'],
      ['release', ...WHY, '--key-file', file],
      ['safe-mode', 'release', '--provider-account', 'pa_1', ...WHY, '--key-file', file],
    ]) {
      const { code, problems } = await run(argv)
      expect(code).toBe(2)
      for (const variable of ['DATABASE_URL', 'QUITTANCE_MASTER_KEY']) expect(problems).toContain(variable)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

async function run(argv: readonly string[]) {
  const problems: string[] = []
  const code = await runCli(
    { argv, environment: {}, program: '' },
    {
      line: () => {},
      problem: text => problems.push(text),
      status: () => {},
      isInteractive: false,
      paint: plainPaint,
    },
  )
  return { code, problems: problems.join('\n') }
}
