// Real sockets on loopback. Each server counts the connections that were opened and the requests that arrived, because
// one arrival for one call is the first promise of this file.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createServer as createTlsServer } from 'node:tls'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import type { WireRequest } from '../protocols/protocol.ts'
import { type Call, type CallLimits, type CallOptions, type CallResult, createCall } from './call.ts'

// ---- no byte leaves --------------------------------------------------------------------------------------------

test('a port where nobody listens is unsent at connect', async () => {
  const port = await closedPort()
  expect(await send(`http://127.0.0.1:${port}/pay`)).toMatchObject({
    kind: 'unsent',
    why: 'connect',
    said: 'connection refused',
  })
})

test('a name that does not exist is unsent at name', async () => {
  const gone = async () => {
    throw Object.assign(new Error('no such host'), { code: 'ENOTFOUND' })
  }
  const result = await send('http://provider.invalid/pay', { options: { resolve: gone } })
  expect(result).toMatchObject({ kind: 'unsent', why: 'name', said: 'name not found' })
})

test('a name that resolves to nothing, or never, is unsent at name', async () => {
  const nothing = await send('http://provider.invalid/pay', { options: { resolve: async () => [] } })
  expect(nothing).toMatchObject({ kind: 'unsent', why: 'name' })
  const never = await send('http://provider.invalid/pay', {
    options: { resolve: () => new Promise(() => {}) },
    limits: { connectMs: 100 },
  })
  expect(never).toMatchObject({ kind: 'unsent', why: 'name', said: 'the name was not resolved in time' })
})

test('a connection that nobody takes up is unsent at connect, in time', async () => {
  const full = await fullListener()
  const result = await send(`http://127.0.0.1:${full.port}/pay`, { limits: { connectMs: 200 } })
  expect(result).toMatchObject({ kind: 'unsent', why: 'connect', said: 'no connection in time' })
  expect(result.durationMs).toBeGreaterThan(150)
  expect(result.durationMs).toBeLessThan(1500)
})

test('an address that our own rule forbids is unsent at guard and never connected to', async () => {
  const provider = await provides(answering(OK))
  const forbidden = { mayReach: (address: string) => address !== '127.0.0.1' }
  for (const host of ['127.0.0.1', 'provider.invalid']) {
    const result = await send(`http://${host}:${provider.port}/pay`, {
      options: { ...forbidden, resolve: async () => ['192.0.2.1', '127.0.0.1'] },
    })
    expect(result).toMatchObject({ kind: 'unsent', why: 'guard' })
  }
  expect(provider.connections).toBe(0)
})

test('the peer that was reached is judged again, and nothing is written to one that is not allowed', async () => {
  const provider = await provides(answering(OK))
  let asked = 0
  const mayReach = () => {
    asked += 1
    return asked === 1
  }
  expect(await send(`http://127.0.0.1:${provider.port}/pay`, { options: { mayReach } })).toMatchObject({
    kind: 'unsent',
    why: 'guard',
  })
  await wait(50)
  expect(provider).toMatchObject({ connections: 1, bytes: 0 })
})

test('the address that was checked is the address that is used', async () => {
  const provider = await provides(answering(OK))
  const asked: string[] = []
  const result = await send(`http://provider.invalid:${provider.port}/pay`, {
    options: {
      resolve: async () => {
        asked.push('resolve')
        return ['127.0.0.1']
      },
    },
  })
  expect(result).toMatchObject({ kind: 'answered', status: 200 })
  expect(asked).toEqual(['resolve'])
  expect(provider.received[0]).toContain(`host: provider.invalid:${provider.port}\r\n`)
})

test('a certificate that nobody vouches for is unsent at tls', async () => {
  const provider = await providesTls(answering(OK))
  expect(await send(`https://localhost:${provider.port}/pay`, { loopback: true })).toMatchObject({
    kind: 'unsent',
    why: 'tls',
  })
  expect(provider.requests).toBe(0)
})

test('a trusted certificate of another name is unsent at tls', async () => {
  const provider = await providesTls(answering(OK))
  const result = await send(`https://elsewhere.invalid:${provider.port}/pay`, {
    options: { ca: CERTIFICATE, resolve: async () => ['127.0.0.1'] },
  })
  expect(result).toMatchObject({ kind: 'unsent', why: 'tls' })
  expect(provider.requests).toBe(0)
})

