import { crc32, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { currencyOf } from '../money/currency.ts'
import { money } from '../money/money.ts'
import { railProofImage } from './proof-image.ts'

test('it is a whole PNG: signature, chunks with their sums, and as many pixels as its header says', () => {
  const bytes = Buffer.from(image('A1').bytes)
  expect(bytes.subarray(0, 8)).toEqual(Buffer.from('89504e470d0a1a0a', 'hex'))
  const chunks = chunksOf(bytes)
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'PLTE', 'IDAT', 'IEND'])
  const [header, palette, data, end] = chunks.map(({ content }) => content)
  const [width, height] = [header?.readUInt32BE(0), header?.readUInt32BE(4)]
  expect([width, height]).toEqual([96, 96])
  // One bit for each pixel, a palette, and the only methods there are.
  expect([...(header?.subarray(8) ?? [])]).toEqual([1, 3, 0, 0, 0])
  expect(palette).toHaveLength(6)
  expect(end).toHaveLength(0)
  const rows = inflateSync(data ?? Buffer.alloc(0))
  expect(rows).toHaveLength(96 * (1 + 96 / 8))
  for (let row = 0; row < 96; row += 1) expect(rows[row * 13]).toBe(0)
  expect(bytes.byteLength).toBeLessThan(1_000)
})

test('the same order has the same picture, another order another', () => {
  expect(image('A1').bytes).toEqual(image('A1').bytes)
  expect(image('A1').bytes).not.toEqual(image('A2').bytes)
  expect(image('A1').bytes).not.toEqual(image('A1', 1_001n).bytes)
})

function image(reference: string, minor = 1_000n) {
  const currency = currencyOf('EUR')
  if (currency === null) throw new Error('EUR')
  const made = railProofImage({ merchantId: 'rail', reference, number: 7n, amount: money(minor, currency) })
  expect(made.mediaType).toBe('image/png')
  return made
}

/** Chunk by chunk to the last byte, each sum compared (PNG, section 5.3). */
function chunksOf(bytes: Buffer): readonly { readonly type: string; readonly content: Buffer }[] {
  const chunks = []
  let at = 8
  while (at < bytes.byteLength) {
    const length = bytes.readUInt32BE(at)
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(bytes.subarray(at + 4, at + 8 + length)))
    const type = bytes.toString('latin1', at + 4, at + 8)
    chunks.push({ type, content: bytes.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  expect(at).toBe(bytes.byteLength)
  return chunks
}
