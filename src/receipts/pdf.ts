// A receipt as a PDF: one page to print, and the signed file attached to it, so that whoever is handed the PDF can check it.
// The same facts give the same bytes: no time of making is written into it, and the fonts travel with the program.
import { createRequire } from 'node:module'
import PDFDocument from 'pdfkit'
import type { ReceiptFacts, ReceiptProof } from './facts.ts'
import { PDF_SCRIPTS, type PdfScript, pdfLines, pdfRuns } from './pdf-text.ts'
import { qrPath, qrSquares } from './qr.ts'
import { receiptText } from './text.ts'

/** @param file the signed file, attached as `receipt.json` */
export async function receiptPdf(facts: ReceiptFacts, file: string): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    info: { Title: `Payout receipt ${facts.code}`, Producer: 'Quittance', Creator: 'Quittance', ...DATES },
  })
  const chunks: Uint8Array[] = []
  document.on('data', (chunk: Uint8Array) => void chunks.push(chunk))
  const ended = Promise.withResolvers<void>()
  document.on('end', () => ended.resolve())
  document.on('error', ended.reject)
  registerFonts(document)
  drawPage(document, facts)
  document.file(Buffer.from(file), {
    name: 'receipt.json',
    type: 'application/json',
    description: 'The signed receipt',
    creationDate: EPOCH,
    modifiedDate: EPOCH,
  })
  document.end()
  await ended.promise
  return Buffer.concat(chunks)
}

type Pdf = InstanceType<typeof PDFDocument>
type Weight = 400 | 600

/** The same of every receipt: what is dated is the receipt, in its facts. */
const EPOCH = new Date(0)
const DATES = { CreationDate: EPOCH, ModDate: EPOCH }

const INK = '#12263a'
const QUIET = '#5b6b7b'
const LINE = '#d5dde4'
const BRAND = '#0f3d4c'
const PAGE_WIDTH = 595.28
const EDGE = 48
const WIDTH = PAGE_WIDTH - 2 * EDGE
const NAME_WIDTH = 110
const QR_SIDE = 190

function drawPage(document: Pdf, facts: ReceiptFacts): void {
  document.rect(0, 0, PAGE_WIDTH, 96).fill(BRAND)
  text(document, 'Payout receipt', { x: EDGE, y: 26, size: 24, weight: 600, colour: '#ffffff' })
  text(document, receiptText(facts.merchant, 70), { x: EDGE, y: 60, size: 13, colour: '#c9dde3' })
  text(document, 'Amount', { x: EDGE, y: 116, size: 11, colour: QUIET })
  text(document, `${facts.amount} ${facts.currency}`, { x: EDGE, y: 130, size: 30, weight: 600 })
  const state = facts.state === 'paid' ? 'Paid' : 'Returned'
  text(document, state, {
    x: PAGE_WIDTH - EDGE - 90,
    y: 140,
    size: 16,
    weight: 600,
    colour: facts.state === 'paid' ? '#0b5d3b' : '#7a4100',
  })
  let y = 186
  for (const [name, value, lines] of rowsOf(facts)) y = drawRow(document, { name, value, lines, y })
  if (facts.proof !== null) y = drawProof(document, facts.proof, y + 10)
  rule(document, y + 12)
  text(document, facts.statement, { x: EDGE, y: y + 24, size: 9, colour: QUIET, lines: 3 })
  text(document, 'Quittance', { x: EDGE, y: y + 56, size: 10, weight: 600, colour: BRAND })
}

function rowsOf(facts: ReceiptFacts): readonly (readonly [string, string, number])[] {
  const { beneficiary, method, paidAt, returnedAt, reference, code, description, proof } = facts
  const theirs = proof?.theirReference ?? null
  return [
    ['Paid to', beneficiary, 2],
    ['Method', method, 1],
    ['Paid at', paidAt ?? 'time not on record', 1],
    ...(returnedAt === null ? [] : [['Returned at', returnedAt, 1] as const]),
    ['Reference', receiptText(reference, 128), 4],
    ['Payout', code, 1],
    ...(theirs === null ? [] : [['Provider', receiptText(theirs, 64), 2] as const]),
    ...(description === null || description.trim() === ''
      ? []
      : [['Description', receiptText(description, 160), 4] as const]),
  ]
}

