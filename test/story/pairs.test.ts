// Every way in with every way out: whatever a client speaks and whatever its provider speaks, the payout is paid once,
// and our books, the provider's and every door tell the same of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planSample, SAMPLE_WAYS, type SamplePayout, type SampleWay } from '../../src/cli/sample.ts'
import { sendSample } from '../../src/cli/sample-send.ts'
import { askSandbox } from '../../src/cli/sandbox-client.ts'
import { SANDBOX_API_KEY, SANDBOX_MERCHANT_ID } from '../../src/cli/sandbox-credentials.ts'
import { tableLines } from '../../src/cli/table.ts'
import { auditBooks } from '../../src/ledger/audit.ts'
import { type Beneficiary, beneficiaryKey, beneficiaryMethod } from '../../src/payout/beneficiary.ts'
import type { PrintedOrder } from '../../src/simulator/control.ts'
import { behaviourNamed } from '../../src/simulator/magic.ts'
import { findNative, type Listed, readNative } from '../client.ts'
import { eventually } from '../program.ts'
import { openSandbox, type Sandbox } from '../sandbox.ts'

const CONNECTORS = ['paypro', 'avanor', 'payneteasy'] as const
type Connector = (typeof CONNECTORS)[number]
type Load = 'wallet' | 'card' | 'bank_account'

/** What each way in takes, and what each way out pays. Card numbers are not taken natively. */
const TAKES: Readonly<Record<SampleWay, readonly Load[]>> = {
  paypro: ['wallet'],
  avanor: ['wallet', 'card', 'bank_account'],
  payneteasy: ['wallet', 'card', 'bank_account'],
  api: ['wallet', 'bank_account'],
}
const PAYS: Readonly<Record<Connector, readonly Load[]>> = {
  paypro: ['wallet'],
  avanor: ['wallet', 'card', 'bank_account'],
  payneteasy: ['wallet', 'card', 'bank_account'],
}
const CURRENCIES = { wallet: 'BDT', card: 'USD', bank_account: 'EUR' } as const
const NOTIFY_NOBODY = 'http://127.0.0.1:9/notify'

interface Row {
  readonly door: string
  readonly connector: string
  readonly method: string
  readonly amount: string
  readonly state: string
  readonly rail: string
  readonly tookMs: number
}
const results: Row[] = []
afterAll(() => {
  const columns = [
    { title: 'door', text: (row: Row) => row.door },
    { title: 'connector', text: (row: Row) => row.connector },
    { title: 'method', text: (row: Row) => row.method },
    { title: 'amount', right: true, text: (row: Row) => row.amount },
    { title: 'state', text: (row: Row) => row.state },
    { title: 'at the provider', text: (row: Row) => row.rail },
    { title: 'time', right: true, text: (row: Row) => `${row.tookMs} ms` },
  ]
  process.stdout.write(`\n${tableLines(columns, results).join('\n')}\n`)
})

