// Pictures as they travel: data URIs (RFC 2397) in Base64. What comes from a provider is untrusted: the type must be
// one of three, the Base64 exact, and the first bytes those of the type that is declared. SVG is markup and never a
// picture here. A picture that fails is dropped with a reason that repeats nothing of it.
import { assert } from '../../lib/assert.ts'
import type { JsonValue } from '../../lib/json.ts'
import type { ProofImage } from '../protocol.ts'

/** So many of one answer are looked at. */
export const PROOFAPI_IMAGES_READ_MAX = 20
/** What our door gives in one answer: so many pictures, and so many bytes of them, before Base64. */
export const PROOFAPI_IMAGES_SENT_MAX = 10
export const PROOFAPI_IMAGE_BYTES_SENT_MAX = 8 * 1_048_576

export interface ProofapiImages {
  readonly images: readonly ProofImage[]
  /** For each picture that was not kept, why; those beyond the limit share one sentence. */
  readonly dropped: readonly string[]
}

/** The pictures of an answer, each kept or dropped by itself. */
export function proofapiReadImages(values: readonly JsonValue[]): ProofapiImages {
  const images: ProofImage[] = []
  const dropped: string[] = []
  for (const [place, value] of values.slice(0, PROOFAPI_IMAGES_READ_MAX).entries()) {
    const image = readImage(value)
    if (typeof image === 'string') dropped.push(`image ${place + 1}: ${image}`)
    else images.push(image)
  }
  const beyond = values.length - PROOFAPI_IMAGES_READ_MAX
  if (beyond > 0) dropped.push(`${beyond} more than the ${PROOFAPI_IMAGES_READ_MAX} that are taken`)
  return { images, dropped }
}

/** A picture as a data URI of its own type. */
export function proofapiImageUri({ mediaType, bytes }: ProofImage): string {
  const { buffer, byteOffset, byteLength } = bytes
  return `data:${mediaType};base64,${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`
}

/**
 * What of these our door gives, in their order: PNG and JPEG alone, which every client of the document can show, and
 * no more than its limits. A picture that would pass the limit of bytes is left out, and smaller ones behind it are not.
 */
export function proofapiImagesToSend(images: readonly ProofImage[]): readonly ProofImage[] {
  const sent: ProofImage[] = []
  let bytesLeft = PROOFAPI_IMAGE_BYTES_SENT_MAX
  for (const image of images) {
    if (sent.length === PROOFAPI_IMAGES_SENT_MAX) break
    if (image.mediaType === 'image/webp' || image.bytes.length > bytesLeft) continue
    sent.push(image)
    bytesLeft -= image.bytes.length
  }
  assert(bytesLeft >= 0, 'the pictures of an answer stay within their limit')
  return sent
}

/** The picture, or why it is none. */
function readImage(value: JsonValue): ProofImage | string {
  if (typeof value !== 'string') return 'not a text'
  const comma = value.slice(0, HEADER_LENGTH_MAX).indexOf(',')
  const mediaType = MEDIA_TYPES.get(value.slice(0, comma + 1).toLowerCase())
  if (mediaType === undefined) return 'not a data URI in Base64 of type png, jpeg or webp'
  const base64 = value.slice(comma + 1)
  const bytes = Buffer.from(base64, 'base64')
  // Decoding skips what is not Base64, so only the text that comes out again was exact: no blanks, no other alphabet,
  // no missing padding, no bits behind the end.
  if (bytes.toString('base64') !== base64) return 'not exact Base64'
  if (!beginsLike(mediaType, bytes)) return `the bytes are not those of ${mediaType}`
  return { mediaType, bytes: new Uint8Array(bytes) }
}

/** Types have no letter case (RFC 2045 section 5.1); `jpg` is how PHP code that looks at file names spells it. */
const MEDIA_TYPES: ReadonlyMap<string, ProofImage['mediaType']> = new Map([
  ['data:image/png;base64,', 'image/png'],
  ['data:image/jpeg;base64,', 'image/jpeg'],
  ['data:image/jpg;base64,', 'image/jpeg'],
  ['data:image/webp;base64,', 'image/webp'],
])
const HEADER_LENGTH_MAX = 32

/** The signatures of PNG (its section 5.2), JPEG (start of image and the next marker) and WebP (RFC 9649 section 2.4). */
function beginsLike(mediaType: ProofImage['mediaType'], bytes: Buffer): boolean {
  const first = bytes.toString('latin1', 0, 12)
  switch (mediaType) {
    case 'image/png':
      return first.startsWith('\x89PNG\r\n\x1a\n')
    case 'image/jpeg':
      return first.startsWith('\xff\xd8\xff')
    case 'image/webp':
      return /^RIFF.{4}WEBP$/s.test(first)
  }
}
