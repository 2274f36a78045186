import { expect, test } from 'vitest'
import { createLog, type Log, Masked, maskMiddle } from './log.ts'

type Line = Record<string, unknown>

function recorded(
  level = 'info',
  base?: Record<string, unknown>,
): { log: Log; lines: () => readonly Line[]; text: () => string } {
  let text = ''
  const destination = {
    write(chunk: string) {
      text += chunk
    },
  }
  const log = createLog({ level, destination, ...(base === undefined ? {} : { base }) })
  const lines = () =>
    text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Line)
  return { log, lines, text: () => text }
}

test('a fact is one line of JSON with its level as a word and its time in UTC', () => {
  const { log, lines, text } = recorded('info', { process: 'worker' })
  log.info({ payoutId: 'po_1' }, 'paid\nforged "line"')
  expect(text().split('\n')).toHaveLength(2)
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z$/),
      process: 'worker',
      payoutId: 'po_1',
      msg: 'paid\nforged "line"',
    },
  ])
})

test('without a base a line names neither process nor machine', () => {
  const { log, lines } = recorded()
  log.info('started')
  expect(Object.keys(lines()[0] ?? {})).toEqual(['level', 'time', 'msg'])
})

test('what is below the level is not said, and silent says nothing', () => {
  const quiet = recorded('warn')
  quiet.log.info('no')
  quiet.log.warn('yes')
  expect(quiet.lines().map(line => line.msg)).toEqual(['yes'])
  const silent = recorded('silent')
  silent.log.fatal('no')
  expect(silent.text()).toBe('')
})

test('an unknown level is refused by name', () => {
  for (const level of ['', 'INFO', 'verbose', '30', 'warning']) {
    expect(() => createLog({ level })).toThrow('a log level is one of')
  }
})

test('a masked value is masked in every line', () => {
  const { log, text } = recorded()
  const walletShown = new Masked('01712345678', maskMiddle('01712345678'))
  log.info({ shown: walletShown, deep: [{ shown: walletShown }] }, `to ${walletShown}`)
  log.child({ shown: walletShown }).info('child')
  expect(text()).not.toMatch(/0171|1234/)
  expect(text().match(/01••••••678/g)).toHaveLength(4)
})

test('secrets are redacted in lines, in children, in grandchildren and in the base', () => {
  const canary = 'canary-4711'
  const { log, lines, text } = recorded('info', { secret: canary, base: { token: canary } })
  log.info(
    { body: { sign: canary, walletId: canary, amount: '10.50' }, headers: { 'X-API-KEY': canary } },
    'line',
  )
  log.child({ apiKey: canary, deep: { password: canary } }).info({ sign: canary }, 'child')
  log.child({ a: 1 }).child({ card_number: canary }, {}).info('grandchild')
  log.child({ a: 1 }, { level: 'debug' }).debug({ Authorization: canary }, 'levelled')
  expect(lines()).toHaveLength(4)
  expect(text()).not.toContain(canary)
  expect(lines()[0]).toMatchObject({
    body: { sign: '[redacted]', amount: '10.50' },
    headers: { 'X-API-KEY': '[redacted]' },
  })
})

test('an error keeps its kind, text, place and cause, and loses what a driver hung on it', () => {
  const { log, lines, text } = recorded()
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNRESET', detail: 'canary-4711' })
  log.error(Object.assign(new Error('outer', { cause }), { parameters: ['canary-4711'] }), 'failed')
  log.error({ err: cause, other: { error: cause } }, 'again')
  expect(text()).not.toContain('canary-4711')
  expect(lines()[0]).toMatchObject({
    msg: 'failed',
    err: {
      type: 'Error',
      message: 'outer',
      cause: { type: 'TypeError', message: 'inner', code: 'ECONNRESET' },
    },
  })
  expect(lines()[0]).toHaveProperty('err.stack', expect.stringContaining('log.test.ts'))
  expect(lines()[1]).toMatchObject({ err: { message: 'inner' }, other: { error: { message: 'inner' } } })
})
