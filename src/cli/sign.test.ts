import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../lib/clock.ts'
import { seededRandom } from '../lib/random.ts'
import type { Environment } from './configured.ts'
import { type SignOptions, sign } from './sign.ts'
import { plainPaint } from './terminal.ts'

const DOCUMENTED = {
  fields:
    '{"timestamp":"1728611780130","tradeNo":"test_00000001","amount":"300","notifyUrl":"https://google.com","wayCode":"EWALLET_BKASH","walletId":"01123456789","remark":"test"}',
}
const CANONICAL =
  'amount=300notifyUrl=https://google.comremark=testtimestamp=1728611780130tradeNo=test_00000001walletId=01123456789wayCode=EWALLET_BKASH'

test('the signature is the one that openssl makes over the text that is shown', async () => {
  const cases: readonly (readonly [SignOptions, string])[] = [
    [DOCUMENTED, `${CANONICAL}sandbox-paypro-secret`],
    [{ ...DOCUMENTED, secret: 'another secret' }, `${CANONICAL}another secret`],
    [{ ...DOCUMENTED, setting: ['salt_position=prepend'] }, `sandbox-paypro-secret${CANONICAL}`],
    [
      { field: ['tradeNo=ü=1', 'timestamp=1', 'B=2', 'a='] },
      'B=2timestamp=1tradeNo=ü=1sandbox-paypro-secret',
    ],
  ]
  for (const [options, hashed] of cases) {
    const shown = await shownBy(options)
    const digest = execFileSync('openssl', ['dgst', '-md5', '-r'], { input: hashed, encoding: 'utf8' }).split(
      ' ',
    )[0]
    expect(shown.hex).toBe(digest)
    expect(Buffer.from(shown.base64, 'base64').toString('hex')).toBe(digest)
    expect(JSON.parse(shown.request.body)).toMatchObject({ sign: digest })
  }
})

test('the shown canonical string is the worked example of the contract', async () => {
  const shown = await shownBy(DOCUMENTED)
  expect(shown.canonical).toBe(CANONICAL)
  expect(shown.hex).toBe('4d26c829e27711906aaa39b205ffb47d')
})

test('the openssl line that is shown with the secret prints the signature, in a shell', async () => {
  const shown = await shownBy({ field: ['tradeNo=it\'s $HOME `id` \\ "x"', 'timestamp=1'], showSecret: true })
  const printed = execFileSync('sh', ['-c', shown.openssl ?? 'false'], { encoding: 'utf8' })
  expect(printed.trim().endsWith(shown.hex)).toBe(true)
})

test('the secret is shown only where it is asked for', async () => {
  const secret = 'a secret of somebody'
  const hidden = await run({ ...DOCUMENTED, secret })
  expect(hidden.out).not.toContain(secret)
  expect(hidden.out).toContain(`${CANONICAL}<secret>`)
  expect((await run({ ...DOCUMENTED, secret, json: true })).out).not.toContain(secret)
  expect((await run({ ...DOCUMENTED, secret, showSecret: true })).out).toContain(`${CANONICAL}${secret}`)
})

test('a secret of a file is the text without the line end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sign-'))
  const file = join(folder, 'secret')
  writeFileSync(file, 'sandbox-paypro-secret\n')
  expect((await shownBy({ ...DOCUMENTED, secretFile: file })).hex).toBe('4d26c829e27711906aaa39b205ffb47d')
  rmSync(folder, { recursive: true })
  expect((await run({ ...DOCUMENTED, secretFile: file })).code).toBe(2)
})

test('without fields a whole example is built, with a reference of its own each time', async () => {
  const one = await shownBy({}, 1)
  const other = await shownBy({}, 2)
  const body = z.record(z.string(), z.string()).parse(JSON.parse(one.request.body))
  expect(Object.keys(body)).toEqual([
    'sign',
    'timestamp',
    'tradeNo',
    'amount',
    'notifyUrl',
    'wayCode',
    'walletId',
    'remark',
  ])
  expect(body.tradeNo).not.toBe(JSON.parse(other.request.body).tradeNo)
  expect(one.request.url).toBe('http://127.0.0.1:8080/v1/paypro/payout')
  expect(one.request.headers).toMatchObject({ merchantNo: '1000000001' })
})

test('call, address and path are those that are asked for', async () => {
  const query = await shownBy({
    call: 'query',
    field: ['tradeNo=a'],
    url: 'https://pay.example.com/pak-pay/',
  })
  expect(query.request.url).toBe('https://pay.example.com/pak-pay/v1/paypro/queryPayOutResult')
  const sibling = await shownBy({ ...DOCUMENTED, path: '/v1/paypro/payOut', id: '77', secret: 'its own' })
  expect(sibling.request.url).toBe('http://127.0.0.1:8080/v1/paypro/payOut')
  expect(sibling.request.headers).toMatchObject({ merchantNo: '77' })
  expect(sibling.curl).toContain("curl -sS http://127.0.0.1:8080/v1/paypro/payOut -H 'content-type:")
})

