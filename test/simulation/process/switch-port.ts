// The kill switch as a process follows it: over a connection of its own, on which a question ends after a second. It may
// fail, and is no place at which a process dies: it is asked four times a second.
import type { Store } from '../../../src/store/store.ts'
import { type StorePortNeeds, storePort } from './store-port.ts'

/** As src/store/switch-store.ts waits for an answer. */
const ANSWERED_WITHIN_MS = 1_000

/** `needs.strike`: faults of the line alone. */
export function switchPort(needs: StorePortNeeds): Pick<Store, 'trippedSwitches'> {
  return storePort({
    ...needs,
    drawLatency() {
      const { ms, late } = needs.drawLatency()
      return { ms: Math.min(ms, ANSWERED_WITHIN_MS), late }
    },
  })
}
