// The OpenAPI 3.1 file of one door, made of its document. What is said of a body is what a client may send; what it is
// answered stands as the bytes that go over the line.
import manifest from '../../package.json' with { type: 'json' }
import type {
  DoorDocument,
  DoorExample,
  DoorField,
  DoorOperation,
  Protocol,
} from '../../src/protocols/protocol.ts'
import { EXAMPLE_URL, exampleClient, exampleRequest } from './example.ts'

export function doorOpenapi(protocol: Protocol, document: DoorDocument): object {
  const paths: Record<string, Record<string, object>> = {}
  const ids = new Set<string>()
  for (const operation of document.operations) {
    const path = operation.path.replace(/:(\w+)/g, '{$1}')
    const described = describe(protocol, operation, operationId(operation, ids))
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: described }
  }
  const schemes = securitySchemes(document)
  return {
    openapi: '3.1.0',
    info: {
      title: document.title,
      version: manifest.version,
      description: `${document.description}\n\nMade by \`node tools/doors.ts\`. Another request: \`quittance sign ${protocol.name}\`; why one is refused: \`quittance explain ${protocol.name}\`.`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: EXAMPLE_URL, description: '`quittance demo` as it starts; the examples are its sandbox.' },
    ],
    tags: [{ name: document.title }],
    paths,
    ...(schemes === null ? {} : { components: { securitySchemes: schemes } }),
  }
}

function describe(protocol: Protocol, operation: DoorOperation, id: string): object {
  const { fields } = operation
  const tag = protocol.document?.title ?? protocol.name
  const body = fields.filter(field => field.in === 'body')
  const signed = fields.some(isAuthorization)
  return {
    operationId: id,
    summary: operation.summary,
    description: operation.description,
    tags: [tag],
    ...(signed ? { security: [{ authorization: [] }] } : {}),
    parameters: fields.filter(isParameter).map(parameter),
    ...(body.length === 0 ? {} : { requestBody: requestBody(protocol, operation, body) }),
    responses: responses(operation.answers),
  }
}

/** Headers that OpenAPI describes elsewhere are not parameters (OpenAPI 3.1, section 4.8.12.2.1). */
const NOT_PARAMETERS = new Set(['accept', 'content-type', 'authorization'])

function isParameter(field: DoorField): boolean {
  return field.in === 'path' || (field.in === 'header' && !NOT_PARAMETERS.has(field.name.toLowerCase()))
}

function isAuthorization(field: DoorField): boolean {
  return field.in === 'header' && field.name.toLowerCase() === 'authorization'
}

function parameter(field: DoorField): object {
  return {
    name: field.name,
    in: field.in,
    required: field.in === 'path' || field.required,
    description: field.description,
    schema: { type: field.type },
    example: exampleOf(field),
  }
}

function requestBody(protocol: Protocol, operation: DoorOperation, fields: readonly DoorField[]): object {
  const required = fields.filter(field => field.required).map(({ name }) => name)
  const schema = {
    type: 'object',
    properties: Object.fromEntries(
      fields.map(field => [
        field.name,
        { type: field.type, description: field.description, examples: [exampleOf(field)] },
      ]),
    ),
    ...(required.length === 0 ? {} : { required }),
  }
  const example = exampleBody(protocol, operation)
  const content = { schema, ...(example === null ? {} : { example }) }
  return { required: true, content: { [operation.contentType]: content } }
}

/** The body that the builder signs for the sandbox; a form as its fields, which is how readers of OpenAPI take it. */
function exampleBody(protocol: Protocol, operation: DoorOperation): unknown {
  const client = exampleClient(protocol)
  const request = client === null ? null : exampleRequest(protocol, operation, { client })
  if (request?.body == null) return null
  if (operation.contentType.startsWith('application/json')) return JSON.parse(request.body)
  return Object.fromEntries(new URLSearchParams(request.body))
}

function exampleOf({ type, example }: DoorField): unknown {
  // A number of an example is small and whole; should one ever not be, its text says more than a rounded one.
  return type === 'string' || !isJson(example) ? example : JSON.parse(example)
}

function responses(answers: readonly DoorExample[]): object {
  const byStatus = Map.groupBy(answers, answer => String(answer.status))
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.length === 1 ? (list[0]?.description ?? '') : 'One of the examples.',
        content: Object.fromEntries(
          [...Map.groupBy(list, ({ contentType }) => contentType)].map(([type, of]) => [
            type,
            { schema: schemaOf(of), examples: examplesOf(of) },
          ]),
        ),
      },
    ]),
  )
}

function schemaOf(answers: readonly DoorExample[]): object {
  const isObject = answers.every(({ contentType, body }) => /json/.test(contentType) && body.startsWith('{'))
  return { type: isObject ? 'object' : 'string' }
}

function examplesOf(answers: readonly DoorExample[]): object {
  return Object.fromEntries(
    answers.map(({ description, contentType, body }, index) => [
      `example-${index + 1}`,
      { summary: description, value: /json/.test(contentType) && isJson(body) ? JSON.parse(body) : body },
    ]),
  )
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Made of the call's name, and of the path where two operations share a call. */
function operationId({ call, path, method }: DoorOperation, taken: Set<string>): string {
  const plain = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '')
  const id = [plain(call ?? path), plain(path), `${plain(path)}_${method}`].find(one => !taken.has(one))
  if (id === undefined) throw new Error(`two operations are ${method} ${path}`)
  taken.add(id)
  return id
}

function securitySchemes(document: DoorDocument): object | null {
  const field = document.operations.flatMap(({ fields }) => fields).find(isAuthorization)
  if (field === undefined) return null
  const description = `${field.description}\n\nFor example: \`${field.example}\``
  return { authorization: { type: 'apiKey', in: 'header', name: 'Authorization', description } }
}
