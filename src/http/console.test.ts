// What is served at `/`, with which headers, and what never is.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { writeAnswer } from './answer.ts'
import { mountConsole, readConsole } from './console.ts'
import { addWholeRoute } from './route.ts'
import { createServer } from './server.ts'

let folder: string
let server: FastifyInstance
const PAGE = '<!doctype html><title>the console</title>'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quittance console '))
  const dist = join(folder, 'dist')
  await mkdir(join(dist, 'assets'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'a secret')
  await writeFile(join(dist, 'index.html'), PAGE)
  await writeFile(join(dist, 'icon.svg'), '<svg/>')
  await writeFile(join(dist, 'assets', 'index-B1x_2.js'), 'start()')
  await writeFile(join(dist, 'assets', 'index-C3.css'), 'a{}')
  await symlink(join(folder, 'secret.txt'), join(dist, 'linked.txt'))
  server = serverOf(await readConsole(pathToFileURL(`${dist}/`)), true)
  await server.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

function serverOf(files: Awaited<ReturnType<typeof readConsole>>, https: boolean): FastifyInstance {
  const made = createServer({ log: createLog({ level: 'silent' }), clock: systemClock, random: systemRandom })
  for (const url of ['/v1/payouts/:id', '/docs', '/health/live', '/payout/api/proof/get_data.php'])
    addWholeRoute(made, {
      ...{ method: 'GET', url, schema: null },
      serve: async (_request, reply) => writeAnswer(reply, { status: 200, headers: {}, body: 'its own' }),
      fault: () => {},
    })
  mountConsole(made, { files, https, reserved: new Set(['v1', 'docs', 'health', 'payout', 'callbacks']) })
  return made
}

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
const get = (url: string, headers: Record<string, string> = HTML) => server.inject({ url, headers })

const EVERY = {
  'content-security-policy': expect.stringMatching(
    /^default-src 'self'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'$/,
  ),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
}

test.each([
  '/',
  '/payouts',
  '/payouts/m_shop/po_00000cbfxf2iecch',
  '/sign-in',
  '/set-password',
  '/no/such/page',
  '/?a=b',
])('%s is the one page, which no cache keeps', async path => {
  const answer = await get(path)
  expect(answer.statusCode).toBe(200)
  expect(answer.body).toBe(PAGE)
  expect(answer.headers).toMatchObject({
    ...{ 'content-type': 'text/html;charset=utf-8', 'cache-control': 'no-store', ...EVERY },
  })
})

test('an asset is served with its own type and kept for ever; what has no hash in its name is asked for again', async () => {
  expect(await get('/assets/index-B1x_2.js', {})).toMatchObject({
    ...{ statusCode: 200, body: 'start()' },
    headers: {
      'content-type': 'text/javascript;charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      ...EVERY,
    },
  })
  expect((await get('/assets/index-C3.css', {})).headers['content-type']).toBe('text/css;charset=utf-8')
  expect((await get('/icon.svg', {})).headers['cache-control']).toBe('no-cache')
})

test.each(['/v1/payouts/1', '/docs', '/health/live', '/payout/api/proof/get_data.php'])(
  '%s answers for itself, to a browser too',
  async path => {
    expect((await get(path)).body).toBe('its own')
  },
)

test.each([
  '/v1/nothing',
  '/v1',
  '/docs/none',
  '/health/none',
  '/payout/other',
  '/callbacks/x',
  '/assets/none.js',
  '/favicon.ico',
])('%s is not there, and no page is shown in its place', async path => {
  const answer = await get(path)
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toMatchObject({ code: 'not_found' })
  expect(answer.headers).toMatchObject(EVERY)
})

test('a program that opens an address gets no page, and nothing is written to one', async () => {
  expect((await get('/payouts', { accept: 'application/json' })).statusCode).toBe(404)
  expect((await get('/payouts', {})).statusCode).toBe(404)
  for (const method of ['POST', 'PUT', 'DELETE'] as const)
    expect((await server.inject({ method, url: '/payouts', headers: HTML })).statusCode).toBe(404)
})

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/assets/....//secret.txt',
  '//etc/passwd',
  '/linked.txt',
  '/assets/%00index-B1x_2.js',
  '/\\..\\secret.txt',
  '/%zz',
  '//evil.example',
  '/\\evil.example',
])('%s leads nowhere, in the bytes that a client sends', async path => {
  const answer = await raw(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 40[04] /)
  expect(answer).not.toMatch(/secret|root:/)
  // No open redirect: nothing here answers with another address.
  expect(answer).not.toMatch(/^location:/im)
})

test('without a build it says what to do, and without https it does not ask for it', async () => {
  expect(await readConsole(pathToFileURL(`${folder}/nothing/`))).toBeNull()
  const bare = serverOf(null, false)
  const answer = await bare.inject({ url: '/', headers: HTML })
  expect(answer.statusCode).toBe(404)
  expect(answer.body).toContain('npm run build')
  expect(answer.headers['strict-transport-security']).toBeUndefined()
  expect(answer.headers['x-frame-options']).toBe('DENY')
  expect((await bare.inject({ url: '/v1/payouts/1', headers: HTML })).body).toBe('its own')
  await bare.close()
})

async function raw(request: string): Promise<string> {
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens')
  const socket = connect(address.port, '127.0.0.1')
  socket.end(request)
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece)
  return Buffer.concat(pieces).toString('latin1')
}
