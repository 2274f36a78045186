// The Postman collection (format 2.1) of all doors, one folder each. What changes from one request to the next is found
// by building the same request at another moment, with other chance and another secret; it becomes a variable that the
// folder's script sets.
import type {
  DoorExample,
  DoorOperation,
  PostmanSigning,
  Protocol,
  WireRequest,
} from '../../src/protocols/protocol.ts'
import { EXAMPLE_AT, EXAMPLE_URL, exampleClient, exampleFieldNames, exampleRequest } from './example.ts'

export function doorCollection(protocols: readonly Protocol[]): object {
  const documented = protocols.filter(({ document }) => document !== null)
  return {
    info: {
      name: 'Quittance doors',
      description:
        'The doors of a Quittance, with the credentials of its sandbox: start `quittance demo` and send. Made by `node tools/doors.ts`.',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: documented.map(folder),
    variable: [{ key: 'baseUrl', value: EXAMPLE_URL, type: 'string' }, ...documented.flatMap(variables)],
  }
}

function folder(protocol: Protocol): object {
  const signing = protocol.document?.postman ?? null
  const { document } = protocol
  const note =
    signing === null
      ? `\n\nThese requests do not sign themselves: each is an example, signed for the sandbox. Another one: \`quittance sign ${protocol.name}\`.`
      : '\n\nEach request is signed in front of it, with the secret of the collection variables.'
  return {
    name: document?.title ?? protocol.name,
    description: `${document?.description ?? ''}${note}`,
    ...(signing === null ? {} : { event: [prerequest(signing)] }),
    item: (document?.operations ?? []).map(operation => item(protocol, operation, signing)),
  }
}

function prerequest({ script }: PostmanSigning): object {
  return { listen: 'prerequest', script: { type: 'text/javascript', exec: script } }
}

function item(protocol: Protocol, operation: DoorOperation, signing: PostmanSigning | null): object {
  const template = templateOf(protocol, operation, signing !== null)
  const isAuthorized = operation.fields.some(
    field => field.in === 'header' && field.name.toLowerCase() === 'authorization',
  )
  const request = {
    method: operation.method,
    header: template.headers,
    ...(template.body === null ? {} : { body: template.body }),
    url: template.url,
    description: operation.description,
    auth: isAuthorized && signing?.auth != null ? signing.auth : { type: 'noauth' },
  }
  return {
    name: operation.summary,
    request,
    response: operation.answers.map(response),
  }
}

function response({ status, contentType, description, body }: DoorExample): object {
  return {
    name: description.slice(0, 80),
    code: status,
    header: [{ key: 'Content-Type', value: contentType }],
    body,
  }
}

interface Template {
  readonly headers: readonly { readonly key: string; readonly value: string }[]
  readonly body: object | null
  readonly url: object
}

function templateOf(protocol: Protocol, operation: DoorOperation, signsItself: boolean): Template {
  const url = (path: string): object => ({
    raw: `{{baseUrl}}${path}`,
    host: ['{{baseUrl}}'],
    path: path.split('/').slice(1),
  })
  const built = variants(protocol, operation)
  if (built === null) return { headers: [], body: null, url: url(operation.path) }
  const { plain } = built
  const value = signsItself
    ? templateValue(protocol, operation, built)
    : (_name: string, text: string) => text
  const headers = Object.entries(plain.headers)
    .filter(([name]) => name.toLowerCase() !== 'authorization')
    .map(([key, text]) => ({ key, value: value(key, text) }))
  return {
    headers,
    body:
      plain.body === null ? null : signsItself ? bodyOf(operation, plain.body, value) : exactly(plain.body),
    url: url(plain.url.slice(EXAMPLE_URL.length)),
  }
}

/** A signed example stays as it is, byte for byte. */
function exactly(raw: string): object {
  return { mode: 'raw', raw }
}

type ValueOf = (name: string, text: string) => string

function bodyOf({ contentType }: DoorOperation, body: string, value: ValueOf): object {
  if (!contentType.startsWith('application/json')) {
    const form = [...new URLSearchParams(body)].map(([key, text]) => ({
      key,
      value: value(key, text),
      type: 'text',
    }))
    return { mode: 'urlencoded', urlencoded: form }
  }
  const fields: Record<string, unknown> = JSON.parse(body)
  const lines = Object.entries(fields).map(([name, one]) => {
    // A number stands without quotes, whether it is one or the name of a variable that will be.
    const text = typeof one === 'string' ? JSON.stringify(value(name, one)) : value(name, JSON.stringify(one))
    return `  ${JSON.stringify(name)}: ${text}`
  })
  const raw = `{\n${lines.join(',\n')}\n}`
  return { mode: 'raw', raw, options: { raw: { language: 'json' } } }
}

interface Variants {
  readonly plain: WireRequest
  /** The same at another moment, with other chance, and with another secret. */
  readonly others: readonly WireRequest[]
}

function variants(protocol: Protocol, operation: DoorOperation): Variants | null {
  const client = exampleClient(protocol)
  if (client === null) return null
  const plain = exampleRequest(protocol, operation, { client })
  if (plain === null) return null
  const { nowMs, nonce } = EXAMPLE_AT
  const others = [
    { client, at: { nowMs: nowMs + 86_399_000, nonce } },
    { client, at: { nowMs, nonce: 'z'.repeat(nonce.length) } },
    { client, secret: 'another secret' },
  ].flatMap(asked => exampleRequest(protocol, operation, asked) ?? [])
  return { plain, others }
}

/** The name of a variable in the place of what belongs to the client, or changes from one request to the next. */
function templateValue(protocol: Protocol, operation: DoorOperation, { plain, others }: Variants): ValueOf {
  const client = exampleClient(protocol)?.client
  const given = exampleFieldNames(protocol, operation)
  const whole = valuesOf(plain)
  const changing = new Set(
    others
      .flatMap(other => [...valuesOf(other)].filter(([name, text]) => whole.get(name) !== text))
      .map(([name]) => name),
  )
  return (name, text) => {
    if (changing.has(name)) return given.has(name) ? '{{reference}}' : `{{${name}}}`
    if (text === client?.publicId) return `{{${protocol.name}_id}}`
    if (text === client?.settings.api_key) return `{{${protocol.name}_api_key}}`
    return text
  }
}

function valuesOf({ headers, body }: WireRequest): ReadonlyMap<string, string> {
  const fields: [string, unknown][] =
    body === null
      ? []
      : body.startsWith('{')
        ? Object.entries(JSON.parse(body))
        : [...new URLSearchParams(body)]
  const texts = fields.map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  )
  return new Map([...Object.entries(headers), ...texts])
}

function variables(protocol: Protocol): readonly object[] {
  const { client } = exampleClient(protocol) ?? {}
  if (client === undefined) return []
  const variable = (name: string, value: string): object => ({
    key: `${protocol.name}_${name}`,
    value,
    type: 'string',
  })
  const { api_key } = client.settings
  return [
    // Where a client holds a key whose hash is its id, the id itself is nowhere on the wire.
    api_key === undefined ? variable('id', client.publicId) : variable('api_key', api_key),
    ...(client.secret === '' ? [] : [variable('secret', client.secret)]),
    ...(protocol.document?.postman?.variables ?? []).map(({ key, description }) => ({
      ...{ key, value: '', type: 'string', description },
    })),
  ]
}
