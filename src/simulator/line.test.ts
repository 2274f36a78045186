import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import Fastify from 'fastify'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { layLine } from './line.ts'
import { LINE_FAULT_NAMES, type LineFaultName } from './line-faults.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

// What a client on a real socket sees of each fault, and how often the door saw the request.
const EXPECTED: Record<LineFaultName, { arrivals: number; end: string; seen: RegExp }> = {
  lost_before: { arrivals: 0, end: 'closed', seen: /^$/ },
  reset_before: { arrivals: 0, end: 'ECONNRESET', seen: /^$/ },
  lost_after: { arrivals: 1, end: 'closed', seen: /^$/ },
  reset_after: { arrivals: 1, end: 'ECONNRESET', seen: /^$/ },
  held: { arrivals: 1, end: 'open', seen: /^$/ },
  delayed: { arrivals: 1, end: 'open', seen: /^$/ },
  half: {
    arrivals: 1,
    end: 'closed',
    seen: /^HTTP\/1\.1 200 .*content-length: 20\r\n\r\n\{"you":"en$/s,
  },
  garbage: { arrivals: 1, end: 'closed', seen: /^HTTP\/1\.1 200 .*text\/html.*<!doctype html>/s },
  empty: { arrivals: 1, end: 'closed', seen: /^HTTP\/1\.1 200 .*content-length: 0\r\n.*\r\n\r\n$/s },
  server_error: { arrivals: 1, end: 'closed', seen: /^HTTP\/1\.1 502 .*text\/html.*<!doctype html>/s },
  client_error: { arrivals: 1, end: 'closed', seen: /^HTTP\/1\.1 400 .*text\/plain.*Bad Request/s },
  redirect: { arrivals: 1, end: 'closed', seen: /^HTTP\/1\.1 307 .*location: \/pay\?x=1\r\n/s },
  doubled: { arrivals: 2, end: 'closed', seen: /^HTTP\/1\.1 200 .*\{"you":"endpoint42"\}$/s },
  answer_doubled: {
    arrivals: 1,
    end: 'closed',
    seen: /^HTTP\/1\.1 200 .*\{"you":"endpoint42"\}HTTP\/1\.1 200 .*\{"you":"endpoint42"\}$/s,
  },
}

test.each(LINE_FAULT_NAMES)(
  '%s from the plan: the client sees it and the door counts its arrivals',
  async name => {
    const { port, arrivals } = await door({ draw: () => name })
    const { end, seen } = await post(port, '/pay?x=1', 400)
    expect({ end, arrivals: arrivals() }).toEqual({
      end: EXPECTED[name].end,
      arrivals: EXPECTED[name].arrivals,
    })
    expect(seen).toMatch(EXPECTED[name].seen)
  },
)

const AFTER = LINE_FAULT_NAMES.filter(name => EXPECTED[name].arrivals > 0)
test.each(AFTER)('%s asked for while the door works: the same, for this request alone', async name => {
  const { port, arrivals } = await door({ draw: () => null, meets: [name] })
  const { end, seen } = await post(port, '/pay?x=1', 400)
  expect({ end, arrivals: arrivals() }).toEqual({
    end: EXPECTED[name].end,
    arrivals: EXPECTED[name].arrivals,
  })
  expect(seen).toMatch(EXPECTED[name].seen)
  expect((await post(port, '/pay', 400)).seen).toMatch(/^HTTP\/1\.1 200 .*\{"you":"endpoint42"\}$/s)
})

test.each(LINE_FAULT_NAMES)(
  '%s in front of a door that takes the request off the line itself',
  async name => {
    const { port, arrivals } = await door({ draw: () => name })
    const { end, seen } = await post(port, '/raw', 400)
    expect({ end, arrivals: arrivals() }).toEqual({
      end: EXPECTED[name].end,
      arrivals: EXPECTED[name].arrivals,
    })
    if (name !== 'redirect') expect(seen).toMatch(EXPECTED[name].seen)
  },
)

test('without a fault the answer passes whole, once', async () => {
  const { port, arrivals } = await door({ draw: () => null })
  const { end, seen } = await post(port, '/pay', 400)
  expect(end).toBe('closed')
  expect(seen.match(/HTTP\/1\.1 200 /g)).toHaveLength(1)
  expect(seen).toMatch(/\r\n\r\n\{"you":"endpoint42"\}$/)
  expect(arrivals()).toBe(1)
})

test('a delayed answer comes whole after its time', async () => {
  const { port } = await door({ draw: () => 'delayed' })
  const startMs = systemClock.monotonic()
  const { seen } = await post(port, '/pay', 5_000)
  expect(seen).toMatch(/^HTTP\/1\.1 200 .*\{"you":"endpoint42"\}$/s)
  expect(systemClock.monotonic() - startMs).toBeGreaterThan(695)
})

test('latency holds every answer back', async () => {
  const { port } = await door({ draw: () => null, latencyMs: 150 })
  const startMs = systemClock.monotonic()
  expect((await post(port, '/pay', 5_000)).seen).toContain('endpoint42')
  expect(systemClock.monotonic() - startMs).toBeGreaterThan(145)
})

test('control routes meet no fault', async () => {
  const { port } = await door({ draw: () => 'lost_before' })
  expect((await post(port, '/_rail/health', 400)).seen).toMatch(/^HTTP\/1\.1 200 .*fine$/s)
})

test('two requests at once each meet their own fault', async () => {
  const { port } = await door({ draw: () => null, meets: ['garbage', null], workMs: 50 })
  const [one, other] = await Promise.all([post(port, '/pay', 1_000), post(port, '/pay', 1_000)])
  const pages = [one.seen, other.seen].map(seen => seen.includes('<!doctype html>'))
  expect(pages.toSorted()).toEqual([false, true])
})

test('the server stops although an answer is held', async () => {
  const { port, stop } = await door({ draw: () => 'held' })
  const waiting = post(port, '/pay', 5_000)
  await delay(100)
  const startMs = systemClock.monotonic()
  await stop()
  expect((await waiting).end).not.toBe('open')
  expect(systemClock.monotonic() - startMs).toBeLessThan(2_000)
})

async function door(options: {
  draw(path: string): LineFaultName | null
  meets?: (LineFaultName | null)[]
  latencyMs?: number
  workMs?: number
}) {
  let arrivals = 0
  const server = Fastify()
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  const line = layLine(server, {
    clock: systemClock,
    random: systemRandom,
    latencyMs: options.latencyMs ?? 0,
    delayMs: 700,
    draw: options.draw,
    isControl: path => path.startsWith('/_rail/'),
  })
  server.addHook('onRequest', async () => delay(2))
  server.register(async inner => {
    inner.route({
      method: 'POST',
      url: '/raw',
      onRequest: (request, reply) => {
        reply.hijack()
        request.raw.on('end', () => {
          arrivals += 1
          const fault = options.meets?.shift() ?? null
          if (fault !== null) line.meet(fault)
          reply.raw.writeHead(200, { 'Content-Type': 'application/json', 'content-length': 20 })
          reply.raw.end('{"you":"endpoint42"}')
        })
        request.raw.resume()
      },
      handler: () => 'never',
    })
    inner.post('/pay', async (request, reply) => {
      expect(String(request.body)).toBe('{"amount":"1"}')
      arrivals += 1
      const fault = options.meets?.shift() ?? null
      await delay(options.workMs ?? 1)
      if (fault !== null) line.meet(fault)
      return reply.type('application/json').send('{"you":"endpoint42"}')
    })
    inner.post('/_rail/health', async () => 'fine')
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const stop = (): Promise<void> => server.close()
  stops.push(stop)
  return { port: Number(new URL(url).port), arrivals: () => arrivals, stop }
}

/** One request on a bare socket; how the connection ended within the time, and every byte that came. */
function post(port: number, path: string, waitMs: number): Promise<{ end: string; seen: string }> {
  return new Promise(resolve => {
    let seen = ''
    const socket = connect(port, '127.0.0.1')
    const finish = (end: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ end, seen })
    }
    const timer = setTimeout(finish, waitMs, 'open')
    socket.on('data', bytes => {
      seen += bytes
    })
    socket.on('error', error => finish((error as NodeJS.ErrnoException).code ?? 'error'))
    socket.on('close', () => finish('closed'))
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: rail\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{"amount":"1"}`,
    )
  })
}
