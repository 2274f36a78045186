/** What `parseJson` gives: numbers keep their digits, objects are maps, so foreign names never touch a prototype. */
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject

/** Members in the order of the text. Holds no name twice and never the name `__proto__`. */
export type JsonObject = ReadonlyMap<string, JsonValue>

/** A number as it was written. `1.50`, `1.5` and `15e-1` are three literals: signatures and amounts are read from them. */
export class JsonNumber {
  readonly literal: string

  constructor(literal: string) {
    this.literal = literal
  }

  toString(): string {
    return this.literal
  }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map
}

/**
 * The same value in plain arrays and objects, for schemas that judge shapes. A number becomes a JavaScript number only
 * when its literal is exactly a safe integer (`-?digits`, within 2^53 - 1, not `-0`); every other stays a `JsonNumber`,
 * so nothing is ever rounded and the literal is at hand where a contract allows a fraction.
 */
export function toPlain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return toSafeInteger(value.literal) ?? value
  if (value instanceof Map) return toPlainObject(value)
  if (Array.isArray(value)) return value.map(toPlain)
  return value
}

/**
 * A member is assigned, which is several times faster than to define it, but for the names that every object has by
 * birth: to assign those would call setters, and fail where the prototype is frozen.
 */
function toPlainObject(object: JsonObject): Readonly<Record<string, unknown>> {
  const plain: Record<string, unknown> = {}
  for (const [name, member] of object) {
    const value = typeof member === 'string' ? member : toPlain(member)
    if (name in Object.prototype) Object.defineProperty(plain, name, { ...OWN, value })
    else plain[name] = value
  }
  return plain
}

const OWN = { configurable: true, enumerable: true, writable: true }

const INTEGER = /^-?[1-9][0-9]{0,15}$/

function toSafeInteger(literal: string): number | null {
  if (literal === '0') return 0
  if (!INTEGER.test(literal)) return null
  const integer = Number.parseInt(literal, 10)
  return Number.isSafeInteger(integer) ? integer : null
}
