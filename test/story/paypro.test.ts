// The story of one payout, told with the request example of the PayPro document and tools that nobody here wrote: the
// request is signed by openssl and sent by curl, and the callback's signature is recomputed by openssl.

import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type App, createApp } from '../../src/app.ts'
import { setUpSandbox } from '../../src/cli/sandbox.ts'
import { SANDBOX_API_KEY, SANDBOX_MERCHANT_ID } from '../../src/cli/sandbox-credentials.ts'
import { auditBooks } from '../../src/ledger/audit.ts'
import { createLog } from '../../src/lib/log.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createSeal } from '../../src/lib/seal.ts'
import { openPool } from '../../src/store/postgres.ts'
import { openStore } from '../../src/store/postgres-store.ts'
import { findNative, type Listed, readNative } from '../client.ts'
import { createMigratedDatabase, type TestDatabase, temporaryFolder } from '../postgres.ts'
import { eventually } from '../program.ts'
import { type RailProgram, startRail } from '../rail.ts'

// The document's example is told at an address of somebody else. No name leads anywhere in this process, so that nothing
// of a test ever does either.
vi.mock('node:dns/promises', () => ({
  lookup: async (name: string) => {
    throw Object.assign(new Error(`no ${name} here`), { code: 'ENOTFOUND' })
  },
}))

const run = promisify(execFile)
const SECRET = 'sandbox-paypro-secret'
const MERCHANT_NO = '1000000001'

/** Field by field as the document prints it, but for its `sign`, whose secret is not published. */
const EXAMPLE = {
  timestamp: '1728611780130',
  tradeNo: 'test_00000001',
  amount: '300',
  notifyUrl: 'https://google.com',
  wayCode: 'EWALLET_BKASH',
  walletId: '01123456789',
  remark: 'test',
}

let rail: RailProgram
let database: TestDatabase
let app: App
const closing = new AsyncDisposableStack()

beforeAll(async () => {
  rail = closing.use(await startRail())
  database = await createMigratedDatabase('story')
  closing.defer(() => database.drop())
  const masterKeys = [{ id: 'story', key: systemRandom.bytes(32) }]
  const pool = openPool({ url: database.url, size: 1, applicationName: 'story', log: { warn: () => {} } })
  await setUpSandbox(openStore({ pool, seal: createSeal(masterKeys) }), { paypro: rail.url }, systemRandom)
  await pool.end()
  const dataDir = await temporaryFolder()
  closing.defer(() => rm(dataDir, { recursive: true }))
  app = await createApp({
    config: {
      mode: 'demo',
      host: '127.0.0.1',
      port: 0,
      publicUrl: null,
      doorUrls: [],
      databaseUrl: database.url,
      dataDir,
      masterKeys,
      logLevel: 'warn',
      allowLoopbackTargets: true,
      stopWithinMs: 30_000,
    },
    databaseUrl: database.url,
    log: createLog({ level: 'silent' }),
    roles: { gateway: true, worker: true },
  })
  closing.defer(() => app.stop())
})
afterAll(() => closing.disposeAsync())

