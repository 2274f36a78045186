// A merchant of the PayPro door as a process of its own: it creates payouts and is told of each how it ended. Closed: so
// many lives at once, and the next begins when one has been told. Open: lives begin at the offered rate, and each is
// measured from the moment at which it should have begun until the notice of its end is here.
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { systemClock } from '../src/lib/clock.ts'
import { sortedAt } from './figures.ts'
import type { LivesPlan, LivesResult } from './lives-plan.ts'
import { requestsOf } from './requests.ts'
import { planOf, serveLines, tell } from './spawned.ts'

const plan = await planOf<LivesPlan>()
/** By reference: when the life began, by the clock that is used for nothing but spans. */
const begun = new Map<string, number>()
const lives: number[] = []
const answers: number[] = []
let told = 0
let accepted = 0
let refused = 0
let doubled = 0
/** What the first refused create was answered. */
let refusal: string | null = null
/** Connections that ended with a create unanswered. */
let broken = 0
let onTold = (): void => {}
/** Nothing counts before this moment. */
let countFrom = Number.POSITIVE_INFINITY
let countTo = 0
let toldInTime = 0

const receiver = createServer((incoming, answer) => {
  let text = ''
  incoming.setEncoding('latin1')
  incoming.on('data', chunk => {
    text += chunk
  })
  incoming.on('end', () => {
    answer.writeHead(200, { 'content-type': 'text/plain', 'content-length': 2 })
    answer.end('OK')
    const reference = /"tradeNo":"([^"]+)"/.exec(text)?.[1] ?? ''
    const at = begun.get(reference)
    if (at === undefined) {
      doubled += 1
      return
    }
    begun.delete(reference)
    told += 1
    const now = systemClock.monotonic()
    if (now >= countFrom && now < countTo) toldInTime += 1
    if (at >= countFrom && at < countTo) lives.push(now - at)
    onTold()
  })
})
receiver.keepAliveTimeout = 60_000
receiver.listen(0, '127.0.0.1', () => tell({ ready: true }))

async function run(): Promise<LivesResult> {
  const notifyUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/told`
  const requests = plan.at.map(at =>
    requestsOf({ ...plan, host: new URL(at).host, notifyUrl, kind: 'paypro' }),
  )
  const start = systemClock.monotonic()
  countFrom = start + plan.warmSeconds * 1000
  countTo = countFrom + plan.seconds * 1000
  let n = 0
  const idle: { readonly socket: Socket; readonly place: number }[] = []
  const due: number[] = []
  const sentAt = new Map<Socket, number>()

  function send(line: (typeof idle)[number], at: number): void {
    n += 1
    begun.set(`${plan.run}-${n}`, at)
    sentAt.set(line.socket, at)
    line.socket.write(requests[line.place]?.(n) ?? '')
  }
  const wants = (): boolean => systemClock.monotonic() < countTo
  function give(line: (typeof idle)[number]): void {
    const at = due.shift()
    if (at !== undefined) send(line, at)
    else if (plan.rate === null && wants() && begun.size < plan.livesAtOnce)
      send(line, systemClock.monotonic())
    else idle.push(line)
  }
  onTold = () => {
    const line = plan.rate === null && wants() && begun.size < plan.livesAtOnce ? idle.pop() : undefined
    if (line !== undefined) send(line, systemClock.monotonic())
  }

  const sockets = new Set<Socket>()
  let over = false
  function openLine(place: number): void {
    const which = place % plan.at.length
    const socket = connect(Number.parseInt(new URL(plan.at[which] ?? '').port, 10), '127.0.0.1')
    const line = { socket, place: which }
    sockets.add(socket)
    socket.setNoDelay(true)
    let received = ''
    socket.on('connect', () => give(line))
    socket.on('error', () => {})
    // The switch closes what was idle for its keep-alive time.
    socket.on('close', () => {
      sockets.delete(socket)
      const at = idle.indexOf(line)
      if (at >= 0) idle.splice(at, 1)
      else if (sentAt.has(socket) && !over) broken += 1
      if (!over) openLine(place)
    })
    socket.on('data', chunk => {
      const at = sentAt.get(socket)
      // A connection on which nothing was asked is told that it took too long.
      if (at === undefined) return
      received += chunk.toString('latin1')
      const headersEnd = received.indexOf('\r\n\r\n')
      const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1]
      if (headersEnd < 0 || length === undefined) return
      if (received.length < headersEnd + 4 + Number.parseInt(length, 10)) return
      if (received.includes('"code":"0000"')) accepted += 1
      else {
        refused += 1
        refusal ??= received.slice(0, 600)
      }
      received = ''
      sentAt.delete(socket)
      if (at >= countFrom && at < countTo) answers.push(systemClock.monotonic() - at)
      give(line)
    })
  }
  for (let place = 0; place < plan.connections; place += 1) openLine(place)
  let offered = 0
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const drainBy = countTo + DRAIN_MS_MAX
  const tick = (): void => {
    const now = systemClock.monotonic()
    if (plan.rate !== null) {
      const wanted = Math.floor(((Math.min(now, countTo) - start) / 1000) * plan.rate)
      for (; offered < wanted; offered += 1) {
        const line = idle.pop()
        const at = start + (offered / plan.rate) * 1000
        if (line === undefined) due.push(at)
        else send(line, at)
      }
    }
    if (now >= countTo && (begun.size === 0 || now > drainBy)) end()
    else setTimeout(tick, 1)
  }
  tick()
  await ended
  over = true
  for (const socket of sockets) socket.destroy()
  return {
    ...{ accepted, refused, refusal, broken, told, doubled, untold: begun.size },
    perSecond: toldInTime / plan.seconds,
    life: spread(lives),
    answer: spread(answers),
  }
}

const DRAIN_MS_MAX = 60_000

function spread(list: number[]) {
  return { p50Ms: sortedAt(list, 0.5), p99Ms: sortedAt(list, 0.99), maxMs: sortedAt(list, 1) }
}

await serveLines(run, async () => receiver.closeAllConnections())
