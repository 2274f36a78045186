import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isJsonObject, JsonNumber, type JsonValue, parseJson, toPlain } from './json.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const raw = (...values: readonly number[]) => Uint8Array.from(values)
const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth)
const number = (literal: string) => new JsonNumber(literal)
const object = (...members: readonly (readonly [string, JsonValue])[]) => new Map(members)

const BODY = JSON.stringify({
  merchantNo: '1000000001',
  amount: 1500.25,
  beneficiary: { name: 'রহিম "উদ্দিন" 😀', wallet: '01712345678', tags: [true, false, null, -0.5e-7] },
  remark: 'a\\b\u0007\n/',
  empty: [{}, [], ''],
})

function read(input: Uint8Array | string): JsonValue | string {
  const result = parseJson(input)
  return result.ok ? result.value : `refused: ${result.why}`
}

function whyOf(input: Uint8Array | string, maxDepth?: number): string {
  const result = parseJson(input, maxDepth === undefined ? {} : { maxDepth })
  return result.ok ? 'accepted' : result.why
}

/** The value as `JSON.parse` would have it: for comparing the two, and only for that. */
function asParsed(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return JSON.parse(value.literal)
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([name, member]) => [name, asParsed(member)]))
  }
  return Array.isArray(value) ? value.map(asParsed) : value
}

// biome-ignore format: a table of texts reads best in rows
const GOOD: readonly (readonly [string, JsonValue])[] = [
  ['null', null], ['true', true], ['false', false], ['""', ''], ['"a"', 'a'], ['{}', object()], ['[]', []],
  [' \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n', [number('1'), number('2')]],
  [' { "a" : 1 , "b" : { } } ', object(['a', number('1')], ['b', object()])],
  ['[null,true,false]', [null, true, false]], ['[[],{}]', [[], object()]],
  ['0', number('0')], ['-0', number('-0')], ['-1', number('-1')], ['10', number('10')], ['0.0', number('0.0')], ['150.00', number('150.00')],
  ['1e3', number('1e3')], ['1E3', number('1E3')], ['1e+3', number('1e+3')], ['1e-3', number('1e-3')], ['-0.5E-07', number('-0.5E-07')], ['0e0', number('0e0')],
  ['1e999999', number('1e999999')], ['9007199254740993', number('9007199254740993')], ['100000000000000000000000000000000000000', number(`1${'0'.repeat(38)}`)],
  ['9'.repeat(256), number('9'.repeat(256))],
  [String.raw`"\"\\\/\b\f\n\r\t"`, '"\\/\b\f\n\r\t'], [String.raw`"\u0041\u00e9\u00E9\u20ac"`, 'Aéé€'], [String.raw`"\u0000"`, '\0'],
  [String.raw`"\ud83d\ude00"`, '😀'], [String.raw`"x\uD83D\uDE00y"`, 'x😀y'], ['"😀"', '😀'], [String.raw`"😀\n😀"`, '😀\n😀'], [String.raw`"\\u0041"`, '\\u0041'],
  ['"টাকা"', 'টাকা'], [String.raw`"টা\nকা"`, 'টা\nকা'], ['"\u007f\u0080\u2028\u2029\ufeff\uffff"', '\u007f\u0080\u2028\u2029\ufeff\uffff'], ['"é"', 'é'], ['"e\u0301"', 'e\u0301'],
  ['"//"', '//'], ['"/* */"', '/* */'], [`"'"`, "'"], ['"a b"', 'a b'],
  ['{"":1}', object(['', number('1')])], ['{"a":1,"A":2}', object(['a', number('1')], ['A', number('2')])], ['{"é":1,"e\u0301":2}', object(['é', number('1')], ['e\u0301', number('2')])],
  ['{"a":{"a":1}}', object(['a', object(['a', number('1')])])], ['[{"a":1},{"a":1}]', [object(['a', number('1')]), object(['a', number('1')])]],
  ['{"constructor":1,"toString":2,"prototype":3,"hasOwnProperty":4}', object(['constructor', number('1')], ['toString', number('2')], ['prototype', number('3')], ['hasOwnProperty', number('4')])],
  ['{"a":"__proto__","__proto":1,"__proto__ ":2}', object(['a', '__proto__'], ['__proto', number('1')], ['__proto__ ', number('2')])],
  ['{"1":1,"01":2}', object(['1', number('1')], ['01', number('2')])], [String.raw`{"\u0061b":1,"a":2}`, object(['ab', number('1')], ['a', number('2')])],
  [nested(8), [[[[[[[[]]]]]]]]],
]

