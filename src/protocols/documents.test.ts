// The documents of the doors, docs/doors/: fresh, well-formed, and true at the door itself. The collection is
// quittance.postman_collection.json.
import { createHash } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  EXAMPLE_AT,
  EXAMPLE_URL,
  exampleClient,
  exampleFieldNames,
  examplePath,
  exampleRequest,
} from '../../tools/doors/example.ts'
import { openapiFindings } from '../../tools/doors/rules.ts'
import { doorFiles, staleDoorFiles } from '../../tools/doors.ts'
import { currencyOf } from '../money/currency.ts'
import { explainByHand } from './by-hand.ts'
import { type ByHandRequest, requestOf } from './by-hand-request.ts'
import { memoryDesk } from './desk.fixture.ts'
import type { DoorAnswer, DoorOperation, Protocol } from './protocol.ts'
import { PROTOCOLS } from './registry.ts'

const DOCUMENTED = PROTOCOLS.filter(({ document }) => document !== null)
const CURRENCIES = ['BDT', 'EUR', 'USD'].flatMap(code => currencyOf(code) ?? [])
const files = doorFiles()

test('the committed files are those that the doors and their builders make, and there are no others', async () => {
  // node tools/doors.ts
  expect(await staleDoorFiles()).toEqual([])
})

test('the same files come out every time', () => {
  expect([...doorFiles()]).toEqual([...files])
})

describe.each(DOCUMENTED)('$name', protocol => {
  const operations = (protocol.document?.operations ?? []).map(
    operation => [operation.path, operation] as const,
  )
  const openapi = JSON.parse(files.get(`${protocol.name}.openapi.json`) ?? '')
  const client = exampleClient(protocol)

  test('the OpenAPI file keeps the rules of OpenAPI 3.1', () => {
    expect(openapiFindings(openapi)).toEqual([])
  })

  test('every operation is served, and every served path but a second spelling is documented', () => {
    for (const [path, { method }] of operations) {
      const served = protocol.door?.routes.find(route => route.path === path)
      expect(served?.method, path).toMatch(new RegExp(`^(?:${method}|ANY)$`))
    }
    // A door may serve a path under more than one spelling; each ends in the same word, whatever its letter case.
    const last = (path: string) => path.slice(path.lastIndexOf('/')).toLowerCase()
    const documented = new Set(operations.map(([path]) => last(path)))
    for (const { path } of protocol.door?.routes ?? []) expect(documented, path).toContain(last(path))
  })

  test.each(operations)(
    '%s: the example is what the door takes, and is answered as documented',
    async (_path, operation) => {
      if (client === null) throw new Error('a documented door has a sandbox client')
      const request = exampleRequest(protocol, operation, { client })
      if (request === null) {
        expect(operation.call).toBeNull()
        return
      }
      const read = requestOf({
        method: request.method,
        target: request.url,
        headers: Object.entries(request.headers),
        body: bodyOfFile(openapi, operation) ?? Buffer.from(request.body ?? ''),
      })
      if (!read.ok) throw new Error(read.why)
      expect(explained(protocol, read.request)).toMatchObject({ taken: true })

      const answer = await asked(protocol, read.request)
      const alike = operation.answers.filter(({ status }) => status === answer.status)
      expect(alike.length, `${answer.status} ${answer.body}`).toBeGreaterThan(0)
      expect(alike.map(({ body }) => shapeOf(body))).toContainEqual(shapeOf(answer.body))
    },
  )

  test.each(operations)('%s: what is documented of the body is what is sent', (_path, operation) => {
    const request = client === null ? null : exampleRequest(protocol, operation, { client })
    if (request === null) return
    const sent = new Set(fieldsOf(request.body ?? '').keys())
    const documented = operation.fields.filter(field => field.in === 'body')
    for (const name of sent) expect(documented.map(field => field.name)).toContain(name)
    for (const { name, required } of documented) if (required) expect(sent).toContain(name)
    for (const { name } of operation.fields.filter(field => field.in === 'header'))
      expect(Object.keys(request.headers).map(header => header.toLowerCase())).toContain(name.toLowerCase())
    for (const name of exampleFieldNames(protocol, operation)) expect(sent).toContain(name)
  })
})

