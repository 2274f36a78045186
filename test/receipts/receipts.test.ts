// Receipts of the real program, checked by three who share no code: our own verifier, a script written from the document in
// another language, and the page that a browser runs. What was forged, altered or cut is refused by all of them.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import vm from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ed25519Signer, newEd25519Pair } from '../../src/lib/ed25519.ts'
import { parseJson } from '../../src/lib/json.ts'
import { base64url } from '../../src/receipts/base64.ts'
import { canonicalJson } from '../../src/receipts/canonical.ts'
import { readReceiptKeySet } from '../../src/receipts/keys.ts'
import { verifyReceipt } from '../../src/receipts/verify.ts'
import { createNative, findNative } from '../client.ts'
import { API_KEY, type House, openHouse, type Server, startServer } from '../house.ts'
import { eventually, startProgram } from '../program.ts'
import { type RailProgram, startRail } from '../rail.ts'

const PYTHON = fileURLToPath(new URL('./verify.py', import.meta.url))
const PAYOUTS = 9

let rail: RailProgram
let house: House
let server: Server
let folder: string
let receipt: string
let keys: string
let id: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance-receipts-'))
  rail = await startRail()
  house = await openHouse({ railUrl: rail.url })
  server = await startServer(house)
  for (let place = 0; place < PAYOUTS; place += 1)
    await createNative(server.url, { reference: `proven-${place}`, amount: `${place + 1}.50` })
  id = (await findNative(server.url, 'proven-4')).id
  for (let place = 0; place < PAYOUTS; place += 1) {
    const { id: each } = await findNative(server.url, `proven-${place}`)
    await eventually(
      'it has a receipt',
      () => ask(`/v1/payouts/${each}/receipt`),
      ({ status }) => status === 200,
    )
  }
  receipt = (await ask(`/v1/payouts/${id}/receipt.json`)).text
  keys = (await ask('/.well-known/jwks.json', null)).text
  await writeFile(join(folder, 'jwks.json'), keys)
  await writeFile(join(folder, 'receipt.json'), receipt)
}, 180_000)
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await house?.[Symbol.asyncDispose]()
  await rail?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function ask(path: string, key: string | null = API_KEY) {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` }
  const answer = await fetch(`${server.url}${path}`, { headers })
  const bytes = Buffer.from(await answer.arrayBuffer())
  return { status: answer.status, headers: answer.headers, bytes, text: bytes.toString('utf8') }
}

test('our own verifier, the script and the page call it genuine, and read the same facts', async () => {
  expect(await byPython(receipt)).toMatchObject({
    genuine: true,
    facts: { amount: { value: '5.50', currency: 'BDT' } },
  })
  expect(byUs(receipt)).toMatchObject({ ok: true })
  expect(await byPage(receipt)).toMatchObject({ ok: true, facts: { payout: { id, reference: 'proven-4' } } })
  // The code on a picture holds the signed text alone.
  expect(await byPage(JSON.parse(receipt).signed)).toMatchObject({ ok: true, alone: true })
  const { out, code } = await quittance([
    'verify',
    join(folder, 'receipt.json'),
    '--keys',
    join(folder, 'jwks.json'),
  ])
  expect(code).toBe(0)
  expect(out).toMatch(/^GENUINE\n/)
  for (const words of ['5.50 BDT', '01••••••678', 'Not proven', 'That it did not come back since', 'real'])
    expect(out).toContain(words)
})

const other = newEd25519Pair()

const FORGED: readonly (readonly [string, string, (text: string) => string])[] = [
  ['facts', 'another amount', text => text.replace('"value": "5.50"', '"value": "9999.50"')],
  ['facts', 'another beneficiary', text => text.replace('01••••••678', '01••••••679')],
  ['facts', 'a fact more', text => text.replace('"facts": {', '"facts": { "note": "x",')],
  ['form', 'cut in the middle', text => text.slice(0, text.length / 2)],
  ['form', 'the last byte cut', text => text.trimEnd().slice(0, -1)],
  ['form', 'something behind it', text => `${text}{}`],
  ['form', 'a member more', text => text.replace('"format"', '"more": 1, "format"')],
  ['form', 'a fraction', text => text.replace('"version": 1', '"version": 1.5')],
  ['form', 'a signature that is cut', text => text.replace(/("signed": "[^"]*)...."/, '$1"')],
  ['form', 'padding', text => text.replace(/("signed": "[^"]*)"/, '$1="')],
  [
    'signature',
    'another key under the same name',
    text => signedBy(text, ({ header, payload }) => [header, payload]),
  ],
  [
    'form',
    'no algorithm',
    text => signedBy(text, ({ payload, kid }) => [headerOf({ alg: 'none', kid }), payload]),
  ],
  [
    'key',
    'a key of the forger',
    text => signedBy(text, ({ payload }) => [headerOf({ alg: 'EdDSA', kid: 'A'.repeat(43) }), payload]),
  ],
  [
    'inclusion',
    'another place',
    text => text.replace(/"leaf_index": (\d+)/, (_all, at) => `"leaf_index": ${(Number(at) + 1) % 2}`),
  ],
  ['inclusion', 'a path that is cut', text => text.replace(/,\s+"[0-9a-f]{64}"\s+\]/, ']')],
  ['inclusion', 'a hash in the path', text => text.replace(/"path": \[\s+"../, '"path": ["00')],
  [
    'checkpoint',
    'a larger log',
    text => text.replace(/\\n(\d+)\\n/, (_all, size) => `\\n${Number(size) + 1}\\n`),
  ],
  ['checkpoint', 'another log', text => text.replaceAll('quittance.receipts/', 'quittance.receipts/x')],
]

test.each(FORGED)('all three refuse at "%s": %s', async (check, _what, forge) => {
  const forged = forge(receipt)
  expect(forged).not.toBe(receipt)
  // Another name of the log changes the facts first.
  const expected = forged.includes('receipts/x') ? 'facts' : check
  expect(byUs(forged)).toMatchObject({ ok: false, check: expected })
  expect(await byPython(forged)).toMatchObject({ genuine: false, check: expected })
  expect(await byPage(forged)).toMatchObject({ ok: false })
})

test('the Ed25519 of the script is the one of RFC 8032', async () => {
  const child = execFile('python3', ['-B', PYTHON, '--rfc8032'])
  let out = ''
  child.stdout?.on('data', chunk => {
    out += chunk
  })
  const good =
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a - e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'
  const ended = new Promise(resolve => child.once('close', resolve))
  child.stdin?.end(`${good}\n${good.replace(' - ', ' 00 ')}\n`)
  await ended
  expect(out).toBe('holds\nrefused\n')
})

test('the command says by its exit code what became of it', async () => {
  const altered = join(folder, 'altered.json')
  await writeFile(altered, receipt.replace('5.50', '6.50'))
  const at = ['--keys', join(folder, 'jwks.json')]
  expect(await quittance(['verify', altered, ...at])).toMatchObject({ code: 1 })
  expect((await quittance(['verify', altered, ...at])).out).toContain('REFUSED')
  expect(await quittance(['verify', join(folder, 'none.json'), ...at])).toMatchObject({ code: 2 })
  expect(await quittance(['verify', altered, '--keys', join(folder, 'none.json')])).toMatchObject({ code: 2 })
  expect(await quittance(['verify'])).toMatchObject({ code: 2 })
  const { out, code } = await quittance(['verify', join(folder, 'receipt.json'), ...at, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ genuine: true, facts: { payout: { id } } })
}, 120_000)

test('a checkpoint that somebody kept is held against the receipt', async () => {
  const kept = join(folder, 'kept.txt')
  const first = Number((await ask('/v1/receipts/log/checkpoint', null)).text.split('\n')[1])
  await writeFile(kept, (await ask('/v1/receipts/log/checkpoint', null)).text)
  await createNative(server.url, { reference: 'later' })
  const later = (await findNative(server.url, 'later')).id
  const answer = await eventually(
    'it has a receipt',
    () => ask(`/v1/payouts/${later}/receipt`),
    ({ status }) => status === 200,
  )
  await writeFile(join(folder, 'later.json'), answer.text)
  const second = Number(JSON.parse(answer.text).inclusion.checkpoint.split('\n')[1])
  expect(second).toBeGreaterThan(first)
  const proof = await ask(`/v1/receipts/log/consistency?first=${first}&second=${second}`, null)
  await writeFile(join(folder, 'proof.json'), proof.text)
  const argv = [
    'verify',
    join(folder, 'later.json'),
    '--keys',
    join(folder, 'jwks.json'),
    '--checkpoint',
    kept,
  ]
  expect(await quittance(argv)).toMatchObject({ code: 2 })
  const held = await quittance([...argv, '--consistency', join(folder, 'proof.json')])
  expect(held).toMatchObject({ code: 0 })
  expect(held.out).toContain('grew out of the checkpoint')
  await writeFile(join(folder, 'proof.json'), proof.text.replace(/[0-9a-f]{64}/, '0'.repeat(64)))
  expect(await quittance([...argv, '--consistency', join(folder, 'proof.json')])).toMatchObject({ code: 1 })
}, 120_000)

test('picture and PDF are served as what they are, to whoever may read the payout alone', async () => {
  const [png, pdf] = [await ask(`/v1/payouts/${id}/receipt.png`), await ask(`/v1/payouts/${id}/receipt.pdf`)]
  expect(png.bytes.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
  expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-')
  for (const [answer, type] of [
    [png, 'image/png'],
    [pdf, 'application/pdf'],
  ] as const) {
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('content-security-policy')).toContain('sandbox')
  }
  for (const suffix of ['', '.json', '.png', '.pdf'])
    expect((await ask(`/v1/payouts/${id}/receipt${suffix}`, null)).status).toBe(401)
  // The house's own picture at the Proof door and in the API is the signed one.
  const images = JSON.parse((await ask(`/v1/payouts/${id}/proof_images`)).text).data
  expect(images.at(-1)).toMatchObject({
    source: 'own',
    sha256: createHash('sha256').update(png.bytes).digest('hex'),
  })
}, 120_000)

test('the log and the keys are open to anybody, and tell of no receipt that he does not hold', async () => {
  const { signed } = JSON.parse(receipt)
  const leaf = createHash('sha256').update(`\u0000${signed}`).digest('hex')
  const status = await ask(`/v1/receipts/${leaf}`, null)
  expect(JSON.parse(status.text)).toMatchObject({ object: 'receipt_status', leaf, superseded_by: null })
  expect(status.headers.get('access-control-allow-origin')).toBe('*')
  expect(status.text).not.toContain(id)
  expect((await ask(`/v1/receipts/${'0'.repeat(64)}`, null)).status).toBe(404)
  expect((await ask('/v1/receipts/log/inclusion?leaf=1', null)).status).toBe(400)
  expect((await ask(`/v1/receipts/log/inclusion?leaf=${leaf}&size=100000`, null)).status).toBe(404)
  expect((await ask('/v1/receipts/log/consistency?first=5&second=4', null)).status).toBe(404)
  expect((await ask('/v1/receipts/log/checkpoint?size=99999', null)).status).toBe(404)
  expect((await ask('/v1/receipts/log/checkpoint?other=1', null)).status).toBe(400)
})

test('the page runs its own script and nothing else', async () => {
  const page = await ask('/verify', null)
  const policy = page.headers.get('content-security-policy') ?? ''
  const script = /<script>([\s\S]*?)<\/script>/.exec(page.text)?.[1] ?? ''
  expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  expect(page.text).not.toMatch(/\son\w+=|style=|src=|href=|innerHTML/)
})

test('after a rotation old receipts stay good and new ones are by the new key', async () => {
  expect(await quittance(['key', 'rotate'], house.environment())).toMatchObject({ code: 0 })
  await createNative(server.url, { reference: 'rotated' })
  const newer = (await findNative(server.url, 'rotated')).id
  const answer = await eventually(
    'it has a receipt',
    () => ask(`/v1/payouts/${newer}/receipt`),
    ({ status }) => status === 200,
  )
  // The old key set does not know the new key; the new one knows both.
  expect(byUs(answer.text)).toMatchObject({ ok: false, check: 'key' })
  const fresh = (await ask('/.well-known/jwks.json', null)).text
  expect(JSON.parse(fresh).keys).toHaveLength(2)
  expect(byUs(answer.text, fresh)).toMatchObject({ ok: true })
  expect(byUs(receipt, fresh)).toMatchObject({ ok: true })
  const listed = await quittance(['key'], house.environment())
  expect(listed.out).toContain('signs')
}, 120_000)

function byUs(text: string, keySet = keys) {
  const parsed = parseJson(keySet)
  const read = parsed.ok ? readReceiptKeySet(parsed.value) : parsed.why
  if (typeof read === 'string') throw new Error(read)
  return verifyReceipt(Buffer.from(text), read)
}

async function byPython(text: string): Promise<unknown> {
  const path = join(folder, 'judged.json')
  await writeFile(path, text)
  const { stdout } = await promisify(execFile)('python3', [
    '-B',
    PYTHON,
    path,
    join(folder, 'jwks.json'),
  ]).catch((error: { stdout: string; stderr: string; code: number }) => {
    if (error.code !== 1 || error.stdout === '') throw new Error(error.stderr)
    return error
  })
  return JSON.parse(stdout)
}

/** The page's own script, as a browser runs it, without a window to show anything in. */
async function byPage(text: string): Promise<unknown> {
  const page = await readFile(new URL('../../src/api/verify.html', import.meta.url), 'utf8')
  const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? ''
  const element = { addEventListener: () => {}, files: [], value: '' }
  const context = vm.createContext({
    ...{ crypto, TextEncoder, TextDecoder, atob, btoa, Uint8Array },
    document: { getElementById: () => element },
    location: { protocol: 'file:', hash: '' },
  })
  vm.runInContext(script, context)
  // A function that the page's script declares.
  const verify = context.verifyReceipt as (text: string, keys: string) => Promise<unknown>
  return verify(text, keys)
}

async function quittance(argv: readonly string[], environment: Record<string, string> = {}) {
  await using program = startProgram(argv, environment)
  const { code } = await program.ended
  return { code, out: program.out(), problems: program.problems() }
}

function headerOf(members: { alg: string; kid: string }): string {
  return base64url(canonicalJson({ ...members, typ: 'quittance-receipt+jws' }))
}

/** Signed anew by somebody else. */
function signedBy(
  text: string,
  parts: (of: { header: string; payload: string; kid: string }) => readonly [string, string],
): string {
  const document = JSON.parse(text)
  const [header, payload] = document.signed.split('.')
  const kid = JSON.parse(Buffer.from(header, 'base64url').toString()).kid
  const signed = parts({ header, payload, kid }).join('.')
  document.signed = `${signed}.${base64url(ed25519Signer(other.seed)(signed))}`
  return JSON.stringify(document)
}
