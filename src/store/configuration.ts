// Merchants, credentials, provider accounts and routes: written by set-up, read whole by every process. What must be
// given back in clear (secrets, provider settings) is sealed here and opens only in its own row.
import { assert } from '../lib/assert.ts'
import type { Seal } from '../lib/seal.ts'
import { storedCurrency } from './rows.ts'
import type {
  ApiKey,
  Configuration,
  Merchant,
  Route,
  StoredCredential,
  StoredProviderAccount,
} from './store.ts'
import type { Whole } from './whole.ts'

/** A route without a method takes every one; in the key it needs a value. */
const EVERY_METHOD = '*'

export async function putMerchant(whole: Whole, merchant: Merchant): Promise<void> {
  await whole.rows(
    {
      name: 'put_merchant',
      text: `insert into merchant (merchant_id, name, active) values ($1, $2, $3)
        on conflict (merchant_id) do update set name = excluded.name, active = excluded.active`,
    },
    [merchant.merchantId, merchant.name, merchant.active],
  )
}

export async function putApiKey(whole: Whole, key: ApiKey): Promise<void> {
  await whole.rows(
    {
      name: 'put_api_key',
      text: `insert into api_key (key_id, merchant_id, live, hash, scopes, active, owner)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (key_id) do update set hash = excluded.hash, scopes = excluded.scopes, active = excluded.active,
          owner = coalesce(excluded.owner, api_key.owner)
        where api_key.merchant_id = excluded.merchant_id`,
    },
    [
      key.keyId,
      key.merchantId,
      key.live,
      Buffer.from(key.hash),
      [...key.scopes],
      key.active,
      key.owner ?? null,
    ],
  )
}

export async function putDoorCredential(
  whole: Whole,
  seal: Seal,
  credential: StoredCredential,
): Promise<void> {
  await whole.rows(
    {
      name: 'put_door_credential',
      text: `insert into door_credential (door, public_id, merchant_id, secret, settings, active, owner)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (door, public_id) do update
          set secret = excluded.secret, settings = excluded.settings, active = excluded.active,
            owner = coalesce(excluded.owner, door_credential.owner)
          where door_credential.merchant_id = excluded.merchant_id`,
    },
    [
      credential.door,
      credential.publicId,
      credential.merchantId,
      seal.seal(credential.secret, credentialContext(credential.door, credential.publicId)),
      JSON.stringify(credential.settings),
      credential.active,
      credential.owner ?? null,
    ],
  )
}

export async function putProviderAccount(
  whole: Whole,
  seal: Seal,
  account: StoredProviderAccount,
): Promise<void> {
  await whole.rows(
    {
      name: 'put_provider_account',
      text: `insert into provider_account (provider_account_id, protocol, name, base_url, settings, callback_secret,
          rate_per_second, concurrency, active, proof_account_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (provider_account_id) do update set name = excluded.name, base_url = excluded.base_url,
          settings = excluded.settings, callback_secret = excluded.callback_secret,
          rate_per_second = excluded.rate_per_second, concurrency = excluded.concurrency, active = excluded.active,
          proof_account_id = excluded.proof_account_id
          where provider_account.protocol = excluded.protocol`,
    },
    [
      account.id,
      account.protocol,
      account.name,
      account.baseUrl,
      seal.seal(JSON.stringify(account.settings), accountContext(account.id, 'settings')),
      seal.seal(account.callbackSecret, accountContext(account.id, 'callback_secret')),
      account.ratePerSecond,
      account.concurrency,
      account.active,
      account.proofAccountId ?? null,
    ],
  )
}

export async function putRoute(whole: Whole, route: Route): Promise<void> {
  await whole.rows(
    {
      name: 'put_route',
      text: `insert into route (merchant_id, provider_account_id, currency, method, priority, active)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (merchant_id, currency, method, provider_account_id) do update
          set priority = excluded.priority, active = excluded.active`,
    },
    [
      route.merchantId,
      route.providerAccountId,
      route.currency,
      route.method ?? EVERY_METHOD,
      route.priority,
      route.active,
    ],
  )
}

