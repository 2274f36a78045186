// The format: what a journal proves, and that nothing that happens to its bytes proves more.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  entryLines,
  headerLine,
  incarnationOf,
  type JournalEntry,
  journalName,
  type Lines,
  readOpen,
  readSealed,
  rightKey,
  type SealedJournal,
  sealLine,
} from './journal.ts'

const HEADER = { installation: 'an installation', incarnation: '7', id: 'a journal' }
const SEAL = sealLine('9')

function entry(number: bigint, change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    merchantId: 'm_1',
    number,
    attemptNo: 1,
    step: 'only',
    incarnation: 7n,
    providerAccountId: 'pa_1',
    reference: `r-${number}`,
    requestHash: 'ab'.repeat(32),
    atMs: 1_795_000_000_000,
    ...change,
  }
}

/** A journal with these entries, each batch written by itself. */
function journal(...batches: readonly (readonly JournalEntry[])[]): string {
  let lines: Lines = headerLine(HEADER)
  let text = lines.text
  for (const batch of batches) {
    lines = entryLines(lines.chain, batch, '0/1A2B3C')
    text += lines.text
  }
  return text
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1')
const sealed = (text: string): SealedJournal => readSealed(bytesOf(text))

function keys(read: SealedJournal): readonly string[] | null {
  return read.kind === 'whole' ? read.entries.map(rightKey) : null
}

const whole = journal([entry(1n), entry(2n)], [entry(3n, { step: 'second' })])
const wholeKeys = ['m_1/1/1/only', 'm_1/2/1/only', 'm_1/3/1/second']

test('a sealed journal gives back what was written, and the hash of exactly the bytes before the seal', () => {
  const read = sealed(whole + SEAL)
  expect(read).toMatchObject({ kind: 'whole', header: HEADER, bytes: whole.length })
  expect(keys(read)).toEqual(wholeKeys)
  expect(read.kind === 'whole' && read.entries[0]).toEqual({ ...entry(1n), position: '0/1A2B3C' })
  expect(readOpen(bytesOf(whole)).entries).toHaveLength(3)
})

test('a journal that is not sealed proves nothing', () => {
  expect(sealed(whole)).toEqual({ kind: 'broken', why: 'it is not sealed' })
  expect(sealed('')).toMatchObject({ kind: 'broken' })
})

test('only what stands before the first seal counts', () => {
  const after = entryLines(headerLine(HEADER).chain, [entry(4n)], null).text
  for (const later of [after, `${after}${SEAL}`, SEAL, 'whatever\n'])
    expect(keys(sealed(whole + SEAL + later))).toEqual(wholeKeys)
})

test('a last line that was torn anywhere was never sent, and takes nothing else with it', () => {
  const before = journal([entry(1n), entry(2n)])
  for (let length = before.length; length < whole.length - 1; length += 1) {
    expect(keys(sealed(whole.slice(0, length) + SEAL))).toEqual(wholeKeys.slice(0, 2))
  }
})

test('a line that is whole but for its line end is not taken for a torn one', () => {
  expect(sealed(whole.slice(0, -1) + SEAL)).toMatchObject({ kind: 'broken' })
})

test('a missing, doubled or exchanged line breaks the journal', () => {
  const [head = '', one = '', two = '', three = ''] = whole.split('\n')
  const wrong = [
    [head, two, three],
    [head, one, three],
    [head, one, one, two, three],
    [head, two, one, three],
    [one, two, three],
    [head, one, '', two, three],
    [head, head, one],
  ]
  for (const lines of wrong) expect(sealed(`${lines.join('\n')}\n${SEAL}`)).toMatchObject({ kind: 'broken' })
})

test('no flipped bit anywhere makes an entry disappear', () => {
  const text = bytesOf(`${whole}${SEAL}${SEAL}`)
  for (let at = 0; at < text.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) {
      const flipped = Uint8Array.from(text)
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      const read = keys(readSealed(flipped))
      if (read !== null) expect(read).toEqual(wholeKeys)
    }
  }
})

test('no damage of several bytes, in a row or not, makes an entry disappear', () => {
  const text = bytesOf(whole + SEAL)
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) }), { maxLength: 40 }),
      damage => {
        const damaged = Uint8Array.from(text)
        for (const { at, byte } of damage) damaged[at] = byte
        const read = keys(readSealed(damaged))
        if (read !== null) expect(read).toEqual(wholeKeys)
      },
    ),
    { numRuns: 3_000 },
  )
})

test('a byte that is no ASCII in a name is written so that a character is a byte', () => {
  const odd = journal([entry(1n, { reference: 'Ünïcode\n€😀' })])
  expect(odd).toMatch(/^[\x20-\x7e\n]+$/)
  const read = sealed(odd + SEAL)
  expect(read.kind === 'whole' && read.entries[0]?.reference).toBe('Ünïcode\n€😀')
})

test('a file is named after its incarnation, and nothing else is a journal', () => {
  expect(incarnationOf(journalName(42n))).toBe(42n)
  for (const name of [
    '42',
    '042.journal',
    'x.journal',
    '42.journal.old',
    '-1.journal',
    `${'9'.repeat(30)}.journal`,
  ])
    expect(incarnationOf(name)).toBeNull()
})
