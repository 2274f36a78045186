// Runs the same piece of work again and again: at once while there is more, when somebody wakes it, and otherwise every
// now and then, because wakes do not cross processes. While the store cannot be reached it backs off.
import type { Clock } from './clock.ts'

export interface Loop {
  start(): void
  wake(): void
  /** Resolves when the round that runs has ended; none follows. */
  stop(): Promise<void>
}

export interface LoopOptions {
  readonly clock: Clock
  /** One round; true where another one should follow at once. */
  readonly round: () => Promise<boolean>
  readonly pollMs: () => number
  /** The first round that threw after one that did not. */
  readonly failed: (error: unknown) => void
  /** The first round that did not throw after one that did. */
  readonly recovered: () => void
}

/** A reason that is there already: without one, each wake would make an exception with a stack. */
const WOKEN = 'woken'
const BACK_OFF_MS_MIN = 250
const BACK_OFF_MS_MAX = 5_000

export function createLoop(options: LoopOptions): Loop {
  const { clock } = options
  const stopped = new AbortController()
  let woken = false
  let resting = false
  let pause = new AbortController()
  let failures = 0
  let running: Promise<void> = Promise.resolve()

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      woken = false
      const more = await oneRound()
      if (failures > 0) await clock.sleep(backOff(failures), stopped.signal)
      else if (!more && !woken) await rest(options.pollMs())
    }
  }

  async function oneRound(): Promise<boolean> {
    try {
      const more = await options.round()
      if (failures > 0) options.recovered()
      failures = 0
      return more
    } catch (error) {
      if (failures === 0) options.failed(error)
      failures += 1
      return false
    }
  }

  async function rest(ms: number): Promise<void> {
    pause = new AbortController()
    if (stopped.signal.aborted) return
    resting = true
    await clock.sleep(ms, pause.signal)
    resting = false
  }

  return {
    start() {
      running = run()
    },
    wake() {
      woken = true
      // Most wakes come while a round runs, and then there is nobody to tell.
      if (resting) pause.abort(WOKEN)
    },
    async stop() {
      stopped.abort()
      pause.abort()
      await running
    },
  }
}

function backOff(failures: number): number {
  return Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** Math.min(failures - 1, 10))
}
