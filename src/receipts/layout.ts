// The look of a receipt, as boxes with text in them. What comes from outside is only ever a child of a box, never a
// style and never markup, so a description cannot change what is around it.
import type { ReceiptFacts, ReceiptProof } from './facts.ts'
import { qrImage, qrSquares } from './qr.ts'
import { receiptText } from './text.ts'

/** In pixels. The height follows from what there is to say, and every text has a bound. */
export const RECEIPT_WIDTH = 1080

/** A box of the layout: what the layout engine takes for an element. */
export interface ReceiptBox {
  readonly type: 'div'
  readonly props: {
    readonly style: Readonly<Record<string, string | number>>
    readonly children: string | readonly (ReceiptBox | ReceiptImage)[]
  }
}

/** A picture in it; it is one of ours, made from our own text. */
export interface ReceiptImage {
  readonly type: 'img'
  readonly props: { readonly src: string; readonly width: number; readonly height: number }
}

/** By weight the font names in the order in which a character is looked for. */
export type ReceiptFonts = Readonly<Record<400 | 600, string>>

export function receiptLayout(facts: ReceiptFacts, fonts: ReceiptFonts): ReceiptBox {
  const colours = COLOURS[facts.state]
  const strong = { fontFamily: fonts[600] }
  return box(
    {
      width: RECEIPT_WIDTH,
      boxSizing: 'border-box',
      padding: 36,
      backgroundColor: '#e8edf1',
      fontFamily: fonts[400],
      color: INK,
    },
    [
      box(
        {
          ...COLUMN,
          flexGrow: 1,
          backgroundColor: '#ffffff',
          border: `1px solid ${LINE}`,
          borderRadius: 24,
          overflow: 'hidden',
        },
        [
          header(facts, strong),
          amount(facts, colours, strong),
          box(
            { ...COLUMN, padding: '10px 64px 34px' },
            rows(facts).map((row, place) => rowBox(row, place === 0, strong)),
          ),
          ...(facts.proof === null ? [] : [proofBox(facts.proof, strong)]),
          footer(facts, strong),
        ],
      ),
    ],
  )
}

type Style = Readonly<Record<string, string | number>>

const INK = '#12263a'
const QUIET = '#5b6b7b'
const LINE = '#d5dde4'
const BRAND = '#0f3d4c'
const COLOURS = {
  paid: { label: 'Paid', ink: '#0b5d3b', ground: '#dff3e8', dot: '#14935c' },
  returned: { label: 'Returned', ink: '#7a4100', ground: '#fdeed6', dot: '#d07a09' },
} as const
type Colours = (typeof COLOURS)[ReceiptFacts['state']]

