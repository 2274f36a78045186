// Receipts in one process: whoever issues them, whoever reads them for the API, and the drawing of them. A part of app.ts that
// stands alone.
import type { ApiReceipts } from './api/receipts-needs.ts'
import type { Config } from './config.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { createLoop } from './lib/loop.ts'
import type { Metrics } from './lib/metrics.ts'
import type { Payout } from './payout/payout.ts'
import { type CheckpointKeeper, keepCheckpoints } from './receipts/checkpoint-file.ts'
import { receiptFacts } from './receipts/facts.ts'
import { createIssuer, type Issuer } from './receipts/issuer.ts'
import { receiptKeySet } from './receipts/keys.ts'
import { consistencyProof, inclusionProof, issuedReceipt, publishedKeys } from './receipts/log.ts'
import { createReceiptRenderer } from './receipts/renderer.ts'
import { shownReceipt } from './receipts/shown.ts'
import type { ReceiptStore, StoredReceipt } from './store/receipt-store.ts'

export interface Receipting {
  readonly api: ApiReceipts
  /** What the desk asks for. */
  readonly pictures: {
    /** Our own picture of a payout that was paid: what was signed, or what is on record until it is. PNG. */
    drawReceipt(payout: Payout): Promise<Uint8Array>
    /** Since when its receipt is there; null: it is not. */
    receiptSinceMs(payout: Payout): Promise<number | null>
  }
  /** In a worker: issues receipts from now on. */
  start(): void
  stop(): Promise<void>
}

const OBSERVE_MS = 10_000

export function openReceipting(parts: {
  readonly store: ReceiptStore
  readonly config: Pick<Config, 'mode' | 'checkpointFile'>
  readonly directory: { merchant(merchantId: string): { readonly name: string } | null }
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Where people reach this installation, without a slash at the end. */
  readonly publicUrl: () => string
}): Receipting {
  const { store, config, clock, log, metrics, publicUrl } = parts
  const renderer = createReceiptRenderer()
  const issued = metrics.counter('quittance_receipts_issued_total', 'Receipts that were issued here.')
  const issuer = createIssuer({
    ...{ store, clock, log, livemode: config.mode !== 'demo' },
    issued: count => issued.inc(count),
  })
  const { checkpointFile: path = null } = config
  const keeper = path === null ? null : keepCheckpoints({ path, store, clock, log })
  const running: (Issuer | CheckpointKeeper | ReturnType<typeof observeWaiting>)[] = [
    issuer,
    ...(keeper === null ? [] : [keeper]),
    observeWaiting(parts),
  ]

  function merchantName(merchantId: string): string {
    return parts.directory.merchant(merchantId)?.name ?? merchantId
  }

  /** Of the state that the payout is in now. */
  async function newest({ merchantId, number, state }: Payout): Promise<StoredReceipt | null> {
    const all = await store.payoutReceipts(merchantId, number)
    return all.findLast(({ kind }) => kind === state) ?? null
  }

  return {
    api: {
      ofPayout: store.payoutReceipts,
      file: receipt => issuedReceipt(receipt, store),
      picture: receipt => renderer.render(shownReceipt(receipt, publicUrl())),
      pdf: async receipt =>
        renderer.renderPdf(shownReceipt(receipt, publicUrl()), await issuedReceipt(receipt, store)),
      byLeaf: store.receiptByLeaf,
      checkpoint: store.receiptCheckpoint,
      inclusion: (leafIndex, size) => inclusionProof(leafIndex, size, store),
      consistency: (first, second) => consistencyProof(first, second, store),
      keySet: async () => receiptKeySet(await publishedKeys(store)),
    },
    pictures: {
      async drawReceipt(payout) {
        const receipt = await newest(payout)
        if (receipt === null) return renderer.render(receiptFacts(payout, merchantName(payout.merchantId)))
        return renderer.render(shownReceipt(receipt, publicUrl()))
      },
      receiptSinceMs: async payout => (await newest(payout))?.appendedAtMs ?? null,
    },
    start() {
      for (const one of running) one.start()
    },
    async stop() {
      for (const one of running) await one.stop()
      await renderer.close()
    },
  }
}

/** How many payments wait for their receipt, and for how long: the sign that nobody issues any. */
function observeWaiting({ store, clock, log, metrics }: Parameters<typeof openReceipting>[0]) {
  const waiting = metrics.gauge('quittance_receipts_waiting', 'Payments and returns without a receipt.')
  const oldest = metrics.gauge('quittance_receipts_oldest_seconds', 'How long the oldest of them has waited.')
  return createLoop({
    clock,
    round: async () => {
      const { count, oldestMs } = await store.receiptsWaiting()
      waiting.set(count)
      oldest.set(Math.max(0, oldestMs) / 1000)
      return false
    },
    pollMs: () => OBSERVE_MS,
    failed: error => log.warn({ err: error }, 'waiting receipts were not counted'),
    recovered: () => {},
  })
}
