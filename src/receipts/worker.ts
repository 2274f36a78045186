// The thread that draws receipts: facts in, PNG or PDF out, one after the other. It knows no store, no clock and no secret.
import { parentPort } from 'node:worker_threads'
import { assert } from '../lib/assert.ts'
import type { ReceiptFacts } from './facts.ts'
import { renderReceipt } from './picture.ts'

/** What it is sent. */
export interface ReceiptJob {
  readonly id: number
  readonly facts: ReceiptFacts
  /** Left out: a picture. With it a PDF, and this is the file that is attached to it. */
  readonly file?: string
}

/** What it answers; `fault` says what went wrong with this one, and the thread goes on. */
export type ReceiptDrawn =
  | { readonly id: number; readonly bytes: Uint8Array }
  | { readonly id: number; readonly fault: string }

const port = parentPort
assert(port !== null, 'the drawing of receipts runs in a thread of its own')

port.on('message', ({ id, facts, file }: ReceiptJob) => {
  const drawing = file === undefined ? renderReceipt(facts) : drawPdf(facts, file)
  void drawing.then(
    bytes => port.postMessage({ id, bytes } satisfies ReceiptDrawn),
    (error: unknown) => port.postMessage({ id, fault: String(error) } satisfies ReceiptDrawn),
  )
})

/** Its library is loaded by the first who wants one: pictures are asked for far more often. */
async function drawPdf(facts: ReceiptFacts, file: string): Promise<Uint8Array> {
  const { receiptPdf } = await import('./pdf.ts')
  return receiptPdf(facts, file)
}
