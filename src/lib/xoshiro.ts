/** The state of xoshiro128**: four words of 32 bits, not all zero. */
export type XoshiroState = readonly [number, number, number, number]

/**
 * xoshiro128** 1.1 of Blackman and Vigna: returns a function that gives the next word of 32 bits.
 * Source: https://prng.di.unimi.it/xoshiro128starstar.c (public domain).
 */
export function xoshiro128StarStar(state: XoshiroState): () => number {
  let [a, b, c, d] = state
  return () => {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return result
  }
}

/**
 * SplitMix64 of Vigna: returns a function that gives the next word of 64 bits. Its authors name it to fill the state of
 * xoshiro, because neighbouring seeds give unlike states. Source: https://prng.di.unimi.it/splitmix64.c (public domain).
 */
export function splitMix64(seed: bigint): () => bigint {
  let state = BigInt.asUintN(64, seed)
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return mixed ^ (mixed >> 31n)
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
