// A door behind a real server, for tests: each request goes over a socket, through everything that stands in front of a
// door, and its answer comes back the same way. What comes back is held against what the door gave: status, every
// header, every byte.
import { once } from 'node:events'
import { request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mountDoor } from '../http/mount.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import type { Desk, Door, DoorAnswer, DoorRequest } from './protocol.ts'

/** What a test decides and no socket can carry: who came, when, and by which address of ours. */
interface Meeting {
  readonly desk: Desk
  readonly request: DoorRequest
  answer: DoorAnswer | null
}

const NAME = 'x-test-meeting'
const meetings = new Map<string, Meeting>()
const ports = new WeakMap<Door, Promise<number>>()
let count = 0

/**
 * The door's own answer, once it has come over the line as it was given; where the server answers before any door, what
 * the line brought.
 */
export async function overSocket(door: Door, request: DoorRequest, desk: Desk): Promise<DoorAnswer> {
  if (!isCarried(request)) return direct(door, request, desk)
  const port = await (ports.get(door) ?? listen(door))
  count += 1
  const name = `${count}`
  const meeting: Meeting = { desk, request, answer: null }
  meetings.set(name, meeting)
  try {
    const heard = await exchange(port, request, name)
    const { answer } = meeting
    if (answer === null) return heard
    for (const [header, value] of Object.entries(answer.headers))
      if (heard.headers[header.toLowerCase()] !== value)
        throw new Error(`${header} was given as ${value} and came as ${heard.headers[header.toLowerCase()]}`)
    if (heard.status !== answer.status) throw new Error(`${answer.status} came as ${heard.status}`)
    if (heard.body !== answer.body) throw new Error('the body came as another')
    if (heard.headers['content-length'] !== `${Buffer.byteLength(answer.body)}`)
      throw new Error('the length is another')
    return answer
  } finally {
    meetings.delete(name)
  }
}

/** HTTP trims the values of headers and bounds their size, its methods are words in capitals, and HEAD has no body. */
function isCarried({ method, headers }: DoorRequest): boolean {
  const values = [...headers.values()].flat()
  return (
    /^(?!HEAD$)[A-Z]+$/.test(method) &&
    values.every(value => value === value.trim()) &&
    values.join('').length < 8_000
  )
}

async function direct(door: Door, request: DoorRequest, desk: Desk): Promise<DoorAnswer> {
  const route = door.routes.find(({ path }) =>
    new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`).test(request.path),
  )
  if (route === undefined) throw new Error(`no route ${request.path}`)
  return route.handle(request, desk)
}

function listen(door: Door): Promise<number> {
  const listening = (async () => {
    const log = createLog({ level: 'silent' })
    const server = createServer({ log, clock: systemClock, random: systemRandom })
    mountDoor(server, {
      door: { ...door, routes: door.routes.map(route => ({ ...route, handle: met(route) })) },
      // Each meeting has a desk of its own.
      desk: NOBODY,
      clock: systemClock,
      log,
      publicUrls: () => [],
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    server.server.unref()
    return (server.server.address() as AddressInfo).port
  })()
  ports.set(door, listening)
  return listening
}

function met(route: Door['routes'][number]): Door['routes'][number]['handle'] {
  return async arrived => {
    const meeting = meetings.get(arrived.headers.get(NAME)?.[0] ?? '')
    if (meeting === undefined) throw new Error('a request that no test sent')
    const { remoteAddress, publicUrls, nowMs, requestId } = meeting.request
    const headers = new Map([...arrived.headers].filter(([name]) => name !== NAME))
    const asked = { ...arrived, headers, remoteAddress, publicUrls, nowMs, requestId }
    meeting.answer = await route.handle(asked, meeting.desk)
    return meeting.answer
  }
}

async function exchange(port: number, request: DoorRequest, name: string): Promise<DoorAnswer> {
  const { method, path, query, headers } = request
  const body = request.bodyTooLarge ? Buffer.alloc(2_000_000, 0x20) : Buffer.from(request.body)
  const sent = send({
    ...{ host: '127.0.0.1', port, method, agent: false },
    path: query === '' ? path : `${path}?${query}`,
    headers: {
      ...Object.fromEntries(
        [...headers].map(([header, values]) => [header, values.length === 1 ? values[0] : [...values]]),
      ),
      [NAME]: name,
      'content-length': body.length,
    },
  })
  // Whoever refuses a long body may close before all of it was read.
  sent.on('error', () => {})
  sent.end(body)
  const [response] = await once(sent, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const flat = Object.entries(response.headers).map(([header, value]) => [header, String(value)] as const)
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(flat),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

const nobody = (): never => {
  throw new Error('no desk but the one of a test is asked')
}
const NOBODY: Desk = {
  credential: nobody,
  mayAsk: nobody,
  submit: nobody,
  find: nobody,
  balances: nobody,
  confirm: nobody,
  once: nobody,
  proofImages: nobody,
}
