import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { JsonNumber, type JsonValue } from '../../lib/json.ts'
import { seededRandom } from '../../lib/random.ts'
import { AVANOR_SIGNED, avanorSign, avanorStringsToSign, avanorStringToSign, avanorVerify } from './sign.ts'
import { type AvanorFields, avanorObject } from './wire.ts'

/** SHA-256 by a tool that none of us wrote. */
function openssl(text: string): string {
  return execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: text }).toString('utf8').slice(0, 64)
}

const names = ['amount', 'now', 'shop_id']
const fields: AvanorFields = avanorObject({
  shop_id: new JsonNumber('202203'),
  now: '2026-05-24T16:35:42',
  amount: new JsonNumber('150.00'),
  extra: 'never signed',
})

test('every signature of the vectors is what openssl makes of the text beside it', () => {
  const vectors: readonly { kind: string; expected: Record<string, string> }[] = JSON.parse(
    readFileSync(new URL('./vectors/avanor.json', import.meta.url), 'utf8'),
  )
  const signed = vectors.filter(({ kind }) => kind === 'sign')
  expect(signed).toHaveLength(14)
  for (const { expected } of signed) expect(openssl(expected.string_to_sign ?? '')).toBe(expected.sign)
})

test('what we sign is what openssl makes of the values joined by hand, for 50 random bodies', () => {
  const random = seededRandom(20_252)
  const letters = ['a', 'Z', '0', ':', ' ', '\u00e9', '\u09ac\u09c7', '\u{1F600}', '"', '\\']
  for (let round = 0; round < 50; round += 1) {
    const text = (): string =>
      Array.from({ length: random.below(6) }, () => letters[random.below(letters.length)]).join('')
    const values: Readonly<Record<string, JsonValue>> = {
      shop_id: new JsonNumber(String(random.below(900_000))),
      now: text(),
      amount: text(),
    }
    const joined = [values.amount, values.now, values.shop_id].map(String).join(':')
    expect(avanorSign(avanorStringToSign(avanorObject(values), names), 'a secret')).toBe(
      openssl(`${joined}a secret`),
    )
  }
})

test('the signed fields of each method stand in the order in which they are signed', () => {
  for (const list of Object.values(AVANOR_SIGNED)) expect([...list].sort()).toEqual([...list])
})

test('numbers are signed by their literals or by their shortest decimals, text as it stands, and empty values keep their place', () => {
  const strings = (amount: JsonValue): readonly string[] =>
    avanorStringsToSign(avanorObject({ amount, now: '', shop_id: '7' }), names)
  expect(strings(new JsonNumber('150.00'))).toEqual(['150.00::7', '150::7'])
  expect(strings(new JsonNumber('0.10'))).toEqual(['0.10::7', '0.1::7'])
  expect(strings(new JsonNumber('100'))).toEqual(['100::7'])
  expect(strings(new JsonNumber('1.50e2'))).toEqual(['1.50e2::7'])
  expect(strings('150.00')).toEqual(['150.00::7'])
  expect(strings('')).toEqual(['::7'])
})

test('of two numbers both are shortened, or none', () => {
  const both = avanorObject({ a: new JsonNumber('1.0'), b: new JsonNumber('2.0') })
  expect(avanorStringsToSign(both, ['a', 'b'])).toEqual(['1.0:2.0', '1:2'])
  expect(avanorVerify(both, ['a', 'b'], openssl('1.0:2s'), 's')).toBe(false)
  expect(avanorVerify(both, ['a', 'b'], openssl('1:2s'), 's')).toBe(true)
})

test('a signature is 64 lowercase hex characters and nothing near it, and nothing is verified without a secret', () => {
  const sign = avanorSign(avanorStringToSign(fields, names), 's')
  expect(avanorVerify(fields, names, sign, 's')).toBe(true)
  for (const wrong of [
    undefined,
    null,
    '',
    sign.toUpperCase(),
    `${sign}\n`,
    ` ${sign}`,
    sign.slice(1),
    `${sign}0`,
    new JsonNumber('0'),
  ])
    expect(avanorVerify(fields, names, wrong, 's')).toBe(false)
  expect(avanorVerify(fields, names, openssl('150.00:2026-05-24T16:35:42:202203'), '')).toBe(false)
  expect(() => avanorSign('x', '')).toThrow('empty secret')
})
