import { expect, test } from 'vitest'
import type { ProofImage } from '../protocol.ts'
import { proofapiImagesToSend, proofapiImageUri, proofapiReadImages } from './images.ts'

// Written by hand from the formats: their first bytes, and something behind them.
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')
const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex')
const webp = Buffer.from('524946460a00000057454250565038', 'hex')

function uri(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
}

function readOne(value: string) {
  return proofapiReadImages([value])
}

test.each([
  ['image/png', 'image/png', png],
  ['image/jpeg', 'image/jpeg', jpeg],
  ['image/webp', 'image/webp', webp],
  ['image/jpg', 'image/jpeg', jpeg],
  ['IMAGE/PNG', 'image/png', png],
])('a picture declared %s is kept as %s', (declared, mediaType, bytes) => {
  const { images, dropped } = readOne(uri(declared, bytes))
  expect(dropped).toEqual([])
  expect(images).toEqual([{ mediaType, bytes: new Uint8Array(bytes) }])
})

test('what is kept is written as it came', () => {
  for (const [type, bytes] of [['image/png', png] as const, ['image/jpeg', jpeg] as const]) {
    const [image] = readOne(uri(type, bytes)).images
    expect(image && proofapiImageUri(image)).toBe(uri(type, bytes))
  }
})

test('a part of a larger buffer is written as that part', () => {
  const bytes = new Uint8Array(Buffer.concat([Buffer.from('before'), png, Buffer.from('behind')]))
  const part = bytes.subarray(6, 6 + png.length)
  expect(proofapiImageUri({ mediaType: 'image/png', bytes: part })).toBe(uri('image/png', png))
})

const good = png.toString('base64')
test.each([
  ['SVG', uri('image/svg+xml', Buffer.from('<svg/>'))],
  ['GIF', uri('image/gif', Buffer.from('GIF89a'))],
  ['HTML', uri('text/html', Buffer.from('<p>'))],
  ['PDF', uri('application/pdf', Buffer.from('%PDF-1.7'))],
  ['no type', `data:;base64,${good}`],
  ['a parameter before base64', `data:image/png;charset=utf-8;base64,${good}`],
  ['no base64', 'data:image/png,%89PNG'],
  ['bare Base64', good],
  ['an address', 'https://provider.example/proof.png'],
  ['a blank in front', ` ${uri('image/png', png)}`],
  ['JPEG declared as PNG', uri('image/png', jpeg)],
  ['PNG declared as JPEG', uri('image/jpeg', png)],
  ['WAV declared as WebP', uri('image/webp', Buffer.from('524946460a00000057415645', 'hex'))],
  ['PNG with its line ends changed', uri('image/png', Buffer.from('89504e470a1a0a00', 'hex'))],
  ['markup behind a comment', uri('image/png', Buffer.from('<!--\x89PNG\r\n\x1a\n--><svg/>', 'latin1'))],
  ['nothing', 'data:image/png;base64,'],
  ['an empty text', ''],
  ['a blank inside', `data:image/png;base64,${good.slice(0, 8)} ${good.slice(8)}`],
  ['a line end behind', `data:image/png;base64,${good}\n`],
  ['the URL alphabet', `data:image/jpeg;base64,${jpeg.toString('base64url')}`],
  ['no padding', `data:image/png;base64,${good.replaceAll('=', '')}`],
  ['padding twice', `data:image/png;base64,${good}==`],
  ['bits behind the end', `data:image/png;base64,${good.replace(/.==$/, 'J==')}`],
])('%s is dropped', (_, value) => {
  const { images, dropped } = readOne(value)
  expect(images).toEqual([])
  expect(dropped).toHaveLength(1)
  expect(dropped[0]).toMatch(/^image 1: \w/)
})

test('a picture that fails is dropped by itself, and its place is named without anything of it', () => {
  const { images, dropped } = proofapiReadImages([
    uri('image/png', png),
    null,
    'data:image/svg+xml;base64,PHN2Zy8+',
    uri('image/jpeg', jpeg),
  ])
  expect(images.map(({ mediaType }) => mediaType)).toEqual(['image/png', 'image/jpeg'])
  expect(dropped).toEqual([
    'image 2: not a text',
    'image 3: not a data URI in Base64 of type png, jpeg or webp',
  ])
})

test('twenty are taken; of the others only their number is said, however many they are', () => {
  const { images, dropped } = proofapiReadImages(Array.from({ length: 20 }, () => uri('image/png', png)))
  expect([images.length, dropped]).toEqual([20, []])
  const many = proofapiReadImages(Array.from({ length: 100_000 }, () => uri('image/png', png)))
  expect([many.images.length, many.dropped]).toEqual([20, ['99980 more than the 20 that are taken']])
})

// ---- what our door gives -----------------------------------------------------------------------------------------

const MEBIBYTE = 1_048_576

function image(mediaType: ProofImage['mediaType'], size: number): ProofImage {
  return { mediaType, bytes: new Uint8Array(size) }
}

test('ten pictures are given, the first ones', () => {
  const images = Array.from({ length: 12 }, (_, place) => image('image/png', place))
  expect(proofapiImagesToSend(images)).toEqual(images.slice(0, 10))
})

test('a WebP is left out, and does not count', () => {
  const others = Array.from({ length: 10 }, () => image('image/jpeg', 1))
  expect(proofapiImagesToSend([image('image/webp', 1), ...others])).toEqual(others)
})

test('eight MiB are given in all, to the byte; smaller ones behind one too many are given', () => {
  const half = image('image/png', 4 * MEBIBYTE)
  expect(proofapiImagesToSend([half, half])).toHaveLength(2)
  const over = image('image/png', 4 * MEBIBYTE + 1)
  expect(proofapiImagesToSend([half, over])).toEqual([half])
  const small = image('image/jpeg', 9)
  expect(proofapiImagesToSend([half, over, small])).toEqual([half, small])
})
