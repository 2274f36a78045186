// I16: after the kill switch is acknowledged no first byte of its scope leaves, until two people have released it. Judged
// where the bytes are handed to the network, by what the people were told.
import { type SendScopes, type SwitchKey, switchesOf } from '../../../src/payout/stop.ts'
import type { NewTrip } from '../../../src/store/store.ts'
import type { NewRelease } from '../model/releases.ts'

export interface Stops {
  tripped(trip: NewTrip, result: unknown): void
  released(release: NewRelease, result: unknown): void
  acknowledged(key: SwitchKey): void
  /** After a restore these are tripped, as `scope id`; a trip that was lost is made again by whoever wants it. */
  restored(tripped: Iterable<string>): void
  /** A first byte leaves. */
  sent(scopes: SendScopes, name: string, who: string): void
  /** When a switch that stops this was tripped; null where none is. */
  stoppedSinceMs(scopes: SendScopes): number | null
}

export function createStops(of: {
  now(): number
  readonly report: (invariant: string, said: string) => void
  readonly sometimes: (mark: string) => void
}): Stops {
  const since = new Map<string, number>()
  const told = new Map<string, number>()
  const keyOf = ({ scope, id }: SwitchKey): string => `${scope} ${id}`

  return {
    tripped(trip, result) {
      if (result === 'tripped') since.set(keyOf(trip), of.now())
    },
    released(release, result) {
      if (result !== 'released') return
      since.delete(keyOf(release))
      told.delete(keyOf(release))
      const { proposedBy, confirmedBy } = release
      if (proposedBy.trim().toLowerCase() === confirmedBy.trim().toLowerCase())
        of.report('I18', `${keyOf(release)} was released by ${proposedBy} alone`)
    },
    acknowledged(key) {
      // It may have been released while the person who tripped it still waited.
      if (since.has(keyOf(key))) told.set(keyOf(key), of.now())
    },
    restored(tripped) {
      const now = new Set(tripped)
      for (const key of now) if (!since.has(key)) since.set(key, of.now())
      for (const key of since.keys()) if (!now.has(key)) since.delete(key)
      for (const key of told.keys()) if (!now.has(key)) told.delete(key)
    },
    sent(scopes, name, who) {
      for (const key of switchesOf(scopes)) {
        const toldAtMs = told.get(keyOf(key))
        if (toldAtMs !== undefined)
          of.report(
            'I16',
            `${who} sent ${name} ${of.now() - toldAtMs} ms after ${keyOf(key)} was said to be stopped`,
          )
        else if (since.has(keyOf(key))) of.sometimes('a byte left before the stop was acknowledged')
      }
    },
    stoppedSinceMs(scopes) {
      const times = switchesOf(scopes).flatMap(key => since.get(keyOf(key)) ?? [])
      return times.length === 0 ? null : Math.min(...times)
    },
  }
}
