import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LINE_FAULT_NAMES } from './line-faults.ts'
import { BEHAVIOURS, behaviourNamed, behaviourOf, DEFAULT_BEHAVIOUR } from './magic.ts'

const wallet = (number: string) => ({ kind: 'wallet', operator: 'nagad', number }) as const
const card = (number: string) => ({ kind: 'card', number }) as const
const bankAccount = (account: string) =>
  ({ kind: 'bank_account', account, bank: 'Some Bank', holder: null }) as const

const FIELDS = ['name', 'wallet', 'card', 'bankAccount'] as const

test('each behaviour has a name and numbers of its own, and no name means a line fault too', () => {
  for (const field of FIELDS)
    expect(new Set(BEHAVIOURS.map(one => one[field])).size, field).toBe(BEHAVIOURS.length)
  for (const { name } of BEHAVIOURS) expect(LINE_FAULT_NAMES).not.toContain(name)
})

test('a magic wallet looks like a number of Bangladesh, and asks with and without its country code', () => {
  for (const behaviour of BEHAVIOURS) {
    expect(behaviour.wallet).toMatch(/^01[3-9][0-9]{8}$/)
    for (const written of ['', '88', '+88'])
      expect(behaviourOf(wallet(written + behaviour.wallet)).name).toBe(behaviour.name)
  }
})

test('cards and bank accounts ask with the ending of their wallet', () => {
  for (const behaviour of BEHAVIOURS) {
    const ending = behaviour.wallet.slice(-2)
    expect(behaviour.card).toMatch(new RegExp(`^4000000000000${ending}\\d$`))
    expect(behaviour.bankAccount).toBe(`9900000000${ending}`)
    expect(behaviourOf(card(behaviour.card))).toBe(behaviour)
    expect(behaviourOf(bankAccount(behaviour.bankAccount))).toBe(behaviour)
  }
})

test('a magic card ends in its check digit', () => {
  // From published test cards, whose numbers end in a digit that this sum gives.
  expect(['4242424242424242', '4000056655665556', '5555555555554444'].map(luhn)).toEqual([0, 0, 0])
  expect(luhn('4242424242424243')).not.toBe(0)
  for (const behaviour of BEHAVIOURS) expect(luhn(behaviour.card), behaviour.card).toBe(0)
})

test('every other beneficiary is paid soon', () => {
  for (const number of [
    '01700000099',
    '0170000000',
    '8801700000001'.slice(3),
    '+8701700000001',
    '01711111111',
  ])
    expect(behaviourOf(wallet(number))).toBe(DEFAULT_BEHAVIOUR)
  for (const other of ['01700000001', '990000000001', '4000000000000011'])
    expect(behaviourOf(card(other)), other).toBe(DEFAULT_BEHAVIOUR)
  for (const other of ['01700000001', '4000000000000119', '990000000099', '88990000000001'])
    expect(behaviourOf(bankAccount(other)), other).toBe(DEFAULT_BEHAVIOUR)
})

test('every line fault has a wallet that asks for it, save the reset that a closed connection stands for', () => {
  const asked = BEHAVIOURS.flatMap(({ line }) => (line === null ? [] : [line]))
  expect(LINE_FAULT_NAMES.filter(name => !asked.includes(name))).toEqual(['reset_before'])
})

test('behaviours are found by name and by nothing else', () => {
  expect(behaviourNamed('refused')?.refusal).toBe('insufficient_funds')
  expect(behaviourNamed('lost_after')).toBeNull()
  expect(behaviourNamed('toString')).toBeNull()
})

test('docs/simulator.md prints this table', () => {
  const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8')
  const printed = [...page.matchAll(/^\| `(0\d{10})` \| `(\d{16})` \| `(\w+)` \| ([^|]+) \|/gm)]
  expect(printed.map(row => row.slice(1, 5))).toEqual(
    BEHAVIOURS.map(({ wallet: number, card, name, says }) => [number, card, name, says]),
  )
  expect(page).toContain('`9900000000NN`')
  for (const name of LINE_FAULT_NAMES) expect(page).toContain(`\`${name}\``)
})

test('docs/simulator.md says of each behaviour what it ends with over the other two providers, or that it is the same', () => {
  const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8')
  const named = new Set(
    [...page.matchAll(/^\| (`\d\d`[^|]*) \| (`\w+`[^|]*) \|/gm)].flatMap(([, endings = '', names = '']) => {
      const numbers = [...endings.matchAll(/\d\d/g)].map(([ending]) => ending)
      expect(
        BEHAVIOURS.filter(one => names.includes(`\`${one.name}\``)).map(one => one.wallet.slice(-2)),
      ).toEqual(numbers)
      const [from = '', to = ''] = numbers
      const isRange = endings.includes(' to ')
      return isRange ? ENDINGS.filter(ending => ending >= from && ending <= to) : numbers
    }),
  )
  const same = ENDINGS.filter(ending => !named.has(ending))
  expect(same).toEqual(['00', '01', '02', '03', '04', '05', '15', '25', '32', '33', '41'])
  expect(page.replaceAll('\n', ' ')).toContain('end as over PayPro: 00 to 05, 15, 25, 32, 33 and 41.')
})

const ENDINGS = BEHAVIOURS.map(({ wallet: number }) => number.slice(-2))

/** The sum of ISO/IEC 7812-1, written another way: doubled digits from a table. Zero for a whole number. */
function luhn(number: string): number {
  const doubled = '0246813579'
  const digits = [...number].toReversed()
  return (
    digits.reduce((sum, digit, place) => sum + Number(place % 2 === 1 ? doubled[Number(digit)] : digit), 0) %
    10
  )
}
