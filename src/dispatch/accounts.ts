// The provider accounts as dispatch uses them: each with its connector, its contract and its limits, or with the reason
// why nothing is sent through it. Computed once for each version of the configuration.
import { assert } from '../lib/assert.ts'
import { type Capabilities, declareCapabilities } from '../protocols/capabilities.ts'
import type { Connector, ProviderAccount } from '../protocols/protocol.ts'
import type { Configuration, StoredProviderAccount } from '../store/store.ts'

/** A provider account with everything that a call through it needs. */
export interface ReadyAccount {
  readonly account: ProviderAccount
  readonly connector: Connector
  readonly capabilities: Capabilities
  /** What is stored with each attempt; one object, so that the store recognises it. */
  readonly terms: StoredTerms
  readonly callbackSecret: string
  readonly concurrency: number
  readonly ratePerSecond: number
  /** Null, or why nothing is sent through it. It is asked about its attempts in any case. */
  readonly unusable: string | null
}

/** The contract that judges an attempt, and where the attempt was sent, as they stood at its intent. Plain JSON. */
export interface StoredTerms {
  readonly capabilities: Capabilities
  readonly endpoint: string
}

/** Keyed by the account's id. An account whose contract does not load is not in it. */
export type Accounts = ReadonlyMap<string, ReadyAccount>

/** The connector of a protocol; undefined where it pays nothing, so that its accounts are none of dispatch's. */
export type ConnectorOf = (protocol: string) => Connector | null | undefined

export function readyAccounts(
  configuration: Pick<Configuration, 'providerAccounts'>,
  connectorOf: ConnectorOf,
): { readonly accounts: Accounts; readonly broken: ReadonlyMap<string, string> } {
  const accounts = new Map<string, ReadyAccount>()
  const broken = new Map<string, string>()
  for (const stored of configuration.providerAccounts) {
    const connector = connectorOf(stored.protocol)
    if (connector === undefined) continue
    const ready = readyAccount(stored, connector)
    if (typeof ready === 'string') broken.set(stored.id, ready)
    else accounts.set(stored.id, ready)
  }
  return { accounts, broken }
}

/** The accounts of the newest snapshot, computed once for each. For those who only read them. */
export function followAccounts(configuration: () => Configuration, connectorOf: ConnectorOf): () => Accounts {
  let seen: Configuration | null = null
  let accounts: Accounts = new Map()
  return () => {
    const now = configuration()
    if (now !== seen) {
      accounts = readyAccounts(now, connectorOf).accounts
      seen = now
    }
    return accounts
  }
}

/** The terms of a stored attempt, or null where they cannot be read: then nothing about it can be proven. */
export function storedTerms(stored: unknown): StoredTerms | null {
  if (typeof stored !== 'object' || stored === null) return null
  // Attempts share their terms, and the store gives the same object for the same terms.
  const known = READ_TERMS.get(stored)
  if (known !== undefined) return known
  const terms = readTerms(stored)
  READ_TERMS.set(stored, terms)
  return terms
}

const READ_TERMS = new WeakMap<object, StoredTerms | null>()

function readTerms(stored: Partial<Record<keyof StoredTerms, unknown>>): StoredTerms | null {
  const { capabilities, endpoint } = stored
  if (typeof endpoint !== 'string' || typeof capabilities !== 'object' || capabilities === null) return null
  try {
    // It asserts every field of what it is given, which is all that a type could say of it.
    return { endpoint, capabilities: declareCapabilities(capabilities as Capabilities) }
  } catch {
    return null
  }
}

function readyAccount(stored: StoredProviderAccount, connector: Connector | null): ReadyAccount | string {
  if (connector === null) return `the protocol ${stored.protocol} has no connector`
  const { id, protocol, baseUrl, settings } = stored
  const account: ProviderAccount = { id, protocol, baseUrl, settings }
  try {
    const wrong = connector.checkAccount(account)
    if (wrong !== null) return wrong
    const capabilities = connector.capabilities(account)
    assert(capabilities.reference.length > 0, 'a contract declares its reference')
    assert(capabilities.twoStep === (connector.commit !== null), 'two steps have a second one')
    return {
      account,
      connector,
      capabilities,
      terms: { capabilities, endpoint: baseUrl },
      callbackSecret: stored.callbackSecret,
      concurrency: stored.concurrency ?? capabilities.concurrency,
      ratePerSecond: stored.ratePerSecond ?? capabilities.ratePerSecond,
      unusable: stored.active ? null : 'it is switched off',
    }
  } catch {
    // The message could hold a setting, and settings hold credentials.
    return 'its contract does not load'
  }
}
