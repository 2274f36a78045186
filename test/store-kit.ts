// What tests of the store and of those above it begin with: a database of their own with one merchant who has money.
import { type FixedRecipe, recipePostings } from '../src/ledger/recipes.ts'
import { seededRandom } from '../src/lib/random.ts'
import { createSeal } from '../src/lib/seal.ts'
import { type CurrencyCode, currencyOf } from '../src/money/currency.ts'
import type { Payout, PayoutState } from '../src/payout/payout.ts'
import { openPool, type Pool } from '../src/store/postgres.ts'
import { openStore } from '../src/store/postgres-store.ts'
import type { AttemptChanged, AttemptOpened, NewPayout, PayoutStep, Store } from '../src/store/store.ts'
import { createMigratedDatabase } from './postgres.ts'

export const BDT = currency('BDT')
export const MERCHANT = 'm_test'
export const ACCOUNT = 'pa_test'
export const SEAL_KEY = { id: 'test', key: new Uint8Array(32).fill(9) }

export function currency(code: string): CurrencyCode {
  const found = currencyOf(code)
  if (found === null) throw new Error(`${code} is no currency`)
  return found
}

export interface TestStore {
  readonly store: Store
  readonly pool: Pool
  readonly url: string
  close(): Promise<void>
}

/** `minor`: what the merchant has available, in BDT. */
export async function openTestStore(minor = 100_000n, poolSize = 8): Promise<TestStore> {
  const database = await createMigratedDatabase()
  const pool = openPool({ url: database.url, size: poolSize, applicationName: 'test', log: silent })
  // Fundings take numbers too; from here on, small numbers are the test's own.
  await pool.query('alter sequence payout_number_block restart with 1000001')
  const store = openStore({ pool, seal: createSeal([SEAL_KEY]) })
  await store.putMerchant({ merchantId: MERCHANT, name: 'Test', active: true })
  if (minor > 0n)
    await store.fundMerchant({
      merchantId: MERCHANT,
      providerAccountId: ACCOUNT,
      amount: { minor, currency: BDT },
      reference: 'opening',
      note: 'opening balance',
    })
  return {
    store,
    pool,
    url: database.url,
    async close() {
      await store.close()
      await database.drop()
    },
  }
}

const silent = { warn: () => undefined }
const random = seededRandom(1)

export function newPayout(number: bigint, change: Partial<NewPayout> = {}): NewPayout {
  return {
    merchantId: MERCHANT,
    number,
    tag: random.below(1 << 29),
    reference: `ref-${number}`,
    idempotencyKey: null,
    fingerprint: new Uint8Array(32).fill(Number(number % 251n)),
    amount: { minor: 1_000n, currency: BDT },
    beneficiary: { kind: 'wallet', operator: 'bkash', number: '01712345678' },
    description: null,
    metadata: null,
    door: 'paypro',
    doorCredentialId: '1000000001',
    requestId: null,
    notifyUrl: 'http://127.0.0.1:1/notify',
    createdAtMs: 1_795_000_000_000,
    to: 'queued',
    waitReason: null,
    firstAnswer: `first answer of ${number}`,
    refuse: null,
    ...change,
  }
}

/** A step that changes nothing but what is given. */
export function payoutStep(of: Pick<Payout, 'number' | 'version'>, change: Partial<PayoutStep>): PayoutStep {
  return {
    merchantId: MERCHANT,
    number: of.number,
    version: of.version,
    to: null,
    waitReason: null,
    why: null,
    claim: null,
    attempt: null,
    recipe: null,
    postings: [],
    queue: { kind: 'keep' },
    confirmation: null,
    notices: [],
    exchange: null,
    incident: null,
    ...change,
  }
}

export function booked(recipe: FixedRecipe, minor = 1_000n) {
  return { recipe, postings: recipePostings(recipe, { minor, currency: BDT }, ACCOUNT) }
}

export function opened(attemptNo: number, number: bigint): AttemptOpened {
  return {
    kind: 'opened',
    attemptNo,
    providerAccountId: ACCOUNT,
    reference: `our-${number}-${attemptNo}`,
    requestHash: new Uint8Array(32).fill(1),
    contract: CONTRACT,
    incarnation: 1n,
    lostInMs: 60_000,
  }
}
const CONTRACT = { terms: 'of the test' }

export function changed(attemptNo: number, change: Partial<AttemptChanged>): AttemptChanged {
  return {
    kind: 'changed',
    attemptNo,
    state: null,
    theirId: null,
    doubt: null,
    proof: null,
    nextLookInMs: null,
    inquired: false,
    facts: null,
    revision: null,
    ...change,
  }
}

/** Brings a queued payout of version 1 to `sending` with attempt 1, as the dispatcher does. */
export async function send(store: Store, number: bigint): Promise<void> {
  // A lease of nothing: the others are due again at once.
  const due = await store.claimDue({ limit: 1_000, leaseMs: 0 })
  const mine = due.find(({ payout }) => payout.number === number)
  if (mine === undefined) throw new Error(`payout ${number} is not due`)
  const [verdict] = await store.advancePayouts([
    payoutStep(mine.payout, {
      to: 'sending',
      claim: mine.claim,
      queue: { kind: 'drop' },
      attempt: opened(mine.payout.attempts + 1, number),
      ...booked('dispatch'),
    }),
  ])
  if (verdict?.kind !== 'done') throw new Error('the intent was stale')
}

export async function stateOf(store: Store, number: bigint): Promise<PayoutState | null> {
  return (await store.findPayout(MERCHANT, { by: 'number', number }))?.state ?? null
}

/** `available held in_flight` in minor units. */
export async function purse(store: Store): Promise<string> {
  const balances = await store.merchantBalances(MERCHANT)
  const minor = (account: string) => balances.find(line => line.account === account)?.balance.minor ?? 0n
  return `${minor('available')} ${minor('held')} ${minor('in_flight')}`
}
