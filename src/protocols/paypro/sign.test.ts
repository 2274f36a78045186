import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { JsonNumber } from '../../lib/json.ts'
import { seededRandom } from '../../lib/random.ts'
import {
  type PayproSalt,
  payproCanonical,
  payproCredentialSalt,
  payproSaltPosition,
  payproSign,
  payproVerify,
} from './sign.ts'
import type { PayproFields, PayproScalar } from './wire.ts'

const SALT: PayproSalt = { secret: 'sandbox-paypro-secret', position: 'append' }

/** MD5 by a tool that none of us wrote. */
function openssl(text: string): string {
  return execFileSync('openssl', ['dgst', '-md5', '-r'], { input: text }).toString('utf8').slice(0, 32)
}

function fields(members: Readonly<Record<string, PayproScalar>>): PayproFields {
  return new Map(Object.entries(members))
}

const document = fields({
  timestamp: '1728611780130',
  tradeNo: 'test_00000001',
  amount: '300',
  notifyUrl: 'https://google.com',
  wayCode: 'EWALLET_BKASH',
  walletId: '01123456789',
  remark: 'test',
})

test('every signature of the vectors is what openssl makes of the text beside it', () => {
  const vectors: readonly { kind: string; expected: Record<string, string> }[] = JSON.parse(
    readFileSync(new URL('./vectors/paypro.json', import.meta.url), 'utf8'),
  )
  const signed = vectors.filter(({ kind }) => kind === 'sign')
  expect(signed).toHaveLength(13)
  for (const { expected } of signed) expect(openssl(expected.string_to_hash ?? '')).toBe(expected.sign)
})

test('what we sign is what openssl makes of the fields sorted by hand, for 50 random bodies', () => {
  const random = seededRandom(20_251)
  const alphabet = 'ABZabz_'
  const letters = ['a', 'Z', '0', '=', ' ', 'é', 'বে', '\u{1F600}', '"', '\\']
  for (let round = 0; round < 50; round += 1) {
    const body = new Map<string, PayproScalar>()
    const count = 1 + random.below(9)
    for (let place = 0; place < count; place += 1) {
      const name = `${random.text('abcXYZ', 1)}${random.text(alphabet, random.below(4))}`
      const text = Array.from({ length: random.below(6) }, () => letters[random.below(letters.length)]).join(
        '',
      )
      body.set(name, random.below(5) === 0 ? new JsonNumber(`${random.below(900)}.50`) : text)
    }
    const position = random.below(2) === 0 ? 'append' : 'prepend'
    const salt = { secret: `secret-${round}`, position } as const
    const text = byHand(body)
    const hashed = openssl(position === 'append' ? text + salt.secret : salt.secret + text)
    expect(payproSign(body, salt)).toBe(hashed)
    expect(payproVerify(body, hashed, salt)).toBe(true)
  }
})

/** The rule again, written another way: code units compared one by one. */
function byHand(body: PayproFields): string {
  const names = [...body.keys()].filter(name => name !== 'sign' && body.get(name) !== '')
  for (let end = names.length - 1; end > 0; end -= 1) {
    for (let at = 0; at < end; at += 1) {
      const [one = '', other = ''] = [names[at], names[at + 1]]
      if (one > other) names.splice(at, 2, other, one)
    }
  }
  return names.map(name => `${name}=${String(body.get(name))}`).join('')
}

test('a signature is judged by the digits of a number, never by a number printed again', () => {
  const sign = payproSign(fields({ amount: '300' }), SALT)
  expect(payproVerify(fields({ amount: new JsonNumber('300') }), sign, SALT)).toBe(true)
  for (const literal of ['300.0', '3e2', '300.00', '0300']) {
    expect(payproVerify(fields({ amount: new JsonNumber(literal) }), sign, SALT)).toBe(false)
  }
})

test('a boolean is signed as it is written', () => {
  expect(payproCanonical(fields({ a: true, b: false }))).toBe('a=trueb=false')
})

test('two readings of empty fields are accepted, and no mixture of them', () => {
  const body = fields({ amount: '300', remark: '', note: null })
  const accepted = ['amount=300', 'amount=300note=nullremark=']
  const refused = [
    'amount=300remark=',
    'amount=300note=null',
    'amount=300note=remark=',
    'amount=300note=nullremark=null',
  ]
  for (const text of accepted) expect(payproVerify(body, openssl(text + SALT.secret), SALT)).toBe(true)
  for (const text of refused) expect(payproVerify(body, openssl(text + SALT.secret), SALT)).toBe(false)
})

test('the field sign is never part of what is signed', () => {
  const sign = payproSign(document, SALT)
  expect(payproVerify(new Map([...document, ['sign', sign]]), sign, SALT)).toBe(true)
})

test('only 32 lowercase hex characters are a signature, and nothing else throws', () => {
  const sign = payproSign(document, SALT)
  const others = [undefined, null, true, new JsonNumber('1'), '', `${sign} `, `\n${sign}`, sign.toUpperCase()]
  for (const other of [...others, sign.slice(1), `${sign}0`, 'é'.repeat(32), `${sign.slice(0, 31)}g`]) {
    expect(payproVerify(document, other, SALT)).toBe(false)
  }
  expect(payproVerify(document, sign, SALT)).toBe(true)
})

test('nothing is signed or verified with an empty secret', () => {
  const nobody: PayproSalt = { secret: '', position: 'append' }
  expect(() => payproSign(document, nobody)).toThrow('empty secret')
  expect(payproVerify(document, openssl(payproCanonical(document)), nobody)).toBe(false)
})

test('the salt stands on the configured side alone', () => {
  const front: PayproSalt = { ...SALT, position: 'prepend' }
  expect(payproVerify(document, payproSign(document, front), SALT)).toBe(false)
  expect(payproVerify(document, payproSign(document, SALT), front)).toBe(false)
})

test('a salt position is append, prepend or not one, and none is append', () => {
  expect([undefined, '', 'append', 'prepend', 'Append', 'both'].map(payproSaltPosition)).toEqual([
    'append',
    'append',
    'append',
    'prepend',
    null,
    null,
  ])
  expect(() => payproCredentialSalt({ secret: 'x', settings: { salt_position: 'both' } })).toThrow()
})
