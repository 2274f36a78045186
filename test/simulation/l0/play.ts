// Plays one numbered placement.
import type { ModelStore } from '../model/model-store.ts'
import type { FaultKind, Strike } from '../process/points.ts'
import { type HistoryResult, playHistory } from '../runner/history.ts'
import { optionsOf, type Placement, placementsOf } from './placements.ts'

export interface L0Result extends HistoryResult {
  /** False where the history ended before one of the places: it then says nothing new. */
  readonly reached: boolean
}

export async function playPlacement(
  number: number,
  given: {
    readonly createStore: (clock: { now(): number }) => ModelStore
    readonly told: boolean
    readonly stopEarly: boolean
  },
): Promise<L0Result> {
  const { of, placements } = placementsOf(number)
  const hit = new Set<number>()
  // The client and the chances of all placements of a case are the same: only the faults differ.
  const options = optionsOf(of, 1)
  const strike = strikeAt(placements, hit)
  const result = await playHistory({
    ...given,
    options,
    strike,
    drawPause: () => ({ ms: 90_000, frozen: false }),
  })
  return { ...result, seed: number, reached: hit.size === placements.length }
}

/** Counts port calls from the moment at which the client comes. */
function strikeAt(placements: readonly Placement[], hit: Set<number>): Strike {
  let calls = 0
  return ({ name }) => {
    if (calls === 0 && name !== 'takeNumbers') return null
    const at = calls
    calls += 1
    let kind: FaultKind | null = null
    placements.forEach((placement, place) => {
      if (placement.at !== at) return
      hit.add(place)
      kind = placement.kind
    })
    return kind
  }
}
