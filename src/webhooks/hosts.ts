// Work by host, so that one receiver who is slow holds up nobody but himself: a bound over all, a smaller bound for
// each host, and whoever finds no place waits in the order of arrival.

export interface Hosts {
  /** Runs the work when its host has a place; false where too many wait for that host already. The work never rejects. */
  enter(host: string, work: () => Promise<void>): boolean
  waiting(): number
  inFlight(): number
  /** Resolves once nothing waits and nothing runs. */
  idle(): Promise<void>
}

interface Waiting {
  readonly host: string
  readonly work: () => Promise<void>
}

export function createHosts(limits: {
  readonly total: number
  readonly perHost: number
  readonly waitingPerHost: number
}): Hosts {
  const running = new Map<string, number>()
  let total = 0
  let queue: Waiting[] = []
  let idleListeners: (() => void)[] = []

  function admit(): void {
    const left: Waiting[] = []
    for (const one of queue) {
      const busy = running.get(one.host) ?? 0
      if (total >= limits.total || busy >= limits.perHost) left.push(one)
      else void start(one, busy)
    }
    queue = left
  }

  async function start(one: Waiting, busy: number): Promise<void> {
    total += 1
    running.set(one.host, busy + 1)
    try {
      await one.work()
    } finally {
      total -= 1
      const others = (running.get(one.host) ?? 1) - 1
      if (others === 0) running.delete(one.host)
      else running.set(one.host, others)
      admit()
      if (total === 0 && queue.length === 0) {
        const listeners = idleListeners
        idleListeners = []
        for (const listener of listeners) listener()
      }
    }
  }

  return {
    enter(host, work) {
      const ahead = queue.reduce((count, one) => (one.host === host ? count + 1 : count), 0)
      if (ahead >= limits.waitingPerHost) return false
      queue.push({ host, work })
      admit()
      return true
    },
    waiting: () => queue.length,
    inFlight: () => total,
    idle: () =>
      total === 0 && queue.length === 0
        ? Promise.resolve()
        : new Promise<void>(resolve => idleListeners.push(resolve)),
  }
}