const COLUMN: Style = { flexDirection: 'column' }
const ONE_LINE: Style = { whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' }

function header({ merchant }: ReceiptFacts, strong: Style): ReceiptBox {
  return box({ ...COLUMN, backgroundColor: BRAND, color: '#ffffff', padding: '44px 64px 40px' }, [
    label({ ...strong, fontSize: 56, lineHeight: 1.2 }, 'Payout receipt'),
    label(
      { ...ONE_LINE, fontSize: 30, lineHeight: 1.4, marginTop: 6, color: '#c9dde3', maxWidth: 880 },
      receiptText(merchant, MERCHANT_LENGTH_MAX),
    ),
  ])
}

function amount({ amount: text, currency }: ReceiptFacts, colours: Colours, strong: Style): ReceiptBox {
  // Eighteen digits fit as well as three do.
  const fontSize = text.length <= 12 ? 96 : text.length <= 16 ? 76 : 60
  return box({ ...COLUMN, padding: '40px 64px 36px', borderBottom: `2px solid ${LINE}` }, [
    box({ justifyContent: 'space-between', alignItems: 'center' }, [
      label({ fontSize: 28, color: QUIET }, 'Amount'),
      box(
        {
          alignItems: 'center',
          padding: '10px 26px 10px 22px',
          borderRadius: 40,
          backgroundColor: colours.ground,
        },
        [
          box({ width: 16, height: 16, borderRadius: 8, backgroundColor: colours.dot, marginRight: 14 }, []),
          label({ ...strong, fontSize: 30, color: colours.ink }, colours.label),
        ],
      ),
    ]),
    box({ alignItems: 'baseline', marginTop: 8 }, [
      label({ ...strong, fontSize, lineHeight: 1.2 }, text),
      label({ ...strong, fontSize: Math.round(fontSize / 2), color: QUIET, marginLeft: 20 }, currency),
    ]),
  ])
}

interface Row {
  readonly name: string
  readonly value: string
  readonly lines: number
}

function rows(facts: ReceiptFacts): readonly Row[] {
  const { beneficiary, method, paidAt, returnedAt, reference, code, description } = facts
  const theirs = facts.proof?.theirReference ?? null
  return [
    { name: 'Paid to', value: beneficiary, lines: 3 },
    { name: 'Method', value: method, lines: 1 },
    { name: 'Paid at', value: paidAt ?? 'time not on record', lines: 1 },
    ...(returnedAt === null ? [] : [{ name: 'Returned at', value: returnedAt, lines: 1 }]),
    { name: 'Reference', value: receiptText(reference, REFERENCE_LENGTH_MAX), lines: 6 },
    { name: 'Payout', value: code, lines: 1 },
    ...(theirs === null
      ? []
      : [{ name: 'Provider', value: receiptText(theirs, THEIR_LENGTH_MAX), lines: 2 }]),
    ...(description === null || description.trim() === ''
      ? []
      : [{ name: 'Description', value: receiptText(description, DESCRIPTION_LENGTH_MAX), lines: 5 }]),
  ]
}

const MERCHANT_LENGTH_MAX = 80
/** The longest that a merchant may choose. */
const REFERENCE_LENGTH_MAX = 128
const DESCRIPTION_LENGTH_MAX = 160

function rowBox({ name, value, lines }: Row, isFirst: boolean, strong: Style): ReceiptBox {
  return box({ padding: '20px 0', borderTop: isFirst ? 'none' : `1px solid ${LINE}` }, [
    label({ width: 230, flexShrink: 0, fontSize: 28, lineHeight: 1.45, color: QUIET }, name),
    box({ flexGrow: 1, flexShrink: 1, flexBasis: 0 }, [
      {
        type: 'div',
        props: {
          style: {
            ...strong,
            display: 'block',
            width: '100%',
            fontSize: 30,
            lineHeight: 1.45,
            wordBreak: 'break-word',
            lineClamp: lines,
          },
          children: value,
        },
      },
    ]),
  ])
}

/** The code, and what to do where nothing reads it. */
function proofBox(proof: ReceiptProof, strong: Style): ReceiptBox {
  const side = 420
  const code: ReceiptImage = {
    type: 'img',
    props: { src: qrImage(qrSquares(proof.address)), width: side, height: side },
  }
  const line = { fontSize: 24, lineHeight: 1.45 }
  return box({ padding: '26px 40px 26px 64px', borderTop: `2px solid ${LINE}`, alignItems: 'center' }, [
    box({ ...COLUMN, flexGrow: 1, flexShrink: 1, flexBasis: 0, paddingRight: 16 }, [
      label({ ...strong, fontSize: 30, color: BRAND, marginBottom: 10 }, 'Signed'),
      label({ ...line, color: INK }, proof.grade),
      label({ ...line, color: QUIET, marginTop: 12 }, `Number ${proof.place} in the log, ${proof.issuedAt}`),
      label({ ...line, color: QUIET, marginTop: 12 }, 'Check it with the code, or the receipt file at'),
      label(
        { ...line, ...strong, color: INK, wordBreak: 'break-all' },
        receiptText(proof.page, PAGE_LENGTH_MAX),
      ),
      label(
        { ...line, fontSize: 20, color: QUIET, marginTop: 12, wordBreak: 'break-all' },
        `${proof.leaf.slice(0, 32)} ${proof.leaf.slice(32)}`,
      ),
    ]),
    {
      ...box({ flexShrink: 0, width: side, height: side }, []),
      props: { style: { display: 'flex' }, children: [code] },
    },
  ])
}

const PAGE_LENGTH_MAX = 90
/** The longest of a provider that is shown whole. */
const THEIR_LENGTH_MAX = 64

function footer({ statement }: ReceiptFacts, strong: Style): ReceiptBox {
  return box(
    { ...COLUMN, padding: '30px 64px 36px', backgroundColor: '#f5f8fa', borderTop: `1px solid ${LINE}` },
    [
      label({ fontSize: 24, lineHeight: 1.5, color: QUIET }, statement),
      label({ ...strong, fontSize: 26, marginTop: 14, color: BRAND }, 'Quittance'),
    ],
  )
}

function box(style: Style, children: readonly ReceiptBox[]): ReceiptBox {
  return { type: 'div', props: { style: { display: 'flex', ...style }, children } }
}

function label(style: Style, children: string): ReceiptBox {
  return { type: 'div', props: { style: { display: 'flex', ...style }, children } }
}
