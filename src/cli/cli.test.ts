import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PROTOCOLS } from '../protocols/registry.ts'
import { runCli } from './cli.ts'
import { plainPaint } from './terminal.ts'

const COMMANDS = [
  ...['demo', 'serve', 'worker', 'migrate', 'stop', 'switches', 'release', 'safe-mode'],
  ...['sign', 'explain', 'rail'],
  ...['person', 'doubts', 'decide', 'decisions', 'confirm'],
]

test.each(COMMANDS)(
  '%s --help says what it does, with examples that begin with the command',
  async command => {
    const { code, out } = await run([command, '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^Usage: quittance ${command}`))
    const examples = out.split('Examples:\n')[1] ?? ''
    expect(examples).toMatch(new RegExp(`^ {2}\\$ .*quittance ${command}`))
  },
)

test('--help names every command and every variable', async () => {
  const { code, out } = await run(['--help'])
  expect(code).toBe(0)
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'))
  for (const variable of ['PORT', 'DATABASE_URL', 'QUITTANCE_MASTER_KEY'])
    expect(out).toContain(`  ${variable} `)
})

test('what the examples show is what the command line takes', async () => {
  const examples: string[] = []
  for (const command of COMMANDS) {
    const { out } = await run([command, '--help'])
    const lines = (out.split('Examples:\n')[1] ?? '').split('\n').filter(line => line.includes('quittance '))
    examples.push(...lines.map(line => line.replace(/ {3,}.*$/, '').replace(/^.*?quittance /, '')))
  }
  expect(examples.length).toBeGreaterThan(COMMANDS.length)
  for (const example of examples) {
    const words = [...example.matchAll(/'([^']*)'|(\S+)/g)].map(word => word[1] ?? word[2] ?? '')
    // Behind --help nothing is run, but everything in front of it is read.
    expect(await run([...words, '--help']), example).toMatchObject({ code: 0, problems: '' })
  }
})

test('sign --help has an example for every protocol that can be tried by hand', async () => {
  const { out } = await run(['sign', '--help'])
  for (const { name, builder } of PROTOCOLS)
    if (builder !== null) expect(out).toMatch(new RegExp(`^ {2}\\$ quittance sign ${name}\\b`, 'm'))
})

test('whoever reads only the beginning of what is printed sees no fault', () => {
  const program = fileURLToPath(new URL('../main.ts', import.meta.url))
  const script = `"${process.execPath}" "${program}" sign ${PROTOCOLS[0]?.name} | head -1`
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
  expect(stdout).toMatch(/^canonical /)
  expect(stderr).toBe('')
})

test('the version is printed', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+$/) })
})

test('a wrong command line is exit code 2, says what is wrong, and does nothing', async () => {
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [['pay'], /unknown command 'pay'/],
    [['sgn', 'paypro'], /Did you mean sign/],
    [['sign'], /missing required argument 'protocol'/],
    [['sign', 'paypro', '--colour'], /unknown option/],
    [['sign', 'paypro', '--secret', 'a', '--secret-file', 'b'], /cannot be used with/],
    [['sign', 'paypro', '--json', '--curl'], /cannot be used with/],
    [['sign', 'paypro', '--setting', 'salt_position'], /--setting is name=value/],
    [['explain'], /missing required argument 'protocol'/],
    [['explain', 'nobody', '--path', '/'], /no protocol nobody/],
    [['explain', 'paypro', '--path', '/', '--body', 'a', '--body-file', 'b'], /cannot be used with/],
    [['explain', 'paypro', '/nowhere/request.http'], /cannot be read/],
    [['rail'], /required option '--protocol/],
    [['rail', '--protocol', 'paypro', '--port', '65536'], /whole number from 0 to 65535/],
    [['rail', '--protocol', 'paypro', '--port', '-1'], /whole number/],
    [['rail', '--protocol', 'nobody'], /--protocol is one of \w+, \w+/],
    [['demo', '--payouts', 'many'], /whole number/],
    [['demo', 'now'], /too many arguments/],
    [['stop'], /required option '--why/],
    [['stop', '--scope', 'planet', '--why', 'w'], /Allowed choices are global/],
  ]
  for (const [argv, why] of wrong) {
    const { code, out, problems } = await run(argv)
    expect({ code, out }, argv.join(' ')).toEqual({ code: 2, out: '' })
    expect(problems).toMatch(why)
  }
})

test('settings that are wrong are exit code 2, all told at once', async () => {
  const { code, problems } = await run(['serve'], { PORT: 'x' })
  expect(code).toBe(2)
  for (const variable of ['PORT', 'DATABASE_URL', 'QUITTANCE_MASTER_KEY'])
    expect(problems).toContain(variable)
  expect(await run(['migrate'])).toMatchObject({ code: 2, problems: expect.stringContaining('DATABASE_URL') })
  expect(await run(['demo'], { HOST: '0.0.0.0' })).toMatchObject({
    code: 2,
    problems: expect.stringContaining('HOST'),
  })
})

async function run(argv: readonly string[], environment: Record<string, string> = {}) {
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
