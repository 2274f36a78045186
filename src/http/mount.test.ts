import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { Unavailable } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import type { Desk, DoorAnswer, DoorRequest, DoorRoute } from '../protocols/protocol.ts'
import { type CallbackArrival, mountCallbacks, mountDoor } from './mount.ts'
import { createServer } from './server.ts'

const log = createLog({ level: 'silent' })
const ANSWER: DoorAnswer = {
  status: 200,
  headers: { 'Content-Type': 'application/json' },
  body: '{"ok":"✓"}',
}
const nobody: Desk = {
  credential: () => null,
  submit: () => Promise.reject(new Error('not here')),
  find: () => Promise.resolve(null),
  balances: () => Promise.resolve([]),
  confirm: () => Promise.resolve({ kind: 'not_waiting' }),
  once: async (_use, work) => ({ kind: 'answered', answer: await work() }),
  proofImages: () => Promise.resolve([]),
  mayAsk: () => true,
}

let server: FastifyInstance | null = null
afterEach(() => server?.close())

async function listening(mount: (server: FastifyInstance) => void): Promise<number> {
  const created = createServer({ log, clock: systemClock, random: systemRandom })
  server = created
  mount(created)
  await created.listen({ host: '127.0.0.1', port: 0 })
  return (created.server.address() as AddressInfo).port // a server that listens on a port has one
}

/** A door that keeps what it was given. */
async function door(
  routes: Partial<DoorRoute>[] = [{}],
  answer: () => Promise<DoorAnswer> = async () => ANSWER,
) {
  const seen: DoorRequest[] = []
  const port = await listening(created =>
    mountDoor(created, {
      door: {
        notices: null,
        routes: routes.map(route => ({
          method: 'POST',
          path: '/toy/pay',
          bodyLimitBytes: 1_000,
          handle(request) {
            seen.push(request)
            return answer()
          },
          ...route,
        })),
      },
      desk: nobody,
      clock: systemClock,
      log,
      publicUrls: () => ['https://doors.example'],
    }),
  )
  return { port, seen }
}

/** What comes back for these bytes, until the other side closes or is quiet for a moment. */
function exchange(
  port: number,
  bytes: string | Uint8Array,
  options: { end?: boolean } = {},
): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    let quiet: NodeJS.Timeout
    const listen = () => {
      clearTimeout(quiet)
      quiet = setTimeout(() => socket.destroy(), 300)
    }
    socket.on('data', chunk => {
      text += chunk.toString('utf8')
      listen()
    })
    socket.on('close', () => {
      clearTimeout(quiet)
      resolve(text)
    })
    socket.on('error', () => socket.destroy())
    socket.write(bytes)
    if (options.end) socket.end()
    listen()
  })
}

function post(path: string, body: string, headers: string[] = []): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  const lines = [`POST ${path} HTTP/1.1`, 'Host: x', 'Connection: close', length, ...headers]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

test('a door gets the body as it came, whatever its content type says', async () => {
  const { port, seen } = await door()
  const bodies = ['{"a":1}', 'a=1&a=2', '\u0000\u00ff not json', '']
  const types = ['application/json', 'text/plain; charset=utf-16', 'nonsense', 'multipart/form-data', '; ;']
  for (const body of bodies) {
    for (const type of types) await exchange(port, post('/toy/pay', body, [`Content-Type: ${type}`]))
    await exchange(port, post('/toy/pay', body))
  }
  expect(seen.map(request => Buffer.from(request.body).toString('utf8'))).toEqual(
    bodies.flatMap(body => [...types, ''].map(() => body)),
  )
})

