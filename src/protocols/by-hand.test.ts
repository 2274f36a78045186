import fc from 'fast-check'
import { expect, test } from 'vitest'
import { credentialOfOne, explainByHand } from './by-hand.ts'
import { curlLine } from './by-hand-curl.ts'
import { readFieldsText, withFields } from './by-hand-fields.ts'
import type { ByHandRequest } from './by-hand-request.ts'
import { readRequestText } from './by-hand-text.ts'
import type { Check, DoorCredential, DoorRequest, Protocol, RequestBuilder } from './protocol.ts'

function read(text: string): ByHandRequest {
  const result = readRequestText(Buffer.from(text))
  if (!result.ok) throw new Error(result.why)
  return result.request
}

function shownRequest(request: ByHandRequest) {
  const { method, path, query, headers, body } = request
  return { method, path, query, headers: Object.fromEntries(headers), body: Buffer.from(body).toString() }
}

// ---- reading a request ------------------------------------------------------------------------------------------------

test('a curl line that we write is read back as the request it stands for, whatever is in it', () => {
  const text = fc.string({ unit: fc.constantFrom(...`aZ0 '"\\$\`!{}[]&;|%=+~#*?\n\tü€`) })
  const header = fc
    .string({ unit: fc.constantFrom(...`aZ0 '"\\$%=,;:`) })
    .map(value => value.trim())
    .filter(value => value !== '')
  fc.assert(
    fc.property(text, header, (body, value) => {
      const request = {
        method: 'POST',
        url: 'http://127.0.0.1:8080/a/[b]?c={d}',
        headers: { 'x-one': value, 'content-type': 'text/plain', 'x-empty': '' },
        body,
      } as const
      expect(shownRequest(read(curlLine(request)))).toEqual({
        method: 'POST',
        path: '/a/[b]',
        query: 'c={d}',
        headers: { 'x-one': [value], 'content-type': ['text/plain'], 'x-empty': [''] },
        body,
      })
    }),
  )
})

test('a curl command is read as curl would send it', () => {
  const form = { 'content-type': ['application/x-www-form-urlencoded'] }
  const cases: readonly (readonly [string, object])[] = [
    ['curl h/p', { method: 'GET', path: '/p', body: '', headers: {} }],
    ['$ curl -sS http://h', { path: '/', method: 'GET' }],
    ['curl -d a=1 -d b=2 http://h/p', { method: 'POST', body: 'a=1&b=2', headers: form }],
    ['curl -sSXPUT -da=1 http://h/p', { method: 'PUT', body: 'a=1' }],
    ['curl -G -d a=1 "http://h/p?b=2"', { method: 'GET', query: 'b=2&a=1', body: '' }],
    ['curl --data-urlencode "a=b c" http://h/p', { body: 'a=b%20c' }],
    ["curl --data-raw $'it\\'s\\n\\u00fc' http://h/p", { body: "it's\nü" }],
    [
      'curl --json "{\\"a\\":1}" http://h/p',
      { body: '{"a":1}', headers: { 'content-type': ['application/json'] } },
    ],
    ["curl -H 'Content-Type:' -d a http://h/p", { body: 'a' }],
    ['curl -H "X: 1" -H "x: 2" http://h/p', { headers: { x: ['1', '2'] } }],
    ['curl \\\n  --request POST \\\n  --url http://h/p | jq .', { method: 'POST', path: '/p' }],
  ]
  for (const [line, wanted] of cases) expect(shownRequest(read(line)), line).toMatchObject(wanted)
})

test('the body of an HTTP text is as long as it says, or without the line end of the editor', () => {
  const bodyOf = (text: string) => shownRequest(read(text)).body
  expect(bodyOf('POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\na=1\r\n')).toBe('a=1')
  expect(bodyOf('POST /p HTTP/1.1\nContent-Length: 4\n\na=1\n')).toBe('a=1\n')
  expect(bodyOf('POST /p HTTP/1.1\n\na=1\n')).toBe('a=1')
  expect(bodyOf('POST /p HTTP/1.1\n\n{"a":\n\n1}\n\n')).toBe('{"a":\n\n1}\n')
  expect(bodyOf('GET http://h/p?q HTTP/1.1\nA: b')).toBe('')
})

test('a request that is too large to be one is not read', () => {
  expect(readRequestText(Buffer.alloc(1024 * 1024 + 1, 97))).toMatchObject({ ok: false })
})

// ---- fields -------------------------------------------------------------------------------------------------------------