test('without an address it is the port of the environment', async () => {
  const urlWith = async (PORT: string, options: SignOptions = {}) => {
    const { out } = await run({ ...options, json: true }, 'paypro', 1, { PORT })
    return SHOWN.parse(JSON.parse(out)).request.url
  }
  expect(await urlWith('9000')).toBe('http://127.0.0.1:9000/v1/paypro/payout')
  for (const unsaid of ['', '0']) expect(await urlWith(unsaid)).toBe('http://127.0.0.1:8080/v1/paypro/payout')
  expect(await urlWith('9000', { url: 'http://127.0.0.1:9001' })).toBe(
    'http://127.0.0.1:9001/v1/paypro/payout',
  )
})

test('a path that is no path and a field that comes twice are named', async () => {
  expect((await run({ path: 'foo' })).problems).toContain('--path begins with a slash')
  expect((await run({ fields: 'a=1&b=2&a=3' })).problems).toContain('--fields: a is there twice')
})

test('a client that is not of the sandbox is never signed for with the secret of the sandbox', async () => {
  const { code, problems } = await run({ ...DOCUMENTED, id: '77' })
  expect(code).toBe(2)
  expect(problems).toContain('empty secret')
})

test('JSON numbers keep their digits, and null is an empty field', async () => {
  const shown = await shownBy({
    fields: '{"amount":300.10,"timestamp":1728611780130,"remark":null,"x":true}',
  })
  expect(shown.canonical).toBe('amount=300.10timestamp=1728611780130x=true')
  expect(shown.request.body).toMatch(
    /^\{"sign":"[0-9a-f]{32}","amount":300\.10,"timestamp":1728611780130,"x":"true"\}$/,
  )
  // A field that is given again is text again.
  const again = await shownBy({ fields: '{"amount":300.10,"timestamp":1}', field: ['amount=300.10'] })
  expect(again.request.body).toContain('"amount":"300.10"')
})

test('fields may be given as the text of a form', async () => {
  const shown = await shownBy({ fields: 'tradeNo=a%2Bb&timestamp=1&remark=two+words&x=' })
  expect(shown.canonical).toBe('remark=two wordstimestamp=1tradeNo=a+b')
})

test('--curl prints the line alone, and a shell sends by it what was signed', async () => {
  const received: { readonly headers: object; readonly body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', text => {
      body += text
    })
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      response.end('taken')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { out, code } = await run({
    curl: true,
    url: `http://127.0.0.1:${port}`,
    field: ['tradeNo=t', `remark=it's "100%" $HOME \\ ü`],
  })
  expect({ code, lines: out.split('\n').length }).toEqual({ code: 0, lines: 1 })
  const { stdout } = await promisify(execFile)('sh', ['-c', out])
  server.close()
  expect(stdout).toBe('taken')
  expect(received[0]?.headers).toMatchObject({ merchantno: '1000000001' })
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ remark: `it's "100%" $HOME \\ ü` })
})

test('what cannot be built is said in one sentence, with exit code 2', async () => {
  const wrong: readonly SignOptions[] = [
    { fields: '{"a":1,"a":2}' },
    { fields: '[1]' },
    { fields: '{"a":{}}' },
    { fields: 'tradeNo' },
    { fields: 'amount=1&amount=2' },
    { path: 'v1/paypro/payout' },
    { path: '' },
    { setting: ['salt_position'] },
    { keyFile: '/nowhere/key.pem' },
    { field: ['tradeNo'] },
    { field: ['=1'] },
    { field: ['1a=1'] },
    { call: 'payin' },
    { secret: '' },
    { setting: ['salt_position=middle'] },
    { url: 'not an address' },
  ]
  for (const options of wrong) {
    const { code, out, problems } = await run(options)
    expect({ code, out }, JSON.stringify(options)).toEqual({ code: 2, out: '' })
    expect(problems).toMatch(/^quittance sign: [^\n]+$/)
  }
  expect((await run({}, 'unheard-of')).code).toBe(2)
})

const SHOWN = z.object({
  canonical: z.string(),
  hex: z.string(),
  base64: z.string(),
  curl: z.string(),
  openssl: z.string().nullable(),
  request: z.object({ url: z.string(), headers: z.record(z.string(), z.string()), body: z.string() }),
})

async function shownBy(options: SignOptions, seed = 1) {
  const { code, out, problems } = await run({ ...options, json: true }, 'paypro', seed)
  expect({ code, problems }).toEqual({ code: 0, problems: '' })
  return SHOWN.parse(JSON.parse(out))
}

async function run(options: SignOptions, name = 'paypro', seed = 1, environment: Environment = {}) {
  const out: string[] = []
  const problems: string[] = []
  const terminal = {
    line: (text: string) => out.push(text),
    problem: (text: string) => problems.push(text),
    status: () => {},
    isInteractive: false,
    paint: plainPaint,
  }
  const random = seededRandom(seed)
  const code = await sign(name, options, { terminal, environment, clock: systemClock, random })
  return { code, out: out.join('\n'), problems: problems.join('\n') }
}
