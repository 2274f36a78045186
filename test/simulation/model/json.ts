// Documents as the database keeps them: what has no place in JSON is gone, and whoever changes his own afterwards
// changes nothing here.

export function stored(document: unknown): unknown {
  if (typeof document !== 'object' || document === null) return frozen(JSON.parse(JSON.stringify(document)))
  return copied(document)
}

/** What JSON.parse(JSON.stringify(...)) gives for plain documents, in one walk: this is done for every step. */
function copied(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? (value === 0 ? 0 : value) : null
    case 'object': {
      if (value === null) return null
      if (Array.isArray(value)) return Object.freeze(value.map(one => (isAbsent(one) ? null : copied(one))))
      if ('toJSON' in value) return frozen(JSON.parse(JSON.stringify(value)))
      const copy: Record<string, unknown> = {}
      for (const key of Object.keys(value)) {
        const part = (value as Record<string, unknown>)[key]
        if (!isAbsent(part)) copy[key] = copied(part)
      }
      return Object.freeze(copy)
    }
    default:
      // A bigint throws, as it would there.
      return JSON.parse(JSON.stringify(value))
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol'
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part)
    Object.freeze(value)
  }
  return value
}