describe.each(CONNECTORS)('through %s', connector => {
  const pairs = SAMPLE_WAYS.flatMap(door =>
    TAKES[door].filter(load => PAYS[connector].includes(load)).map(load => ({ door, load })),
  )
  let sandbox: Sandbox
  let playing: readonly Promise<{ order: SamplePayout; payout: PayoutRead }>[] = []
  beforeAll(async () => {
    sandbox = await openSandbox([connector])
    // All at once, because each waits for its provider.
    playing = pairs.map(async ({ door, load }) => {
      const order = orderOf(door, load, 'paid_soon')
      return { order, payout: await played(sandbox, connector, order) }
    })
    await Promise.allSettled(playing)
  })
  afterAll(() => sandbox[Symbol.asyncDispose]())

  test.each(pairs)('a $load of the $door door is paid once, and every book tells the same', async pair => {
    const { order, payout } = (await playing[pairs.indexOf(pair)]) ?? missing()
    expect(payout).toMatchObject({ state: 'paid', amount: order.amount, money: 'gone', door: order.via })

    const [attempt, ...others] = await list<AttemptShown>(sandbox, payout.id, 'attempts')
    expect(others).toEqual([])
    expect(attempt).toMatchObject({ state: 'paid', provider_account: `pa_sandbox_${connector}` })
    expect(await railOrder(sandbox, connector, attempt?.reference ?? '')).toMatchObject({
      amount: order.amount,
      currency: order.currency,
      beneficiary: beneficiaryKey(order.beneficiary),
      state: 'paid',
      timesArrived: 1,
      timesAccepted: 1,
      timesConfirmed: connector === 'payneteasy' ? 1 : 0,
      timesPaid: 1,
    })
    const money = { amount: order.amount, currency: order.currency }
    expect(await list(sandbox, payout.id, 'postings')).toMatchObject([
      { recipe: 'hold', debit: 'available', credit: 'held', ...money },
      { recipe: 'dispatch', debit: 'held', credit: 'in_flight', ...money },
      { recipe: 'settle', debit: 'in_flight', credit: `float:pa_sandbox_${connector}`, ...money },
    ])
    await expectToldEverywhere(sandbox, payout, order)
  })

  test('what the provider fails is failed, and the money is available again', async () => {
    const failing = PAYS[connector].map(async load => {
      const before = await available(sandbox, CURRENCIES[load])
      const order = orderOf(load === 'card' ? 'avanor' : 'api', load, 'failed_later')
      const payout = await played(sandbox, connector, order)
      expect(payout).toMatchObject({ state: 'failed', money: 'available' })
      expect(await available(sandbox, CURRENCIES[load])).toBe(before)
      const [attempt] = await list<AttemptShown>(sandbox, payout.id, 'attempts')
      expect(await railOrder(sandbox, connector, attempt?.reference ?? '')).toMatchObject({
        state: 'failed',
        timesPaid: 0,
      })
    })
    await Promise.all(failing)
  })

  test('what the provider refuses is never paid: failed where its answer proves that, else in doubt', async () => {
    const payout = await played(sandbox, connector, orderOf('api', 'wallet', 'refused'), [
      ...ENDED,
      'in_doubt',
    ])
    expect(payout.state).toBe(REFUSED[connector])
    const [attempt] = await list<AttemptShown>(sandbox, payout.id, 'attempts')
    expect(await railOrder(sandbox, connector, attempt?.reference ?? '')).toBeUndefined()
  })

  test('what comes back after it was paid is returned where the provider has a word for it', async () => {
    const before = await available(sandbox, 'BDT')
    const order = orderOf('api', 'wallet', 'paid_then_returned')
    const payout = await played(sandbox, connector, order, RETURNED[connector])
    const [attempt] = await list<AttemptShown>(sandbox, payout.id, 'attempts')
    await eventually(
      'the rail has it back',
      () => railOrder(sandbox, connector, attempt?.reference ?? ''),
      there => there?.state === 'returned',
    )
    const after = await available(sandbox, 'BDT')
    expect(after === before).toBe(payout.state !== 'paid')
  })

  test('and at the end our books are clean, and the provider paid nothing twice or of nobody', async () => {
    const { app, rails } = sandbox
    expect(auditBooks(await app.store.readBooks(SANDBOX_MERCHANT_ID))).toEqual([])
    const orders = (await rails.get(connector)?.books()) ?? []
    expect(orders.length).toBeGreaterThan(pairs.length)
    expect(orders.filter(({ timesPaid, timesArrived }) => timesPaid > 1 || timesArrived > 1)).toEqual([])
    const payouts = await readNative<Listed<{ id: string }>>(app.url, '/payouts?limit=100', SANDBOX_API_KEY)
    const attempts = await Promise.all(
      payouts.data.map(({ id }) => list<AttemptShown>(sandbox, id, 'attempts')),
    )
    const ours = new Set(attempts.flat().map(({ reference }) => reference))
    expect(orders.filter(({ reference }) => !ours.has(reference))).toEqual([])
  })
})

const ENDED = ['paid', 'failed', 'cancelled', 'returned']