const EARLY = 'text ends early'
const VALUE = 'a value was expected'
const NAME = 'a member name was expected'
const END = 'text after the end'
const TWICE = 'member twice'
const NUMBER = 'wrong number'
const ESCAPE = 'wrong escape'
const CONTROL = 'control character in a string'
const SURROGATE = 'unpaired surrogate'
const OBJECT = 'a comma or } was expected'
const ARRAY = 'a comma or ] was expected'
const PROTO = 'forbidden member name'

// biome-ignore format: a table of texts reads best in rows
const BAD: readonly (readonly [string | Uint8Array, string])[] = [
  ['', EARLY], [' ', EARLY], ['\n\t\r ', EARLY], ['[', EARLY], ['[1,', EARLY], ['{"a":', EARLY], ['"', EARLY], ['"a', EARLY], ['"\\n', EARLY],
  ['{', NAME], ['{"a":1,', NAME], ['{,}', NAME], ['{"a":1,}', NAME], ['{a:1}', NAME], ["{'a':1}", NAME], ['{1:1}', NAME], ['{null:1}', NAME], ['{[]:1}', NAME],
  ['{"a"}', 'a colon was expected'], ['{"a"', 'a colon was expected'], ['{"a",1}', 'a colon was expected'], ['{"a"=1}', 'a colon was expected'],
  ['{"a":}', VALUE], ['{"a"::1}', VALUE], ['[,1]', VALUE], ['[1,]', VALUE], ['[1,,2]', VALUE], [',', VALUE], [':', VALUE], [']', VALUE], ['}', VALUE],
  ['{"a":1 "b":2}', OBJECT], ['{"a":1;"b":2}', OBJECT], ['{"a":1]', OBJECT], ['{"a":1', OBJECT], ['[1 2]', ARRAY], ['[1}', ARRAY], ['[1', ARRAY], ['["a""b"]', ARRAY],
  ['[]]', END], ['{}{}', END], ['{} x', END], ['null null', END], ['1 2', END], ['"a" "b"', END], ['{}\0', END], ['{},', END], ['[]\n\n;', END], ['{}\u00a0', END], ['{}\ufeff', END],
  ['// c\n{}', VALUE], ['/* c */{}', VALUE], ['{}// c', END], ['{}/* c */', END], ['[1/* c */]', ARRAY], ['{/* c */}', NAME], ['# c\n{}', VALUE], ['{"a":1,/* c */"b":2}', NAME],
  ['NaN', VALUE], ['-NaN', NUMBER], ['nan', VALUE], ['Infinity', VALUE], ['-Infinity', NUMBER], ['[Infinity]', VALUE], ['undefined', VALUE], ['True', VALUE], ['TRUE', VALUE], ['nul', VALUE], ['nulL', VALUE], ['tru', VALUE], ['truee', END], ['falsee', END], ['nulll', END],
  ['01', END], ['-01', END], ['00', END], ['[00]', ARRAY], ['1.', NUMBER], ['-', NUMBER], ['-.5', NUMBER], ['1.e3', NUMBER], ['1e', NUMBER], ['1e+', NUMBER], ['1e-', NUMBER], ['1e1.5', END], ['1.5.5', END], ['--1', NUMBER], ['-a', NUMBER], ['- 1', NUMBER], ['0.', NUMBER], ['-0.', NUMBER], ['1.e', NUMBER], ['1ee3', NUMBER],
  ['.5', VALUE], ['+1', VALUE], ['0x10', END], ['1_000', END], ['1n', END], ['1f', END], ['١', VALUE], ['１', VALUE], ['9'.repeat(257), 'number too long'], [`[-0.${'1'.repeat(300)}]`, 'number too long'], [`1e${'0'.repeat(300)}1`, 'number too long'],
  ["'a'", VALUE], ['`a`', VALUE], ['“a”', VALUE], ['a', VALUE], ['\\', VALUE], ['\\"a"', VALUE], ['\0', VALUE], ['\u00a0{}', VALUE], ['\v{}', VALUE], ['\f{}', VALUE], ['\u2028{}', VALUE],
  ['"\0"', CONTROL], ['"\n"', CONTROL], ['"\t"', CONTROL], ['"\r"', CONTROL], ['"\u001f"', CONTROL], ['"\\n\n"', CONTROL], ['{"a\n":1}', CONTROL], ['"a\\\n"', ESCAPE],
  ['"\\x41"', ESCAPE], ['"\\a"', ESCAPE], ['"\\0"', ESCAPE], ['"\\v"', ESCAPE], [`"\\'"`, ESCAPE], ['"\\U0041"', ESCAPE], ['"\\u"', ESCAPE], ['"\\u004"', ESCAPE], ['"\\u004g"', ESCAPE], ['"\\u 041"', ESCAPE], ['"\\u+041"', ESCAPE], ['"\\u-041"', ESCAPE], ['"\\u0x41"', ESCAPE], ['"\\u{41}"', ESCAPE], ['"\\u００４１"', ESCAPE], ['"\\é"', ESCAPE], ['"\\', ESCAPE], ['"\\u00', ESCAPE],
  [String.raw`"\ud800"`, SURROGATE], [String.raw`"\udc00"`, SURROGATE], [String.raw`"\ud83dx"`, SURROGATE], [String.raw`"\ude00\ud83d"`, SURROGATE], [String.raw`"\ud83d\ud83d\ude00"`, SURROGATE], [String.raw`"\ud83d\n\ude00"`, SURROGATE], [String.raw`"\ud83d😀"`, SURROGATE], [String.raw`{"\udfff":1}`, SURROGATE],
  ['"\ud800"', SURROGATE], ['"\udc00"', SURROGATE], ['\ud83d', SURROGATE], ['"\ude00\ud83d"', SURROGATE], ['"\ud83d\\ude00"', SURROGATE], ['{"\ud800":1}', SURROGATE],
  ['{"a":1,"a":1}', TWICE], ['{"a":1,"b":2,"a":3}', TWICE], [String.raw`{"a":1,"\u0061":2}`, TWICE], [String.raw`{"\u0061":1,"a":2}`, TWICE], [String.raw`{"\/":1,"/":2}`, TWICE], [String.raw`{"😀":1,"\ud83d\ude00":2}`, TWICE], ['{"":1,"":2}', TWICE], ['[{"x":{"a":1,"a":2}}]', TWICE], ['{"é":1,"é":1}', TWICE], ['{"a":null,"a":null}', TWICE],
  ['{"__proto__":1}', PROTO], ['{"__proto__":{}}', PROTO], ['{"a":{"__proto__":1}}', PROTO], [String.raw`{"\u005f_proto__":1}`, PROTO], [String.raw`{"__pr\u006fto__":1}`, PROTO], ['[{"__proto__":null}]', PROTO],
  [nested(9), 'too deep'], [nested(9, '{"a":', '}'), 'too deep'], [nested(100_000), 'too deep'], ['['.repeat(100_000), 'too deep'], ['{"a":'.repeat(100_000), 'too deep'], ['[{"a":'.repeat(50_000), 'too deep'],
  ['\ufeff{}', 'byte order mark'], ['\ufeff', 'byte order mark'], [raw(0xef, 0xbb, 0xbf, 0x7b, 0x7d), 'byte order mark'],
  [raw(0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00), 'not UTF-8'], [raw(0xfe, 0xff, 0x00, 0x7b, 0x00, 0x7d), 'not UTF-8'], [raw(0x7b, 0x00, 0x7d, 0x00), NAME], [raw(0x00, 0x7b, 0x00, 0x7d), VALUE],
  [raw(0x22, 0x80, 0x22), 'not UTF-8'], [raw(0x22, 0xc3, 0x22), 'not UTF-8'], [raw(0x22, 0xc0, 0xaf, 0x22), 'not UTF-8'], [raw(0x22, 0xe0, 0x80, 0xaf, 0x22), 'not UTF-8'], [raw(0x22, 0xed, 0xa0, 0x80, 0x22), 'not UTF-8'], [raw(0x22, 0xf4, 0x90, 0x80, 0x80, 0x22), 'not UTF-8'], [raw(0x22, 0xf0, 0x9f, 0x98, 0x22), 'not UTF-8'], [raw(0x22, 0xe9, 0x22), 'not UTF-8'], [raw(0x22, 0xfe, 0x22), 'not UTF-8'], [raw(0x7b, 0x7d, 0xff), 'not UTF-8'], [raw(), EARLY],
]

