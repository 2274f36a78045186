import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { createMetrics } from '../lib/metrics.ts'
import { systemRandom } from '../lib/random.ts'
import { writeAnswer } from './answer.ts'
import { mountHealth, mountMetrics } from './health.ts'
import type { ServerLimits } from './limits.ts'
import { addWholeRoute } from './route.ts'
import { createServer, stopServer } from './server.ts'

let server: FastifyInstance | null = null
const lines: string[] = []
afterEach(async () => {
  await server?.close()
  lines.length = 0
})

function created(limits: Partial<ServerLimits> = {}, level = 'debug') {
  const log = createLog({ level, destination: { write: (line: string) => lines.push(line) } })
  const made = createServer({ log, clock: systemClock, random: systemRandom, limits })
  server = made
  return made
}

/** A route whose answers stand still until they are let go. */
function slowRoute(on: FastifyInstance) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const arrived = { times: 0 }
  addWholeRoute(on, {
    method: 'POST',
    url: '/slow',
    schema: null,
    async serve(_request, reply) {
      arrived.times += 1
      await promise
      writeAnswer(reply, { status: 201, headers: {}, body: 'recorded' })
    },
    fault: (_error, _request, reply) => writeAnswer(reply, { status: 500, headers: {}, body: '' }),
  })
  return { letGo: resolve, arrived }
}

async function port(of: FastifyInstance): Promise<number> {
  await of.listen({ host: '127.0.0.1', port: 0 })
  return (of.server.address() as AddressInfo).port // a server that listens on a port has one
}

async function opened(at: number): Promise<{ socket: Socket; text(): string; closed: Promise<void> }> {
  const socket = connect(at, '127.0.0.1')
  let text = ''
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
  await new Promise<void>(resolve => socket.on('connect', () => resolve()))
  return { socket, text: () => text, closed }
}

async function said(at: number, bytes: string): Promise<string> {
  const { socket, text, closed } = await opened(at)
  socket.write(bytes)
  await Promise.race([closed, wait(400)])
  socket.destroy()
  return text()
}

test('a request that names itself keeps its name, any other gets one of ours, and the answer carries it', async () => {
  const made = created()
  const given = await made.inject({ url: '/nowhere', headers: { 'x-request-id': 'order-42.a_B' } })
  expect(given.headers['x-request-id']).toBe('order-42.a_B')
  for (const wrong of ['', 'a b', 'x'.repeat(129), 'ü', 'a,b', 'line\tbreak']) {
    const answer = await made.inject({ url: '/nowhere', headers: { 'x-request-id': wrong } })
    expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-z]{16}$/)
    expect(answer.json().request_id).toBe(answer.headers['x-request-id'])
  }
})

test('an unknown path is a problem with a code, also where it is long or cannot be decoded', async () => {
  const made = created()
  for (const url of ['/nowhere', `/${'x'.repeat(2_000)}`, '/%zz', '/a/../b', '//']) {
    const answer = await made.inject({ url, method: 'POST', payload: 'x' })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json()).toMatchObject({ code: 'not_found', status: 404, retryable: false })
  }
})