test('a request with more headers than a server takes is not read, however many there are', () => {
  const lines = (count: number) => `POST /v1/paypro/payout HTTP/1.1\n${'a: b\n'.repeat(count)}\n{}`
  expect(readRequestText(Buffer.from(lines(100)))).toMatchObject({ ok: true })
  expect(readRequestText(Buffer.from(lines(150_000)))).toEqual({
    ...{ ok: false, why: 'it has more than 100 headers' },
  })
})

test('numbers keep their digits and are known as numbers; what is given again is text', () => {
  const given = readFieldsText('{"a":1.50,"b":"2","c":null,"d":true}')
  if (!given.ok) throw new Error(given.why)
  expect(Object.fromEntries(given.fields.values)).toEqual({ a: '1.50', b: '2', c: '', d: 'true' })
  expect([...given.fields.numbers]).toEqual(['a'])
  expect(withFields(given.fields, ['a=x=y'])).toMatchObject({ fields: { numbers: new Set() } })
  expect(withFields(given.fields, ['=x'])).toMatchObject({ ok: false })
})

// ---- explaining ---------------------------------------------------------------------------------------------------------

const SECRET = 'a secret of somebody'
const credential: DoorCredential = {
  door: 'd',
  publicId: 'c1',
  merchantId: 'm',
  secret: SECRET,
  active: true,
  settings: { api_key: 'an api key' },
}

function protocolOf(explain: RequestBuilder['explain']): Protocol {
  const handle = () => Promise.reject(new Error('nobody asks the door itself'))
  return {
    name: 'd',
    connector: null,
    proof: null,
    door: {
      routes: [
        { method: 'POST', path: '/d/group/:group', bodyLimitBytes: 4, handle },
        { method: 'POST', path: '/d/:end', bodyLimitBytes: 4, handle },
      ],
      notices: null,
    },
    builder: { calls: [], build: () => ({ ok: false, why: '' }), explain },
    document: null,
    sandbox: null,
  }
}

function explained(request: Partial<ByHandRequest>, explain: RequestBuilder['explain']) {
  const whole = {
    method: 'POST',
    path: '/d/1',
    query: '',
    headers: new Map(),
    body: new Uint8Array(0),
    ...request,
  }
  return explainByHand(protocolOf(explain), {
    request: whole,
    credentialOf: credentialOfOne(credential),
    publicUrls: [],
    remoteAddress: '127.0.0.1',
    nowMs: 0,
  })
}

test('the door is asked with the parts of its path, and with nothing of a body that is too large', () => {
  const seen: DoorRequest[] = []
  const explain = (request: DoorRequest): readonly Check[] => {
    seen.push(request)
    return [{ says: 'it came', ok: true, why: null }]
  }
  expect(explained({ path: '/d/group/7' }, explain)).toMatchObject({ ok: true, taken: true })
  explained({ path: '/d/39', body: Buffer.from('12345') }, explain)
  expect(seen.map(({ params, bodyTooLarge, body }) => [params, bodyTooLarge, body.length])).toEqual([
    [{ group: '7' }, false, 0],
    [{ end: '39' }, true, 0],
  ])
})

test('an address or a method that the door has not is the check that fails', () => {
  const never = () => {
    throw new Error('the door was asked')
  }
  const cases = [
    [{ path: '/d/' }, /nothing is served at/],
    [{ path: '/other/d/1' }, /nothing is served at/],
    [{ method: 'GET' }, /does not take GET/],
  ] as const
  for (const [request, why] of cases) {
    const result = explained(request, never)
    expect(result).toMatchObject({ ok: true, taken: false })
    expect(result.ok && result.checks[0]?.why).toMatch(why)
  }
})

test('a secret that a builder let slip is not told', () => {
  const result = explained({}, (_request, credentialOf) => [
    {
      says: 'it fits',
      ok: false,
      why: `found ${credentialOf('c1')?.secret} and ${credential.settings.api_key}`,
    },
  ])
  expect(result).toMatchObject({ checks: [{ why: 'found <secret> and <secret>' }] })
})

test('one credential is found by its id and by the hash of it, and by nothing else', () => {
  const find = credentialOfOne(credential)
  // printf c1 | openssl dgst -sha256
  const hash = 'd0f631ca1ddba8db3bcfcb9e057cdc98d0379f1bee00e75a545147a27dadd982'
  expect(find('c1')).toMatchObject({ publicId: 'c1' })
  expect(find(hash)).toMatchObject({ publicId: hash })
  expect(find('c2')).toBeNull()
})
