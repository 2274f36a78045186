/** Stands for a header that came more than once: whichever of the two were read, another reader would read the other. */
export const TWICE = Symbol('twice')
export type HeaderValue = string | typeof TWICE | null

/** The headers that decide something here. All others are not looked at. */
export interface ApiHeaders {
  authorization: HeaderValue
  idempotencyKey: HeaderValue
  version: HeaderValue
  contentType: HeaderValue
  contentEncoding: HeaderValue
  oneTimeCode: HeaderValue
  cookie: HeaderValue
  origin: HeaderValue
  /** For which merchant a person asks. */
  merchant: HeaderValue
  /** What a write by a session brings beside its cookie. */
  token: HeaderValue
}

/** Reads the raw list, names and values in turn: the framework's object has already dropped or joined the second one. */
export function readApiHeaders(rawHeaders: readonly string[]): ApiHeaders {
  const headers: ApiHeaders = {
    authorization: null,
    idempotencyKey: null,
    version: null,
    contentType: null,
    contentEncoding: null,
    oneTimeCode: null,
    cookie: null,
    origin: null,
    merchant: null,
    token: null,
  }
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const fields = FIELDS_BY_LENGTH[name.length]
    if (fields === undefined) continue
    const lower = name.toLowerCase()
    const field = fields.find(one => one.name === lower)
    if (field === undefined) continue
    headers[field.field] = headers[field.field] === null ? (rawHeaders[at + 1] ?? '') : TWICE
  }
  return headers
}

interface Field {
  readonly name: string
  readonly field: keyof ApiHeaders
}

const FIELDS: readonly Field[] = [
  { name: 'authorization', field: 'authorization' },
  { name: 'idempotency-key', field: 'idempotencyKey' },
  { name: 'quittance-version', field: 'version' },
  { name: 'content-type', field: 'contentType' },
  { name: 'content-encoding', field: 'contentEncoding' },
  { name: 'quittance-one-time-code', field: 'oneTimeCode' },
  { name: 'cookie', field: 'cookie' },
  { name: 'origin', field: 'origin' },
  { name: 'quittance-merchant', field: 'merchant' },
  { name: 'quittance-token', field: 'token' },
]

/** Most headers are passed over by their length alone. */
const FIELDS_BY_LENGTH: readonly (readonly Field[] | undefined)[] = Array.from(
  { length: 32 },
  (_, length) => {
    const fields = FIELDS.filter(field => field.name.length === length)
    return fields.length === 0 ? undefined : fields
  },
)
