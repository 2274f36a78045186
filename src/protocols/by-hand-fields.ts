// Fields as people give them: one flat JSON object, or the text of a form.
import { isJsonObject, JsonNumber, type JsonObject, parseJson } from '../lib/json.ts'

export interface ByHandFields {
  readonly values: ReadonlyMap<string, string>
  /** Those that were given as JSON numbers; their value is the literal, digit by digit. */
  readonly numbers: ReadonlySet<string>
}

export type ByHandFieldsRead =
  | { readonly ok: true; readonly fields: ByHandFields }
  | { readonly ok: false; readonly why: string }

export const NO_FIELDS: ByHandFields = { values: new Map(), numbers: new Set() }

/** Reads `{"amount":"300"}`, or `amount=300&remark=a+b` with the escapes of a form. */
export function readFieldsText(text: string): ByHandFieldsRead {
  if (/^\s*[[{"]/.test(text)) return readFieldsJson(text)
  const values = new Map<string, string>()
  for (const part of text.split('&')) {
    if (part.indexOf('=') < 1)
      return { ok: false, why: `neither JSON nor a list name=value&name=value: ${part}` }
    const [pair] = new URLSearchParams(part)
    if (pair === undefined) continue
    if (values.has(pair[0])) return { ok: false, why: `${pair[0]} is there twice` }
    values.set(...pair)
  }
  return { ok: true, fields: { values, numbers: new Set() } }
}

/** Reads one flat object. Null is an empty field; true and false are their words. */
export function readFieldsJson(text: string | Uint8Array): ByHandFieldsRead {
  const parsed = parseJson(text)
  if (!parsed.ok) return { ok: false, why: `no JSON: ${parsed.why}` }
  if (!isJsonObject(parsed.value)) return { ok: false, why: 'not one flat JSON object' }
  return readFieldsObject(parsed.value)
}

/** The same of an object that was read already. */
export function readFieldsObject(object: JsonObject): ByHandFieldsRead {
  const values = new Map<string, string>()
  const numbers = new Set<string>()
  for (const [name, value] of object) {
    if (value instanceof JsonNumber) numbers.add(name)
    else if (value !== null && typeof value === 'object') return { ok: false, why: `${name} is not flat` }
    values.set(name, value === null ? '' : value instanceof JsonNumber ? value.literal : String(value))
  }
  return { ok: true, fields: { values, numbers } }
}

/** The same fields with some more, given as `name=value`; what stands behind the first `=` is taken as it is. */
export function withFields(fields: ByHandFields, more: readonly string[]): ByHandFieldsRead {
  const values = new Map(fields.values)
  const numbers = new Set(fields.numbers)
  for (const one of more) {
    const mark = one.indexOf('=')
    if (mark < 1) return { ok: false, why: `not name=value: ${one}` }
    const name = one.slice(0, mark)
    values.set(name, one.slice(mark + 1))
    numbers.delete(name)
  }
  return { ok: true, fields: { values, numbers } }
}