test("the document's own example is paid, and every book tells the same of it", {
  timeout: 60_000,
}, async () => {
  // Sorted by hand, as the document says: alphabetical, key1=value1key2=value2.
  const canonical =
    'amount=300notifyUrl=https://google.comremark=testtimestamp=1728611780130' +
    'tradeNo=test_00000001walletId=01123456789wayCode=EWALLET_BKASH'
  const sign = await opensslMd5(canonical + SECRET)
  expect(sign).toBe('4d26c829e27711906aaa39b205ffb47d')

  const { status, contentType, answer } = await curl({ sign, ...EXAMPLE })
  expect(status).toBe('200')
  expect(contentType).toBe('application/json;charset=utf-8')
  expect(Object.keys(answer)).toEqual(['msg', 'code', 'timestamp', 'success', 'data'])
  expect(answer).toEqual({
    msg: 'success',
    code: '0000',
    timestamp: expect.any(Number),
    success: true,
    data: {
      platFormTradeNo: expect.stringMatching(/^[0-9a-z]{16}$/),
      status: '0015',
      desc: 'processing',
      remark: 'test',
    },
  })

  const paid = await untilPaid(EXAMPLE.tradeNo)
  expect(paid).toMatchObject({ amount: '300.00', state: 'paid', money: 'gone' })
  expect(paid.id).toBe(`po_${answer.data.platFormTradeNo}`)
  await expectTold(paid.id)
  await expectPaidOnce(paid.id)
  expect(await balance()).toEqual({ available: '999700.00', held: '0.00', in_flight: '0.00' })

  // Whoever was named there is not to be reached: the notice is tried, kept with its reason, and tried again.
  const notices = await eventually(
    'the first try of the notice',
    () => list<NoticeShown>(paid.id, 'notices'),
    ([notice]) => (notice?.tries ?? 0) > 0,
  )
  expect(notices).toMatchObject([
    { url: 'https://google.com', state: 'due', last_status: null, last_said: 'name not found' },
  ])
})

test('the same order with a receiver of our own is told to it once, signed as a request is', {
  timeout: 60_000,
}, async () => {
  await using receiver = await startReceiver()
  const fields = { ...EXAMPLE, tradeNo: 'test_00000002', notifyUrl: receiver.url }
  const canonical =
    `amount=300notifyUrl=${receiver.url}remark=testtimestamp=1728611780130` +
    'tradeNo=test_00000002walletId=01123456789wayCode=EWALLET_BKASH'
  const { answer } = await curl({ sign: await opensslMd5(canonical + SECRET), ...fields })
  expect(answer).toMatchObject({ code: '0000', data: { status: '0015' } })

  const paid = await untilPaid(fields.tradeNo)
  await eventually(
    'the notice is acknowledged',
    () => list<NoticeShown>(paid.id, 'notices'),
    notices => notices.length === 1 && notices[0]?.state === 'acknowledged',
  )
  expect(receiver.calls).toHaveLength(1)
  const told = JSON.parse(receiver.calls[0] ?? '') as Record<string, string>
  const { sign, ...rest } = told
  expect(rest).toEqual({
    status: '0000',
    message: 'success',
    platFormTradeNo: answer.data.platFormTradeNo,
    tradeNo: 'test_00000002',
    amount: '300',
    successTime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    timestamp: expect.stringMatching(/^\d{13}$/),
    remark: 'test',
  })
  const theirs =
    `amount=300message=successplatFormTradeNo=${rest.platFormTradeNo}remark=teststatus=0000` +
    `successTime=${rest.successTime}timestamp=${rest.timestamp}tradeNo=test_00000002`
  expect(sign).toBe(await opensslMd5(theirs + SECRET))

  await expectTold(paid.id)
  await expectPaidOnce(paid.id)
  expect(auditBooks(await app.store.readBooks(SANDBOX_MERCHANT_ID))).toEqual([])
})

test('what curl sends with one character changed is refused, and leaves nothing behind', async () => {
  const before = await balance()
  const fields = { ...EXAMPLE, tradeNo: 'test_00000003' }
  const canonical =
    'amount=300notifyUrl=https://google.comremark=testtimestamp=1728611780130' +
    'tradeNo=test_00000003walletId=01123456789wayCode=EWALLET_BKASH'
  const sign = await opensslMd5(canonical + SECRET)
  const { answer } = await curl({ sign, ...fields, amount: '301' })
  expect(answer).toMatchObject({ code: '990005', success: false, data: { platFormTradeNo: '' } })
  const found = await readNative<Listed<unknown>>(
    app.url,
    '/payouts?reference=test_00000003',
    SANDBOX_API_KEY,
  )
  expect(found.data).toEqual([])
  expect(await balance()).toEqual(before)
})

