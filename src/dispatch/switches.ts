// What the kill switches say, in memory, so that the last check before the first byte can ask without waiting. Each
// process reads them from the database every quarter of a second. What it knows is good for one second from before the
// question; older than that, everything is stopped: a process that cannot see the switch sends nothing.
import type { Clock } from '../lib/clock.ts'
import { createLoop } from '../lib/loop.ts'
import { type SendScopes, type SwitchKey, stoppedWords, switchesOf } from '../payout/stop.ts'
import type { Store, TrippedSwitch } from '../store/store.ts'

/** A switch that is tripped, or that this process cannot see whether one is. */
export type Stop = { readonly kind: 'tripped'; readonly by: SwitchKey } | { readonly kind: 'unseen' }

export interface Switches {
  /** What stops this send at this moment, or null. */
  stops(send: SendScopes): Stop | null
  /** What stops every send, or null. */
  stopsAll(): Stop | null
  /** As last seen. */
  tripped(): readonly TrippedSwitch[]
  stop(): Promise<void>
}

/** How often the switches are read. SAFETY.md section 5, G2. */
export const SWITCH_POLL_MS = 250

/** What was read is good for so long. Acknowledging a trip rests on it: trip.ts. */
export const SWITCH_AGE_MS_MAX = 1_000

export interface SwitchesOptions {
  readonly store: Pick<Store, 'trippedSwitches'>
  readonly clock: Clock
  readonly log: SwitchesLog
  readonly changed?: (moved: {
    readonly trips: readonly SwitchKey[]
    readonly releases: readonly SwitchKey[]
  }) => void
}

interface SwitchesLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Resolves after the first reading, and rejects where that fails. */
export async function followSwitches(options: SwitchesOptions): Promise<Switches> {
  const { store, clock, log } = options
  let tripped: readonly TrippedSwitch[] = []
  let keys: ReadonlySet<string> = new Set()
  let seenAt = Number.NEGATIVE_INFINITY
  let seenAtWall = Number.NEGATIVE_INFINITY

  async function read(): Promise<void> {
    // Counted from before the question: a trip that commits while it is answered may not be in the answer.
    const askedAt = clock.monotonic()
    const askedAtWall = clock.now()
    const now = await store.trippedSwitches()
    const before = { tripped, keys }
    tripped = now
    keys = new Set(now.map(keyOf))
    seenAt = askedAt
    seenAtWall = askedAtWall
    tell(before)
  }

  function tell(before: { readonly tripped: typeof tripped; readonly keys: typeof keys }): void {
    const trips = tripped.filter(one => !before.keys.has(keyOf(one)))
    const releases = before.tripped.filter(one => !keys.has(keyOf(one)))
    for (const { scope, id, by, why } of trips) log.warn({ scope, id, by, why }, 'sending is stopped')
    for (const { scope, id } of releases) log.warn({ scope, id }, 'sending goes on')
    if (trips.length + releases.length > 0) options.changed?.({ trips, releases })
  }

  /** A machine that slept does not count its sleep, so the wall clock is asked too: it may only stop a send. */
  function isUnseen(): boolean {
    return clock.monotonic() - seenAt > SWITCH_AGE_MS_MAX || clock.now() - seenAtWall > SWITCH_AGE_MS_MAX
  }

  await read()
  const loop = createLoop({
    clock,
    round: async () => {
      await read()
      return false
    },
    pollMs: () => SWITCH_POLL_MS,
    failed: error =>
      log.error({ err: error }, 'the kill switch cannot be read; nothing is sent until it can'),
    recovered: () => log.info({}, 'the kill switch can be read again'),
  })
  loop.start()

  return {
    stops(send) {
      if (isUnseen()) return UNSEEN
      if (keys.size === 0) return null
      const by = switchesOf(send).find(one => keys.has(keyOf(one)))
      return by === undefined ? null : { kind: 'tripped', by }
    },
    stopsAll() {
      if (isUnseen()) return UNSEEN
      return keys.has(keyOf(GLOBAL)) ? { kind: 'tripped', by: GLOBAL } : null
    },
    tripped: () => tripped,
    stop: () => loop.stop(),
  }
}

const UNSEEN: Stop = { kind: 'unseen' }
const GLOBAL: SwitchKey = { scope: 'global', id: '' }

function keyOf({ scope, id }: SwitchKey): string {
  return `${scope}:${id}`
}

/** The sentence of a payout that was not sent because of it. */
export function stopWords(stop: Stop): string {
  return stop.kind === 'tripped'
    ? stoppedWords(stop.by)
    : 'It waits: whether sending is allowed cannot be seen at the moment.'
}

/** What the readiness of a process says beside its status; nothing while everything may be sent. */
export function sendingNote(
  switches: Pick<Switches, 'stopsAll' | 'tripped'>,
): Readonly<Record<string, string>> {
  const all = switches.stopsAll()
  if (all !== null)
    return {
      sending: 'stopped',
      why: all.kind === 'unseen' ? 'the kill switch cannot be read' : 'the kill switch',
    }
  // Which ones: not for everybody who may ask whether a process is ready.
  const { length } = switches.tripped()
  return length === 0 ? {} : { sending: 'stopped in part', why: `${length} kill switches` }
}
