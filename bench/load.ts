// A load generator over raw sockets, as a process of its own. It shares the machine with what it measures, so it does as
// little as it can: a request is one string, and of an answer only the status and the length are read.
//
// Closed: each connection sends, waits for the whole answer, and sends the next. That hides waiting, so it tells how many
// there are in a second and never how long one takes under a given load. Open: calls have a time of their own, at the
// offered rate, and each is measured from the moment at which it should have been sent, whenever it was.
import { connect, type Socket } from 'node:net'
import { systemClock } from '../src/lib/clock.ts'
import { sortedAt } from './figures.ts'
import type { LoadPlan, LoadResult } from './load-plan.ts'
import { requestsOf } from './requests.ts'
import { planOf, serveLines, tell } from './spawned.ts'

/** What an open generator holds back while every connection waits for an answer. */
const WAITING_MAX = 200_000

export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const request = requestsOf(plan)
  const statuses: Record<string, number> = {}
  const taken: number[] = []
  const refused: number[] = []
  let retryAfter = 0
  let sent = 0
  const begun = systemClock.monotonic()
  const end = begun + plan.seconds * 1000
  const due: number[] = []
  const idle: Line[] = []
  let open = 0

  interface Line {
    readonly socket: Socket
    startedAt: number
    sentAt: number
  }
  const { promise: over, resolve: finish } = Promise.withResolvers<void>()
  const left = () => plan.callsMax === null || sent < plan.callsMax

  function send(line: Line, startedAt: number): void {
    sent += 1
    line.startedAt = startedAt
    line.sentAt = systemClock.monotonic()
    line.socket.write(request(sent))
  }
  function next(line: Line): void {
    const now = systemClock.monotonic()
    if (plan.rate !== null) {
      const at = due.shift()
      if (at !== undefined) send(line, at)
      else if (now >= end) close(line)
      else idle.push(line)
    } else if (now < end && left()) send(line, now)
    else close(line)
  }
  function close(line: Line): void {
    line.socket.destroy()
  }
  function openLine(): void {
    open += 1
    const socket = connect(plan.port, '127.0.0.1')
    const line: Line = { socket, startedAt: 0, sentAt: 0 }
    socket.setNoDelay(true)
    let received = ''
    socket.on('connect', () => next(line))
    socket.on('error', () => count('broken'))
    socket.on('close', () => {
      open -= 1
      const at = idle.indexOf(line)
      if (at >= 0) idle.splice(at, 1)
      // The switch closes what was idle for its keep-alive time.
      if (plan.rate !== null && systemClock.monotonic() < end) openLine()
      if (open === 0) finish()
    })
    socket.on('data', chunk => {
      received += chunk.toString('latin1')
      const status = wholeAnswer(received)
      if (status === null) return
      const now = systemClock.monotonic()
      if (status === '429' || status === '503') {
        refused.push(now - line.sentAt)
        if (/\r\nretry-after: /i.test(received)) retryAfter += 1
      } else taken.push(now - line.startedAt)
      received = ''
      count(status)
      next(line)
    })
  }
  for (let place = 0; place < plan.connections; place += 1) openLine()
  function count(status: string): void {
    statuses[status] = (statuses[status] ?? 0) + 1
  }

  // A timer is late by a millisecond or more, so it catches up with what has become due since.
  let offered = 0
  const offer = (): void => {
    const now = systemClock.monotonic()
    if (plan.rate === null) return
    const wanted = Math.floor(((Math.min(now, end) - begun) / 1000) * plan.rate)
    for (; offered < wanted; offered += 1) {
      const at = begun + (offered / plan.rate) * 1000
      const line = idle.pop()
      if (line !== undefined) send(line, at)
      else if (due.length < WAITING_MAX) due.push(at)
    }
    if (now < end) setTimeout(offer, 1)
    else for (const line of idle.splice(0)) close(line)
  }
  offer()
  // Whoever never answers must not hold up the bench.
  const late = systemClock.after(plan.seconds * 1000 + LATE_MS, finish)
  await over
  late.cancel()

  const answers = Object.entries(statuses).reduce(
    (sum, [status, n]) => sum + (status === 'broken' ? 0 : n),
    0,
  )
  const seconds = (systemClock.monotonic() - begun) / 1000
  return {
    ...{ seconds, answers, statuses, retryAfter },
    perSecond: answers / seconds,
    p50Ms: sortedAt(taken, 0.5),
    p99Ms: sortedAt(taken, 0.99),
    maxMs: sortedAt(taken, 1),
    refusedP50Ms: sortedAt(refused, 0.5),
    refusedP99Ms: sortedAt(refused, 0.99),
  }
}

const LATE_MS = 30_000

/** The status of one answer once all of it is there, else null. */
function wholeAnswer(text: string): string | null {
  const headersEnd = text.indexOf('\r\n\r\n')
  if (headersEnd < 0) return null
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headersEnd + 2))
  if (length === null) throw new Error(`an answer without a length: ${text.slice(0, headersEnd)}`)
  return text.length >= headersEnd + 4 + Number.parseInt(length[1] ?? '0', 10) ? text.slice(9, 12) : null
}

if (import.meta.main) {
  const plan = await planOf<LoadPlan>()
  tell({ ready: true })
  await serveLines(() => runLoad(plan))
}
