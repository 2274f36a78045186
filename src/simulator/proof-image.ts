// The picture by which a simulated provider proves an order: a small PNG, made of the order alone, so that the same
// order has the same bytes in every process. It is a pattern and shows nothing of the beneficiary.
import { crc32, deflateSync } from 'node:zlib'
import { sha256 } from '../lib/digest.ts'
import type { ProofImage } from '../protocols/protocol.ts'
import type { RailOrder } from './books.ts'

/** Cells on a side; the left half is mirrored to the right. */
const CELLS = 8
const CELL_PIXELS = 12
const SIDE = CELLS * CELL_PIXELS

/** PNG as in ISO/IEC 15948 (the W3C recommendation of 2003): a palette of two colours, one bit for each pixel. */
export function railProofImage(
  order: Pick<RailOrder, 'merchantId' | 'reference' | 'number' | 'amount'>,
): ProofImage {
  const { merchantId, reference, number, amount } = order
  const seed = sha256(
    JSON.stringify([merchantId, reference, String(number), String(amount.minor), amount.currency]),
  )
  const colour = [seed[0], seed[1], seed[2]].map(part => (part ?? 0) >> 1)
  return {
    mediaType: 'image/png',
    bytes: Buffer.concat([
      SIGNATURE,
      chunk('IHDR', header()),
      chunk('PLTE', Uint8Array.from([255, 255, 255, ...colour])),
      chunk('IDAT', deflateSync(pixels(seed))),
      chunk('IEND', new Uint8Array(0)),
    ]),
  }
}

const SIGNATURE = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const BIT_DEPTH = 1
const PALETTE = 3

function header(): Uint8Array {
  const bytes = Buffer.alloc(13)
  bytes.writeUInt32BE(SIDE, 0)
  bytes.writeUInt32BE(SIDE, 4)
  bytes.set([BIT_DEPTH, PALETTE, 0, 0, 0], 8)
  return bytes
}

/** Rows from the top, each a filter byte of zero and then its bits. */
function pixels(seed: Uint8Array): Uint8Array {
  const rows = Array.from({ length: SIDE }, (_, y) => {
    const row = Buffer.alloc(1 + SIDE / 8)
    for (let x = 0; x < SIDE; x += 1) {
      if (!isFilled(seed, Math.floor(x / CELL_PIXELS), Math.floor(y / CELL_PIXELS))) continue
      const place = 1 + (x >> 3)
      row[place] = (row[place] ?? 0) | (0x80 >> (x & 7))
    }
    return row
  })
  return Buffer.concat(rows)
}

function isFilled(seed: Uint8Array, column: number, row: number): boolean {
  const mirrored = Math.min(column, CELLS - 1 - column)
  return ((seed[3 + row] ?? 0) >> mirrored) % 2 === 1
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.byteLength)
  bytes.writeUInt32BE(content.byteLength, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(content, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.byteLength)), 8 + content.byteLength)
  return bytes
}
