// The code on a picture: the address of the page on which a receipt is checked, with the signed text behind the `#`, so that
// whoever holds the picture alone holds the whole proof but its place in the log. What stands behind `#` is sent to nobody.
import qrcode from 'qrcode'

/** Squares row by row; true is dark. */
export interface QrSquares {
  readonly side: number
  isDark(row: number, column: number): boolean
}

/** Characters of an address whose code a telephone still reads off paper. Beyond it the code leads to the page alone. */
const ADDRESS_MAX = 2_100

export function receiptAddress(baseUrl: string, signed: string): string {
  const whole = `${baseUrl}/verify#${signed}`
  return whole.length <= ADDRESS_MAX ? whole : `${baseUrl}/verify`
}

export function qrSquares(text: string): QrSquares {
  const { modules } = qrcode.create(text, { errorCorrectionLevel: 'L' })
  return { side: modules.size, isDark: (row, column) => modules.get(row, column) === 1 }
}

/** As an SVG path, one unit for each square: dark runs of a row are one rectangle. */
export function qrPath({ side, isDark }: QrSquares): string {
  const runs: string[] = []
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; ) {
      const from = column
      while (column < side && isDark(row, column)) column += 1
      if (column > from) runs.push(`M${from} ${row}h${column - from}v1h-${column - from}z`)
      else column += 1
    }
  }
  return runs.join('')
}

/** A picture of its own, for a layout that takes one, with the quiet edge that readers want. */
export function qrImage(squares: QrSquares): string {
  const { side } = squares
  const whole = side + 2 * QUIET
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-QUIET} ${-QUIET} ${whole} ${whole}" width="${whole}" height="${whole}"><path d="${qrPath(squares)}" fill="#12263a"/></svg>`
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`
}

const QUIET = 3
