/**
 * Puts the generator's components in order. It writes each schema twice, as taken (`PayoutInput`) and as given; this
 * leaves out what nothing points to, and gives back its own name to what is only taken.
 */
export function tidyComponents<Document extends object>(document: Document): Document {
  const whole = structuredClone(document) as OpenDocument // the caller's type, seen through the part that is changed
  const schemas = whole.components?.schemas ?? {}
  // A component that is left out may have been the only one that pointed to another: again until nothing changes.
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const used = new Set(JSON.stringify(whole).match(REFERENCE))
    const unused = Object.keys(schemas).filter(name => !used.has(`"#/components/schemas/${name}"`))
    for (const name of unused) delete schemas[name]
    if (unused.length === 0) break
  }
  let text = JSON.stringify(whole)
  for (const name of Object.keys(schemas)) {
    const plain = name.replace(/Input$/, '')
    if (plain === name || plain in schemas) continue
    text = text.replaceAll(`"#/components/schemas/${name}"`, `"#/components/schemas/${plain}"`)
    text = text.replace(`"${name}":{`, `"${plain}":{`)
  }
  return JSON.parse(text) as Document // the same document with names changed
}

const ROUNDS_MAX = 20
const REFERENCE = /"#\/components\/schemas\/[A-Za-z]+"/g

interface OpenDocument {
  readonly components?: { readonly schemas?: Record<string, unknown> }
}
