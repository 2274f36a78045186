import { expect, test } from 'vitest'
import { seededRandom } from '../../lib/random.ts'
import { bdt } from '../desk.fixture.ts'
import {
  payproFingerprint,
  payproIsAmbiguous,
  payproReadBalance,
  payproReadOrder,
  payproReadQuery,
} from './request.ts'
import { type PayproFields, payproReadFields } from './wire.ts'

const good = {
  timestamp: '1728611780130',
  tradeNo: 'test_00000001',
  amount: '300',
  walletId: '01123456789',
  wayCode: 'EWALLET_BKASH',
  notifyUrl: 'https://google.com',
  remark: 'test',
}

/** Members as raw JSON, so that a number can be written in any way. */
function body(changed: Readonly<Record<string, string>>): PayproFields {
  const written = Object.entries(good).map(([name, value]) => [name, JSON.stringify(value)] as const)
  const members = [...new Map([...written, ...Object.entries(changed)])].filter(
    ([, value]) => value !== 'absent',
  )
  const fields = payproReadFields(
    Buffer.from(`{${members.map(([name, raw]) => `"${name}":${raw}`).join(',')}}`),
  )
  if (fields === null) throw new Error('the body of a test is well formed')
  return fields
}

test('a good order is read whole', () => {
  expect(payproReadOrder(body({}))).toEqual({
    ok: true,
    value: {
      tradeNo: 'test_00000001',
      amount: bdt(30_000n),
      walletId: '01123456789',
      operator: 'bkash',
      notifyUrl: 'https://google.com',
      remark: 'test',
    },
  })
})

test.each([
  ['timestamp', ['1728611780130', '1728611780', '"1728611780130123"']],
  ['amount', ['300', '300.5', '300.50', '0.01', '"0300"', '"999999999999.99"']],
  ['walletId', ['"+8801123456789"']],
  ['wayCode', ['"BKASH"', '"EWALLET_NAGAD"']],
  ['remark', ['""', 'null', 'absent', '"বেতন"']],
])('%s is taken in its variants', (field, variants) => {
  for (const raw of variants) expect(payproReadOrder(body({ [field]: raw }))).toMatchObject({ ok: true })
})

test.each([
  [
    'timestamp',
    [
      'absent',
      'null',
      '""',
      '"today"',
      'true',
      '1.7e12',
      '172861178',
      '"17286117801301234"',
      '" 1728611780130"',
    ],
  ],
  ['tradeNo', ['absent', 'null', '""', '1', 'true', '"a b"', '"a\\n"']],
  [
    'amount',
    [
      'absent',
      'null',
      '""',
      '"-1"',
      '-1',
      '"+1"',
      '0',
      '"0"',
      '"0.00"',
      '"1e3"',
      '1e3',
      '3e2',
      '"300.123"',
      '300.000',
      '"1,000"',
      '".5"',
      '"5."',
      '" 5"',
      '"1000000000000"',
      'true',
      '"0x10"',
      '"٣٠٠"',
      '"NaN"',
      '"1_000"',
    ],
  ],
  ['walletId', ['absent', 'null', '""', '1123456789', '"01 123456789"', '"12345"', '"+"', 'true']],
  [
    'wayCode',
    ['absent', 'null', '""', '"EWALLET_UPAY"', '"ewallet_bkash"', '"EWALLET_BKASH "', '1', '"bkash"'],
  ],
  [
    'notifyUrl',
    ['absent', 'null', '""', '"ftp://x"', '"https://a.example/nremark=x"', '1', '"https://u@a.example"'],
  ],
  ['remark', ['1', 'true', JSON.stringify('x'.repeat(256)), '"a\\u0000b"', '"\\u202eabc"']],
])('%s is named where it is wrong', (field, variants) => {
  for (const raw of variants) {
    expect([raw, payproReadOrder(body({ [field]: raw }))]).toEqual([raw, { ok: false, field }])
  }
})

test('of several wrong fields the first in the order of the contract is named', () => {
  const order = ['timestamp', 'tradeNo', 'amount', 'walletId', 'wayCode', 'notifyUrl', 'remark']
  for (let first = 0; first < order.length; first += 1) {
    const wrong = Object.fromEntries(order.slice(first).map(name => [name, 'true']))
    expect(payproReadOrder(body(wrong))).toEqual({ ok: false, field: order[first] })
  }
})

test('a query needs its timestamp and tradeNo, a balance its timestamp', () => {
  expect(payproReadQuery(body({ tradeNo: '"x"' }))).toEqual({ ok: true, value: { tradeNo: 'x' } })
  expect(payproReadQuery(body({ tradeNo: '"x y"' }))).toEqual({ ok: false, field: 'tradeNo' })
  expect(payproReadQuery(body({ tradeNo: '"x y"', timestamp: '1' }))).toEqual({
    ok: false,
    field: 'timestamp',
  })
  expect(payproReadBalance(body({}))).toEqual({ ok: true, value: null })
  expect(payproReadBalance(body({ timestamp: 'null' }))).toEqual({ ok: false, field: 'timestamp' })
})