/** A refusal leaves nothing behind where the document says so; a code that nobody explained proves nothing. */
const REFUSED: Readonly<Record<Connector, string>> = {
  paypro: 'failed',
  avanor: 'in_doubt',
  payneteasy: 'in_doubt',
}

/**
 * Where no value means that money came back, a statement or a person says so, and the payout stays paid until then.
 * Asked only after it came back, the second provider says that it rejected it.
 */
const RETURNED: Readonly<Record<Connector, readonly string[]>> = {
  paypro: ['returned'],
  avanor: ['paid', 'failed'],
  payneteasy: ['paid'],
}

let count = 0

function orderOf(door: SampleWay, load: Load, behaviour: string): SamplePayout {
  const [like] = planSample(1, 'pairs')
  const script = behaviourNamed(behaviour)
  if (like === undefined || script === null) throw new Error('there is no such behaviour')
  count += 1
  const beneficiaries: Readonly<Record<Load, Beneficiary>> = {
    wallet: { kind: 'wallet', operator: 'bkash', number: script.wallet },
    card: { kind: 'card', number: script.card },
    bank_account: { kind: 'bank_account', account: script.bankAccount, bank: 'SANDBOX-BANK', holder: null },
  }
  return {
    reference: `pairs-${count}`,
    via: door,
    beneficiary: beneficiaries[load],
    amount: `${100 + count}.25`,
    currency: CURRENCIES[load],
    behaviour: script,
    ends: 'paid',
  }
}

interface PayoutRead {
  readonly id: string
  readonly number: string
  readonly state: string
}

interface AttemptShown {
  readonly reference: string
}

/** Sends it and waits until it has ended; a line of the table. */
async function played(
  { app, client }: Sandbox,
  connector: Connector,
  order: SamplePayout,
  states: readonly string[] = ENDED,
): Promise<PayoutRead> {
  const startMs = performance.now()
  expect(await sendSample(order, { client, notifyUrl: NOTIFY_NOBODY })).toBeNull()
  const payout = await eventually(
    `${order.reference} of the ${order.via} door through ${connector} has ended`,
    async () => (await findNative(app.url, order.reference, SANDBOX_API_KEY)) as unknown as PayoutRead,
    ({ state }) => states.includes(state),
  )
  results.push({
    door: order.via,
    connector,
    method: beneficiaryMethod(order.beneficiary),
    amount: `${order.amount} ${order.currency}`,
    state: payout.state,
    rail: order.behaviour.says,
    tookMs: Math.round(performance.now() - startMs),
  })
  return payout
}

/** Whichever door it came by: its status by number at one, by its own reference at another, its pictures at a third. */
async function expectToldEverywhere(
  { client }: Sandbox,
  { number }: PayoutRead,
  { reference }: SamplePayout,
): Promise<void> {
  const status = await askSandbox(client.build('avanor', 'withdraw/status', { withdraw_id: number }).request)
  expect(JSON.parse(status.text)).toMatchObject({
    result: true,
    data: { id: Number(number), status: 5, shop_payment_id: reference },
  })
  const proof = await askSandbox(client.build('proofapi', 'proof', { order_id: reference }).request)
  expect(JSON.parse(proof.text)).toMatchObject({
    status: 'success',
    order_id: reference,
    transaction_status: 'Approved',
  })
}

async function list<Item>({ app }: Sandbox, id: string, part: string): Promise<readonly Item[]> {
  return (await readNative<Listed<Item>>(app.url, `/payouts/${id}/${part}`, SANDBOX_API_KEY)).data
}

async function available({ app }: Sandbox, currency: string): Promise<string> {
  const all = await readNative<Listed<Record<string, string>>>(app.url, '/balances', SANDBOX_API_KEY)
  return all.data.find(one => one.currency === currency)?.available ?? ''
}

async function railOrder(
  { rails }: Sandbox,
  connector: Connector,
  reference: string,
): Promise<PrintedOrder | undefined> {
  const orders = (await rails.get(connector)?.books()) ?? []
  return orders.find(order => order.reference === reference)
}

function missing(): never {
  throw new Error('it was not played')
}
