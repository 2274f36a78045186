// The rules that the database keeps about the log of receipts: each is broken by hand, and refused.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueAll, openReceiptKit, pay, type ReceiptKit } from '../../test/receipts-kit.ts'

let db: ReceiptKit
beforeAll(async () => {
  db = await openReceiptKit()
  await pay(db, [1n, 2n, 3n, 4n, 5n])
  await issueAll(db.issuer())
})
afterAll(() => db.close())

const HASH = `'\\x${'ab'.repeat(32)}'`
const RECEIPT = `insert into receipt (merchant_id, payout_number, kind, leaf_index, leaf_hash, key_id, jws, issued_at)`

test.each([
  ['refuse_change', `update receipt set jws = jws`],
  ['refuse_change', `delete from receipt`],
  ['refuse_change', `truncate receipt cascade`],
  ['refuse_change', `update receipt_node set hash = ${HASH}`],
  ['refuse_change', `delete from receipt_node`],
  ['refuse_change', `truncate receipt_node`],
  ['refuse_change', `update receipt_checkpoint set note = note`],
  ['refuse_change', `delete from receipt_checkpoint`],
  ['refuse_change', `delete from receipt_log`],
  ['refuse_change', `delete from receipt_key`],
  ['receipt_key_ends_once', `update receipt_key set public_key = ${HASH}`],
  ['receipt_key_ends_once', `update receipt_key set made_by = 'somebody else'`],
  ['receipt_log_grows', `update receipt_log set size = size - 1`],
  ['receipt_log_grows', `update receipt_log set size = size + 1`],
  ['receipt_log_grows', `update receipt_log set origin = 'another'`],
  ['receipt_node_is_of_its_halves', `insert into receipt_node values (1, 2, ${HASH})`],
  [
    'receipt_leaf_is_of_what_was_signed',
    `${RECEIPT} select merchant_id, 99, kind, 99, ${HASH}, key_id, jws, now() from receipt limit 1`,
  ],
  [
    'receipt_stands_in_the_log',
    `${RECEIPT} select merchant_id, 99, kind, 5, sha256('\\x00'::bytea || convert_to(jws || 'x', 'UTF8')), key_id, jws || 'x', now()
     from receipt limit 1`,
  ],
  [
    'receipt_pkey',
    `${RECEIPT} select merchant_id, payout_number, kind, 5, sha256('\\x00'::bytea || convert_to(jws || 'x', 'UTF8')), key_id, jws || 'x', now()
     from receipt limit 1`,
  ],
  [
    'receipt_of_a_return_supersedes',
    `${RECEIPT} select merchant_id, payout_number, 'returned', 5, sha256('\\x00'::bytea || convert_to(jws || 'x', 'UTF8')), key_id,
     jws || 'x', now() from receipt limit 1`,
  ],
])('the database refuses: %s, by %s', async (constraint, sql) => {
  await expect(db.pool.query(sql)).rejects.toMatchObject({ constraint })
})

test('a leaf between the others, a hole and a root of something else are refused', async () => {
  const head = await db.receipts.receiptHead()
  await pay(db, [6n])
  let kept: Parameters<typeof db.receipts.appendReceipts>[0] | null = null
  await db
    .issuer({
      store: {
        ...db.receipts,
        appendReceipts: async batch => {
          kept = batch
          return 'stale'
        },
      },
    })
    .round()
  if (kept === null) throw new Error('nothing would have been appended')
  const batch: Parameters<typeof db.receipts.appendReceipts>[0] = kept
  await expect(db.receipts.appendReceipts({ ...batch, root: new Uint8Array(32) })).rejects.toMatchObject({
    constraint: 'receipt_log_grows',
  })
  await expect(
    db.receipts.appendReceipts({ ...batch, nodes: [{ level: 1, index: 2, hash: new Uint8Array(32) }] }),
  ).rejects.toMatchObject({ constraint: 'receipt_node_is_of_its_halves' })
  await expect(db.receipts.appendReceipts({ ...batch, nodes: [] })).rejects.toMatchObject({
    constraint: 'receipt_log_grows',
  })
  expect(await db.receipts.appendReceipts({ ...batch, expected: batch.expected - 1 })).toBe('moved')
  expect((await db.receipts.receiptHead()).size).toBe(head.size)
  expect(await db.receipts.appendReceipts(batch)).toBe('appended')
  expect((await db.receipts.receiptHead()).size).toBe(head.size + 1)
})

test('a private half does not lie in clear, and only one key signs', async () => {
  const { rows } = await db.pool.query('select sealed from receipt_key')
  expect(rows).toHaveLength(1)
  expect(String(rows[0]?.sealed)).toMatch(/^q1\./)
  await expect(
    db.pool.query(
      `insert into receipt_key (key_id, public_key, sealed, made_by) values ('${'x'.repeat(43)}', ${HASH}, 'q1.x', 'test')`,
    ),
  ).rejects.toMatchObject({ constraint: 'receipt_key_one_signs' })
})
