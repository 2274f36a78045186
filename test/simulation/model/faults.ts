// Faults at the edge of a store: what a line to a database, and the database itself, can do to a call. The caller decides
// which (a world by its seed); inside, each function stays one whole step.
import { Unavailable } from '../../../src/errors.ts'
import { unreachable } from '../../../src/lib/assert.ts'
import type { Store } from '../../../src/store/store.ts'

export type StoreFault =
  | { readonly kind: 'none' }
  /** Nothing is done, and the caller hears that nobody answered. */
  | { readonly kind: 'not_done' }
  /** All is done, and the caller hears that nobody answered. */
  | { readonly kind: 'answer_lost' }
  /** Time passes before it is done, or behind that until the answer is there. */
  | { readonly kind: 'slow'; readonly beforeMs: number; readonly afterMs: number }
  /** The database rolls it back `times` because of others; the store asks again by itself, each time after `ms`. */
  | { readonly kind: 'serialization'; readonly times: number; readonly ms: number }

export interface StoreFaults {
  decide(name: keyof Store, args: readonly unknown[]): StoreFault
  /** Virtual time. */
  sleep(ms: number): Promise<void>
}

/** Rolled back every time. Nothing was done; as with Postgres this is no `Unavailable`, but the refusal itself. */
export class NotSerialized extends Error {
  override readonly name = 'NotSerialized'
}

/** As often as the store on Postgres asks before it gives up. */
const TRIES_MAX = 5

/** Closing is the one function without faults. */
export function withFaults(store: Store, faults: StoreFaults): Store {
  return new Proxy(store, {
    get(target, property) {
      const found: unknown = Reflect.get(target, property)
      if (typeof property !== 'string' || property === 'close' || typeof found !== 'function') return found
      // What is a function here and no `close` is one of the store's.
      const name = property as keyof Store
      const run = found as (...args: readonly unknown[]) => Promise<unknown>
      return (...args: readonly unknown[]) =>
        faulty(faults.decide(name, args), faults, () => run.apply(target, args as unknown[]))
    },
  })
}

async function faulty(
  fault: StoreFault,
  faults: StoreFaults,
  apply: () => Promise<unknown>,
): Promise<unknown> {
  switch (fault.kind) {
    case 'none':
      return apply()
    case 'not_done':
      throw noAnswer()
    case 'answer_lost':
      await apply()
      throw noAnswer()
    case 'slow': {
      await faults.sleep(fault.beforeMs)
      const result = await apply()
      await faults.sleep(fault.afterMs)
      return result
    }
    case 'serialization':
      for (let times = 0; times < Math.min(fault.times, TRIES_MAX); times += 1) await faults.sleep(fault.ms)
      if (fault.times >= TRIES_MAX) throw new NotSerialized('rolled back again and again')
      return apply()
    default:
      return unreachable(fault)
  }
}

function noAnswer(): Unavailable {
  return new Unavailable('unavailable', 'the database did not answer')
}
