// The line to providers and merchants as one process reaches it: what call.ts is to real sockets. A connection is opened;
// the last check and the hand-over of the bytes stand in one synchronous step; then an answer comes, or time is over.
import type { Call, CallLimits, CallResult, LineSeen } from '../../../src/dispatch/call.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import type { WireRequest } from '../../../src/protocols/protocol.ts'
import type { Network } from '../network/network.ts'
import type { Life } from './life.ts'
import type { DrawPause, Strike } from './points.ts'

export interface CallPortNeeds {
  readonly life: Life
  readonly clock: Clock
  readonly network: Network
  readonly strike: Strike
  readonly drawPause: DrawPause
  /** The first byte of a send leaves at this moment. */
  readonly handedOver: (request: WireRequest, who: string) => void
}

export function callPort(needs: CallPortNeeds): Call {
  const { life, clock, network } = needs

  function exchange(
    port: 'send' | 'ask',
    request: WireRequest,
    limits: CallLimits,
    lastCheck: (() => boolean) | null,
  ): Promise<CallResult> {
    const { promise, resolve } = Promise.withResolvers<CallResult>()
    if (!life.isAlive()) return promise
    const startedAtMs = clock.now()
    const began = clock.monotonic()
    let over = false
    const end = (line: LineSeen): void => {
      if (over || !life.isAlive()) return
      over = true
      resolve({ ...line, startedAtMs, durationMs: clock.monotonic() - began })
    }
    const fault = needs.strike({ life, port, name: new URL(request.url).host })
    if (fault === 'crash_before') {
      life.crash()
      return promise
    }
    if (fault === 'pause') {
      const { ms, frozen } = needs.drawPause()
      life.pause(ms, frozen)
    }
    const connected = network.connect(request, port)
    if (fault === 'no_effect' || !connected.ok) {
      const why = connected.ok ? 'connect' : connected.why
      clock.after(Math.min(connected.ms, limits.connectMs), () =>
        end({ kind: 'unsent', why, said: 'there was no connection' }),
      )
      return promise
    }
    clock.after(connected.ms, () => {
      if (lastCheck !== null && !allows(lastCheck)) {
        end({ kind: 'unsent', why: 'stopped', said: 'stopped before the first byte' })
        return
      }
      if (port === 'send') needs.handedOver(request, life.name)
      network.carry(
        request,
        port,
        life.name,
        { lost: fault === 'answer_lost', twice: fault === 'twice' },
        seen => life.deliver(() => end(seen)),
      )
      if (fault === 'crash_after') {
        life.crash()
        return
      }
      // From the call on, as the limits say; what came in time but was not read in time is late all the same.
      const leftMs = limits.totalMs - (clock.monotonic() - began)
      clock.after(Math.min(limits.headersMs, leftMs), () =>
        end({ kind: 'cut', why: 'timeout', said: 'no whole answer in time' }),
      )
    })
    return promise
  }

  return {
    callOnce: (request, limits, lastCheck) => exchange('send', request, limits, lastCheck),
    ask: (request, limits) => exchange('ask', request, limits, null),
    close: () => Promise.resolve(),
  }
}

function allows(lastCheck: () => boolean): boolean {
  try {
    return lastCheck()
  } catch {
    return false
  }
}
