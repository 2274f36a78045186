import { expect, test } from 'vitest'
import type { Payout } from '../payout/payout.ts'
import type { ReceiptFacts } from './facts.ts'
import { RECEIPT_WIDTH, type ReceiptBox, type ReceiptImage, receiptLayout } from './layout.ts'
import { RECEIPT_FONT_FAMILIES, receiptSvg, renderReceipt } from './picture.ts'
import { receiptOf } from './receipt.fixture.ts'
import { RECEIPT_SHOWN } from './text.ts'

/** Width and height as PNG has them: after its signature, in the first chunk. */
function sizeOf(png: Uint8Array): readonly [number, number] {
  const bytes = Buffer.from(png)
  expect(bytes.toString('latin1', 0, 8)).toBe('\x89PNG\r\n\x1a\n')
  expect(bytes.toString('latin1', 12, 16)).toBe('IHDR')
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

function lineOf(text: string): ReceiptBox {
  const style = { display: 'flex', fontFamily: RECEIPT_FONT_FAMILIES[600], fontSize: 40 }
  return { type: 'div', props: { style, children: text } }
}

/** The outlines of one line of text. */
async function outlinesOf(text: string): Promise<string> {
  const { svg, missing } = await receiptSvg(lineOf(text))
  expect(missing).toEqual([])
  return [...svg.matchAll(/ d="([^"]*)"/g)].map(match => match[1]).join(' ')
}

/** Every text of a layout. */
function textsOf(box: ReceiptBox | ReceiptImage): readonly string[] {
  if (box.type === 'img') return []
  const { children } = box.props
  return typeof children === 'string' ? [children] : children.flatMap(textsOf)
}

function layoutOf(facts: ReceiptFacts): ReceiptBox {
  return receiptLayout(facts, RECEIPT_FONT_FAMILIES)
}

test('a receipt is a PNG of a fixed width and a bounded height', async () => {
  const [width, height] = sizeOf(await renderReceipt(receiptOf()))
  expect(width).toBe(RECEIPT_WIDTH)
  expect(height).toBeGreaterThan(1_000)
  const longest = await renderReceipt(receiptOf(LONGEST, 'W'.repeat(10_000)))
  expect(sizeOf(longest)[0]).toBe(RECEIPT_WIDTH)
  expect(sizeOf(longest)[1]).toBeLessThan(2_000)
})

const LONGEST: Partial<Payout> = {
  state: 'returned',
  reference: 'W'.repeat(128),
  description: `${'W'.repeat(300)}${'ক্ষ'.repeat(5_000)}`,
}

test('the same facts give the same bytes, and another fact gives others', async () => {
  const [first, again, other] = [
    await renderReceipt(receiptOf()),
    await renderReceipt(receiptOf()),
    await renderReceipt(receiptOf({ number: 1_000_002n })),
  ]
  expect(Buffer.compare(first, again)).toBe(0)
  expect(Buffer.compare(first, other)).not.toBe(0)
})

test('it is titled, and shows every fact and whose record it is', () => {
  const facts = receiptOf({ state: 'returned', stateSinceMs: 0 })
  const texts = textsOf(layoutOf(facts))
  expect(texts[0]).toBe('Payout receipt')
  expect(texts).toContain('Returned')
  const { proof, ...shown } = facts
  expect(proof).toBeNull()
  for (const fact of Object.values({ ...shown, state: 'Returned' })) expect(texts).toContain(fact)
})

test('the number of who is paid stands in no text of it', () => {
  const texts = textsOf(layoutOf(receiptOf({ description: 'to 0171-1234-789, 01711234789' })))
  expect(texts.join('\n')).toContain('01••••••789')
  expect(texts.join('\n')).not.toMatch(/01711234789|1234-?789/)
})

// ---- fonts ----------------------------------------------------------------------------------------------------------

test('every character that is let through is in a font of each weight', async () => {
  const shown = Array.from({ length: 0xffff }, (_, place) => String.fromCharCode(place)).filter(one =>
    RECEIPT_SHOWN.test(one),
  )
  expect(shown.length).toBeGreaterThan(1_000)
  for (const fontFamily of Object.values(RECEIPT_FONT_FAMILIES)) {
    const style = { display: 'flex', fontFamily, width: 900 }
    const { missing } = await receiptSvg({ type: 'div', props: { style, children: shown.join(' ') } })
    expect(missing).toEqual([])
  }
})

test('what no font has is noticed, so that the test above can fail', async () => {
  expect((await receiptSvg(lineOf('ক 日'))).missing).toEqual(['日'])
})

test('Latin, Bengali, digits of both and the comma that the Bengali font lacks stand in one line', async () => {
  const { svg, missing } = await receiptSvg(lineOf('Rahim, রহিম, ১২৩, 123'))
  expect(missing).toEqual([])
  expect(svg).not.toContain('<text')
  expect(svg).not.toContain('font-family')
})

test('a Bengali conjunct is one shape, not its letters side by side', async () => {
  const conjunct = await outlinesOf('ক্ষ')
  expect(conjunct.length).toBeGreaterThan(100)
  expect(conjunct).not.toBe(await outlinesOf('কষ'))
  expect(conjunct).not.toBe(await outlinesOf('ক্\u200cষ'))
  // The sign of i is written before the letter that it follows.
  const [letter, both] = [await outlinesOf('ক'), await outlinesOf('কি')]
  expect(both.startsWith(letter)).toBe(false)
  expect(both.length).toBeGreaterThan(letter.length)
})

// ---- what a merchant may have written ---------------------------------------------------------------------------------

const HOSTILE = {
  'an image of its own': '<svg onload="alert(1)"><script>x</script></svg>',
  'the end of a text': '</text><image href="http://127.0.0.1:1/x"/>',
  'a picture from elsewhere': '<img src="http://127.0.0.1:1/x">',
  'characters by number': '&lt;b&gt; &#60; &amp;',
  'an entity': ']]><!-- <!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]> &y;',
  'an address of a style': 'url(http://127.0.0.1:1/x) {{x}} %s',
  'control characters': '\u0000\u0007\u001b[31m',
  'another writing direction': '\u202e123\u2066',
  'one long word': 'ক'.repeat(3_000),
  'one character of many parts': `ক${'্ষ'.repeat(3_000)}`,
  'marks upon marks': 'a\u0304\u0308\u0329\u0951\u200d'.repeat(500),
  'what no font has': '\ud83d\ude00 \ud800 日本',
}

test.each(Object.entries(HOSTILE))(
  'a description with %s is text and nothing more',
  async (_, description) => {
    const facts = receiptOf({ description }, description)
    const { svg, missing } = await receiptSvg(layoutOf(facts))
    expect(missing).toEqual([])
    const elements = new Set([...svg.matchAll(/<\/?([^\s/>]+)/g)].map(match => match[1] ?? ''))
    expect([...elements].filter(name => !USUAL.has(name))).toEqual([])
    expect(svg).not.toMatch(/href|127\.0\.0\.1|onload|script/)
    sizeOf(await renderReceipt(facts))
  },
)

/** What a layout without any text is made of, and outlines. */
const USUAL = new Set(['svg', 'defs', 'mask', 'rect', 'path', 'clipPath', 'g', 'polygon'])
