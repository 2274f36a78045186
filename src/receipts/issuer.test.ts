// Over real Postgres: what is issued, in which order, and that nothing is issued twice or left out.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../test/program.ts'
import {
  giveBack,
  issueAll,
  MERCHANT,
  openReceiptKit,
  pay,
  type ReceiptKit,
} from '../../test/receipts-kit.ts'
import { parseJson } from '../lib/json.ts'
import type { ReceiptStore, StoredReceipt } from '../store/receipt-store.ts'
import { openCheckpoint } from './checkpoint.ts'
import { newReceiptKey } from './issuer.ts'
import { issuedReceipt, publishedKeys } from './log.ts'
import { foldRoot, subtrees } from './tree.ts'
import { verifyReceipt } from './verify.ts'

let db: ReceiptKit
beforeAll(async () => {
  db = await openReceiptKit()
})
afterAll(() => db.close())

async function verified(store: ReceiptStore, receipt: StoredReceipt) {
  const text = await issuedReceipt(receipt, store)
  const verdict = verifyReceipt(Buffer.from(text), await publishedKeys(store))
  if (!verdict.ok) throw new Error(`${verdict.check}: ${verdict.why}`)
  return { ...verdict, facts: JSON.parse(text).facts }
}

async function receiptsOf(number: bigint) {
  return db.receipts.payoutReceipts(MERCHANT, number)
}

test('a payment gets one receipt, with what is on record about it and nobody named in clear', async () => {
  await pay(db, [1n], 'send', { description: 'for 01712345678', merchantId: MERCHANT })
  await issueAll(db.issuer())
  const [receipt, ...more] = await receiptsOf(1n)
  expect(more).toEqual([])
  if (receipt === undefined) throw new Error('there is no receipt')
  const { facts, log } = await verified(db.receipts, receipt)
  expect(facts).toMatchObject({
    kind: 'paid',
    supersedes: null,
    livemode: false,
    grade: 'provider_says_paid',
    amount: { value: '10.00', currency: 'BDT' },
    beneficiary: { method: 'bkash', account: '01••••••678' },
    provider: { protocol: 'paypro', account: 'pa_test', reference: 'our-1-1', their_reference: 'T-1' },
    merchant: { id: MERCHANT, name: 'Test' },
    evidence: [{ kind: 'request' }, { kind: 'answer' }],
  })
  expect(facts.log).toBe(log.origin)
  const { rows } = await db.pool.query('select jws from receipt')
  const signed = rows.map(({ jws }) => Buffer.from(String(jws).split('.')[1] ?? '', 'base64url').toString())
  expect(signed.join()).not.toContain('01712345678')
  // Another round finds nothing.
  await issueAll(db.issuer())
  expect(await receiptsOf(1n)).toHaveLength(1)
})

test('a payout that is not paid has none', async () => {
  const { rows } = await db.pool.query(`select count(*)::int as n from receipt_due`)
  await db.store.acceptPayouts([])
  expect(rows[0]?.n).toBe(0)
  expect(await receiptsOf(99n)).toEqual([])
})

test('a callback that an inquiry confirmed gives the better grade, and one that came too late does not', async () => {
  await pay(db, [10n, 11n], 'inquiry')
  await db.pool.query(
    `insert into callback (merchant_id, payout_number, attempt_no, hash, raw, verified, said, received_at)
     select $1, n, 1, sha256(n::text::bytea), 'x', true, 'paid', case n when 10 then now() - interval '1 hour' else now() + interval '1 hour' end
     from generate_series(10, 11) n`,
    [MERCHANT],
  )
  await issueAll(db.issuer())
  const grades = await Promise.all(
    [10n, 11n].map(async number => {
      const [receipt] = await receiptsOf(number)
      return receipt === undefined ? null : (await verified(db.receipts, receipt)).facts.grade
    }),
  )
  expect(grades).toEqual(['callback_confirmed_by_inquiry', 'provider_says_paid'])
})

test('a return has a receipt of its own, which names the first one and takes its place', async () => {
  await pay(db, [20n])
  await giveBack(db, 20n)
  // Both are due at once; the first one is issued first.
  await issueAll(db.issuer())
  await issueAll(db.issuer())
  const [first, second] = await receiptsOf(20n)
  if (first === undefined || second === undefined) throw new Error('there are not two receipts')
  const [paid, returned] = [await verified(db.receipts, first), await verified(db.receipts, second)]
  expect(paid.facts).toMatchObject({ kind: 'paid', returned_at: null, supersedes: null })
  expect(returned.facts).toMatchObject({ kind: 'returned', supersedes: paid.leaf })
  expect(returned.facts.returned_at).toMatch(/Z$/)
  expect(first.supersededBy).toEqual(second.leafHash)
  expect(second.supersededBy).toBeNull()
  expect(second.leafIndex).toBeGreaterThan(first.leafIndex)
})

test('two workers at once leave no gap and issue nothing twice', async () => {
  const numbers = Array.from({ length: 300 }, (_, place) => BigInt(1_000 + place))
  await pay(db, numbers)
  const before = (await db.receipts.receiptHead()).size
  const workers = Array.from({ length: 4 }, () => db.issuer({ batchMax: 7 }))
  await eventually(
    'every payment has a receipt',
    async () => {
      // What lost its turns is due again only when its lease has ended; here it need not wait.
      await db.pool.query(`update receipt_due set due_at = now()`)
      await Promise.all(workers.map(worker => issueAll(worker)))
      return (await db.receipts.receiptsWaiting()).count
    },
    count => count === 0,
  )
  const { rows } = await db.pool.query(
    `select count(*)::int as n, count(distinct payout_number)::int as payouts, min(leaf_index)::int as first,
       max(leaf_index)::int as last from receipt where payout_number between 1000 and 1299`,
  )
  expect(rows[0]).toEqual({ n: 300, payouts: 300, first: before, last: before + 299 })
  const { size, edge } = await db.receipts.receiptHead()
  expect(size).toBe(before + 300)
  const newest = await db.receipts.receiptCheckpoint(null)
  const opened = openCheckpoint(newest?.note ?? '', await publishedKeys(db.receipts))
  if (typeof opened === 'string') throw new Error(opened)
  expect(opened.checkpoint).toMatchObject({ size, root: Buffer.from(foldRoot(edge)) })
  for (const number of [1_000n, 1_150n, 1_299n]) {
    const [receipt] = await receiptsOf(number)
    if (receipt === undefined) throw new Error('no receipt')
    await verified(db.receipts, receipt)
  }
}, 120_000)