test('every good text gives its value, from text and from bytes', () => {
  for (const [text, value] of GOOD) {
    expect([text, read(text)]).toEqual([text, value])
    expect([text, read(bytes(text))]).toEqual([text, value])
    expect([text, read(Buffer.from(text))]).toEqual([text, value])
  }
})

test('every hostile input is refused for its own reason, from text and from bytes', () => {
  expect(GOOD.length + BAD.length).toBeGreaterThan(200)
  for (const [input, why] of BAD) {
    const shown = typeof input === 'string' ? input.slice(0, 80) : input
    expect([shown, whyOf(input).replace(/, at byte [0-9]+$/, '')]).toEqual([shown, why])
    // Bytes cannot carry half a pair: the encoder has already replaced it.
    if (typeof input === 'string' && input.isWellFormed()) expect(whyOf(bytes(input))).toBe(whyOf(input))
  }
})

test('a body cut at any byte is refused, and the whole body is not', () => {
  const whole = bytes(BODY)
  expect(asParsed(read(whole))).toEqual(JSON.parse(BODY))
  for (let length = 0; length < whole.length; length++) {
    expect([length, parseJson(whole.subarray(0, length)).ok]).toEqual([length, false])
  }
})

test('a body with one byte changed to any other is read as JSON.parse reads it, or refused', {
  timeout: 60_000,
}, () => {
  const whole = bytes(String.raw`{"a":[-10.5e-7,"é\u00e9\n",true,null],"b":{ }}`)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for (let at = 0; at < whole.length; at++) {
    for (let value = 0; value < 256; value++) {
      const changed = whole.slice()
      changed[at] = value
      const result = parseJson(changed)
      const theirs = tried(() => JSON.parse(decoder.decode(changed)) as unknown)
      const agree = result.ok
        ? isDeepStrictEqual({ value: asParsed(result.value) }, theirs)
        : theirs === null || /^(member twice|unpaired surrogate),/.test(result.why)
      if (!agree) expect.fail(`byte ${at} as ${value}: ${JSON.stringify(result)}`)
    }
  }
})

