import { expect, test } from 'vitest'
import { authenticatorUri, base32, oneTimeCode, stepOfCode } from './one-time-code.ts'

const SEED = Buffer.from('12345678901234567890', 'ascii')

// RFC 4226 appendix D.
test.each(
  ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
    (code, step) => [step, code] as const,
  ),
)('counter %i has the code of RFC 4226: %s', (step, code) => {
  expect(oneTimeCode(SEED, step)).toBe(code)
})

// RFC 6238 appendix B, SHA-1.
test.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('second %i has the code of RFC 6238: %s', (second, code) => {
  expect(oneTimeCode(SEED, Math.floor(second / 30), 8)).toBe(code)
})

test('a code is taken half a minute early and late, and not longer', () => {
  const nowMs = 1_111_111_111_000
  const present = Math.floor(nowMs / 30_000)
  for (const step of [present - 1, present, present + 1])
    expect(stepOfCode(SEED, oneTimeCode(SEED, step), nowMs)).toBe(step)
  for (const step of [present - 10, present - 2, present + 2])
    expect(stepOfCode(SEED, oneTimeCode(SEED, step), nowMs)).toBeNull()
})

test('a code of another seed, of another length or of none is refused', () => {
  const nowMs = 1_111_111_111_000
  const other = oneTimeCode(Buffer.alloc(20, 7), Math.floor(nowMs / 30_000))
  for (const code of [other, '', '0000', `${oneTimeCode(SEED, Math.floor(nowMs / 30_000))}0`, '１２３４５６'])
    expect(stepOfCode(SEED, code, nowMs)).toBeNull()
})

// RFC 4648 section 10, without its padding.
test.each([
  ['', ''],
  ['f', 'MY'],
  ['fo', 'MZXQ'],
  ['foo', 'MZXW6'],
  ['foob', 'MZXW6YQ'],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI'],
])('%s in base 32 is %s', (text, encoded) => {
  expect(base32(Buffer.from(text))).toBe(encoded)
})

test('the link of an authenticator names the person and holds the seed', () => {
  expect(authenticatorUri({ name: 'Ada L.', seed: SEED })).toBe(
    'otpauth://totp/Quittance%3AAda%20L.?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Quittance&algorithm=SHA1&digits=6&period=30',
  )
})
