// The callbacks of a simulated provider: each order's in the form of the door that took it, sent until it is
// acknowledged or the door's schedule ends.
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Payout } from '../payout/payout.ts'
import type { DoorCredential, DoorNotices, WireAnswer, WireRequest } from '../protocols/protocol.ts'

export interface Callbacks {
  /** Begins to tell the payout's state, where the door tells that state and the order names an address. */
  tell(payout: Payout, credential: DoorCredential): void
  /** Callbacks that are not acknowledged and not given up. */
  waiting(): number
  stop(): void
}

export interface CallbackOptions {
  /** The form of a door. Null: its protocol has no callbacks, and nothing is told. */
  noticesOf(door: string): DoorNotices | null
  readonly clock: Clock
  readonly log: Log
  exchange(request: WireRequest, timeoutMs: number): Promise<WireAnswer | null>
}

/** Callbacks on the line at the same time; the rest waits its turn. */
const OPEN_MAX = 64

export function createCallbacks({ noticesOf, clock, log, exchange }: CallbackOptions): Callbacks {
  const stopping = new AbortController()
  const turns = createTurns(OPEN_MAX)
  let waiting = 0

  async function deliver(request: WireRequest, form: DoorNotices, reference: string): Promise<void> {
    // A simulated provider is quick: the first try comes at once, the rest as the door's schedule says.
    for (const waitMs of [0, ...form.scheduleMs.slice(1)]) {
      if (waitMs > 0) await clock.sleep(waitMs, stopping.signal)
      if (stopping.signal.aborted) return
      const answer = await turns.take(() => exchange(request, form.timeoutMs))
      if (answer !== null && form.acknowledged(answer)) return
      log.debug({ reference, status: answer?.status ?? null }, 'callback not acknowledged')
    }
    log.warn({ reference }, 'callback given up')
  }

  return {
    tell(payout, credential) {
      const notices = noticesOf(payout.door)
      if (notices === null || payout.notifyUrl === null || !notices.states.includes(payout.state)) return
      const { state, stateSinceMs, notifyUrl } = payout
      const request = notices.request({ payout, state, atMs: stateSinceMs, url: notifyUrl }, credential)
      waiting += 1
      void deliver(request, notices, payout.reference).finally(() => {
        waiting -= 1
      })
    },
    waiting: () => waiting,
    stop: () => stopping.abort(),
  }
}

interface Turns {
  take<Result>(work: () => Promise<Result>): Promise<Result>
}

/** At most `max` at the same time, in the order they came. */
function createTurns(max: number): Turns {
  const queue: (() => void)[] = []
  let open = 0
  return {
    async take(work) {
      if (open >= max) await new Promise<void>(resolve => queue.push(resolve))
      else open += 1
      try {
        return await work()
      } finally {
        const next = queue.shift()
        if (next === undefined) open -= 1
        else next()
      }
    },
  }
}