function drawRow(
  document: Pdf,
  { name, value, lines, y }: { name: string; value: string; lines: number; y: number },
): number {
  rule(document, y)
  text(document, name, { x: EDGE, y: y + 9, size: 11, colour: QUIET })
  const end = text(document, value, {
    x: EDGE + NAME_WIDTH,
    y: y + 9,
    size: 11,
    weight: 600,
    width: WIDTH - NAME_WIDTH,
    lines,
  })
  return end + 7
}

/** The code, and what to do where nothing reads it. */
function drawProof(document: Pdf, proof: ReceiptProof, top: number): number {
  rule(document, top)
  const width = WIDTH - QR_SIDE - 20
  const line = { x: EDGE, width, size: 10 }
  let y = text(document, 'Signed', { ...line, y: top + 14, size: 13, weight: 600, colour: BRAND })
  y = text(document, proof.grade, { ...line, y: y + 4, lines: 4 })
  y = text(document, `Number ${proof.place} in the log, ${proof.issuedAt}`, {
    ...line,
    y: y + 4,
    colour: QUIET,
    lines: 2,
  })
  const how = 'Check it with the code, or the file receipt.json that is attached to this one, at'
  y = text(document, how, { ...line, y: y + 8, colour: QUIET, lines: 3 })
  y = text(document, receiptText(proof.page, 90), { ...line, y, weight: 600, lines: 2 })
  y = text(document, `${proof.leaf.slice(0, 32)} ${proof.leaf.slice(32)}`, {
    ...line,
    y: y + 8,
    size: 8,
    colour: QUIET,
    lines: 3,
  })
  const squares = qrSquares(proof.address)
  const unit = QR_SIDE / squares.side
  document
    .save()
    .translate(PAGE_WIDTH - EDGE - QR_SIDE, top + 14)
    .scale(unit)
    .path(qrPath(squares))
    .fill(INK)
    .restore()
  return Math.max(y, top + 14 + QR_SIDE)
}

interface Place {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly weight?: Weight
  readonly colour?: string
  readonly width?: number
  /** Above 1 the text is broken into so many lines at most. */
  readonly lines?: number
}

/** Draws and says where the next line begins. */
function text(document: Pdf, content: string, place: Place): number {
  const { x, size, weight = 400, colour = INK, width = WIDTH, lines = 1 } = place
  document.fontSize(size).fillColor(colour)
  const widthOf = (some: string) =>
    pdfRuns(some).reduce((sum, run) => {
      document.font(fontName(run.script, weight))
      return sum + document.widthOfString(run.text)
    }, 0)
  let y = place.y
  for (const line of pdfLines(content, { widthMax: width, linesMax: lines, widthOf })) {
    let at = x
    for (const run of pdfRuns(line)) {
      document.font(fontName(run.script, weight))
      // The library would break lines once more, by its own lights.
      document.text(run.text, at, y + baseline(run.script, size), { lineBreak: false })
      at += document.widthOfString(run.text)
    }
    y += size * LINE_HEIGHT
  }
  return y
}

const LINE_HEIGHT = 1.45

/** The Bengali font stands taller above its base line than the Latin one. */
function baseline(script: PdfScript, size: number): number {
  return script === 'bengali' ? size * BENGALI_SHIFT : 0
}
const BENGALI_SHIFT = 0.13

function rule(document: Pdf, y: number): void {
  document
    .moveTo(EDGE, y)
    .lineTo(PAGE_WIDTH - EDGE, y)
    .lineWidth(0.7)
    .strokeColor(LINE)
    .stroke()
}

const packages = createRequire(import.meta.url)
const FILES: Readonly<Record<PdfScript, string>> = {
  latin: '@fontsource/noto-sans/files/noto-sans-latin',
  'latin-ext': '@fontsource/noto-sans/files/noto-sans-latin-ext',
  bengali: '@fontsource/noto-sans-bengali/files/noto-sans-bengali-bengali',
}

function registerFonts(document: Pdf): void {
  for (const script of PDF_SCRIPTS)
    for (const weight of [400, 600] as const)
      document.registerFont(
        fontName(script, weight),
        packages.resolve(`${FILES[script]}-${weight}-normal.woff`),
      )
}

function fontName(script: PdfScript, weight: Weight): string {
  return `${script}-${weight}`
}
