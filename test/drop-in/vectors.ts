// The vectors as plain data, and every signature or digest that stands in them, wherever it stands.
import { readFileSync } from 'node:fs'

export interface Entry {
  readonly id: string
  readonly kind: string
  readonly input: unknown
  readonly expected: unknown
}

export function readVectors(file: URL): readonly Entry[] {
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'))
  if (!Array.isArray(read)) throw new Error(`${file.pathname} is no list`)
  return read.map((entry: unknown) => ({
    id: textAt(entry, 'id'),
    kind: textAt(entry, 'kind'),
    input: at(entry, 'input'),
    expected: at(entry, 'expected'),
  }))
}

/** What stands there, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const name of path)
    here =
      typeof here === 'object' && here !== null
        ? Object.entries(here).find(([key]) => key === `${name}`)?.[1]
        : undefined
  return here
}

/** @throws where no text stands there */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(value)}`)
  return found
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

const NAMED =
  /^(sign|signature|control|sha256|signature_hex|signature_base64|oauth_signature|oauth_signature_encoded)$/
// Long hex (also cut by one digit, also upper case), and what an RSA signature looks like in Base64, escaped or not.
const LOOKS = /(?<![0-9A-Za-z%])(?:[0-9A-Fa-f]{31,}|[A-Za-z0-9+/%]{300,}={0,2})(?![0-9A-Za-z])/g

/** Each signature or digest of an entry, once: members of such a name, and all that looks like one in any text. */
export function digestsIn(entry: Entry): ReadonlySet<string> {
  const found = new Set<string>()
  const walk = (value: unknown, name: string): void => {
    if (typeof value === 'string') {
      const json = name === 'raw_body' ? parsed(value) : undefined
      if (NAMED.test(name)) found.add(value)
      else if (json !== undefined) walk(json, '')
      else for (const [match] of value.matchAll(LOOKS)) found.add(match)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) walk(part, key)
    }
  }
  walk({ input: entry.input, expected: entry.expected }, '')
  return found
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
