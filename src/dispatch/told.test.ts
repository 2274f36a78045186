import { expect, test } from 'vitest'
import type { Answer } from '../payout/outcome.ts'
import type { ExchangeRow } from '../store/store.ts'
import { toldExchange, toldOf } from './told.ts'
import { scrubbed } from './transcript.ts'

const ANSWER: Answer = {
  kind: 'read',
  said: 'failed',
  failure: 'refused',
  theirId: 'T1',
  echo: { reference: 'same', amount: 'absent', currency: 'absent', beneficiary: 'absent' },
}
const CONNECTOR = { scrub: (text: string) => text.replaceAll('secret', '[removed]') }

function exchange(answer: Answer, change: Partial<ExchangeRow> = {}): ExchangeRow {
  const body = Buffer.from('{"sign":"secret"}')
  const row = toldExchange({ attemptNo: 1, atMs: 5, row: 'W3', answer, body, connector: CONNECTOR })
  return { ...row, exchangeNo: 1, ...change }
}

test('what a callback told reads back as it was, for its own attempt and in order', () => {
  const paid: Answer = { ...ANSWER, said: 'paid', failure: null }
  const rows = [
    exchange(ANSWER),
    exchange(paid, { attemptNo: 2 }),
    exchange(paid),
    exchange(paid, { kind: 'inquiry' }),
  ]
  expect(toldOf(rows, 1)).toEqual([ANSWER, paid])
  expect(toldOf(rows, 3)).toEqual([])
})

test.each([
  null,
  '',
  'no JSON',
  '{}',
  JSON.stringify({ ...ANSWER, said: 'sure' }),
  JSON.stringify({ ...ANSWER, failure: 'sure' }),
  JSON.stringify({ ...ANSWER, echo: null }),
  JSON.stringify({ ...ANSWER, echo: { reference: 'same' } }),
  JSON.stringify({ kind: 'unread' }),
])('what cannot be read back told nothing: %s', request => {
  expect(toldOf([exchange(ANSWER, { request })], 1)).toEqual([{ kind: 'unreadable' }])
})

test('the text of a callback is kept without its secrets', () => {
  expect(exchange(ANSWER).answer).toBe('{"sign":"[removed]"}')
})

test('text that is kept is bounded, well formed and without characters that no database takes', () => {
  expect(scrubbed(CONNECTOR, `a\u0000b\ud800c`)).toBe('a\ufffdb\ufffdc')
  expect(scrubbed(CONNECTOR, 'x'.repeat(100_000))).toHaveLength(16_384)
  const throws = {
    scrub: () => {
      throw new Error('a mistake')
    },
  }
  expect(scrubbed(throws, 'secret')).toBe('not kept: it could not be scrubbed')
})
