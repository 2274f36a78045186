// Work by host, so that one receiver who is slow holds up nobody but himself: a bound over all, a smaller bound for
// each host, and whoever finds no place waits in the order of arrival at that host. A host that answers fast may have more
// waiting, because they do not wait for long: what is turned away comes back only when its lease ends, which for a fast
// host is most of the time that a notice takes.

export interface Hosts {
  /**
   * Runs the work when its host has a place; false where too many wait for that host already. The work never rejects. Of a
   * host that turns out to be slow the last of those who wait are dropped again, which `dropped` hears.
   */
  enter(host: string, work: () => Promise<void>, dropped?: () => void): boolean
  waiting(): number
  /** In how long a host will have served those who wait for it, as far as that is known. */
  servedInMs(host: string): number
  inFlight(): number
  /** Resolves once nothing waits and nothing runs. */
  idle(): Promise<void>
}

export interface HostLimits {
  readonly total: number
  readonly perHost: number
  /** Waiting for one host that is known to be slow. */
  readonly waitingPerHost: number
  /** Waiting for one host of which nothing is known yet. */
  readonly waitingPerNewHost: number
  /** Waiting for one host that is known to be so fast that the last of them waits for no longer than `waitMs`. */
  readonly waitingPerFastHost: number
  readonly waitMs: number
  /** Milliseconds of a clock that only runs forward. */
  readonly monotonic: () => number
}

interface Waiting {
  readonly arrival: number
  readonly work: () => Promise<void>
  readonly dropped: (() => void) | undefined
}

interface Host {
  running: number
  readonly queue: Waiting[]
}

/** The weight of the newest. */
const NEWEST = 0.1
const KNOWN_MAX = 1_000

export function createHosts(limits: HostLimits): Hosts {
  /** Those where something runs or waits. */
  const hosts = new Map<string, Host>()
  /** How long the works of a host take, the newest counting most; the host of which nothing was heard for longest first. */
  const takesMs = new Map<string, number>()
  let total = 0
  let arrival = 0
  let waiting = 0
  let idleListeners: (() => void)[] = []

  /** A place that became free goes to whoever came first of those whose host has one. */
  function admit(): void {
    while (total < limits.total) {
      let next: { readonly name: string; readonly host: Host; readonly arrival: number } | null = null
      for (const [name, host] of hosts) {
        const first = host.running < limits.perHost ? host.queue[0] : undefined
        if (first !== undefined && (next === null || first.arrival < next.arrival))
          next = { name, host, arrival: first.arrival }
      }
      const one = next?.host.queue.shift()
      if (next === null || one === undefined) return
      waiting -= 1
      void start(next.name, next.host, one.work)
    }
  }

  async function start(name: string, host: Host, work: () => Promise<void>): Promise<void> {
    total += 1
    host.running += 1
    const began = limits.monotonic()
    try {
      await work()
    } finally {
      total -= 1
      host.running -= 1
      note(name, limits.monotonic() - began)
      if (host.running === 0 && host.queue.length === 0) hosts.delete(name)
      admit()
      drop(host.queue.splice(mayWait(name)))
      if (total === 0 && waiting === 0) {
        const listeners = idleListeners
        idleListeners = []
        for (const listener of listeners) listener()
      }
    }
  }

  function drop(late: readonly Waiting[]): void {
    waiting -= late.length
    for (const { dropped } of late) dropped?.()
  }

  function note(name: string, tookMs: number): void {
    const known = takesMs.get(name)
    takesMs.delete(name)
    takesMs.set(name, known === undefined ? tookMs : known + (tookMs - known) * NEWEST)
    const [oldest] = takesMs.keys()
    if (takesMs.size > KNOWN_MAX && oldest !== undefined) takesMs.delete(oldest)
  }

  function mayWait(name: string): number {
    const { perHost, waitMs, waitingPerHost, waitingPerNewHost, waitingPerFastHost } = limits
    const takes = takesMs.get(name)
    if (takes === undefined) return waitingPerNewHost
    const inTime = Math.floor((perHost * waitMs) / Math.max(1, takes))
    return Math.max(waitingPerHost, Math.min(waitingPerFastHost, inTime))
  }

  return {
    enter(name, work, dropped) {
      const host = hosts.get(name) ?? { running: 0, queue: [] }
      if (host.queue.length >= mayWait(name)) return false
      hosts.set(name, host)
      host.queue.push({ arrival, work, dropped })
      arrival += 1
      waiting += 1
      admit()
      return true
    },
    waiting: () => waiting,
    servedInMs(name) {
      const { queue = [] } = hosts.get(name) ?? {}
      return ((queue.length + 1) * (takesMs.get(name) ?? limits.waitMs)) / limits.perHost
    },
    inFlight: () => total,
    idle: () =>
      total === 0 && waiting === 0
        ? Promise.resolve()
        : new Promise<void>(resolve => idleListeners.push(resolve)),
  }
}
