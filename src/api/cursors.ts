// Cursors that hold more than a number. Opaque to clients; whatever is none of ours is refused, not guessed at.
import type { NoticeCursor, StatementCursor } from '../store/console-store.ts'

export function writeStatementCursor({ number, sequence, recipe, leg, minor }: StatementCursor): string {
  return written(['2', number, sequence, recipe, leg, minor])
}

/** What was brought in by the client is judged by its form alone: with another one it reads other lines of its own. */
export function readStatementCursor(cursor: string): StatementCursor | null {
  const parts = /^2:([1-9][0-9]{0,15}):([0-9]{1,9}):([a-z]{0,20}):([0-9]{1,4}):(-?[0-9]{1,18})$/.exec(
    opened(cursor),
  )
  if (parts === null) return null
  const [, number = '', sequence = '', recipe = '', leg = '', minor = ''] = parts
  return {
    number: BigInt(number),
    sequence: Number.parseInt(sequence, 10),
    recipe,
    leg: Number.parseInt(leg, 10),
    minor: BigInt(minor),
  }
}

export function writeNoticeCursor({ number, sequence, target }: NoticeCursor): string {
  return written(['3', number, sequence, target])
}

export function readNoticeCursor(cursor: string): NoticeCursor | null {
  const parts = /^3:([1-9][0-9]{0,15}):([0-9]{1,9}):([\x20-\x7e]{0,100})$/.exec(opened(cursor))
  if (parts === null) return null
  const [, number = '', sequence = '', target = ''] = parts
  return { number: BigInt(number), sequence: Number.parseInt(sequence, 10), target }
}

function written(parts: readonly (string | number | bigint)[]): string {
  return Buffer.from(parts.join(':')).toString('base64url')
}

function opened(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('latin1')
}