test('any value that JSON.stringify prints is read as it was', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), fc.nat({ max: 2 }), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const result = parseJson(text)
      if (!result.ok) {
        expect(result.why).toMatch(/^forbidden member name,/)
        return
      }
      expect(isDeepStrictEqual(asParsed(result.value), JSON.parse(text))).toBe(true)
      expect(isDeepStrictEqual(parseJson(bytes(text)), result)).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('whatever is read, JSON.parse reads the same; whatever it reads and we refuse is one of our stricter rules', {
  timeout: 60_000,
}, () => {
  const fragments = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '/',
      'u',
      '0',
      '1',
      '-',
      '.',
      'e',
      'E',
      '+',
      ' ',
      '\n',
      '\t',
      '\0',
    ],
    ...[
      '"a"',
      '"b"',
      '"a":',
      'true',
      'false',
      'null',
      '\\u0061',
      '\\ud83d',
      '\\ude00',
      '😀',
      'é',
      '"__proto__":',
      '1.5',
    ],
  )
  const texts = fc.array(fragments, { maxLength: 12 }).map(parts => parts.join(''))
  fc.assert(
    fc.property(texts, text => {
      const result = parseJson(text)
      const theirs = tried(() => JSON.parse(text) as unknown)
      if (result.ok) expect(isDeepStrictEqual({ value: asParsed(result.value) }, theirs)).toBe(true)
      else if (theirs !== null) {
        expect(result.why).toMatch(/^(member twice|forbidden member name|unpaired surrogate|too deep),/)
      }
    }),
    { numRuns: 20_000 },
  )
})

test('the same input gives the same value as a view into other memory', () => {
  const padded = Buffer.from(`###${BODY}###`)
  const inside = new Uint8Array(padded.buffer, padded.byteOffset + 3, padded.length - 6)
  expect(parseJson(inside)).toEqual(parseJson(BODY))
  expect(parseJson(padded.subarray(3, -3))).toEqual(parseJson(BODY))
})

test('a value stays as it was when the memory it was read from is used again', () => {
  const memory = bytes(BODY)
  const result = parseJson(memory)
  memory.fill(0x20)
  expect(result).toEqual(parseJson(BODY))
})