test('a server that speaks no TLS, or never finishes its handshake, is unsent at tls', async () => {
  const plain = await provides(answering(OK))
  expect(await send(`https://127.0.0.1:${plain.port}/pay`)).toMatchObject({ kind: 'unsent', why: 'tls' })
  const silent = await provides(() => {})
  const limits = { connectMs: 150 }
  expect(await send(`https://127.0.0.1:${silent.port}/pay`, { limits })).toMatchObject({
    kind: 'unsent',
    why: 'tls',
    said: 'no connection in time',
  })
})

test('over TLS with a certificate that holds, one request arrives and its answer is whole', async () => {
  const provider = await providesTls(answering(OK))
  for (const host of ['localhost', '127.0.0.1']) {
    const result = await send(`https://${host}:${provider.port}/pay`, {
      options: { ca: CERTIFICATE },
      loopback: true,
    })
    expect(result).toMatchObject({ kind: 'answered', status: 200 })
  }
  expect(provider.requests).toBe(2)
})

test('a last check that says no, or fails, is unsent stopped: connected, and not one byte written', async () => {
  const provider = await provides(answering(OK))
  const checks = [
    () => false,
    () => {
      throw new Error('the check failed')
    },
  ]
  for (const lastCheck of checks) {
    expect(await send(`http://127.0.0.1:${provider.port}/pay`, { lastCheck })).toMatchObject({
      kind: 'unsent',
      why: 'stopped',
    })
  }
  await wait(50)
  expect(provider.connections).toBe(2)
  expect(provider.bytes).toBe(0)

  const overTls = await providesTls(answering(OK))
  const options = { ca: CERTIFICATE }
  expect(
    await send(`https://127.0.0.1:${overTls.port}/pay`, { options, lastCheck: () => false }),
  ).toMatchObject({ kind: 'unsent', why: 'stopped' })
  await wait(50)
  expect(overTls.bytes).toBe(0)
})

test('the last check is asked when the connection stands, once, and the bytes leave in the same turn', async () => {
  const provider = await provides(answering(OK))
  const turns: string[] = []
  const lastCheck = () => {
    turns.push(`asked with ${provider.connections} connections and ${provider.bytes} bytes`)
    queueMicrotask(() => turns.push('microtask'))
    process.nextTick(() => turns.push('tick'))
    return true
  }
  const call = make()
  const written = spyOnWrites(() => turns.push('written'))
  const result = await call.callOnce(post(`http://127.0.0.1:${provider.port}/pay`), LIMITS, lastCheck)
  written.stop()
  expect(result).toMatchObject({ kind: 'answered' })
  expect(turns.slice(0, 2)).toEqual(['asked with 1 connections and 0 bytes', 'written'])
  expect(turns.filter(turn => turn.startsWith('asked'))).toHaveLength(1)
})

test('a request that cannot be written is unsent at guard and opens no connection', async () => {
  const provider = await provides(answering(OK))
  const url = `http://127.0.0.1:${provider.port}/pay`
  const unwritable: WireRequest[] = [
    { ...post(url), url: 'ftp://127.0.0.1/pay' },
    { ...post(url), url: 'not a url' },
    { ...post(url), url: `http://user:secret@127.0.0.1:${provider.port}/pay` },
    { ...post(url), headers: { 'Content-Length': '5' } },
    { ...post(url), headers: { 'transfer-encoding': 'chunked' } },
    { ...post(url), headers: { Host: 'elsewhere' } },
    { ...post(url), headers: { expect: '100-continue' } },
  ]
  for (const request of unwritable) {
    expect(await make().callOnce(request, LIMITS, () => true)).toMatchObject({ kind: 'unsent', why: 'guard' })
  }
  expect(provider.connections).toBe(0)
})

test('a header value that would break the framing is unsent at guard, with nothing written', async () => {
  const provider = await provides(answering(OK))
  const request = {
    ...post(`http://127.0.0.1:${provider.port}/pay`),
    headers: { 'x-note': 'a\r\nx-more: b' },
  }
  expect(await make().callOnce(request, LIMITS, () => true)).toMatchObject({ kind: 'unsent', why: 'guard' })
  await wait(50)
  expect(provider.bytes).toBe(0)
})

// ---- a byte left, and no whole answer came ---------------------------------------------------------------------

interface CutCase {
  readonly title: string
  readonly answers: (socket: Socket) => void
  readonly why: 'reset' | 'timeout' | 'incomplete'
  readonly limits?: Partial<CallLimits>
}

