// Everything that is configured, in memory, so that a credential is found without a question to the database. Each
// process polls the version of the configuration, which is one cheap read, and reads it whole when it has grown.
import { Unavailable } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { CurrencyCode } from '../money/currency.ts'
import type { Method } from '../payout/beneficiary.ts'
import type { DoorCredential } from '../protocols/protocol.ts'
import type { ApiKey, Configuration, Merchant, Route, Store, StoredProviderAccount } from '../store/store.ts'
import { indexConfiguration } from './configured.ts'

export interface Directory {
  /** Switched off where the merchant is. */
  credential(door: string, publicId: string): DoorCredential | null
  apiKey(keyId: string): ApiKey | null
  merchant(merchantId: string): Merchant | null
  providerAccount(id: string): StoredProviderAccount | null
  /** Active routes over active provider accounts, the one to try first in front. */
  routes(merchantId: string): readonly Route[]
  /** Whether any of those routes carries this method in this currency. */
  pays(merchantId: string, currency: CurrencyCode, method: Method): boolean
  /** The newest snapshot, whole; the same object for as long as nothing changed. */
  configuration(): Configuration
  /** Reads the configuration if it has changed since. Rejects as the store does; what is in memory stays. */
  refresh(): Promise<void>
  /**
   * @throws Unavailable where the configuration was not confirmed for so long that a key revoked meanwhile could still
   *   be served. Money does not move on rights that nobody has confirmed.
   */
  assertCurrent(): void
  stop(): Promise<void>
}

export interface DirectoryOptions {
  readonly store: Pick<Store, 'readConfiguration' | 'configurationVersion'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Resolves after the first reading, and polls from then on.
 *
 * While the database cannot be asked, keys and credentials are still *served*: to call a good key unknown would be
 * false, and a client that reads "revoked" does worse things than wait. They are no longer enough to *move money*:
 * after five seconds `assertCurrent` throws, and the desk answers "not now" to every payout and cancellation. Where the
 * database is gone for all, nothing is lost by that, since nothing could be recorded either; where only this process
 * has lost its sight of it, the promise that a revoked key stops working everywhere within five seconds is kept.
 */
export async function createDirectory({ store, clock, log }: DirectoryOptions): Promise<Directory> {
  let configured = indexConfiguration(await store.readConfiguration())
  let confirmedAt = clock.monotonic()
  let reading: Promise<void> | null = null
  let unseen = false

  async function read(): Promise<void> {
    // Counted from before the question: what changes while it is answered may not be in the answer.
    const askedAt = clock.monotonic()
    if ((await store.configurationVersion()) !== configured.version) {
      configured = indexConfiguration(await store.readConfiguration())
    }
    confirmedAt = askedAt
  }
  /** One reading at a time; who asks during one gets the next, so that it sees what the asker has just written. */
  async function refresh(): Promise<void> {
    if (reading !== null) await reading.catch(() => {})
    reading ??= read().finally(() => {
      reading = null
    })
    return reading
  }
  const age = (): number => clock.monotonic() - confirmedAt

  const stopped = new AbortController()
  async function poll(): Promise<void> {
    while (!stopped.signal.aborted) {
      await clock.sleep(POLL_MS, stopped.signal)
      if (stopped.signal.aborted) return
      try {
        await refresh()
        if (unseen) log.info('the configuration can be read again')
        unseen = false
      } catch (error) {
        // What is in memory stands as it was; how old it may become is said above.
        if (!unseen && age() > AGE_MS_MAX) {
          log.error(
            { err: error, ageMs: Math.round(age()) },
            'the configuration cannot be read; no payout is taken',
          )
          unseen = true
        }
      }
    }
  }
  const polling = poll()

  return {
    credential: (door, publicId) => configured.credential(door, publicId),
    apiKey: keyId => configured.apiKey(keyId),
    merchant: merchantId => configured.merchant(merchantId),
    providerAccount: id => configured.providerAccount(id),
    routes: merchantId => configured.routes(merchantId),
    pays: (merchantId, currency, method) => configured.pays(merchantId, currency, method),
    configuration: () => configured.configuration,
    refresh,
    assertCurrent() {
      if (age() > AGE_MS_MAX) throw new Unavailable('unavailable', 'the configuration is not confirmed')
    },
    async stop() {
      assert(!stopped.signal.aborted, 'a directory is stopped once')
      stopped.abort()
      await polling
    },
  }
}

const POLL_MS = 1_000
const AGE_MS_MAX = 5_000