test('the depth limit counts arrays and objects together and is exact', () => {
  for (const limit of [0, 1, 5, 8, 64]) {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":[', ']}'],
    ] as const) {
      const levels = open.length === 1 ? limit : Math.floor(limit / 2)
      expect(whyOf(`${open.repeat(levels)}0${close.repeat(levels)}`.replaceAll('[0]', '[]'), limit)).toBe(
        'accepted',
      )
      expect(whyOf(`${open.repeat(limit + 1)}${close.repeat(limit + 1)}`, limit)).toMatch(/^too deep/)
    }
  }
  expect(whyOf('{"a":[]}', 1)).toMatch(/^too deep/)
  expect(whyOf('{"a":[]}', 2)).toBe('accepted')
  expect(whyOf('1', 0)).toBe('accepted')
  expect(whyOf(nested(9), 9)).toBe('accepted')
})

test('a depth limit that could not bound the stack is our mistake', () => {
  for (const maxDepth of [-1, 65, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => parseJson('[]', { maxDepth })).toThrow('depth limit')
  }
})

test('a refusal names the rule and the byte, never the content', () => {
  expect(whyOf('{"é":1,"é":2}')).toBe('member twice, at byte 8')
  expect(whyOf('{"secret":x}')).toBe('a value was expected, at byte 10')
  expect(whyOf('{"a":"hidden\u0001"}')).toBe('control character in a string, at byte 12')
  expect(whyOf('[1,2')).toBe('a comma or ] was expected, at byte 4')
})

test('a long list is read whole, and a very long string too', () => {
  const list = Array.from({ length: 50_000 }, (_, index) => index)
  expect(asParsed(read(JSON.stringify(list)))).toEqual(list)
  const long = 'aé😀'.repeat(100_000)
  expect(read(JSON.stringify(long))).toBe(long)
  expect(read(JSON.stringify(`${long}"`))).toBe(`${long}"`)
})

test('only an object is an object', () => {
  expect(isJsonObject(object())).toBe(true)
  for (const value of [null, true, 'a', number('1'), [], [object()], undefined]) {
    expect(isJsonObject(value)).toBe(false)
  }
})

test('a number prints as it was written', () => {
  expect(`${number('150.00')}`).toBe('150.00')
})

test('the plain form has numbers only where the literal is exactly a safe integer', () => {
  const plain = (text: string) => toPlain(read(text))
  for (const literal of ['0', '1', '-1', '10', '9007199254740991', '-9007199254740991', '1767225600000']) {
    expect(plain(literal)).toBe(JSON.parse(literal))
  }
  for (const literal of [
    '-0',
    '1.0',
    '1.5',
    '150.00',
    '1e3',
    '1E3',
    '0e0',
    '0.0',
    '9007199254740992',
    '9007199254740993',
    '-9007199254740992',
    '9999999999999999',
    '10000000000000000',
    '99999999999999999999',
    '1e999',
  ]) {
    expect(plain(literal)).toEqual(number(literal))
  }
})

test('the plain form is made of ordinary arrays and objects, whatever the names', () => {
  const plain = toPlain(read('{"a":[1,{"b":null,"constructor":"x","toString":true}],"c":1.5}'))
  expect(plain).toStrictEqual({ a: [1, { b: null, constructor: 'x', toString: true }], c: number('1.5') })
  expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
})

test('the plain form gives nobody a prototype, also from a map that was not parsed', () => {
  const plain = toPlain(object(['__proto__', object(['polluted', true])]))
  expect(Object.getPrototypeOf(plain)).toBe(Object.prototype)
  expect(Object.keys(plain as object)).toEqual(['__proto__'])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('the plain form can have the names of a frozen prototype', () => {
  const frozen = Object.getOwnPropertyDescriptor(Object.prototype, 'toString')
  if (frozen === undefined) throw new Error('no toString')
  Object.defineProperty(Object.prototype, 'toString', { ...frozen, writable: false })
  try {
    expect(toPlain(object(['toString', 'mine']))).toEqual({ toString: 'mine' })
  } finally {
    Object.defineProperty(Object.prototype, 'toString', frozen)
  }
})

function tried(run: () => unknown): { readonly value: unknown } | null {
  try {
    return { value: run() }
  } catch {
    return null // the other reader refuses: there is nothing to compare
  }
}

test('in plain objects every name is a member of its own, also those that objects have by birth', () => {
  const parsed = parseJson('{"toString":1,"constructor":{"hasOwnProperty":"x"},"a":["b"]}')
  if (!parsed.ok) throw new Error(parsed.why)
  const plain = toPlain(parsed.value) as Record<string, unknown>
  expect(Object.entries(plain)).toEqual([
    ['toString', 1],
    ['constructor', { hasOwnProperty: 'x' }],
    ['a', ['b']],
  ])
})