test('headers and addresses beyond their limits, and two Host headers, are refused before anything is served', async () => {
  const made = created({ headers: 10, urlBytes: 100 })
  const { arrived, letGo } = slowRoute(made)
  letGo()
  const at = await port(made)
  const many = (count: number) => Array.from({ length: count }, (_, n) => `x${n}: 1\r\n`).join('')
  expect(await said(at, `POST /slow HTTP/1.1\r\nHost: x\r\n${many(9)}\r\n`)).toMatch(/ 201 /)
  expect(await said(at, `POST /slow HTTP/1.1\r\nHost: x\r\n${many(10)}\r\n`)).toMatch(/ 431 /)
  expect(await said(at, `POST /slow HTTP/1.1\r\nHost: x\r\n${many(50)}\r\n`)).toMatch(/ 431 /)
  expect(await said(at, `POST /slow?${'q'.repeat(94)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/ 201 /)
  expect(await said(at, `POST /slow?${'q'.repeat(95)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/ 414 /)
  expect(await said(at, 'POST /slow HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n')).toMatch(/ 400 /)
  expect(arrived.times).toBe(2)
})

test('what is no HTTP, or HTTP of two meanings, is refused and the connection closed', async () => {
  const made = created({ headerBytes: 4_096 })
  const { arrived } = slowRoute(made)
  const at = await port(made)
  const host = 'Host: x\r\n'
  const broken = {
    'both lengths': `POST /slow HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `POST /slow HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    'no number': `POST /slow HTTP/1.1\r\n${host}Content-Length: 0x3\r\n\r\nabc`,
    'folded header': `POST /slow HTTP/1.1\r\n${host}A: b\r\n c\r\n\r\n`,
    'blank in a name': `POST /slow HTTP/1.1\r\n${host}A : b\r\n\r\n`,
    'no host': 'POST /slow HTTP/1.1\r\n\r\n',
    garbage: '\u0016\u0003\u0001 hello\r\n\r\n',
  }
  for (const [name, bytes] of Object.entries(broken)) {
    expect(await said(at, bytes), name).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  }
  expect(await said(at, `POST /slow HTTP/1.1\r\n${host}A: ${'x'.repeat(5_000)}\r\n\r\n`)).toMatch(/ 431 /)
  expect(arrived.times).toBe(0)
})

test('garbage behind a payout that is being recorded is not answered as if it were the payout', async () => {
  const made = created()
  const { letGo, arrived } = slowRoute(made)
  const { socket, text, closed } = await opened(await port(made))
  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  await wait(50)
  socket.write('garbage\r\n\r\n')
  await closed
  letGo()
  expect(arrived.times).toBe(1)
  expect(text()).toBe('')
})

test('slow headers end the connection within their time', async () => {
  const made = created({ headersMs: 300, requestMs: 600 })
  const { socket, closed } = await opened(await port(made))
  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\n')
  const began = systemClock.monotonic()
  await closed
  expect(systemClock.monotonic() - began).toBeLessThan(2_500)
})

test('one address has only its share of the connections, and gets them back', async () => {
  const made = created({ connectionsPerAddress: 3 })
  const at = await port(made)
  const open = [await opened(at), await opened(at), await opened(at)]
  const over = await opened(at)
  await over.closed
  open[0]?.socket.destroy()
  await wait(50)
  expect(await said(at, 'GET /x HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/ 404 /)
  for (const { socket } of open) socket.destroy()
})

test('stopping lets what is in flight finish and takes nothing new', async () => {
  const made = created()
  const { letGo, arrived } = slowRoute(made)
  const at = await port(made)
  const { socket, text, closed } = await opened(at)
  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  await wait(50)
  expect(arrived.times).toBe(1)
  const began = systemClock.monotonic()
  const stopping = stopServer(made, { clock: systemClock, graceMs: 5_000 })
  await wait(50)
  const late = connect(at, '127.0.0.1')
  await new Promise<void>(resolve => late.on('error', () => resolve()))
  letGo()
  await stopping
  await closed
  expect(text()).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
  expect(systemClock.monotonic() - began).toBeLessThan(2_000)
})

test('stopping does not wait for ever: after its grace the connections are cut', async () => {
  const made = created()
  const { letGo } = slowRoute(made)
  const { socket, closed } = await opened(await port(made))
  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
  await wait(50)
  const began = systemClock.monotonic()
  await stopServer(made, { clock: systemClock, graceMs: 200 })
  await closed
  expect(systemClock.monotonic() - began).toBeLessThan(2_000)
  letGo()
})

test('the access log holds method, route, status and names, and never a query, a path as sent, or a body', async () => {
  const made = created()
  slowRoute(made).letGo()
  await made.inject({ url: '/slow?name=secret-query', method: 'POST', payload: 'secret-body' })
  await made.inject({ url: '/secret-path' })
  const logged = lines.map(line => JSON.parse(line))
  expect(logged).toMatchObject([
    {
      level: 'debug',
      method: 'POST',
      route: '/slow',
      status: 201,
      request: expect.any(String),
      msg: 'answered',
    },
    { level: 'info', method: 'GET', route: 'unknown', status: 404 },
  ])
  expect(logged[0]?.ms).toBeGreaterThanOrEqual(0)
  expect(lines.join('')).not.toContain('secret')
})

test('a fault that nobody foresaw says nothing of itself, and says whether to come again', async () => {
  const made = created()
  made.get('/broken', async () => {
    throw new Error('secret of the house')
  })
  made.get('/away', async () => {
    throw new Unavailable('unavailable', 'connection refused by db.internal')
  })
  const broken = await made.inject('/broken')
  expect(broken.statusCode).toBe(500)
  expect(broken.json()).toMatchObject({ code: 'internal', retryable: false })
  const away = await made.inject('/away')
  expect(away.statusCode).toBe(503)
  expect(away.headers['retry-after']).toBe('1')
  expect(away.json()).toMatchObject({ code: 'unavailable', retryable: true })
  expect(`${broken.body}${away.body}`).not.toMatch(/secret|internal\./)
})

test('alive asks nobody, ready asks every check and waits for none of them longer than two seconds', async () => {
  const made = created()
  const ready = { database: { ok: true } as { ok: true } | { ok: false; why: string } }
  let asked = 0
  mountHealth(made, {
    clock: systemClock,
    checks: {
      async database() {
        asked += 1
        return ready.database
      },
      directory: async () => ({ ok: true }),
    },
  })
  expect((await made.inject('/health/live')).json()).toEqual({ status: 'ok' })
  expect(await made.inject({ url: '/health/live', method: 'HEAD' })).toMatchObject({
    statusCode: 200,
    body: '',
  })
  expect(asked).toBe(0)
  expect((await made.inject('/health/ready')).statusCode).toBe(200)
  ready.database = { ok: false, why: 'the database does not answer' }
  const not = await made.inject('/health/ready')
  expect(not.statusCode).toBe(503)
  expect(not.json()).toEqual({ status: 'not_ready', failed: { database: 'the database does not answer' } })
})

test('a process that may be given work says beside it what people should know, and is ready all the same', async () => {
  const made = created()
  let notes: Record<string, string> = {}
  mountHealth(made, { clock: systemClock, checks: {}, notes: () => notes })
  expect((await made.inject('/health/ready')).json()).toEqual({ status: 'ok' })
  notes = { sending: 'stopped' }
  const ready = await made.inject('/health/ready')
  expect({ status: ready.statusCode, body: ready.json() }).toEqual({
    status: 200,
    body: { status: 'ok', sending: 'stopped' },
  })
})

test('a check that throws or hangs has not passed', async () => {
  const made = created()
  mountHealth(made, {
    clock: { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(20, signal) },
    checks: {
      thrown: () => Promise.reject(new Error('at db.internal')),
      hanging: () => new Promise(() => {}),
    },
  })
  expect((await made.inject('/health/ready')).json()).toEqual({
    status: 'not_ready',
    failed: { thrown: 'the check failed', hanging: 'no answer in time' },
  })
})

test('the metrics count every answer by its route as declared', async () => {
  const metrics = createMetrics()
  const made = createServer({
    log: createLog({ level: 'silent' }),
    clock: systemClock,
    random: systemRandom,
    metrics,
  })
  server = made
  mountMetrics(made, metrics)
  slowRoute(made).letGo()
  await made.inject({ url: '/slow?x=1', method: 'POST' })
  await made.inject('/nowhere/1')
  await made.inject('/nowhere/2')
  const { body, headers } = await made.inject('/metrics')
  expect(headers['content-type']).toMatch(/^text\/plain/)
  expect(body).toContain('quittance_http_request_seconds_count{method="POST",route="/slow",status="201"} 1')
  expect(body).toContain('quittance_http_request_seconds_count{method="GET",route="unknown",status="404"} 2')
})

test('many requests on one connection are each answered', async () => {
  const made = created()
  slowRoute(made).letGo()
  const at = await port(made)
  const statuses = await Promise.all(
    Array.from(
      { length: 20 },
      () =>
        new Promise(resolve => {
          const sent = httpRequest({ port: at, host: '127.0.0.1', path: '/slow', method: 'POST' }, answer => {
            answer.resume()
            resolve(answer.statusCode)
          })
          sent.end('body that nobody reads')
        }),
    ),
  )
  expect(statuses).toEqual(statuses.map(() => 201))
})