export async function configurationVersion(whole: Whole): Promise<bigint> {
  const [row] = await whole.rows<{ version: bigint }>(
    { name: 'configuration_version', text: 'select version from configuration' },
    [],
  )
  assert(row !== undefined, 'the configuration has its one row')
  return row.version
}

/** One statement, so that everything is of one snapshot. */
export async function readConfiguration(whole: Whole, seal: Seal): Promise<Configuration> {
  const [row] = await whole.rows<ConfigurationRow>(READ, [])
  assert(row !== undefined, 'the configuration has its one row')
  return {
    version: row.version,
    merchants: row.merchants.map(m => ({ merchantId: m.merchant_id, name: m.name, active: m.active })),
    apiKeys: row.api_keys.map(key => ({
      keyId: key.key_id,
      merchantId: key.merchant_id,
      live: key.live,
      hash: Buffer.from(key.hash, 'hex'),
      scopes: key.scopes,
      active: key.active,
    })),
    credentials: row.credentials.map(credential => ({
      door: credential.door,
      publicId: credential.public_id,
      merchantId: credential.merchant_id,
      secret: seal.open(credential.secret, credentialContext(credential.door, credential.public_id)),
      settings: credential.settings,
      active: credential.active,
    })),
    providerAccounts: row.provider_accounts.map(account => ({
      id: account.provider_account_id,
      protocol: account.protocol,
      name: account.name,
      baseUrl: account.base_url,
      settings: JSON.parse(
        seal.open(account.settings, accountContext(account.provider_account_id, 'settings')),
      ) as Record<string, string>,
      callbackSecret: seal.open(
        account.callback_secret,
        accountContext(account.provider_account_id, 'callback_secret'),
      ),
      ratePerSecond: account.rate_per_second,
      concurrency: account.concurrency,
      proofAccountId: account.proof_account_id,
      active: account.active,
    })),
    routes: row.routes.map(route => ({
      merchantId: route.merchant_id,
      providerAccountId: route.provider_account_id,
      currency: storedCurrency(route.currency),
      method: route.method === EVERY_METHOD ? null : route.method,
      priority: route.priority,
      active: route.active,
    })),
  }
}

function credentialContext(door: string, publicId: string): string {
  return `door_credential.secret:${door}:${publicId}`
}

function accountContext(id: string, column: 'settings' | 'callback_secret'): string {
  return `provider_account.${column}:${id}`
}

interface ConfigurationRow {
  version: bigint
  merchants: { merchant_id: string; name: string; active: boolean }[]
  api_keys: {
    key_id: string
    merchant_id: string
    live: boolean
    hash: string
    scopes: string[]
    active: boolean
  }[]
  credentials: {
    door: string
    public_id: string
    merchant_id: string
    secret: string
    settings: Record<string, string>
    active: boolean
  }[]
  provider_accounts: {
    provider_account_id: string
    protocol: string
    name: string
    base_url: string
    settings: string
    callback_secret: string
    rate_per_second: number | null
    concurrency: number | null
    proof_account_id: string | null
    active: boolean
  }[]
  routes: {
    merchant_id: string
    provider_account_id: string
    currency: string
    method: string
    priority: number
    active: boolean
  }[]
}

const READ = {
  name: 'read_configuration',
  text: `select version,
    (select coalesce(json_agg(m), '[]') from merchant m) as merchants,
    (select coalesce(json_agg(json_build_object('key_id', key_id, 'merchant_id', merchant_id, 'live', live,
      'hash', encode(hash, 'hex'), 'scopes', scopes, 'active', active)), '[]') from api_key) as api_keys,
    (select coalesce(json_agg(c), '[]') from door_credential c) as credentials,
    (select coalesce(json_agg(a), '[]') from provider_account a) as provider_accounts,
    (select coalesce(json_agg(r order by priority, provider_account_id), '[]') from route r) as routes
    from configuration`,
}
