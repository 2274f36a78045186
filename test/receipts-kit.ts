// What tests of receipts begin with: payouts that were really paid, step by step, and whoever issues their receipts.
import { systemClock } from '../src/lib/clock.ts'
import { createLog } from '../src/lib/log.ts'
import { createSeal } from '../src/lib/seal.ts'
import { createIssuer, type Issuer, type IssuerNeeds } from '../src/receipts/issuer.ts'
import { openReceiptStore, type ReceiptStore } from '../src/store/receipt-store.ts'
import type { NewPayout } from '../src/store/store.ts'
import {
  ACCOUNT,
  booked,
  changed,
  MERCHANT,
  newPayout,
  opened,
  openTestStore,
  payoutStep,
  SEAL_KEY,
  type TestStore,
} from './store-kit.ts'

export interface ReceiptKit extends TestStore {
  readonly receipts: ReceiptStore
  issuer(change?: Partial<IssuerNeeds>): Issuer
}

export async function openReceiptKit(minor = 100_000_000n): Promise<ReceiptKit> {
  const db = await openTestStore(minor)
  await db.store.putProviderAccount({
    id: ACCOUNT,
    protocol: 'paypro',
    name: 'Test',
    baseUrl: 'http://127.0.0.1:1',
    settings: {},
    callbackSecret: 's',
    ratePerSecond: null,
    concurrency: null,
    active: true,
  })
  const receipts = openReceiptStore({ pool: db.pool, seal: createSeal([SEAL_KEY]) })
  const log = createLog({ level: 'silent' })
  return {
    ...db,
    receipts,
    issuer: change => createIssuer({ store: receipts, livemode: false, clock: systemClock, log, ...change }),
  }
}

const ANSWER = {
  attemptNo: 1,
  kind: 'send' as const,
  startedAtMs: 1_795_000_000_000,
  durationMs: 12,
  status: 200,
  row: 'S16',
  verdict: 'accepted paid',
  request: 'POST /pay',
  answer: '{"said":"paid"}',
}

/** Accepted, sent and paid, by the provider's answer to the send or, where it is told so, to an inquiry. */
export async function pay(
  { store }: TestStore,
  numbers: readonly bigint[],
  by: 'send' | 'inquiry' = 'send',
  change: Partial<NewPayout> = {},
): Promise<void> {
  await store.acceptPayouts(numbers.map(number => newPayout(number, change)))
  const due = await store.claimDue({ limit: numbers.length, leaseMs: 60_000 })
  await advance(
    store,
    due.map(({ payout, claim }) =>
      payoutStep(payout, {
        to: 'sending',
        claim,
        queue: { kind: 'drop' },
        attempt: opened(1, payout.number),
        ...booked('dispatch'),
      }),
    ),
  )
  await advance(
    store,
    due.map(({ payout }) =>
      payoutStep(
        { number: payout.number, version: 2 },
        {
          to: 'paid',
          attempt: changed(1, { state: 'paid', theirId: `T-${payout.number}` }),
          exchange: { ...ANSWER, kind: by },
          ...booked('settle'),
        },
      ),
    ),
  )
}

/** What was paid comes back. */
export async function giveBack({ store }: TestStore, number: bigint): Promise<void> {
  await advance(store, [
    payoutStep(
      { number, version: 3 },
      {
        to: 'returned',
        attempt: changed(1, { state: 'returned' }),
        exchange: { ...ANSWER, kind: 'inquiry', row: 'Q6', answer: '{"said":"returned"}' },
        ...booked('return'),
      },
    ),
  ])
}

async function advance(
  store: TestStore['store'],
  steps: Parameters<TestStore['store']['advancePayouts']>[0],
): Promise<void> {
  const verdicts = await store.advancePayouts(steps)
  if (verdicts.length !== steps.length || verdicts.some(({ kind }) => kind !== 'done'))
    throw new Error('a step was stale')
}

/** Rounds until nothing is due. */
export async function issueAll(issuer: Issuer): Promise<void> {
  for (let rounds = 0; await issuer.round(); rounds += 1)
    if (rounds > 1_000) throw new Error('receipts never end')
}

export { MERCHANT }
