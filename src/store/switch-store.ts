// The kill switch without the rest of the store: for commands, which have no master key, and for whoever follows it in a
// process. There it has a connection of its own, because it stops all sending when it cannot be read: it must neither
// wait behind others for a connection, nor long for an answer that does not come.
import { openPool, type PoolOptions } from './postgres.ts'
import { type KillSwitches, switchEvents, trippedSwitches, tripSwitch } from './switches.ts'
import { wholeStatements } from './whole.ts'

export interface SwitchStore extends KillSwitches {
  close(): Promise<void>
}

/** What a follower waits for at most; it asks again a moment later. */
export const FOLLOWER_LIMITS = { statementTimeoutMs: 1_000, connectTimeoutMs: 2_000 }

/** Connects when it is first asked. */
export function openSwitchStore(options: Omit<PoolOptions, 'size'>): SwitchStore {
  const pool = openPool({ ...options, size: 1 })
  const whole = wholeStatements(pool)
  return {
    trippedSwitches: () => trippedSwitches(whole),
    tripSwitch: trip => tripSwitch(whole, trip),
    switchEvents: limit => switchEvents(whole, limit),
    close: () => pool.end(),
  }
}