test('content is amount by value, wallet, operator, address and remark, and nothing else', () => {
  const print = (changed: Readonly<Record<string, string>>): string => {
    const read = payproReadOrder(body(changed))
    if (!read.ok) throw new Error(`${read.field} of a test is right`)
    return Buffer.from(payproFingerprint(read.value)).toString('hex')
  }
  const first = print({})
  const same = [{ amount: '"300.00"' }, { amount: '300' }, { amount: '"0300.0"' }, { wayCode: '"BKASH"' }]
  const notContent = [{ timestamp: '1728611799999' }, { extra: '"1"' }, { tradeNo: '"other"' }]
  for (const changed of [...same, ...notContent]) expect(print(changed)).toBe(first)
  const different = [
    { amount: '"300.01"' },
    { walletId: '"01123456780"' },
    { walletId: '"+01123456789"' },
    { wayCode: '"NAGAD"' },
    { notifyUrl: '"https://google.com/"' },
    { remark: '"Test"' },
    { remark: 'absent' },
  ]
  const prints = different.map(print)
  expect(new Set([first, ...prints]).size).toBe(different.length + 1)
  expect(['null', '""', 'absent'].map(raw => print({ remark: raw }))).toEqual(Array(3).fill(prints.at(-1)))
})

test('beside an unknown field no free text may hold what could be taken for a known field', () => {
  const hidden = '"x amount=9"'
  expect(payproIsAmbiguous(body({}))).toBe(false)
  expect(payproIsAmbiguous(body({ remark: hidden }))).toBe(false)
  expect(payproIsAmbiguous(body({ channel: '"x"' }))).toBe(false)
  expect(payproIsAmbiguous(body({ channel: hidden }))).toBe(true)
  expect(payproIsAmbiguous(body({ channel: '"x"', remark: hidden }))).toBe(true)
  expect(payproIsAmbiguous(body({ channel: '"x"', notifyUrl: '"https://a.example/?walletId=1"' }))).toBe(true)
})

test('a signed text is never taken for another amount, wallet, wayCode or tradeNo, whatever its free texts hold', () => {
  const random = seededRandom(77)
  const all = 'timestamp=1728611780131tradeNo=otherwalletId=01999999999wayCode=EWALLET_NAGAD'
  const front = 'xamount=9notifyUrl=https://evil.example/'
  const baits = [
    'x',
    'z=',
    'tradeNo=other',
    'walletId=01999999999',
    'amount=9',
    'remark=',
    'Aa=',
    `${all}z=`,
    front,
  ]
  const bait = (): string =>
    Array.from({ length: random.below(4) }, () => baits[random.below(baits.length)]).join('')
  const drawn = Array.from({ length: 60 }, () => ({
    ...good,
    remark: `r${bait()}`,
    notifyUrl: `https://a.example/${bait()}`,
    ...Object.fromEntries(
      ['Aaa', 'nz', 'zz'].filter(() => random.below(3) === 0).map(name => [name, bait()]),
    ),
  }))
  const signed: readonly Readonly<Record<string, string>>[] = [
    { ...good, remark: `x${all}z=` },
    { ...good, Aaa: front },
    { ...good, Aaa: `${front}remark=` },
    { ...good, Aaa: `${front}remark=x${all}z=` },
    ...drawn,
  ]
  let severalReadings = 0
  for (const order of signed) {
    const names = Object.keys(order).sort()
    const readings = readingsOf(names.map(name => `${name}=${order[name]}`).join('')).flatMap(fields => {
      const read = payproReadOrder(fields)
      return read.ok && !payproIsAmbiguous(fields) ? [read.value] : []
    })
    if (readings.length > 1) severalReadings += 1
    for (const { amount, walletId, operator, tradeNo } of readings) {
      expect({ amount, walletId, operator, tradeNo }).toEqual({
        amount: bdt(30_000n),
        walletId: good.walletId,
        operator: 'bkash',
        tradeNo: good.tradeNo,
      })
    }
  }
  // A free text may be cut in several ways, so the search does find texts with more than one reading.
  expect(severalReadings).toBeGreaterThan(0)
})

/**
 * The ways to cut a canonical text into fields with sorted names: the work of someone who has a signature to use up.
 * Cuts that the door refuses by its first glance are left out on the way, or there would be too many to try; and no
 * more than two unknown fields are tried, because any further one only takes more text away.
 */
function readingsOf(text: string): readonly PayproFields[] {
  // A field can begin wherever a name could, and a name ends at the next equals sign.
  const names = new Map<number, string>()
  for (const { 0: run, index } of text.matchAll(/[A-Za-z0-9_]+(?==)/g)) {
    for (let at = 0; at < run.length; at += 1) {
      if (/[A-Za-z]/.test(run.charAt(at))) names.set(index + at, run.slice(at))
    }
  }
  const starts = [...names.keys()]
  const found: PayproFields[] = []
  const cut = (from: number, taken: PayproFields, unknown: number): void => {
    const name = names.get(from) ?? ''
    const unknownNow = unknown + Number(!Object.hasOwn(good, name))
    if (!mayFollow(name, taken) || unknownNow > 2) return
    const start = from + name.length + 1
    for (const end of [...starts.filter(next => next >= start), text.length]) {
      const value = text.slice(start, end)
      if (!isPossible(name, value)) continue
      const fields = new Map([...taken, [name, value]])
      if (end === text.length) found.push(fields)
      else cut(end, fields, unknownNow)
    }
  }
  cut(0, new Map(), 0)
  return found
}

/** Names are sorted, and no field that an order needs is left behind. */
function mayFollow(name: string, taken: PayproFields): boolean {
  const last = [...taken.keys()].at(-1) ?? ''
  const needed = Object.keys(good).filter(known => known !== 'remark' && !taken.has(known))
  return name > last && needed.every(known => name <= known)
}

function isPossible(name: string, value: string): boolean {
  if (name === 'timestamp' || name === 'walletId') return /^[0-9]*$/.test(value)
  if (name === 'amount') return /^[0-9.]*$/.test(value)
  return name === 'notifyUrl' || name === 'remark' || !value.includes('=') || !Object.hasOwn(good, name)
}
