// Measures receipts: how many are issued in a second, what a proof and a drawing cost, and that the log which came of it is
// one: every inclusion of a sample and the consistency of many sizes are checked.
//
//   node bench/receipts.ts                 the tree in memory, at ten thousand and a million leaves
//
// The rest is measured by test/receipts/measure.test.ts, over ten thousand payouts that were really paid.
import { systemClock } from '../src/lib/clock.ts'
import { createLog } from '../src/lib/log.ts'
import { createSeal } from '../src/lib/seal.ts'
import { openCheckpoint } from '../src/receipts/checkpoint.ts'
import { createIssuer } from '../src/receipts/issuer.ts'
import { consistencyProof, issuedReceipt, publishedKeys } from '../src/receipts/log.ts'
import { receiptPdf } from '../src/receipts/pdf.ts'
import { renderReceipt } from '../src/receipts/picture.ts'
import { shownReceipt } from '../src/receipts/shown.ts'
import {
  appendLeaves,
  foldRoot,
  type Hash,
  leafHash,
  type NodePlace,
  subtrees,
} from '../src/receipts/tree.ts'
import {
  consistencyHolds,
  consistencyPlan,
  inclusionHolds,
  inclusionPlan,
  proofOf,
} from '../src/receipts/tree-proof.ts'
import { verifyReceipt } from '../src/receipts/verify.ts'
import { openPool } from '../src/store/postgres.ts'
import { openReceiptStore, type StoredReceipt } from '../src/store/receipt-store.ts'

export async function measureReceipts(
  databaseUrl: string,
  sealKey: Parameters<typeof createSeal>[0][number],
) {
  const log = createLog({ level: 'warn' })
  const pool = openPool({ url: databaseUrl, size: 4, applicationName: 'bench receipts', log })
  const store = openReceiptStore({ pool, seal: createSeal([sealKey]) })
  const issuer = createIssuer({ store, livemode: false, clock: systemClock, log })
  const waiting = (await store.receiptsWaiting()).count
  const began = performance.now()
  while (await issuer.round());
  const issuedMs = performance.now() - began
  const keys = await publishedKeys(store)
  const { size } = await store.receiptHead()

  const { rows } = await pool.query<{ merchant_id: string; payout_number: bigint }>(
    'select merchant_id, payout_number from receipt order by leaf_index',
  )
  const every = Math.max(1, Math.floor(rows.length / 200))
  const sample: StoredReceipt[] = []
  for (let at = 0; at < rows.length; at += every) {
    const row = rows[at]
    if (row !== undefined) sample.push(...(await store.payoutReceipts(row.merchant_id, row.payout_number)))
  }
  const fileBegan = performance.now()
  const files = await Promise.all(sample.map(one => issuedReceipt(one, store)))
  const fileMs = (performance.now() - fileBegan) / files.length
  const verifyBegan = performance.now()
  for (const file of files) {
    const verdict = verifyReceipt(Buffer.from(file), keys)
    if (!verdict.ok) throw new Error(`${verdict.check}: ${verdict.why}`)
  }
  const verifyMs = (performance.now() - verifyBegan) / files.length

  // Every checkpoint that was ever signed, against the last one.
  const notes = await pool.query<{ note: string }>('select note from receipt_checkpoint order by size')
  const opened = notes.rows.map(({ note }) => openCheckpoint(note, keys))
  const last = opened.at(-1)
  if (last === undefined || typeof last === 'string') throw new Error(String(last))
  for (const one of opened) {
    if (typeof one === 'string') throw new Error(one)
    const [before, now] = [one.checkpoint, last.checkpoint]
    const path = await consistencyProof(before.size, now.size, store)
    const of = { first: before.size, second: now.size, firstRoot: before.root, secondRoot: now.root }
    if (path === null || !consistencyHolds({ ...of, path }))
      throw new Error(`no consistency from ${before.size}`)
  }

  const [first] = sample
  if (first === undefined) throw new Error('nothing was issued')
  const shown = shownReceipt(first, 'https://payouts.example.com')
  await renderReceipt(shown)
  const [pngMs, pdfMs] = [
    await average(() => renderReceipt(shown)),
    await average(async () => receiptPdf(shown, files[0] ?? '')),
  ]
  await pool.end()
  return {
    issued: waiting,
    perSecond: Math.round((waiting / issuedMs) * 1000),
    size,
    checkpoints: opened.length,
    fileMs,
    verifyMs,
    pngMs,
    pdfMs,
  }
}

/** A million leaves in memory: what an append and a proof cost there. */
export function measureTree(leaves: number) {
  const nodes = new Map<string, Hash>()
  const keyOf = ({ level, index }: NodePlace) => `${level}/${index}`
  const read = (place: NodePlace): Hash => nodes.get(keyOf(place)) ?? fail(keyOf(place))
  let size = 0
  const began = performance.now()
  while (size < leaves) {
    const batch = Array.from({ length: Math.min(256, leaves - size) }, (_, at) =>
      leafHash(`leaf ${size + at}`),
    )
    const appended = appendLeaves(size, subtrees(0, size).map(read), batch)
    for (const [at, hash] of batch.entries()) nodes.set(keyOf({ level: 0, index: size + at }), hash)
    for (const node of appended.nodes) nodes.set(keyOf(node), node.hash)
    size = appended.size
  }
  const appendMs = performance.now() - began
  const root = foldRoot(subtrees(0, size).map(read))
  const proofsBegan = performance.now()
  for (let at = 0; at < 1_000; at += 1) {
    const index = Math.floor((leaves / 1_000) * at)
    const path = proofOf(inclusionPlan(index, size), read)
    if (!inclusionHolds({ leaf: read({ level: 0, index }), index, size, path, root })) fail(`leaf ${index}`)
    const first = index + 1
    const firstRoot = foldRoot(subtrees(0, first).map(read))
    const proof = proofOf(consistencyPlan(first, size), read)
    if (!consistencyHolds({ first, second: size, firstRoot, secondRoot: root, path: proof }))
      fail(`size ${first}`)
  }
  return { leaves, appendMs, bothProofsMs: (performance.now() - proofsBegan) / 1_000 }
}

function fail(what: string): never {
  throw new Error(`the tree is wrong at ${what}`)
}

async function average(draw: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  for (let times = 0; times < 5; times += 1) await draw()
  return (performance.now() - began) / 5
}

if (import.meta.main) {
  console.log(JSON.stringify(measureTree(10_000)), JSON.stringify(measureTree(1_000_000)))
}
