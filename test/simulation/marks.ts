// `sometimes`: corners that must be reached again and again. A corner that no history reaches is not tested, whatever the
// invariants say.

export interface Marks {
  readonly hit: Map<string, number>
  sometimes(name: string): void
}

export function createMarks(): Marks {
  const hit = new Map<string, number>()
  return {
    hit,
    sometimes(name) {
      hit.set(name, (hit.get(name) ?? 0) + 1)
    },
  }
}

export function addMarks(to: Map<string, number>, from: Iterable<readonly [string, number]>): void {
  for (const [name, times] of from) to.set(name, (to.get(name) ?? 0) + times)
}
