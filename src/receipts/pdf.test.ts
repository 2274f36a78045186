// A PDF cannot be looked at here, so what is tested is what a reader of it depends on: the same bytes each time, the file in
// it, the text that was drawn, run by run, and that each run has its font.
import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ReceiptFacts } from './facts.ts'
import { receiptPdf } from './pdf.ts'
import { pdfLines, pdfRuns } from './pdf-text.ts'
import { receiptOf } from './receipt.fixture.ts'

const FACTS: ReceiptFacts = {
  ...receiptOf({ reference: 'ORDER_123456' }, 'রহিম টেক্সটাইলস ltd. Łódź'),
  proof: {
    grade: 'The provider said that it was paid.',
    theirReference: '8N7A6D5EE7M',
    leaf: 'ab'.repeat(32),
    place: 41,
    issuedAt: '2026-11-28 14:07:22 UTC',
    address: `https://payouts.example.com/verify#${'e'.repeat(1_200)}`,
    page: 'https://payouts.example.com/verify',
  },
}
const FILE = '{"format":"quittance-receipt/1"}\n'

test('the same facts and file give the same bytes, and the file is in them', async () => {
  const [one, other] = [await receiptPdf(FACTS, FILE), await receiptPdf(FACTS, FILE)]
  expect(Buffer.compare(one, other)).toBe(0)
  expect(Buffer.from(one.subarray(0, 5)).toString()).toBe('%PDF-')
  expect(streamsOf(one).some(text => text === FILE)).toBe(true)
  expect(Buffer.from(one).toString('latin1')).toContain('receipt.json')
})

test('all three fonts are embedded, and only those that are used', async () => {
  const fonts = (bytes: Uint8Array) =>
    new Set(
      [
        ...Buffer.from(bytes)
          .toString('latin1')
          .matchAll(/\/BaseFont \/[A-Z]{6}\+([\w-]+)/g),
      ].map(([, name]) => name),
    )
  const all = [...fonts(await receiptPdf(FACTS, FILE))].join()
  expect(all).toContain('NotoSansBengali')
  const latin = [...fonts(await receiptPdf({ ...FACTS, merchant: 'Rahim', description: null }, FILE))].join()
  expect(latin).not.toContain('Bengali')
})

test('a text is cut where its font changes, and nowhere else', () => {
  expect(pdfRuns('শ্রমিকের মজুরি, third')).toEqual([
    { script: 'bengali', text: 'শ্রমিকের' },
    { script: 'latin', text: ' ' },
    { script: 'bengali', text: 'মজুরি' },
    { script: 'latin', text: ', third' },
  ])
  expect(pdfRuns('Łódź').map(({ script }) => script)).toEqual(['latin-ext', 'latin', 'latin-ext'])
  expect(pdfRuns('ক্\u200dষ')).toHaveLength(1)
})

test('a line is broken between words, a word only where it alone is too long, and the rest is said to be missing', () => {
  const of = { widthMax: 10, linesMax: 3, widthOf: (text: string) => [...text].length }
  expect(pdfLines('one two three four', of)).toEqual(['one two', 'three four'])
  expect(pdfLines('abcdefghijklmnop', of)).toEqual(['abcdefghij', 'klmnop'])
  expect(pdfLines('one two three four five six seven', of)).toEqual(['one two', 'three four', 'five six…'])
})

function streamsOf(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes)
  const found: string[] = []
  for (let at = buffer.indexOf('stream\n'); at >= 0; at = buffer.indexOf('stream\n', at + 7)) {
    const end = buffer.indexOf('\nendstream', at)
    if (end < 0) continue
    try {
      found.push(inflateSync(buffer.subarray(at + 7, end)).toString('utf8'))
    } catch {
      // The word also ends another stream, and not every stream is packed.
    }
  }
  return found
}