test('a door that answers every method gets every method, and knows the addresses it is reached by', async () => {
  const { port, seen } = await door([{ method: 'ANY' }])
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect(
      await exchange(port, `${method} /toy/pay HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
    ).toContain('200')
  expect(seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
  expect(new Set(seen.flatMap(({ publicUrls }) => publicUrls))).toEqual(new Set(['https://doors.example']))
})

test('an address with a fragment is refused before any door reads half of it', async () => {
  const { port, seen } = await door([{ path: '/toy/:endpoint' }])
  expect(await exchange(port, post('/toy/39916#/39915', ''))).toMatch(/^HTTP\/1\.1 400 /)
  expect(seen).toEqual([])
})

test('a body that comes in many pieces, or chunked, is one body', async () => {
  const { port, seen } = await door()
  await exchange(
    port,
    'POST /toy/pay HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n',
  )
  expect(Buffer.from(seen[0]?.body ?? []).toString()).toBe('abcdefg')
})

test('path and query reach the door undecoded, named parts decoded', async () => {
  const { port, seen } = await door([{ path: '/toy/:endpoint/pay', method: 'GET' }])
  await exchange(port, 'GET /toy/a%20b/pay?x=%31&x=2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(seen).toMatchObject([
    {
      method: 'GET',
      path: '/toy/a%20b/pay',
      query: 'x=%31&x=2',
      params: { endpoint: 'a b' },
      remoteAddress: '127.0.0.1',
      bodyTooLarge: false,
    },
  ])
})

test('a header that came twice has two values', async () => {
  const { port, seen } = await door()
  await exchange(port, post('/toy/pay', '', ['merchantNo: 1', 'X-Api-Key: k', 'MERCHANTNO: 2']))
  expect(seen[0]?.headers.get('merchantno')).toEqual(['1', '2'])
  expect(seen[0]?.headers.get('x-api-key')).toEqual(['k'])
  expect(seen[0]?.headers.has('X-Api-Key')).toBe(false)
})

test('an answer goes out as it is given: no charset added, names in their letters, the length in bytes', async () => {
  const { port } = await door()
  const text = await exchange(port, post('/toy/pay', 'x'))
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(text).toContain('\r\nContent-Type: application/json\r\n')
  expect(text).toContain('\r\nContent-Length: 12\r\n')
  expect(text).toMatch(/\r\nX-Request-Id: req_[0-9a-z]+\r\n/)
  expect(text.endsWith('\r\n\r\n{"ok":"✓"}')).toBe(true)
})

test('a body over the limit is told to the door without the body, at the limit it is given whole', async () => {
  const { port, seen } = await door()
  await exchange(port, post('/toy/pay', 'x'.repeat(1_000)))
  const text = await exchange(port, post('/toy/pay', 'x'.repeat(1_001)))
  expect(seen.map(request => [request.bodyTooLarge, request.body.length])).toEqual([
    [false, 1_000],
    [true, 0],
  ])
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

test('a body far over the limit is not read to its end: the answer comes, and the connection closes', async () => {
  const { port, seen } = await door()
  const announced = await exchange(
    port,
    'POST /toy/pay HTTP/1.1\r\nHost: x\r\nContent-Length: 900000000\r\n\r\nxxx',
  )
  expect(announced).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(announced).toContain('\r\nConnection: close\r\n')
  const piece = `${(100_000).toString(16)}\r\n${'x'.repeat(100_000)}\r\n`
  await exchange(
    port,
    `POST /toy/pay HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${piece.repeat(10)}`,
  )
  expect(seen.map(request => request.bodyTooLarge)).toEqual([true, true])
})

test('another method on a path of the door is answered 405 without a body, on an unknown path 404', async () => {
  const { port, seen } = await door([{}, { method: 'GET' }])
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE', 'PROPFIND', 'PURGE']) {
    const text = await exchange(port, `${method} /toy/pay HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/)
    expect(text).toContain('\r\nAllow: POST, GET\r\n')
    expect(text.endsWith('\r\n\r\n')).toBe(true)
  }
  expect(await exchange(port, 'GET /toy/other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 404 /,
  )
  expect(seen).toEqual([])
})

test('where a door fails itself the answer is a bare status, which says nothing about the payout', async () => {
  const { port } = await door([{}], () => Promise.reject(new Error('secret of the house')))
  const text = await exchange(port, post('/toy/pay', 'x'))
  expect(text).toMatch(/^HTTP\/1\.1 500 /)
  expect(text.endsWith('\r\n\r\n')).toBe(true)
  expect(text).not.toContain('secret')
})

test('a client that goes away in the middle of its body reaches no door', async () => {
  const { port, seen } = await door()
  await exchange(port, 'POST /toy/pay HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', { end: true })
  expect(seen).toEqual([])
})

async function callbacks(receive: (arrival: CallbackArrival) => Promise<DoorAnswer>) {
  const seen: CallbackArrival[] = []
  const port = await listening(created =>
    mountCallbacks(created, {
      receive(arrival) {
        seen.push(arrival)
        return receive(arrival)
      },
      log,
    }),
  )
  return { port, seen }
}

test('a callback reaches the receiver with the parts of its path, by GET and by POST', async () => {
  const { port, seen } = await callbacks(async () => ({ status: 200, headers: {}, body: 'SUCCESS' }))
  const text = await exchange(port, post('/callbacks/paypro/pa/m/code/1/mac', '{}'))
  expect(text.endsWith('\r\n\r\nSUCCESS')).toBe(true)
  await exchange(
    port,
    'GET /callbacks/payneteasy/pa/m?status=ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  )
  expect(seen).toMatchObject([
    { path: ['paypro', 'pa', 'm', 'code', '1', 'mac'], request: { method: 'POST', query: '' } },
    { path: ['payneteasy', 'pa', 'm'], request: { method: 'GET', query: 'status=ok' } },
  ])
  expect(Buffer.from(seen[0]?.request.body ?? []).toString()).toBe('{}')
})

test('a callback that cannot be kept now is answered 503, one that is too large 413, and neither is acknowledged', async () => {
  const { port, seen } = await callbacks(() => Promise.reject(new Unavailable('unavailable', 'away')))
  const away = await exchange(port, post('/callbacks/a', '{}'))
  expect(away).toMatch(/^HTTP\/1\.1 503 /)
  expect(away).toContain('\r\nRetry-After: 1\r\n')
  expect(await exchange(port, post('/callbacks/a', 'x'.repeat(65 * 1024)))).toMatch(/^HTTP\/1\.1 413 /)
  expect(await exchange(port, 'PUT /callbacks/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 405 /,
  )
  expect(seen.length).toBe(1)
})
