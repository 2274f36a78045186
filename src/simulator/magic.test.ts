import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LINE_FAULT_NAMES } from './line-faults.ts'
import { BEHAVIOURS, behaviourNamed, behaviourOf, DEFAULT_BEHAVIOUR } from './magic.ts'

const wallet = (number: string) => ({ kind: 'wallet', operator: 'nagad', number }) as const

test('each behaviour has a name and a wallet of its own, and no name means a line fault too', () => {
  expect(new Set(BEHAVIOURS.map(({ name }) => name)).size).toBe(BEHAVIOURS.length)
  expect(new Set(BEHAVIOURS.map(one => one.wallet)).size).toBe(BEHAVIOURS.length)
  for (const { name } of BEHAVIOURS) expect(LINE_FAULT_NAMES).not.toContain(name)
})

test('a magic wallet looks like a number of Bangladesh, and asks with and without its country code', () => {
  for (const behaviour of BEHAVIOURS) {
    expect(behaviour.wallet).toMatch(/^01[3-9][0-9]{8}$/)
    for (const written of ['', '88', '+88'])
      expect(behaviourOf(wallet(written + behaviour.wallet)).name).toBe(behaviour.name)
  }
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
  expect(behaviourOf({ kind: 'card', number: '01700000001' })).toBe(DEFAULT_BEHAVIOUR)
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
  const printed = [...page.matchAll(/^\| `(0\d{10})` \| `(\w+)` \| ([^|]+) \|/gm)].map(row => row.slice(1, 4))
  expect(printed).toEqual(BEHAVIOURS.map(({ wallet: number, name, says }) => [number, name, says]))
  for (const name of LINE_FAULT_NAMES) expect(page).toContain(`\`${name}\``)
})
