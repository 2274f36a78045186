// Over real Postgres: who gets which receipt of which payout, and in which words it is refused.
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  giveBack,
  issueAll,
  MERCHANT,
  openReceiptKit,
  pay,
  type ReceiptKit,
} from '../../test/receipts-kit.ts'
import { newPayout } from '../../test/store-kit.ts'
import { createFinder } from '../desk/find.ts'
import { createServer } from '../http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { sha256 } from '../lib/digest.ts'
import { createLog } from '../lib/log.ts'
import { systemRandom } from '../lib/random.ts'
import { payoutId } from '../payout/number.ts'
import { issuedReceipt } from '../receipts/log.ts'
import type { ApiKey } from '../store/store.ts'
import { mountApi } from './api.ts'
import type { ApiNeeds } from './needs.ts'

const lines: string[] = []
const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } })
const KEYS = new Map<string, ApiKey>(
  [
    ['qk_test_one', MERCHANT, ['payouts:read']],
    ['qk_test_two', 'm_other', ['payouts:read']],
    ['qk_test_three', MERCHANT, ['balances:read']],
  ].map(([keyId, merchantId, scopes]) => [
    keyId as string,
    {
      keyId: keyId as string,
      merchantId: merchantId as string,
      scopes: scopes as string[],
      live: false,
      active: true,
      hash: sha256(`${keyId}_secret`),
    },
  ]),
)

let db: ReceiptKit
let server: FastifyInstance
beforeAll(async () => {
  db = await openReceiptKit()
  await pay(db, [1n, 2n])
  await giveBack(db, 2n)
  await issueAll(db.issuer())
  await issueAll(db.issuer())
  await pay(db, [4n])
  await db.store.acceptPayouts([newPayout(3n)])
  const { receipts } = db
  const needs = {
    desk: createFinder(db.store),
    directory: { apiKey: (id: string) => KEYS.get(id) ?? null, credential: () => null },
    clock: systemClock,
    log,
    livemode: false,
    receipts: {
      ofPayout: receipts.payoutReceipts,
      file: (receipt: Parameters<typeof issuedReceipt>[0]) => issuedReceipt(receipt, receipts),
      byLeaf: receipts.receiptByLeaf,
      checkpoint: receipts.receiptCheckpoint,
    },
    // What is drawn, and proofs, are other tests'.
  } as unknown as ApiNeeds
  server = createServer({ log, clock: systemClock, random: systemRandom })
  mountApi(server, needs)
  await server.ready()
})
afterAll(async () => {
  await server.close()
  await db.close()
})

async function ask(number: bigint, suffix = '', key = 'qk_test_one') {
  const payout = await db.store.findPayout(MERCHANT, { by: 'number', number })
  const id = payout === null ? 'po_0000000000000001' : payoutId(number, payout.tag)
  return server.inject({
    url: `/v1/payouts/${id}/receipt${suffix}`,
    headers: { authorization: `Bearer ${key}_secret` },
  })
}

test('a receipt is given to whoever may read the payout, and that he asked is on record', async () => {
  const answer = await ask(1n, '.json')
  expect(answer.statusCode).toBe(200)
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  expect(answer.headers['content-disposition']).toMatch(/^inline; filename="receipt-[0-9a-z]{16}\.json"$/)
  expect(answer.json()).toMatchObject({ format: 'quittance-receipt/1', facts: { kind: 'paid' } })
  expect(lines.some(line => line.includes('a receipt was asked for'))).toBe(true)
})

test('it is not there for another merchant, not for a key without the scope, and not without one', async () => {
  expect((await ask(1n, '', 'qk_test_two')).json()).toMatchObject({ code: 'not_found' })
  expect((await ask(1n, '', 'qk_test_three')).json()).toMatchObject({ code: 'forbidden' })
  expect((await ask(1n, '', 'qk_test_none')).json()).toMatchObject({ code: 'unauthenticated' })
  expect((await ask(99n)).json()).toMatchObject({ code: 'not_found' })
})

test('of a payment that came back the newest is given, and each by its kind', async () => {
  const kind = async (suffix: string) => (await ask(2n, suffix)).json().facts.kind
  expect([await kind(''), await kind('?of=returned'), await kind('?of=paid')]).toEqual([
    'returned',
    'returned',
    'paid',
  ])
  const [first, second] = await db.receipts.payoutReceipts(MERCHANT, 2n)
  const status = await server.inject(`/v1/receipts/${Buffer.from(first?.leafHash ?? []).toString('hex')}`)
  expect(status.json()).toMatchObject({ superseded_by: Buffer.from(second?.leafHash ?? []).toString('hex') })
})

test('what is not paid, not yet issued or asked for wrongly is refused in words of its own', async () => {
  expect((await ask(3n)).json()).toMatchObject({ status: 409, code: 'payout_not_paid', retryable: false })
  expect((await ask(1n, '?of=returned')).json()).toMatchObject({ status: 409, code: 'payout_not_paid' })
  const waiting = await ask(4n)
  expect(waiting.json()).toMatchObject({ status: 409, code: 'receipt_not_issued', retryable: true })
  expect(waiting.headers['retry-after']).toBe('1')
  expect((await ask(1n, '?of=other')).json()).toMatchObject({ status: 400, code: 'invalid_request' })
  expect((await ask(1n, '?x=1')).json()).toMatchObject({ status: 400, code: 'invalid_request' })
})
