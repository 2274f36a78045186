import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom, systemRandom } from './random.ts'

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

/** Pearson's sum of squares over equally likely classes. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

test('the same seed gives the same values, as number or as bigint', () => {
  const draw = (seed: number | bigint) => {
    const random = seededRandom(seed)
    return [
      hex(random.bytes(33)),
      random.below(10),
      random.below(1_000_003),
      random.below(2 ** 52),
      random.text(ALPHABET, 20),
    ]
  }
  for (const seed of [0, 1, -1, 42, Number.MAX_SAFE_INTEGER]) {
    expect(draw(seed)).toEqual(draw(seed))
    expect(draw(BigInt(seed))).toEqual(draw(seed))
  }
})

test('a seed gives these values for ever: a stored failing seed must play the same story next year', () => {
  const random = seededRandom(42)
  expect(hex(random.bytes(16))).toBe('2a5ae869d0fa43f85f180501a61e1f8a')
  expect(Array.from({ length: 8 }, () => random.below(1_000))).toEqual([
    233, 222, 271, 231, 786, 417, 937, 106,
  ])
  expect(random.below(2 ** 53 - 1)).toBe(2_593_320_699_386_107)
  expect(random.text(ALPHABET, 16)).toBe('EUZLF8H99KKDHY8X')
})

test('neighbouring seeds give unlike values', () => {
  const seen = new Set(Array.from({ length: 1_000 }, (_, seed) => hex(seededRandom(seed).bytes(8))))
  expect(seen.size).toBe(1_000)
})

test('a seed that is no whole number is our mistake', () => {
  for (const seed of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(() => seededRandom(seed)).toThrow('whole number')
  }
})

test('below stays inside its bound, for every bound', () => {
  for (const random of [seededRandom(7), systemRandom]) {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), bound => {
        const drawn = random.below(bound)
        return Number.isSafeInteger(drawn) && drawn >= 0 && drawn < bound
      }),
    )
    expect(random.below(1)).toBe(0)
  }
})

test('below is unbiased: every value is equally likely, also where the range is no multiple of the bound', () => {
  // The chance that a sound source exceeds these sums is under one in 10^9; the seed makes the test repeatable anyway.
  const random = seededRandom(2024n)
  const counts = (bound: number, draws: number) => {
    const result = new Array<number>(bound).fill(0)
    for (let draw = 0; draw < draws; draw++) {
      const value = random.below(bound)
      result[value] = (result[value] ?? 0) + 1
    }
    return result
  }
  expect(chiSquare(counts(3, 300_000))).toBeLessThan(42)
  expect(chiSquare(counts(10, 300_000))).toBeLessThan(60)
  expect(chiSquare(counts(200, 400_000))).toBeLessThan(340)
  expect(chiSquare(counts(257, 400_000))).toBeLessThan(420)
})

test('below is unbiased where a bare remainder would be visibly wrong', () => {
  // Three quarters of each range: a bare remainder draws the lower third twice as often as the rest.
  for (const bound of [192, 3 * 2 ** 30, 3 * 2 ** 51]) {
    const random = seededRandom(bound)
    const thirds = [0, 0, 0]
    for (let draw = 0; draw < 30_000; draw++) {
      const third = Math.floor(random.below(bound) / (bound / 3))
      thirds[third] = (thirds[third] ?? 0) + 1
    }
    expect(chiSquare(thirds)).toBeLessThan(42)
  }
})

test('the wide range reaches its top bits and its lowest bit', () => {
  const random = seededRandom(9)
  const drawn = Array.from({ length: 2_000 }, () => random.below(2 ** 53 - 1))
  expect(drawn.some(value => value > 2 ** 53 - 2 ** 45)).toBe(true)
  expect(drawn.some(value => value < 2 ** 45)).toBe(true)
  const odd = drawn.filter(value => value % 2 === 1).length
  expect(odd).toBeGreaterThan(850)
  expect(odd).toBeLessThan(1_150)
})

test('a bound that is no whole number above zero is our mistake', () => {
  for (const bound of [0, -1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => systemRandom.below(bound)).toThrow('bound')
  }
})

test('bytes have the length that was asked for and are never handed out twice', () => {
  for (const length of [0, 1, 12, 16, 4_095, 4_096, 4_097, 65_536]) {
    expect(systemRandom.bytes(length)).toHaveLength(length)
  }
  const seen = new Set(Array.from({ length: 20_000 }, () => hex(systemRandom.bytes(12))))
  expect(seen.size).toBe(20_000)
})

test('the bytes of the system are spread over all values', () => {
  const counts = new Array<number>(256).fill(0)
  for (let round = 0; round < 4; round++) {
    for (const byte of systemRandom.bytes(65_536)) counts[byte] = (counts[byte] ?? 0) + 1
  }
  // 255 degrees of freedom: a sound source exceeds 450 once in 10^12 runs.
  expect(chiSquare(counts)).toBeLessThan(450)
})

test('an array handed out is not touched by later draws', () => {
  const first = systemRandom.bytes(32)
  const copy = hex(first)
  for (let round = 0; round < 1_000; round++) systemRandom.bytes(32)
  expect(hex(first)).toBe(copy)
})

test('a length that is not 0 to 65,536 is our mistake', () => {
  for (const length of [-1, 65_537, 1.5, Number.NaN]) {
    expect(() => systemRandom.bytes(length)).toThrow('length')
    expect(() => systemRandom.text('ab', length)).toThrow('length')
  }
})

test('text has its length, only characters of its alphabet, and all of them', () => {
  const text = systemRandom.text(ALPHABET, 4_000)
  expect(text).toHaveLength(4_000)
  expect([...new Set(text)].sort().join('')).toBe([...ALPHABET].sort().join(''))
  expect(systemRandom.text('x', 3)).toBe('xxx')
  expect(systemRandom.text('ab', 0)).toBe('')
})

test('an alphabet that is empty, not ASCII or repeats a character is our mistake', () => {
  for (const alphabet of ['', 'aba', 'a b', 'é', '😀', 'ab\n']) {
    expect(() => systemRandom.text(alphabet, 4)).toThrow('alphabet')
  }
})
