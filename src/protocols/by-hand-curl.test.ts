import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { exampleClient, exampleRequest } from '../../tools/doors/example.ts'
import { curlLine, shellQuoted } from './by-hand-curl.ts'
import { PROTOCOLS } from './registry.ts'

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
  expect(curlLine({ method: 'GET', url: 'http://h/', headers: {}, body: null })).toBe('curl -sS http://h/')
})

test.each(PROTOCOLS.filter(({ document }) => document !== null))(
  '$name: a shell hands to curl exactly what was built, forms and authorization included',
  protocol => {
    const client = exampleClient(protocol)
    for (const operation of protocol.document?.operations ?? []) {
      const request = client === null ? null : exampleRequest(protocol, operation, { client })
      if (request === null) continue
      const script = `curl() { printf '%s\\0' "$@"; }; ${curlLine(request)}`
      const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
      expect(words).toEqual([
        '-sS',
        request.url,
        ...Object.entries(request.headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
        '--data-raw',
        request.body,
      ])
    }
  },
)
