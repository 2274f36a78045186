import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { curlLine, shellQuoted } from './curl.ts'

test('a shell reads a quoted word back as it was, whatever is in it', () => {
  const words = [
    '',
    'plain',
    "it's",
    "''",
    '$HOME `id` $(id) \\ "x" !! #',
    'a\nb',
    '{"a":"ü&b"}',
    '-n',
    '*',
    '~',
    'a;b',
  ]
  for (const word of words) {
    const read = execFileSync('sh', ['-c', `printf '%s' ${shellQuoted(word)}; printf .`], {
      encoding: 'utf8',
    })
    expect(read, word).toBe(`${word}.`)
  }
})

test('the line names method, address, headers and body', () => {
  const request = {
    method: 'POST',
    url: 'http://h/p?a=1&b=2',
    headers: { x: "it's" },
    body: '{"a":1}',
  } as const
  expect(curlLine(request)).toBe(`curl -sS 'http://h/p?a=1&b=2' -H 'x: it'\\''s' --data-raw '{"a":1}'`)
  expect(curlLine({ method: 'GET', url: 'http://h/', headers: {}, body: null })).toBe(
    'curl -sS -X GET http://h/',
  )
})