test('what breaks a rule of OpenAPI is found', () => {
  const first = files.get(`${DOCUMENTED[0]?.name}.openapi.json`) ?? ''
  const path = Object.keys(JSON.parse(first).paths)[0] ?? ''
  const breaks: readonly ((file: Broken) => void)[] = [
    file => Object.assign(file, { openapi: '3.0.3' }),
    file => Object.assign(file, { swagger: '2.0' }),
    file => Object.assign(file.info, { title: '' }),
    file => Object.assign(file, { servers: [{ url: 'here', description: 'x' }] }),
    file => Object.assign(file.paths, { 'no-slash': {} }),
    file => Object.assign(file.paths, { '/a/{b}': { get: file.paths[path]?.post } }),
    file => Object.assign(file.paths[path]?.post ?? {}, { responses: {} }),
    file => Object.assign(file.paths[path]?.post ?? {}, { responses: { ok: { description: 'x' } } }),
    file => Object.assign(file.paths[path]?.post ?? {}, { security: [{ nobody: [] }] }),
    file => Object.assign(file.paths[path]?.post ?? {}, { tags: ['Other'] }),
    file => Object.assign(file.paths[path]?.post ?? {}, { extra: 1 }),
    file =>
      file.paths[path]?.post.parameters.push({ ...file.paths[path].post.parameters[0], name: 'Accept' }),
    file => file.paths[path]?.post.parameters.push({ ...file.paths[path].post.parameters[0] }),
    file => file.paths[path]?.post.parameters.push({ ...file.paths[path].post.parameters[0], in: 'path' }),
  ]
  expect(openapiFindings(JSON.parse(first))).toEqual([])
  for (const damage of breaks) {
    const file: Broken = JSON.parse(first)
    damage(file)
    expect(openapiFindings(file).length, String(damage)).toBeGreaterThan(0)
  }
})

interface Broken {
  readonly info: object
  readonly paths: Record<string, { readonly post: { readonly parameters: object[] } }>
}

// ---- the collection ---------------------------------------------------------------------------------------------------

const COLLECTION = z.strictObject({
  info: z.strictObject({
    name: z.string(),
    description: z.string(),
    schema: z.literal('https://schema.getpostman.com/json/collection/v2.1.0/collection.json'),
  }),
  variable: z.array(
    z.strictObject({
      key: z.string(),
      value: z.string(),
      type: z.literal('string'),
      description: z.string().optional(),
    }),
  ),
  item: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      event: z
        .array(
          z.strictObject({
            listen: z.literal('prerequest'),
            script: z.strictObject({ type: z.literal('text/javascript'), exec: z.array(z.string()) }),
          }),
        )
        .optional(),
      item: z.array(
        z.strictObject({
          name: z.string(),
          request: z.strictObject({
            method: z.enum(['GET', 'POST']),
            header: z.array(z.strictObject({ key: z.string(), value: z.string() })),
            body: z
              .discriminatedUnion('mode', [
                z.strictObject({ mode: z.literal('raw'), raw: z.string(), options: z.looseObject({}) }),
                z.strictObject({
                  mode: z.literal('urlencoded'),
                  urlencoded: z.array(
                    z.strictObject({ key: z.string(), value: z.string(), type: z.literal('text') }),
                  ),
                }),
              ])
              .optional(),
            url: z.strictObject({ raw: z.string(), host: z.array(z.string()), path: z.array(z.string()) }),
            description: z.string(),
            auth: z.looseObject({ type: z.enum(['noauth', 'oauth1']) }),
          }),
          response: z.array(
            z.strictObject({
              name: z.string(),
              code: z.int(),
              header: z.array(z.strictObject({ key: z.string(), value: z.string() })),
              body: z.string(),
            }),
          ),
        }),
      ),
    }),
  ),
})
const collection = COLLECTION.parse(JSON.parse(files.get('quittance.postman_collection.json') ?? ''))
type Item = (typeof collection)['item'][number]['item'][number]