/** Steps and postings as the native API shows them. */
async function expectTold(id: string): Promise<void> {
  const events = await list<{ sequence: number; state: string }>(id, 'events')
  const states = events.map(({ state }) => state)
  // The callback may be faster than the answer that says it is pending.
  expect(states.filter(state => state !== 'pending')).toEqual(['queued', 'sending', 'paid'])
  expect(events.map(({ sequence }) => sequence)).toEqual(states.map((_, place) => place + 1))
  expect(await list(id, 'postings')).toMatchObject([
    { recipe: 'hold', debit: 'available', credit: 'held', amount: '300.00', currency: 'BDT' },
    { recipe: 'dispatch', debit: 'held', credit: 'in_flight', amount: '300.00', currency: 'BDT' },
    {
      recipe: 'settle',
      debit: 'in_flight',
      credit: 'float:pa_sandbox_paypro',
      amount: '300.00',
      currency: 'BDT',
    },
  ])
}

/** At the provider: one attempt of ours, one order of theirs, sent once, called back, and confirmed by inquiry. */
async function expectPaidOnce(id: string): Promise<void> {
  const attempts = await list<AttemptShown>(id, 'attempts')
  expect(attempts).toMatchObject([{ state: 'paid', provider_account: 'pa_sandbox_paypro', doubt: null }])
  const [attempt] = attempts
  const kinds = (attempt?.exchanges ?? []).map(({ kind }) => kind)
  expect(kinds.filter(kind => kind === 'send')).toHaveLength(1)
  expect(kinds).toContain('callback')
  expect(kinds).toContain('inquiry')
  const orders = (await rail.books()).filter(({ reference }) => reference === attempt?.reference)
  expect(orders).toMatchObject([
    { amount: '300.00', currency: 'BDT', state: 'paid', timesArrived: 1, timesAccepted: 1, timesPaid: 1 },
  ])
}

interface AttemptShown {
  readonly reference: string
  readonly exchanges: readonly { readonly kind: string }[]
}

interface NoticeShown {
  readonly state: string
  readonly tries: number
}

function untilPaid(reference: string) {
  return eventually(
    `${reference} is paid`,
    () => findNative(app.url, reference, SANDBOX_API_KEY),
    ({ state }) => state === 'paid',
  )
}

async function list<Item>(id: string, part: string): Promise<readonly Item[]> {
  return (await readNative<Listed<Item>>(app.url, `/payouts/${id}/${part}`, SANDBOX_API_KEY)).data
}

async function balance(): Promise<Record<string, string>> {
  const all = await readNative<Listed<Record<string, string>>>(app.url, '/balances', SANDBOX_API_KEY)
  const {
    available = '',
    held = '',
    in_flight = '',
  } = all.data.find(({ currency }) => currency === 'BDT') ?? {}
  return { available, held, in_flight }
}

/** As `openssl dgst` prints it: `MD5(stdin)= …`. */
async function opensslMd5(text: string): Promise<string> {
  const working = run('openssl', ['dgst', '-md5'])
  working.child.stdin?.end(text)
  return (await working).stdout.trim().split(' ').at(-1) ?? ''
}

interface DoorAnswer {
  readonly data: { readonly platFormTradeNo: string }
}

async function curl(body: Readonly<Record<string, string>>) {
  const { stdout } = await run('curl', [
    ...['-sS', '--max-time', '20', '-w', '\n%{http_code} %{content_type}', `${app.url}/v1/paypro/payout`],
    ...['-H', `merchantNo: ${MERCHANT_NO}`, '-H', 'content-type: application/json'],
    ...['--data-raw', JSON.stringify(body)],
  ])
  const [text = '', told = ''] = stdout.split('\n')
  const [status, ...contentType] = told.split(' ')
  return { status, contentType: contentType.join(' '), answer: JSON.parse(text) as DoorAnswer }
}

async function startReceiver() {
  const calls: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    request.once('end', () => {
      calls.push(body)
      response.end('OK')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', () => resolve()))
  // A server that listens on a port has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/notify`,
    calls,
    async [Symbol.asyncDispose]() {
      await new Promise(resolve => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}
