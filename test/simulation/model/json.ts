// Documents as the database keeps them: what has no place in JSON is gone, and whoever changes his own afterwards
// changes nothing here.

export function stored(document: unknown): unknown {
  return frozen(JSON.parse(JSON.stringify(document)))
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part)
    Object.freeze(value)
  }
  return value
}