test('a worker that dies between claim and append, or before the answer to its append, costs time alone (K40)', async () => {
  await pay(db, [2_000n, 2_001n, 2_002n])
  const before = (await db.receipts.receiptHead()).size
  const dies = async () => {
    throw new Error('it died')
  }
  await expect(db.issuer({ store: { ...db.receipts, appendReceipts: dies } }).round()).rejects.toThrow(
    'it died',
  )
  expect((await db.receipts.receiptHead()).size).toBe(before)
  await db.pool.query(`update receipt_due set due_at = now()`)
  const answersLost: ReceiptStore['appendReceipts'] = async batch => {
    await db.receipts.appendReceipts(batch)
    throw new Error('the answer was lost')
  }
  await expect(db.issuer({ store: { ...db.receipts, appendReceipts: answersLost } }).round()).rejects.toThrow(
    'the answer was lost',
  )
  await db.pool.query(`update receipt_due set due_at = now()`)
  await issueAll(db.issuer())
  expect((await db.receipts.receiptHead()).size).toBe(before + 3)
  expect((await db.receipts.receiptsWaiting()).count).toBe(0)
})

test('the same batch twice is taken once', async () => {
  await pay(db, [2_100n])
  const due = await db.receipts.claimReceipts({ limit: 5, leaseMs: 60_000 })
  expect(due).toHaveLength(1)
  const batches: Parameters<ReceiptStore['appendReceipts']>[0][] = []
  const keeps: ReceiptStore['appendReceipts'] = async batch => {
    batches.push(batch)
    return db.receipts.appendReceipts(batch)
  }
  await db.pool.query(`update receipt_due set due_at = now()`)
  await issueAll(db.issuer({ store: { ...db.receipts, appendReceipts: keeps } }))
  const [batch] = batches
  if (batch === undefined) throw new Error('nothing was appended')
  expect(await db.receipts.appendReceipts(batch)).toBe('moved')
  const { size } = await db.receipts.receiptHead()
  expect(await db.receipts.appendReceipts({ ...batch, expected: size })).toBe('stale')
  expect(await receiptsOf(2_100n)).toHaveLength(1)
})

test('a receipt that cannot be made holds up no other', async () => {
  await pay(db, [2_200n, 2_201n])
  const store: typeof db.receipts = {
    ...db.receipts,
    claimReceipts: async claim =>
      (await db.receipts.claimReceipts(claim)).map(due =>
        due.payout.number === 2_200n ? { ...due, payout: { ...due.payout, paidAtMs: null } } : due,
      ),
  }
  await issueAll(db.issuer({ store }))
  expect(await receiptsOf(2_200n)).toEqual([])
  expect(await receiptsOf(2_201n)).toHaveLength(1)
  await db.pool.query(`update receipt_due set due_at = now()`)
  await issueAll(db.issuer())
  expect(await receiptsOf(2_200n)).toHaveLength(1)
})

test('after a change of key old receipts hold, new ones are by the new key, and the old one signs nothing more', async () => {
  const old = await db.receipts.signingKey()
  if (old === null) throw new Error('no key')
  await pay(db, [3_000n])
  const key = newReceiptKey()
  const changesMeanwhile: ReceiptStore['claimReceipts'] = async claim => {
    const due = await db.receipts.claimReceipts(claim)
    expect(await db.receipts.changeReceiptKey({ insteadOf: old.keyId, key, by: 'test' })).toBe(true)
    return due
  }
  await db.issuer({ store: { ...db.receipts, claimReceipts: changesMeanwhile } }).round()
  expect(await receiptsOf(3_000n)).toEqual([])
  expect(await db.receipts.changeReceiptKey({ insteadOf: old.keyId, key: newReceiptKey(), by: 'x' })).toBe(
    false,
  )
  await db.pool.query(`update receipt_due set due_at = now()`)
  await issueAll(db.issuer())
  const [first] = await receiptsOf(1n)
  const [last] = await receiptsOf(3_000n)
  if (first === undefined || last === undefined) throw new Error('no receipt')
  expect((await verified(db.receipts, first)).keyId).toBe(old.keyId)
  expect((await verified(db.receipts, last)).keyId).toBe(key.keyId)
  const { rows } = await db.pool.query('select sealed is null as gone from receipt_key where key_id = $1', [
    old.keyId,
  ])
  expect(rows).toEqual([{ gone: true }])
})

test('what is shown and what was signed are one text', async () => {
  const [receipt] = await receiptsOf(1n)
  if (receipt === undefined) throw new Error('no receipt')
  const text = await issuedReceipt(receipt, db.receipts)
  expect(parseJson(text).ok).toBe(true)
  const changed = Buffer.from(text.replace('"value": "10.00"', '"value": "90.00"'))
  expect(verifyReceipt(changed, await publishedKeys(db.receipts))).toMatchObject({
    ok: false,
    check: 'facts',
  })
  expect(subtrees(0, 5)).toEqual([
    { level: 2, index: 0 },
    { level: 0, index: 4 },
  ])
})
