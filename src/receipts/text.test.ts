import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RECEIPT_NOT_SHOWN, RECEIPT_SHOWN, receiptText } from './text.ts'

test.each([
  ['ক্ষ রহিম, ১২৩ টাকা ৳', 'ক্ষ রহিম, ১২৩ টাকা ৳'],
  ['Zoë Łukasz “x” — 5€', 'Zoë Łukasz “x” — 5€'],
  ['<b>&amp;</b>', '<b>&amp;</b>'],
  ['a\n\tb \u00a0 c\r\n', 'a b c'],
  ['Zoe\u0308', 'Zo\u00eb'],
  ['', ''],
])('%j is shown as %j', (text, shown) => {
  expect(receiptText(text, 100)).toBe(shown)
})

test('each run of what the fonts lack becomes one mark, and the rest stays', () => {
  expect(receiptText('a 日本語 b \u{1f600}\u{1f600}', 100)).toBe(
    `a ${RECEIPT_NOT_SHOWN} b ${RECEIPT_NOT_SHOWN}`,
  )
})

test('nothing turns the writing direction around, and nothing invisible remains', () => {
  expect(receiptText('12\u202e34\u200b5\u2066\u00ad\ufeff6', 100)).toBe('123456')
})

test('joiners of Bengali remain, they change its look', () => {
  expect(receiptText('ক্\u200cষ ক্\u200dষ', 100)).toBe('ক্\u200cষ ক্\u200dষ')
})

test('half a character becomes a mark', () => {
  expect(receiptText('a\ud800b', 100)).toBe(`a${RECEIPT_NOT_SHOWN}b`)
})

test('a text is cut where it is too long, between characters', () => {
  expect(receiptText('abcdef', 6)).toBe('abcdef')
  expect(receiptText('abcdefg', 6)).toBe('abcde…')
  expect(receiptText('ক্ষক্ষক্ষ', 2)).toBe('ক্ষ…')
})

test('a very long text, or one character of very many parts, is bounded', () => {
  expect(receiptText('x'.repeat(10_000_000), 100)).toBe(`${'x'.repeat(99)}…`)
  expect(receiptText(`ক${'ি'.repeat(10_000_000)}`, 100).length).toBeLessThanOrEqual(801)
})

test('whatever is written, only what the fonts have comes out, on one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
      const shown = receiptText(text, 40)
      for (const character of shown) expect(character).toMatch(RECEIPT_SHOWN)
      expect(shown).not.toMatch(/\s\s|[\n\r]/)
      expect(receiptText(shown, 40)).toBe(shown)
    }),
  )
})