const cuts: readonly CutCase[] = [
  { title: 'a reset before any answer byte', answers: onRequest(s => s.resetAndDestroy()), why: 'reset' },
  { title: 'a close without an answer', answers: onRequest(s => s.end()), why: 'reset' },
  { title: 'half a status line', answers: onRequest(s => s.end('HTTP/1.1 2')), why: 'reset' },
  {
    title: 'half the headers',
    answers: onRequest(s => s.end('HTTP/1.1 200 OK\r\ncontent-le')),
    why: 'reset',
  },
  {
    title: 'half the body, then a close',
    answers: onRequest(s => s.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a":')),
    why: 'incomplete',
  },
  {
    title: 'half the body, then a close that was announced',
    answers: onRequest(s => s.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n{"a":')),
    why: 'incomplete',
  },
  {
    title: 'half the body, then a reset',
    answers: onRequest(s => {
      s.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a":')
      setTimeout(() => s.resetAndDestroy(), 30)
    }),
    why: 'reset',
  },
  {
    title: 'a body without a declared length that ends with the connection',
    answers: onRequest(s => s.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a":1}')),
    why: 'incomplete',
  },
  {
    title: 'a chunked body without its last chunk',
    answers: onRequest(s => s.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n')),
    why: 'incomplete',
  },
  {
    title: 'a chunk whose size is no number',
    answers: onRequest(s =>
      s.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxx\r\n{}\r\n0\r\n\r\n'),
    ),
    why: 'incomplete',
  },
  {
    title: 'a chunk that is longer than its size',
    answers: onRequest(s =>
      s.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n'),
    ),
    why: 'incomplete',
  },
  {
    title: 'two different lengths',
    answers: onRequest(s => s.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}\n')),
    why: 'incomplete',
  },
  {
    title: 'a length and chunks together',
    answers: onRequest(s =>
      s.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'),
    ),
    why: 'incomplete',
  },
  {
    title: 'an answer that says it is too long',
    answers: onRequest(s => s.write('HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n')),
    why: 'incomplete',
    limits: { maxAnswerBytes: 1000 },
  },
  {
    title: 'a chunked answer that grows too long',
    answers: onRequest(s => {
      s.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
      for (let index = 0; index < 100; index++) s.write(`64\r\n${'x'.repeat(100)}\r\n`)
    }),
    why: 'incomplete',
    limits: { maxAnswerBytes: 1000 },
  },
  {
    title: 'headers without end',
    answers: onRequest(s => s.write(`HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(40_000)}`)),
    why: 'incomplete',
  },
  {
    title: 'an interim answer and nothing more',
    answers: onRequest(s => s.end('HTTP/1.1 103 Early Hints\r\n\r\n')),
    why: 'incomplete',
  },
  {
    title: 'a 100 that nobody asked for',
    answers: onRequest(s => s.end('HTTP/1.1 100 Continue\r\n\r\n')),
    why: 'incomplete',
  },
  {
    title: 'a change of protocol that nobody asked for',
    answers: onRequest(s =>
      s.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    ),
    why: 'incomplete',
  },
  {
    title: 'text that is no HTTP',
    answers: onRequest(s => s.end('hello, this is not a web server\r\n')),
    why: 'incomplete',
  },
  {
    title: 'a compressed answer',
    answers: onRequest(s => {
      const packed = gzipSync('{"said":"paid"}')
      s.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`)
      s.end(packed)
    }),
    why: 'incomplete',
  },
  {
    title: 'no headers in time',
    answers: () => {},
    why: 'timeout',
    limits: { headersMs: 150 },
  },
  {
    title: 'headers that drip',
    answers: onRequest(s => {
      s.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => s.write('x-a: b\r\n'), 20)
      s.on('close', () => clearInterval(drip))
    }),
    why: 'timeout',
    limits: { headersMs: 150 },
  },
  {
    title: 'a body that drips',
    answers: onRequest(s => {
      s.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n')
      const drip = setInterval(() => s.write('x'), 20)
      s.on('close', () => clearInterval(drip))
    }),
    why: 'timeout',
    limits: { totalMs: 250 },
  },
]

for (const { title, answers, why, limits } of cuts) {
  test(`${title} is cut, ${why}, and exactly one request arrived`, async () => {
    const provider = await provides(answers)
    const result = await send(`http://127.0.0.1:${provider.port}/pay`, { limits: limits ?? {} })
    expect(result).toMatchObject({ kind: 'cut', why })
    await wait(50)
    expect(provider).toMatchObject({ connections: 1, requests: 1 })
  })
}

test('a time-out stops at its own time and not at another', async () => {
  const provider = await provides(() => {})
  const url = `http://127.0.0.1:${provider.port}/pay`
  const byHeaders = await send(url, { limits: { headersMs: 100, totalMs: 2000 } })
  const byTotal = await send(url, { limits: { headersMs: 2000, totalMs: 100 } })
  for (const result of [byHeaders, byTotal]) {
    expect(result).toMatchObject({ kind: 'cut', why: 'timeout' })
    expect(result.durationMs).toBeGreaterThan(80)
    expect(result.durationMs).toBeLessThan(1000)
  }
})

// ---- one whole answer ------------------------------------------------------------------------------------------

const wholes = [
  ['a declared length', 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}', 200, '{"a":1}'],
  [
    'chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n',
    200,
    '{"a":1}',
  ],
  ['an empty body of length 0', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 200, ''],
  ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
  [
    'an interim answer before it',
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}',
    200,
    '{}',
  ],
  ['a refusal', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}', 400, '{}'],
  ['a fault of theirs', 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>', 502, '<html>'],
  ['HTTP/1.0 with a length', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}', 200, '{}'],
] as const

for (const [title, bytes, status, body] of wholes) {
  test(`an answer with ${title} is whole, and exactly one request arrived`, async () => {
    const provider = await provides(answering(bytes))
    const result = await send(`http://127.0.0.1:${provider.port}/pay`)
    expect(result).toMatchObject({ kind: 'answered', status })
    expect(bodyOf(result)).toBe(body)
    await wait(50)
    expect(provider).toMatchObject({ connections: 1, requests: 1 })
  })
}

for (const status of [301, 302, 307, 308]) {
  test(`a ${status} is an answer and never followed`, async () => {
    const elsewhere = await provides(answering(OK))
    const provider = await provides(
      answering(
        `HTTP/1.1 ${status} Moved\r\nlocation: http://127.0.0.1:${elsewhere.port}/pay\r\ncontent-length: 0\r\n\r\n`,
      ),
    )
    expect(await send(`http://127.0.0.1:${provider.port}/pay`)).toMatchObject({ kind: 'answered', status })
    await wait(50)
    expect(provider.requests).toBe(1)
    expect(elsewhere.connections).toBe(0)
  })
}

for (const status of [408, 421, 425, 429, 503]) {
  test(`a ${status} is an answer and never repeated`, async () => {
    const provider = await provides(
      answering(`HTTP/1.1 ${status} No\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n`),
    )
    expect(await send(`http://127.0.0.1:${provider.port}/pay`)).toMatchObject({ kind: 'answered', status })
    await wait(50)
    expect(provider).toMatchObject({ connections: 1, requests: 1 })
  })
}

test('the bytes that arrive are the bytes that were given, and ask for no compression', async () => {
  const provider = await provides(answering(OK))
  const body = '{"amount":"10.50","name":"রহিম"}'
  const request: WireRequest = {
    method: 'POST',
    url: `http://127.0.0.1:${provider.port}/v1/pay?a=1%20b&c=%2F`,
    headers: { 'Content-Type': 'application/json', merchantNo: '1000000001' },
    body,
  }
  await make().callOnce(request, LIMITS, () => true)
  const [received = ''] = provider.received
  expect(received).toMatch(/^POST \/v1\/pay\?a=1%20b&c=%2F HTTP\/1\.1\r\n/)
  expect(received).toContain('merchantNo: 1000000001\r\n')
  expect(received).toContain('accept-encoding: identity\r\n')
  expect(received).toContain('connection: close\r\n')
  expect(received).toContain(`content-length: ${Buffer.byteLength(body)}\r\n`)
  expect(received.endsWith(`\r\n\r\n${body}`)).toBe(true)
})

test('header names of an answer come in lower case, twice the same are joined, and none is a name of the language', async () => {
  const provider = await provides(
    answering('HTTP/1.1 200 OK\r\nX-One: a\r\nx-one: b\r\n__proto__: polluted\r\nContent-Length: 0\r\n\r\n'),
  )
  const result = await send(`http://127.0.0.1:${provider.port}/pay`)
  if (result.kind !== 'answered') throw new Error('expected an answer')
  expect(result.answer.headers['x-one']).toBe('a, b')
  expect(Object.hasOwn(result.answer.headers, '__proto__')).toBe(true)
  expect('polluted' in {}).toBe(false)
})

test('every send opens a connection of its own, also to a provider that keeps them open', async () => {
  const provider = await provides(answering(OK, { keepOpen: true }))
  const call = make()
  for (let index = 0; index < 3; index++) {
    await call.callOnce(post(`http://127.0.0.1:${provider.port}/pay`), LIMITS, () => true)
  }
  expect(provider).toMatchObject({ connections: 3, requests: 3 })
  await wait(50)
  expect(provider.open).toBe(0)
})

// ---- asking ----------------------------------------------------------------------------------------------------

test('asking uses connections again', async () => {
  const provider = await provides(answering(OK, { keepOpen: true }))
  const call = make()
  for (let index = 0; index < 10; index++) {
    expect(await call.ask(post(`http://127.0.0.1:${provider.port}/query`), LIMITS)).toMatchObject({
      kind: 'answered',
      status: 200,
    })
  }
  expect(provider.requests).toBe(10)
  // One that has just answered rests for a turn, so that two take turns.
  expect(provider.connections).toBeLessThanOrEqual(2)
})

test('asking says unsent with its reason where no connection comes, and cut where no whole answer comes', async () => {
  const call = make()
  const port = await closedPort()
  expect(await call.ask(post(`http://127.0.0.1:${port}/query`), LIMITS)).toMatchObject({
    kind: 'unsent',
    why: 'connect',
  })
  const closes = await provides(onRequest(s => s.end()))
  expect(await call.ask(post(`http://127.0.0.1:${closes.port}/query`), LIMITS)).toMatchObject({
    kind: 'cut',
    why: 'reset',
  })
  const slow = await provides(() => {})
  const limits = { ...LIMITS, headersMs: 100 }
  expect(await call.ask(post(`http://127.0.0.1:${slow.port}/query`), limits)).toMatchObject({
    kind: 'cut',
    why: 'timeout',
  })
  const tls = await providesTls(answering(OK))
  expect(await call.ask(post(`https://127.0.0.1:${tls.port}/query`), LIMITS)).toMatchObject({
    kind: 'unsent',
    why: 'tls',
  })
})

test('an answer that ends with its connection is cut, unless whoever asks takes it as whole', async () => {
  const bytes = 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nOK'
  const provider = await provides(answering(bytes))
  const url = `http://127.0.0.1:${provider.port}/notify`
  expect(await make().ask(post(url), LIMITS)).toMatchObject({ kind: 'cut', why: 'incomplete' })
  const lenient = make({ takesUnmeasured: true })
  const result = await lenient.ask(post(url), LIMITS)
  expect(result).toMatchObject({ kind: 'answered', status: 200 })
  expect(bodyOf(result)).toBe('OK')
  // A send never does.
  expect(await lenient.callOnce(post(url), LIMITS, () => true)).toMatchObject({ kind: 'cut' })
})

test('an inquiry that waited too long for a connection is not asked afterwards', async () => {
  const provider = await provides(() => {})
  const call = make({ askConnections: 1 })
  const url = `http://127.0.0.1:${provider.port}/query`
  const first = call.ask(post(url), { ...LIMITS, headersMs: 300 })
  await wait(50)
  const second = await call.ask(post(url), { ...LIMITS, headersMs: 100 })
  expect(second).toMatchObject({ kind: 'cut', why: 'timeout' })
  await first
  await wait(100)
  expect(provider.requests).toBe(1)
})

// ---- the harness -----------------------------------------------------------------------------------------------

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'
const LIMITS: CallLimits = { connectMs: 1000, headersMs: 1000, totalMs: 2000, maxAnswerBytes: 100_000 }

let cleanUp: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step()
  cleanUp = []
})

function make(options: Partial<CallOptions> = {}): Call {
  const call = createCall({ clock: systemClock, mayReach: () => true, ...options })
  cleanUp.push(() => call.close())
  return call
}

interface Given {
  readonly options?: Partial<CallOptions>
  readonly limits?: Partial<CallLimits>
  readonly lastCheck?: () => boolean
  /** Resolves every name to loopback. */
  readonly loopback?: boolean
}

function send(
  url: string,
  { options = {}, limits = {}, lastCheck = () => true, loopback = false }: Given = {},
) {
  const resolve = loopback ? { resolve: async () => ['127.0.0.1'] } : {}
  return make({ ...resolve, ...options }).callOnce(post(url), { ...LIMITS, ...limits }, lastCheck)
}

function post(url: string): WireRequest {
  return { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: '{"pay":1}' }
}

function bodyOf(result: CallResult): string {
  return result.kind === 'answered' ? new TextDecoder().decode(result.answer.body) : ''
}

interface Provider {
  readonly port: number
  connections: number
  open: number
  requests: number
  bytes: number
  received: string[]
}

function provides(answers: (socket: Socket) => void): Promise<Provider> {
  return serve(onConnection => createServer(onConnection), answers)
}

function providesTls(answers: (socket: Socket) => void): Promise<Provider> {
  return serve(onConnection => {
    const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, onConnection)
    server.on('tlsClientError', () => {})
    return server
  }, answers)
}

async function serve(
  make: (onConnection: (socket: Socket) => void) => Server,
  answers: (socket: Socket) => void,
): Promise<Provider> {
  const sockets = new Set<Socket>()
  const provider: Provider = { port: 0, connections: 0, open: 0, requests: 0, bytes: 0, received: [] }
  const server = make(socket => {
    provider.connections += 1
    provider.open += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      provider.open -= 1
      sockets.delete(socket)
    })
    socket.on('data', chunk => {
      provider.bytes += chunk.length
      provider.requests += chunk.toString().split(/^(?:POST|GET) /m).length - 1
      provider.received.push(chunk.toString())
    })
    answers(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return Object.assign(provider, { port: (server.address() as AddressInfo).port })
}

function answering(bytes: string, { keepOpen = false } = {}): (socket: Socket) => void {
  return onRequest(socket => (keepOpen ? socket.write(bytes) : socket.end(bytes)))
}

function onRequest(run: (socket: Socket) => unknown): (socket: Socket) => void {
  return socket => socket.on('data', () => run(socket))
}

async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Listens and never takes up what arrives, with its short queue already full. */
async function fullListener(): Promise<{ port: number }> {
  const worker = new Worker(
    `const { createServer } = require('node:net')
     const { parentPort } = require('node:worker_threads')
     const server = createServer().listen(0, '127.0.0.1', 1, () => {
       parentPort.postMessage(server.address().port)
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
     })`,
    { eval: true },
  )
  cleanUp.push(() => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  const { connect } = await import('node:net')
  for (let index = 0; index < 4; index++) {
    const filler = connect(port, '127.0.0.1').on('error', () => {})
    cleanUp.push(() => filler.destroy())
  }
  await wait(100)
  return { port }
}

/** Tells when a socket of this process is written to. */
function spyOnWrites(tell: () => void): { stop(): void } {
  const { Socket: SocketClass } = process.getBuiltinModule('node:net')
  const original = SocketClass.prototype.write
  SocketClass.prototype.write = function spied(this: Socket, ...written: unknown[]) {
    tell()
    return Reflect.apply(original, this, written)
  } as typeof original
  return {
    stop() {
      SocketClass.prototype.write = original
    },
  }
}

// A key and a certificate for localhost that exist for these tests alone, valid from 2020 to 2120.
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZY8V0D4/sAdAFTSV
0GTJyluVoipz4q7odaBLQtJ/V6mhRANCAARL93VjpmAsyQ8k5+aLqDk7fb9pOq1E
IXl5chOgInHlyPzSLgtNfcq3w93lNXs5Wpz/qfMeCagAwdG+oXJ4RwyI
-----END PRIVATE KEY-----
`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBZjCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEv3dWOmYCzJDyTn
5ouoOTt9v2k6rUQheXlyE6AiceXI/NIuC019yrfD3eU1ezlanP+p8x4JqADB0b6h
cnhHDIijTjBMMBoGA1UdEQQTMBGCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMBAf8E
BTADAQH/MB0GA1UdDgQWBBSOjd4Z5LuHfqGOEx6y5J4Kbvp/wjAKBggqhkjOPQQD
AgNHADBEAiBixg1dhD92qi9yAUVVw5LMedzjV3+Q1CBteMwmkEB+HwIgfEWfdXFi
zdnWx9J4J4T8AmCl08wBgJyp0XzT0IQE7E8=
-----END CERTIFICATE-----
`
