// A receipt as a picture: layout → outlines (SVG) → PNG. Every letter becomes an outline of our own fonts, none is left
// as text in the SVG and no font of the system is asked, so the same facts give the same bytes on every machine, and
// Bengali conjuncts are shaped by the layout engine. Takes a good part of a second of a processor; renderer.ts keeps
// that off the event loop.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'
import satori, { type Font } from 'satori'
import type { ReceiptFacts } from './facts.ts'
import { RECEIPT_WIDTH, type ReceiptBox, receiptLayout } from './layout.ts'

/** PNG, 1080 pixels wide. */
export async function renderReceipt(facts: ReceiptFacts): Promise<Uint8Array> {
  const { svg } = await receiptSvg(receiptLayout(facts, RECEIPT_FONT_FAMILIES))
  const picture = new Resvg(svg, { font: { loadSystemFonts: false } }).render()
  return new Uint8Array(picture.asPng())
}

export interface ReceiptSvg {
  /** Outlines alone: it has no text element. */
  readonly svg: string
  /** Texts with a character that no font has, for which a box is drawn; `receiptText` leaves none. */
  readonly missing: readonly string[]
}

export async function receiptSvg(layout: ReceiptBox): Promise<ReceiptSvg> {
  const missing: string[] = []
  // The engine takes elements of React by their shape alone, which is ours.
  const svg = await satori(layout as Parameters<typeof satori>[0], {
    width: RECEIPT_WIDTH,
    fonts: [...fonts()],
    loadAdditionalAsset: async (_, text) => {
      missing.push(text)
      return []
    },
  })
  return { svg, missing }
}

// Each file has a name of its own and all are listed wherever text is drawn: under one name the second file would hide
// what the first one has. The Bengali file lacks the comma, the Latin ones come first.
const FILES = [
  ['latin', '@fontsource/noto-sans/files/noto-sans-latin'],
  ['latin-ext', '@fontsource/noto-sans/files/noto-sans-latin-ext'],
  ['bengali', '@fontsource/noto-sans-bengali/files/noto-sans-bengali-bengali'],
] as const
const WEIGHTS = [400, 600] as const

/** The font families by weight, for `receiptLayout`. */
export const RECEIPT_FONT_FAMILIES = { 400: familyOf(400), 600: familyOf(600) } as const

function familyOf(weight: (typeof WEIGHTS)[number]): string {
  return FILES.map(([name]) => `${name}-${weight}`).join(', ')
}

let loaded: readonly Font[] | null = null

/** Read when first needed; the list stays the same, because the engine keeps what it parsed by it. */
function fonts(): readonly Font[] {
  loaded ??= WEIGHTS.flatMap(weight =>
    FILES.map(([name, file]): Font => {
      const data = readFileSync(packages.resolve(`${file}-${weight}-normal.woff`))
      return { name: `${name}-${weight}`, data, weight, style: 'normal' }
    }),
  )
  return loaded
}

const packages = createRequire(import.meta.url)
