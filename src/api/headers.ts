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
  }
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const field = FIELDS_BY_LENGTH[name.length]
    if (field === undefined || name.toLowerCase() !== field.name) continue
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
]

/** No two of them are equally long, so most headers are passed over by their length alone. */
const FIELDS_BY_LENGTH: readonly (Field | undefined)[] = Array.from({ length: 32 }, (_, length) =>
  FIELDS.find(field => field.name.length === length),
)
