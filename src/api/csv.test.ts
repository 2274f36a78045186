import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test.each([
  ['=cmd()', "'=cmd()"],
  ['  =cmd()', "'  =cmd()"],
  ['x;=cmd()', "x;'=cmd()"],
  ['x; +1;@y', "x;' +1;'@y"],
  ['x\t-1', "x\t'-1"],
  ['\uff1dcmd()', "'\uff1dcmd()"],
  ['a=b, and 1-2', '"a=b, and 1-2"'],
  ['plain; text', 'plain; text'],
])('a spreadsheet runs nothing of %j', (field, written) => {
  expect(csvLine([field])).toBe(`${written}\r\n`)
})
