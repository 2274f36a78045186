// The receipt of one payout: the signed file, and the same to look at. A receipt shows somebody's data, so who asked for it
// stays on record.
import { z } from 'zod'
import { payoutCode } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'
import type { StoredReceipt } from '../store/receipt-store.ts'
import { type ApiAnswer, type ApiCall, type ApiRoute, refusal } from './call.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { readQuery } from './page.ts'
import { NO_PAYOUT, payoutKey } from './payouts-read.ts'
import type { ApiReceipts } from './receipts-needs.ts'
import { payoutParams } from './schema.ts'
import { receiptQuery, receiptShown } from './schema-receipts.ts'

/** `GET /v1/payouts/{id}/receipt`, the same as `.json`, and `.png` and `.pdf`. */
export function receiptsRead(needs: ApiNeeds): readonly ApiRoute[] {
  return FORMS.map(form => ({
    method: 'GET' as const,
    path: `/v1/payouts/:id/receipt${form.suffix}`,
    scope: 'payouts:read' as const,
    body: 'unread' as const,
    schema: documentation({
      operationId: form.operationId,
      summary: form.summary,
      description: form.description,
      tag: 'Payouts',
      params: payoutParams,
      query: receiptQuery,
      answer: {
        status: 200,
        description: 'The receipt.',
        schema: form.mediaType === JSON_TYPE ? receiptShown : z.string().meta({ format: 'binary' }),
        mediaType: form.mediaType,
      },
      problems: [400, 404, 409],
    }),
    run: (call: ApiCall) => readReceipt(call, form, needs),
  }))
}

interface Form {
  readonly suffix: string
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly mediaType: string
  read(receipts: ApiReceipts, receipt: StoredReceipt): Promise<string | Uint8Array>
}

const JSON_TYPE = 'application/json'
const SIGNED =
  'Signed, with its place in the log: anybody can check it offline, `quittance verify` or docs/receipts.md. The newest receipt of the payout, or the one of a kind.'

const FORMS: readonly Form[] = [
  {
    suffix: '',
    operationId: 'readReceipt',
    summary: 'The receipt of a payout',
    description: SIGNED,
    mediaType: JSON_TYPE,
    read: (receipts, receipt) => receipts.file(receipt),
  },
  {
    suffix: '.json',
    operationId: 'readReceiptFile',
    summary: 'The receipt as a file',
    description: SIGNED,
    mediaType: JSON_TYPE,
    read: (receipts, receipt) => receipts.file(receipt),
  },
  {
    suffix: '.png',
    operationId: 'readReceiptPicture',
    summary: 'The receipt as a picture',
    description: 'The signed facts to look at, with a code that leads to the page on which they are checked.',
    mediaType: 'image/png',
    read: (receipts, receipt) => receipts.picture(receipt),
  },
  {
    suffix: '.pdf',
    operationId: 'readReceiptPdf',
    summary: 'The receipt as a PDF',
    description: 'The signed facts to print; the signed file itself is attached to it.',
    mediaType: 'application/pdf',
    read: (receipts, receipt) => receipts.pdf(receipt),
  },
]

async function readReceipt(call: ApiCall, form: Form, needs: ApiNeeds): Promise<ApiAnswer> {
  const { desk, receipts, log } = needs
  const kind = kindOf(call.query)
  if (kind === 'wrong')
    return refusal({
      code: 'invalid_request',
      errors: [{ pointer: 'of', message: 'must be paid or returned' }],
    })
  const by = payoutKey(call.params.id)
  const payout = by === null ? null : await desk.find(call.merchantId, by)
  if (payout === null || receipts === undefined) return NO_PAYOUT
  if (!hasBeen(payout, kind)) return refusal({ code: 'payout_not_paid', detail: notYet(payout, kind) })
  const all = await receipts.ofPayout(payout.merchantId, payout.number)
  const receipt = all.findLast(one => one.kind === (kind ?? payout.state))
  if (receipt === undefined) return refusal({ code: 'receipt_not_issued' })
  log.info({ merchant: payout.merchantId, payout: String(payout.number) }, 'a receipt was asked for')
  return {
    status: 200,
    body: await form.read(receipts, receipt),
    headers: {
      'Content-Type': form.mediaType,
      'Content-Disposition': `inline; filename="${fileName(payout, form)}"`,
      // Whatever a browser takes it for, nothing in it runs.
      'Content-Security-Policy': "default-src 'none'; sandbox",
    },
  }
}

/** Null: whichever is the newest. */
function kindOf(query: string): StoredReceipt['kind'] | null | 'wrong' {
  const read = readQuery(query)
  if (!read.ok || [...read.values.keys()].some(name => name !== 'of')) return 'wrong'
  const of = read.values.get('of')
  if (of === undefined) return null
  return of === 'paid' || of === 'returned' ? of : 'wrong'
}

function hasBeen({ state }: Payout, kind: StoredReceipt['kind'] | null): boolean {
  return kind === 'returned' ? state === 'returned' : state === 'paid' || state === 'returned'
}

function notYet({ state }: Payout, kind: StoredReceipt['kind'] | null): string {
  return kind === 'returned'
    ? `The payout is ${state} and has not come back.`
    : `The payout is ${state}; a receipt is of a payout that was paid.`
}

function fileName({ number, tag }: Payout, { suffix }: Form): string {
  return `receipt-${payoutCode(number, tag)}${suffix === '' ? '.json' : suffix}`
}
