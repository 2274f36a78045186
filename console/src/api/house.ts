import { type Query, read, write } from './client.ts'
import { PAGE_LIMIT, type Page } from './page.ts'
import type {
  Account,
  Act,
  Credential,
  FoundNotice,
  Merchant,
  Overview,
  ProviderAccount,
  StatementLine,
  StopGiven,
  StoppedAccount,
  StoppedSwitch,
} from './types.gen.ts'

export function listMerchants(): Promise<Page<Merchant>> {
  return read('/v1/merchants')
}

export function readOverview(hours: number, merchant: string | null): Promise<Overview> {
  return read('/v1/overview', { query: { hours, merchant } })
}

export function listProviderAccounts(): Promise<Page<ProviderAccount>> {
  return read('/v1/provider_accounts')
}

export interface Stops {
  readonly switches: readonly StoppedSwitch[]
  readonly safe_mode: readonly StoppedAccount[]
}

export function listStops(): Promise<Stops> {
  return read('/v1/stops')
}

export function stopSends(body: StopGiven): Promise<unknown> {
  return write('/v1/stops', { body })
}

export function listAccounts(merchant: string): Promise<Page<Account>> {
  return read('/v1/accounts', { query: { merchant } })
}

/** The lines of one account in one currency, newest first. */
export function readStatement(
  { account, ...query }: { account: string; merchant: string; currency: string },
  before: string | null,
): Promise<Page<StatementLine>> {
  const path = `/v1/accounts/${encodeURIComponent(account)}/postings`
  return read(path, { query: { ...query, before, limit: PAGE_LIMIT } })
}

export function listNotices(query: Query, before: string | null): Promise<Page<FoundNotice>> {
  return read('/v1/notices', { query: { ...query, before, limit: PAGE_LIMIT } })
}

export function listActs(query: Query, before: string | null): Promise<Page<Act>> {
  return read('/v1/acts', { query: { ...query, before, limit: PAGE_LIMIT } })
}

export function listKeys(): Promise<Page<Credential>> {
  return read('/v1/keys')
}
