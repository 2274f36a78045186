// What is configured, and the money that comes in.
import { assert } from '../../../src/lib/assert.ts'
import type {
  ApiKey,
  Configuration,
  Funding,
  Merchant,
  Route,
  StoredCredential,
  StoredProviderAccount,
} from '../../../src/store/store.ts'
import { balanceKey, checkPosting, movePostings } from './money.ts'
import { rule } from './refusal.ts'
import type { StoredPosting } from './rows.ts'
import { ownKey, type State, type Transaction } from './state.ts'

/** The database counts the insert and the update of one statement each, whether or not a row changed. */
function changed(state: State): void {
  state.tables.configurationVersion += 2n
}

export function putMerchant(state: State, merchant: Merchant): void {
  rule(/^[a-z0-9_]{1,40}$/.test(merchant.merchantId), 'merchant_merchant_id_check')
  state.tables.merchants.set(merchant.merchantId, { ...merchant })
  changed(state)
}

export function putApiKey(state: State, key: ApiKey): void {
  rule(key.hash.length === 32, 'api_key_hash_check')
  const known = state.tables.apiKeys.get(key.keyId)
  if (known === undefined) {
    rule(state.tables.merchants.has(key.merchantId), 'api_key_merchant_id_fkey')
    state.tables.apiKeys.set(key.keyId, { ...key })
  } else if (known.merchantId === key.merchantId)
    state.tables.apiKeys.set(key.keyId, { ...known, hash: key.hash, scopes: key.scopes, active: key.active })
  changed(state)
}

export function putDoorCredential(state: State, credential: StoredCredential): void {
  const id = `${credential.door} ${credential.publicId}`
  const known = state.tables.credentials.get(id)
  if (known === undefined)
    rule(state.tables.merchants.has(credential.merchantId), 'door_credential_merchant_id_fkey')
  if (known === undefined || known.merchantId === credential.merchantId)
    state.tables.credentials.set(id, { ...credential })
  changed(state)
}

export function putProviderAccount(state: State, account: StoredProviderAccount): void {
  const { providerAccounts } = state.tables
  const proofAccountId = account.proofAccountId ?? null
  rule(account.concurrency === null || account.concurrency > 0, 'provider_account_concurrency_check')
  rule(proofAccountId !== account.id, 'provider_account_is_not_its_own_proof')
  rule(/^[a-z0-9_-]{1,40}$/.test(account.id), 'provider_account_provider_account_id_check')
  rule(account.ratePerSecond === null || account.ratePerSecond > 0, 'provider_account_rate_per_second_check')
  const known = providerAccounts.get(account.id)
  if (known === undefined || known.protocol === account.protocol) {
    rule(
      proofAccountId === null || providerAccounts.has(proofAccountId),
      'provider_account_proof_account_id_fkey',
    )
    providerAccounts.set(account.id, { ...account, proofAccountId })
  }
  changed(state)
}

export function putRoute(state: State, route: Route): void {
  const { merchantId, providerAccountId, currency, method } = route
  rule(/^[A-Z]{3}$/.test(currency), 'route_currency_check')
  const id = [merchantId, currency, method ?? '*', providerAccountId].join(' ')
  if (!state.tables.routes.has(id)) {
    rule(state.tables.merchants.has(merchantId), 'route_merchant_id_fkey')
    rule(state.tables.providerAccounts.has(providerAccountId), 'route_provider_account_id_fkey')
  }
  state.tables.routes.set(id, { ...route })
  changed(state)
}

export function readConfiguration({ tables }: State): Configuration {
  return {
    version: tables.configurationVersion,
    merchants: [...tables.merchants.values()],
    apiKeys: [...tables.apiKeys.values()],
    credentials: [...tables.credentials.values()],
    providerAccounts: [...tables.providerAccounts.values()],
    routes: [...tables.routes.values()].sort(
      (one, other) =>
        one.priority - other.priority || (one.providerAccountId < other.providerAccountId ? -1 : 1),
    ),
  }
}

/** A block of payout numbers; fundings take a whole one each, also where they are known already. */
export function takeBlock({ tables }: State): bigint {
  tables.lastBlock += 1000n
  return tables.lastBlock
}

export function fund(state: State, tx: Transaction, funding: Funding): 'funded' | 'known' {
  const { merchantId, reference, providerAccountId, note, amount } = funding
  assert(amount.minor > 0n, 'a posting moves more than nothing')
  const number = takeBlock(state)
  const key = ownKey(merchantId, reference)
  if (state.tables.fundings.has(key)) return 'known'
  const posting: StoredPosting = {
    ...{ merchantId, number, amount, sequence: 1, leg: 1, recipe: 'fund', atMs: tx.nowMs },
    ...{ debit: `float:${providerAccountId}`, credit: 'available' },
  }
  checkPosting(posting)
  openAccounts(state, tx, merchantId, amount.currency)
  movePostings(state, tx, [posting])
  state.tables.fundings.set(key, { merchantId, reference, providerAccountId, note, posting, atMs: tx.nowMs })
  return 'funded'
}

function openAccounts(
  { tables }: State,
  tx: Transaction,
  merchantId: string,
  currency: Funding['amount']['currency'],
): void {
  const opening = ownKey(merchantId, currency)
  if (tables.openings.has(opening)) return
  tables.openings.add(opening)
  for (const account of ['available', 'held', 'in_flight']) {
    const key = balanceKey(merchantId, currency, account)
    if (!tables.balances.has(key)) tx.balances.set(key, { merchantId, account, currency, minor: 0n })
  }
}
