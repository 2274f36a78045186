import {
  BACKSLASH,
  BLANK,
  BRACE_CLOSE,
  BRACE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  FIRST_NOT_ASCII,
  FIRST_PRINTABLE,
  isDigit,
  LINE_FEED,
  LOWER_F,
  LOWER_N,
  LOWER_T,
  MINUS,
  QUOTE,
  RETURN,
  TABULATOR,
} from './ascii.ts'
import { jsonEscape } from './json-escape.ts'
import { jsonNumberEnd } from './json-number.ts'
import { JsonNumber, type JsonObject, type JsonValue } from './json-value.ts'

/**
 * One pass over the bytes of one text that is known to be UTF-8. Every reading function starts at `at`, leaves `at`
 * behind what it read, and gives `undefined` after a refusal, with the reason in `why`. This runs for every request:
 * no exception, no second pass, and text is cut from one string in which a character is a byte, which is several times
 * faster than decoding each part. Only a part that is not ASCII is decoded by itself.
 */
export class JsonReader {
  /** The rule that was broken and at which byte, from 0. Empty while nothing was refused. */
  why = ''
  readonly #bytes: Buffer
  readonly #text: string
  readonly #maxDepth: number
  #at = 0

  constructor(bytes: Buffer, maxDepth: number) {
    this.#bytes = bytes
    this.#text = bytes.toString('latin1')
    this.#maxDepth = maxDepth
  }

  /** The value of the whole text, or `undefined` and `why`. */
  read(): JsonValue | undefined {
    const value = this.#value(0)
    if (value === undefined) return undefined
    if (this.#next() !== END) return this.#refuse('text after the end')
    return value
  }

  #value(depth: number): JsonValue | undefined {
    const byte = this.#next()
    switch (byte) {
      case QUOTE:
        return this.#string()
      case BRACE_OPEN:
        return this.#object(depth + 1)
      case BRACKET_OPEN:
        return this.#array(depth + 1)
      case LOWER_T:
        return this.#word('true', true)
      case LOWER_F:
        return this.#word('false', false)
      case LOWER_N:
        return this.#word('null', null)
      default:
        if (byte === MINUS || isDigit(byte)) return this.#number()
        return this.#refuse(byte === END ? 'text ends early' : 'a value was expected')
    }
  }

  #object(depth: number): JsonObject | undefined {
    if (depth > this.#maxDepth) return this.#refuse('too deep')
    const members = new Map<string, JsonValue>()
    this.#at++
    if (this.#next() === BRACE_CLOSE) {
      this.#at++
      return members
    }
    // Every round consumes at least one byte of a bounded text.
    for (let count = 1; ; count++) {
      if (this.#next() !== QUOTE) return this.#refuse('a member name was expected')
      const nameAt = this.#at
      const name = this.#string()
      if (name === undefined) return undefined
      if (name === '__proto__') return this.#refuse('forbidden member name', nameAt)
      if (this.#next() !== COLON) return this.#refuse('a colon was expected')
      this.#at++
      const value = this.#value(depth)
      if (value === undefined) return undefined
      members.set(name, value)
      if (members.size !== count) return this.#refuse('member twice', nameAt)
      const byte = this.#next()
      if (byte !== COMMA && byte !== BRACE_CLOSE) return this.#refuse('a comma or } was expected')
      this.#at++
      if (byte === BRACE_CLOSE) return members
    }
  }

  #array(depth: number): readonly JsonValue[] | undefined {
    if (depth > this.#maxDepth) return this.#refuse('too deep')
    const items: JsonValue[] = []
    this.#at++
    if (this.#next() === BRACKET_CLOSE) {
      this.#at++
      return items
    }
    // Every round consumes at least one byte of a bounded text.
    for (;;) {
      const value = this.#value(depth)
      if (value === undefined) return undefined
      items.push(value)
      const byte = this.#next()
      if (byte !== COMMA && byte !== BRACKET_CLOSE) return this.#refuse('a comma or ] was expected')
      this.#at++
      if (byte === BRACKET_CLOSE) return items
    }
  }

  #string(): string | undefined {
    const bytes = this.#bytes
    const start = this.#at + 1
    let seen = 0
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? END
      if (byte === QUOTE) {
        this.#at = at + 1
        return this.#cut(start, at, seen)
      }
      if (byte === BACKSLASH) return this.#escapedString(start)
      if (byte < FIRST_PRINTABLE) return this.#refuse('control character in a string', at)
      seen |= byte
    }
    return this.#refuse('text ends early', bytes.length)
  }

  /** The rare string with escapes, from its first character on. */
  #escapedString(start: number): string | undefined {
    const bytes = this.#bytes
    let result = ''
    let copied = start
    let seen = 0
    for (let at = start; at < bytes.length; ) {
      const byte = bytes[at] ?? END
      if (byte === QUOTE) {
        this.#at = at + 1
        result += this.#cut(copied, at, seen)
        // UTF-8 holds no surrogates, so only \u escapes can leave half a pair.
        return result.isWellFormed() ? result : this.#refuse('unpaired surrogate', start)
      }
      if (byte < FIRST_PRINTABLE) return this.#refuse('control character in a string', at)
      if (byte !== BACKSLASH) {
        seen |= byte
        at++
        continue
      }
      const escaped = jsonEscape(bytes, at)
      if (escaped === undefined) return this.#refuse('wrong escape', at)
      result += this.#cut(copied, at, seen) + escaped.text
      at += escaped.length
      copied = at
      seen = 0
    }
    return this.#refuse('text ends early', bytes.length)
  }

  /** A part of a string without escapes; `seen` holds every bit that its bytes have. */
  #cut(start: number, end: number, seen: number): string {
    return seen < FIRST_NOT_ASCII ? this.#text.slice(start, end) : this.#bytes.toString('utf8', start, end)
  }

  #number(): JsonNumber | undefined {
    const start = this.#at
    const end = jsonNumberEnd(this.#bytes, start)
    if (end < 0) return this.#refuse('wrong number', start)
    if (end - start > NUMBER_LENGTH_MAX) return this.#refuse('number too long', start)
    this.#at = end
    return new JsonNumber(this.#text.slice(start, end))
  }

  #word<Value extends boolean | null>(word: string, value: Value): Value | undefined {
    if (!this.#text.startsWith(word, this.#at)) return this.#refuse('a value was expected')
    this.#at += word.length
    return value
  }

  /** Moves over blanks and gives the byte there, or END. */
  #next(): number {
    const bytes = this.#bytes
    for (let at = this.#at; at < bytes.length; at++) {
      const byte = bytes[at] ?? END
      if (byte !== BLANK && byte !== LINE_FEED && byte !== RETURN && byte !== TABULATOR) {
        this.#at = at
        return byte
      }
    }
    this.#at = bytes.length
    return END
  }

  #refuse(rule: string, at = this.#at): undefined {
    this.why = `${rule}, at byte ${at}`
    return undefined
  }
}

/** What `#next` gives after the last byte; no byte has this value. */
const END = -1

/** Longer than any amount, id or double; below what makes turning digits into a bigint slow. */
const NUMBER_LENGTH_MAX = 256
