import { randomFillSync } from 'node:crypto'
import { AssertionFailed, assert } from './assert.ts'
import { splitMix64, xoshiro128StarStar } from './xoshiro.ts'

/** Chance as an argument. Only this file draws from the machine; the simulation brings a seed. */
export interface Random {
  /** A fresh array of 0 to 65,536 bytes. */
  bytes(length: number): Uint8Array
  /** A whole number from 0 up to, not including, `bound` (1 to 2^53 - 1). Every value is equally likely. */
  below(bound: number): number
  /** `length` characters (up to 65,536) of `alphabet`, which is ASCII without repeats. Every one is equally likely. */
  text(alphabet: string, length: number): string
}

/** Chance fit for keys, nonces and ids, from the operating system. */
export const systemRandom: Random = randomFromBytes(systemByte())

/**
 * Chance that can be played again: the same seed gives the same values, on every machine and for ever.
 * For simulation and tests; whoever has seen enough values can compute the rest.
 */
export function seededRandom(seed: bigint | number): Random {
  assert(typeof seed === 'bigint' || Number.isSafeInteger(seed), 'a seed is a whole number')
  const mix = splitMix64(BigInt(seed))
  const [a, b] = [mix(), mix()]
  const word = xoshiro128StarStar([lowWord(a), highWord(a), lowWord(b), highWord(b)])
  let rest = 0
  let count = 0
  return randomFromBytes(() => {
    if (count === 0) {
      rest = word()
      count = 4
    }
    count--
    const byte = rest & 0xff
    rest >>>= 8
    return byte
  })
}

/** So that an order of ids, nonces or pages can never ask for an unbounded amount. */
const LENGTH_MAX = 65_536

/** A round is refused with a chance below one half: a sound source does not miss this often in the life of the world. */
const ROUNDS_MAX = 500

function randomFromBytes(byte: () => number): Random {
  const word = () => byte() + byte() * 0x100 + byte() * 0x1_0000 + byte() * 0x100_0000

  const bytes = (length: number): Uint8Array => {
    assertLength(length)
    const result = new Uint8Array(length)
    for (let index = 0; index < length; index++) result[index] = byte()
    return result
  }

  const below = (bound: number): number => {
    assert(Number.isSafeInteger(bound) && bound >= 1, 'a bound is a whole number above zero')
    if (bound <= 0x100) return unbiased(byte, 0x100, bound)
    if (bound <= 0x1_0000_0000) return unbiased(word, 0x1_0000_0000, bound)
    return unbiased(() => (word() & 0x1f_ffff) * 0x1_0000_0000 + word(), 2 ** 53, bound)
  }

  let alphabetChecked = ''
  const text = (alphabet: string, length: number): string => {
    assertLength(length)
    if (alphabet !== alphabetChecked) {
      assertAlphabet(alphabet)
      alphabetChecked = alphabet
    }
    let result = ''
    for (let index = 0; index < length; index++) result += alphabet.charAt(below(alphabet.length))
    return result
  }

  return { bytes, below, text }
}

/** Drops the draws above the largest multiple of `bound`: a bare remainder would favour the small values. */
function unbiased(draw: () => number, range: number, bound: number): number {
  const end = range - (range % bound)
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const drawn = draw()
    if (drawn < end) return drawn % bound
  }
  throw new AssertionFailed('the source of chance is broken')
}

function assertLength(length: number): void {
  assert(Number.isInteger(length) && length >= 0 && length <= LENGTH_MAX, 'a random length is 0 to 65,536')
}

function assertAlphabet(alphabet: string): void {
  assert(/^[\x21-\x7e]+$/.test(alphabet), 'an alphabet is visible ASCII')
  assert(new Set(alphabet).size === alphabet.length, 'an alphabet repeats no character')
}

const lowWord = (value: bigint): number => Number(value & 0xffff_ffffn)
const highWord = (value: bigint): number => Number(value >> 32n)

/** One call to the system fills many small orders. A byte handed out is erased, so that memory keeps no used key. */
function systemByte(): () => number {
  const buffered = new Uint8Array(4_096)
  let next = buffered.length
  return () => {
    if (next === buffered.length) {
      randomFillSync(buffered)
      next = 0
    }
    const byte = buffered[next] ?? 0
    buffered[next++] = 0
    return byte
  }
}
