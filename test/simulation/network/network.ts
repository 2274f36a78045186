// The network between the processes, the providers and the merchants. A request is carried to whoever stands at its host,
// and the answer back, each with its delay and what the line does to it. Whoever asked may be gone by then; whoever is
// asked does its work all the same.
import type { LineSeen } from '../../../src/dispatch/call.ts'
import type { Random } from '../../../src/lib/random.ts'
import type { WireAnswer, WireRequest } from '../../../src/protocols/protocol.ts'
import type { LineFaultName } from '../../../src/simulator/line-faults.ts'
import type { Scheduler } from '../time/scheduler.ts'
import type { Trace } from '../trace.ts'
import { arrivalOf, type ConnectFault, type LineFault, seenOf } from './line.ts'

/** Whoever takes requests at a host. `meet`: what shall happen to this very request on the line. Null: no answer. */
export interface Station {
  serve(request: WireRequest, meet: (fault: LineFaultName) => void): Promise<WireAnswer | null>
}

export interface LineFaults {
  connect(host: string, kind: 'send' | 'ask'): ConnectFault | null
  line(host: string, kind: 'send' | 'ask'): LineFault | null
  /** How much longer than usual it takes until a connection stands. */
  connectMs(host: string): number
  /** How late a request or an answer is that is late. */
  lateMs(): number
}

/** Faults that whoever calls has planned for this very exchange. */
export interface Planned {
  readonly lost: boolean
  readonly twice: boolean
}

export interface Network {
  connect(
    request: WireRequest,
    kind: 'send' | 'ask',
  ):
    | { readonly ok: true; readonly ms: number }
    | { readonly ok: false; readonly why: ConnectFault; readonly ms: number }
  carry(
    request: WireRequest,
    kind: 'send' | 'ask',
    who: string,
    planned: Planned,
    seen: (line: LineSeen) => void,
  ): void
  /** Requests to this host that were handed over and may still arrive. */
  onTheirWay(host: string): number
  station(host: string, station: Station): void
}

export function createNetwork(of: {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly faults: LineFaults
  readonly trace: Trace
}): Network {
  const { scheduler, random, faults, trace } = of
  const stations = new Map<string, Station>()
  const underWay = new Map<string, number>()

  const delayMs = (): number => 5 + random.below(40)
  const count = (host: string, change: number): void => {
    underWay.set(host, (underWay.get(host) ?? 0) + change)
  }

  /** One arrival; what the station meets on its line counts more than what was drawn. */
  function arrive(
    host: string,
    request: WireRequest,
    drawn: LineFault | null,
    answered: (fault: LineFault | null, answer: WireAnswer | null) => void,
  ): void {
    let fault = drawn
    const meet = (met: LineFaultName): void => {
      fault = met
    }
    const station = stations.get(host)
    if (station === undefined) {
      answered('lost_before', null)
      return
    }
    void station.serve(request, meet).then(answer => answered(fault, answer))
  }

  return {
    connect(request, kind) {
      const { host } = new URL(request.url)
      const fault = faults.connect(host, kind)
      const ms = delayMs()
      if (fault === null) return { ok: true, ms: ms + faults.connectMs(host) }
      trace.note('line', `${host} ${fault}`, '')
      return { ok: false, why: fault, ms: fault === 'connect' ? ms + random.below(5_000) : ms }
    },
    carry(request, kind, who, planned, seen) {
      const { host } = new URL(request.url)
      const drawn = planned.lost ? 'lost_after' : planned.twice ? 'doubled' : faults.line(host, kind)
      trace.note(who, `${kind} ${host}`, drawn ?? '')
      const arrival = arrivalOf(drawn)
      const back = (fault: LineFault | null, answer: WireAnswer | null): void => {
        const line = seenOf(fault, answer)
        if (line === null) return
        const lateMs = fault === 'delayed' ? faults.lateMs() : 0
        scheduler.after(delayMs() + lateMs, () => {
          trace.note(host, 'answers', line.kind === 'answered' ? line.status : line.why)
          seen(line)
        })
      }
      if (arrival === 'never') {
        back(drawn, null)
        return
      }
      count(host, 1)
      const upMs = arrival === 'late' ? faults.lateMs() : delayMs()
      scheduler.after(upMs, () => {
        count(host, -1)
        arrive(host, request, drawn, back)
      })
      if (arrival !== 'twice') return
      count(host, 1)
      scheduler.after(upMs + 1 + random.below(2) * faults.lateMs(), () => {
        count(host, -1)
        arrive(host, request, null, () => {})
      })
    },
    onTheirWay: host => underWay.get(host) ?? 0,
    station: (host, station) => stations.set(host, station),
  }
}
