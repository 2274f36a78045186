import { expect, test } from 'vitest'
import { AssertionFailed } from '../lib/assert.ts'
import { canonicalJson } from './canonical.ts'

// RFC 8785 section 3.2.3: the members and their order are the standard's own.
const SORTING = {
  '\u20ac': 'Euro Sign',
  '\r': 'Carriage Return',
  '\ufb33': 'Hebrew Letter Dalet With Dagesh',
  '1': 'One',
  '\ud83d\ude00': 'Emoji: Grinning Face',
  '\u0080': 'Control',
  '\u00f6': 'Latin Small Letter O With Diaeresis',
}
const SORTED = [
  'Carriage Return',
  'One',
  'Control',
  'Latin Small Letter O With Diaeresis',
  'Euro Sign',
  'Emoji: Grinning Face',
  'Hebrew Letter Dalet With Dagesh',
]

test('members stand in the order of RFC 8785', () => {
  expect(Object.values(JSON.parse(canonicalJson(SORTING)))).toHaveLength(7)
  const places = SORTED.map(name => canonicalJson(SORTING).indexOf(name))
  expect(places).toEqual([...places].sort((one, other) => one - other))
})

test('texts are escaped as RFC 8785 section 3.2.2.2 says', () => {
  // Its example: a text with a euro sign, dollar, line feed, quotes, backslashes, and a control character.
  expect(canonicalJson({ string: '\u20ac$\u000f\nA\'B"\\\\"/' })).toBe(
    '{"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
  expect(canonicalJson({ literals: [null, true, false], number: 10 })).toBe(
    '{"literals":[null,true,false],"number":10}',
  )
})

test.each([
  ['a fraction', 1.5],
  ['minus nought', -0],
  ['a number that is rounded', 2 ** 53],
  ['half a character', '\ud800'],
])('what has no one spelling is not printed: %s', (_what, value) => {
  expect(() => canonicalJson({ value })).toThrow(AssertionFailed)
})