test('the collection has a folder for every documented door, and in it every operation', () => {
  expect(collection.item.map(({ name, item }) => [name, item.map(one => one.name)])).toEqual(
    DOCUMENTED.map(({ document }) => [document?.title, document?.operations.map(({ summary }) => summary)]),
  )
})

test('every variable that a request names is of the collection or set by its script', () => {
  for (const folder of collection.item)
    for (const item of folder.item) {
      const set = ranScript(folder.event?.[0]?.script.exec ?? [], item)
      for (const [, name = ''] of JSON.stringify(item.request).matchAll(/\{\{(\w+)\}\}/g))
        expect([...set.keys()], `${folder.name}: ${item.name}`).toContain(name)
    }
})

const SELF_SIGNED = DOCUMENTED.flatMap(protocol => {
  const folder = collection.item.find(({ name }) => name === protocol.document?.title)
  return (folder?.item ?? [])
    .filter(({ request }) => request.auth.type === 'noauth')
    .map(item => ({
      protocol,
      item,
      title: `${protocol.name}: ${item.name}`,
      script: folder?.event?.[0]?.script.exec ?? [],
    }))
})

test.each(SELF_SIGNED)(
  '$title: what Postman would send is what the door takes',
  ({ protocol, item, script }) => {
    const values = ranScript(script, item)
    const request = resolved(item, values)
    expect(explained(protocol, request)).toMatchObject({ taken: true })
    const other = resolved(item, new Map([...values, ['sign', 'f'], ['signature', 'f'], ['control', 'f']]))
    if (script.length > 0) expect(explained(protocol, other)).toMatchObject({ taken: false })
  },
)

test('requests that Postman itself signs name a consumer key and a private key', () => {
  const signed = collection.item
    .flatMap(({ item }) => item)
    .filter(({ request }) => request.auth.type === 'oauth1')
  for (const { request } of signed) {
    const keys = JSON.stringify(request.auth)
    for (const wanted of ['RSA-SHA256', '_id}}', '_private_key}}', '"addParamsToHeader","value":true'])
      expect(keys).toContain(wanted)
  }
})

/** Runs a script as Postman's sandbox does, as far as ours go, and gives every variable that is then known. */
function ranScript(script: readonly string[], { request }: Item): ReadonlyMap<string, string> {
  const values = new Map(collection.variable.map(({ key, value }) => [key, value]))
  const replaceIn = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (whole, name) => values.get(name) ?? whole)
  const { body } = request
  const digest = (algorithm: string) => (text: string) => createHash(algorithm).update(text).digest('hex')
  runInNewContext(script.join('\n'), {
    require: (name: string) => {
      expect(name).toBe('crypto-js')
      return { MD5: digest('md5'), SHA1: digest('sha1'), SHA256: digest('sha256') }
    },
    pm: {
      variables: {
        set: (name: string, value: string) => values.set(name, value),
        get: (name: string) => values.get(name),
        replaceIn,
      },
      request: {
        url: { getPath: () => `/${request.url.path.join('/')}` },
        body: {
          raw: body?.mode === 'raw' ? body.raw : undefined,
          urlencoded: {
            get: (name: string) =>
              body?.mode === 'urlencoded'
                ? body.urlencoded.find(({ key }) => key === name)?.value
                : undefined,
          },
        },
      },
    },
  })
  return values
}

