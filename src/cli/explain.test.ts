import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../lib/clock.ts'
import { seededRandom } from '../lib/random.ts'
import { newRsaKeys } from '../lib/rsa.ts'
import { PROTOCOLS } from '../protocols/registry.ts'
import { type ExplainOptions, explain } from './explain.ts'
import { sign } from './sign.ts'
import { plainPaint } from './terminal.ts'

const folder = mkdtempSync(join(tmpdir(), 'explain-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SECRET = 'a-secret-of-somebody'
// The worked example of the contract, with its digest.
const BODY =
  '{"sign":"4d26c829e27711906aaa39b205ffb47d","timestamp":"1728611780130","tradeNo":"test_00000001","amount":"300",' +
  '"notifyUrl":"https://google.com","wayCode":"EWALLET_BKASH","walletId":"01123456789","remark":"test"}'
const HEAD = 'POST /v1/paypro/payout HTTP/1.1\r\nHost: x\r\nmerchantNo: 1000000001'

test('a request is read from the text of HTTP, from a curl command and from JSON alike', async () => {
  const path = '/v1/paypro/payout'
  const forms = [
    `${HEAD}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}\r\n\r\n`,
    `${HEAD}\n\n${BODY}\n`,
    `curl -X POST 'https://pay.example${path}' -H 'merchantNo: 1000000001' \\\n  --data-raw '${BODY}'`,
    `curl --json "${BODY.replaceAll('"', '\\"')}" -H merchantNo:1000000001 pay.example/v1`,
    JSON.stringify({ method: 'POST', path, headers: { MerchantNo: '1000000001' }, body: BODY }),
  ]
  const codes: number[] = []
  for (const text of forms) codes.push((await run(text)).code)
  // The fourth goes to an address that is not the door's.
  expect(codes).toEqual([0, 0, 0, 1, 0])
})

test('a file, the options and standard input are the same request', async () => {
  const file = join(folder, 'request.http')
  const bodyFile = join(folder, 'body.json')
  writeFileSync(file, `${HEAD}\n\n${BODY}\n`)
  writeFileSync(bodyFile, BODY)
  const parts = { path: '/v1/paypro/payout', header: ['merchantNo: 1000000001'] }
  expect((await run('', {}, { file })).code).toBe(0)
  expect((await run('', { ...parts, bodyFile })).code).toBe(0)
  expect((await run('', { ...parts, body: BODY })).code).toBe(0)
  const request = JSON.stringify({ path: parts.path, headers: { merchantNo: '1000000001' }, body: BODY })
  expect((await run('', { request })).code).toBe(0)
})

test('checks are ticked up to the first that fails, which says why, and the exit code says that one did', async () => {
  const { code, out } = await run(`${HEAD}\n\n${BODY.replace('"300"', '"301"')}`)
  expect(code).toBe(1)
  const marks = out.split('\n').map(line => line[0])
  expect(marks.filter(mark => mark === '✓')).toHaveLength(5)
  expect(marks.filter(mark => mark === '✗')).toHaveLength(1)
  expect(out).toMatch(/✗ the signature is right\n {4}expected is the MD5 of amount=301/)
  expect(out).toContain('The door refuses this request.')
})

test('the credential that is given is the one that is asked, and its secret is never printed', async () => {
  const file = join(folder, 'secret')
  writeFileSync(file, `${SECRET}\n`)
  const signed = JSON.parse((await signedBy('paypro', { id: '77', secret: SECRET })).out)
  const request = JSON.stringify({
    path: '/v1/paypro/payout',
    headers: signed.request.headers,
    body: signed.request.body,
  })
  const own = { id: '77', secretFile: file }
  expect((await run(request, own)).code).toBe(0)
  const broken = request.replace('EWALLET_BKASH', 'EWALLET_NAGAD')
  for (const options of [{}, own, { ...own, setting: ['salt_position=prepend'] }, { ...own, json: true }]) {
    const { code, out, problems } = await run(broken, options)
    expect(code).toBe(1)
    expect(out + problems).not.toContain(SECRET)
    expect(out + problems).not.toContain('sandbox-paypro-secret')
  }
})

test('--json is one object with the same checks', async () => {
  const { out } = await run(`${HEAD}\n\n{}`, { json: true })
  const read = z
    .object({
      protocol: z.literal('paypro'),
      taken: z.literal(false),
      checks: z.array(z.object({ says: z.string(), ok: z.boolean(), why: z.string().nullable() })),
    })
    .parse(JSON.parse(out))
  expect(read.checks.map(({ ok }) => ok)).toEqual([true, true, true, true, true, false])
})

test('what cannot be read is exit code 2 and one sentence', async () => {
  const wrong: readonly (readonly [string, ExplainOptions])[] = [
    ['', {}],
    ['tradeNo=1', {}],
    ["curl 'http://x", {}],
    ['curl', {}],
    ['curl -d @body.json http://x/', {}],
    ['curl -F a=b http://x/', {}],
    ['{"path":1}', {}],
    ['{"path":"/","body":{}}', {}],
    ['{"path":"/","verb":"GET"}', {}],
    ['POST / HTTP/1.1\nno header\n\n', {}],
    [`${HEAD}\n\n{}`, { at: 'yesterday' }],
    [`${HEAD}\n\n{}`, { url: 'here' }],
    [`${HEAD}\n\n${BODY}`, { setting: ['salt_position=middle'] }],
    ['', { path: '/', header: ['x'] }],
    ['', { path: '/', bodyFile: join(folder, 'nothing') }],
  ]
  for (const [text, options] of wrong) {
    const { code, out, problems } = await run(text, options)
    expect({ code, out }, text + JSON.stringify(options)).toEqual({ code: 2, out: '' })
    expect(problems).toMatch(/^quittance explain: [^\n]+$/)
  }
  expect((await run(`${HEAD}\n\n${BODY}`, {}, { name: 'unheard-of' })).code).toBe(2)
})

test('nothing piped in and nothing named is told, not waited for', async () => {
  const problems: string[] = []
  const terminal = { ...silent(), problem: (text: string) => problems.push(text) }
  const needs = { terminal, environment: {}, clock: systemClock, input: null }
  expect(await explain('paypro', null, {}, needs)).toBe(2)
  expect(problems.join()).toContain('name a file')
})

test.each(PROTOCOLS.filter(({ builder, sandbox }) => builder !== null && sandbox?.needsKeys === false))(
  '$name: what sign builds is what the door takes, and a changed body is not',
  async ({ name, builder, door }) => {
    const paths = (door?.routes ?? []).map(({ path }) => path)
    // A call that no door of ours serves is there to be compared with a document.
    for (const call of (builder?.calls ?? []).filter(({ path }) => paths.includes(path))) {
      const { out } = await signedBy(name, { call: call.name, curl: true })
      expect(await run(out, {}, { name }), call.name).toMatchObject({ code: 0 })
      const broken = out.replace(/--data-raw '.*$/, `--data-raw '{"a":1}'`)
      expect((await run(broken, {}, { name })).code, call.name).toBe(1)
    }
  },
)

const WITH_KEYS = PROTOCOLS.filter(({ sandbox }) => sandbox?.needsKeys === true)

test.each(WITH_KEYS)(
  '$name: what is signed with the key of the demo is what the door takes, and with another key it is not',
  async ({ name, builder }) => {
    const { privateKey, publicKey } = newRsaKeys()
    const dataDir = join(folder, `data-${name}`)
    const keyFile = join(dataDir, 'sandbox', `${name}-private-key.pem`)
    const publicKeyFile = join(dataDir, 'public.pem')
    mkdirSync(join(dataDir, 'sandbox'), { recursive: true })
    writeFileSync(keyFile, privateKey)
    writeFileSync(publicKeyFile, publicKey)
    for (const call of builder?.calls ?? []) {
      const { out, problems } = await signedBy(name, { call: call.name, curl: true }, dataDir)
      expect(problems).toBe('')
      for (const key of [{ keyFile }, { keyFile: publicKeyFile }]) {
        const told = await run(out, key, { name })
        expect(told, call.name).toMatchObject({ code: 0 })
        expect(told.out).not.toContain(privateKey)
      }
      // One that is signed by a secret alone is none of the other key's business.
      if (!out.includes('uthorization')) continue
      const otherFile = join(dataDir, 'other.pem')
      writeFileSync(otherFile, newRsaKeys().privateKey)
      expect((await run(out, { keyFile: otherFile }, { name })).code, call.name).toBe(1)
    }
  },
)

test.each(WITH_KEYS)(
  '$name: the openssl line that is shown prints the signature, in a shell',
  async ({ name }) => {
    const keyFile = join(folder, 'private-key.pem')
    writeFileSync(keyFile, newRsaKeys().privateKey)
    const shown = JSON.parse((await signedBy(name, { keyFile })).out)
    const printed = execFileSync('sh', ['-c', shown.openssl], { cwd: folder, encoding: 'utf8' })
    expect(printed.trim()).toMatch(new RegExp(`${shown.hex}$`))
  },
)

test.each(WITH_KEYS)(
  '$name: without the key of the demo it says where the key is looked for',
  async ({ name }) => {
    const { code, problems } = await signedBy(name, {}, folder)
    expect(code).toBe(2)
    expect(problems).toContain(join(folder, 'sandbox', `${name}-private-key.pem`))
    expect(problems).toContain('quittance demo')
  },
)

test('without an address the door is at the port of the environment', async () => {
  const { privateKey } = newRsaKeys()
  const dataDir = mkdtempSync(join(folder, 'port-'))
  const keyFile = join(dataDir, 'private-key.pem')
  writeFileSync(keyFile, privateKey)
  const { out } = await signedBy('payneteasy', { keyFile, curl: true, url: 'http://127.0.0.1:9000' })
  const name = 'payneteasy'
  expect((await run(out, { keyFile }, { name, port: '9000' })).code).toBe(0)
  expect((await run(out, { keyFile }, { name })).code).toBe(1)
})

function silent() {
  return { line: () => {}, problem: () => {}, status: () => {}, isInteractive: false, paint: plainPaint }
}

async function signedBy(name: string, options: Parameters<typeof sign>[1], dataDir = folder) {
  const out: string[] = []
  const problems: string[] = []
  const terminal = {
    ...silent(),
    line: (text: string) => out.push(text),
    problem: (text: string) => problems.push(text),
  }
  const environment = { QUITTANCE_DATA_DIR: dataDir }
  const needs = { terminal, environment, clock: systemClock, random: seededRandom(1) }
  const code = await sign(name, { json: options.curl !== true, ...options }, needs)
  return { code, out: out.join('\n'), problems: problems.join('\n') }
}

async function run(
  text: string,
  options: ExplainOptions = {},
  { name = 'paypro', file = null, port = '' }: { name?: string; file?: string | null; port?: string } = {},
) {
  const out: string[] = []
  const problems: string[] = []
  const terminal = {
    ...silent(),
    line: (line: string) => out.push(line),
    problem: (line: string) => problems.push(line),
  }
  const input = async () => Buffer.from(text)
  const environment = { QUITTANCE_DATA_DIR: folder, PORT: port }
  const code = await explain(name, file, options, { terminal, environment, clock: systemClock, input })
  return { code, out: out.join('\n'), problems: problems.join('\n') }
}
