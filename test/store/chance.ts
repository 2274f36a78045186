// Draws of a script, all from one seed.
import { type Random, seededRandom } from '../../src/lib/random.ts'

export interface Chance {
  below(bound: number): number
  /** True in `percent` of a hundred draws. */
  sometimes(percent: number): boolean
  /** The list has at least one item. */
  pick<Item>(items: readonly Item[]): Item
  /** One of the names, as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
}

export function chanceOf(seed: bigint): Chance {
  const random: Random = seededRandom(seed)
  const below = (bound: number) => random.below(bound)
  return {
    below,
    sometimes: percent => below(100) < percent,
    pick<Item>(items: readonly Item[]): Item {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
      const entries = Object.entries(weights) as [Name, number][]
      let left = below(entries.reduce((sum, [, weight]) => sum + weight, 0))
      for (const [name, weight] of entries) {
        if (left < weight) return name
        left -= weight
      }
      throw new Error('the weights are more than their sum')
    },
  }
}
