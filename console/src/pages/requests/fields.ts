import type { SignedRequest } from '../../api/types.gen.ts'

export type Fields = Readonly<Record<string, string>>

/** Lines of `name=value`. A line without a name is nothing; the value is everything behind the first `=`. */
export function readFields(text: string): Fields {
  const lines = text.split('\n').flatMap(line => {
    const at = line.indexOf('=')
    return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1)] as const]
  })
  return Object.fromEntries(lines)
}

/** What the builder adds by itself, each time anew. */
const ADDED = /^(?:sign|signature|control|timestamp|now|login|oauth_.*)$/

/** The fields of a request that was built, to be changed by hand. */
export function fieldsOf({ request: { body } }: SignedRequest): string {
  if (body === null) return ''
  return [...(jsonFields(body) ?? new URLSearchParams(body))]
    .filter(([name]) => !ADDED.test(name))
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
}

function jsonFields(body: string): readonly (readonly [string, string])[] | null {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed !== 'object' || parsed === null) return null
    return Object.entries(parsed).map(([name, value]) => [name, String(value)] as const)
  } catch {
    return null
  }
}