/** The request with its variables in their places, as it goes over the line. */
function resolved({ request }: Item, values: ReadonlyMap<string, string>): ByHandRequest {
  const fill = (text: string) => text.replace(/\{\{(\w+)\}\}/g, (_all, name) => values.get(name) ?? '')
  const { body } = request
  const text =
    body?.mode === 'urlencoded'
      ? new URLSearchParams(
          body.urlencoded.map(({ key, value }): [string, string] => [key, fill(value)]),
        ).toString()
      : fill(body?.raw ?? '')
  const read = requestOf({
    method: request.method,
    target: fill(request.url.raw),
    headers: request.header.map(({ key, value }) => [key, fill(value)]),
    body: Buffer.from(text),
  })
  if (!read.ok) throw new Error(read.why)
  return read.request
}

// ---- the door ---------------------------------------------------------------------------------------------------------

function explained(protocol: Protocol, request: ByHandRequest) {
  const door = exampleClient(protocol)?.door
  return explainByHand(protocol, {
    request,
    credentialOf: publicId => (door?.publicId === publicId ? door : null),
    publicUrls: [EXAMPLE_URL],
    remoteAddress: '127.0.0.1',
    nowMs: EXAMPLE_AT.nowMs,
  })
}

/** A desk of its own for each request: the examples share their moment and nonce. */
async function asked(protocol: Protocol, request: ByHandRequest): Promise<DoorAnswer> {
  const door = exampleClient(protocol)?.door
  const { nowMs } = EXAMPLE_AT
  const credentials = door === undefined ? [] : [door]
  const desk = memoryDesk({ credentials, nowMs, currencies: CURRENCIES })
  for (const route of protocol.door?.routes ?? []) {
    const names = [...route.path.matchAll(/:(\w+)/g)].map(match => match[1] ?? '')
    const match = new RegExp(`^${route.path.replace(/:\w+/g, '([^/]+)')}$`).exec(request.path)
    if (match === null) continue
    const params = Object.fromEntries(names.map((name, index) => [name, match[index + 1] ?? '']))
    const more = { params, bodyTooLarge: false, remoteAddress: '127.0.0.1', publicUrls: [EXAMPLE_URL] }
    return route.handle({ ...request, ...more, nowMs, requestId: 'r' }, desk)
  }
  throw new Error(`no route for ${request.path}`)
}

/** The example body of the OpenAPI file as it would be sent, or null where the file has none. */
function bodyOfFile(openapi: unknown, operation: DoorOperation): Buffer | null {
  const path = operation.path.replace(/:(\w+)/g, '{$1}')
  const at = z.looseObject({
    paths: z.record(
      z.string(),
      z.record(
        z.string(),
        z.looseObject({
          requestBody: z
            .looseObject({
              content: z.record(
                z.string(),
                z.looseObject({ example: z.record(z.string(), z.unknown()).optional() }),
              ),
            })
            .optional(),
        }),
      ),
    ),
  })
  const { paths } = at.parse(openapi)
  const example =
    paths[path]?.[operation.method.toLowerCase()]?.requestBody?.content[operation.contentType]?.example
  if (example === undefined) return null
  if (operation.contentType.startsWith('application/json')) return Buffer.from(JSON.stringify(example))
  return Buffer.from(
    new URLSearchParams(
      Object.entries(example).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString(),
  )
}

/** The names of a message, one level deep and in `data`: what makes one answer like another. */
function shapeOf(body: string): readonly string[] {
  const fields = fieldsOf(body)
  const data = fields.get('data')
  const inner = typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.keys(data) : []
  return [...fields.keys(), ...inner.map(name => `data.${name}`)].sort()
}

function fieldsOf(body: string): ReadonlyMap<string, unknown> {
  if (body.startsWith('{')) return new Map(Object.entries(JSON.parse(body)))
  return /^[\w-]+=/.test(body) ? new Map(new URLSearchParams(body.replaceAll('\n', ''))) : new Map()
}

test('a path is filled in with the examples of its parts', () => {
  for (const { document } of DOCUMENTED)
    for (const operation of document?.operations ?? []) expect(examplePath(operation)).not.toContain(':')
})
