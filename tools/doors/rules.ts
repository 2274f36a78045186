// What a file of OpenAPI 3.1 has to be (spec.openapis.org/oas/v3.1.0), as far as our doors use it: each object has the
// members that its section lists and no other, and what the sections say across objects.
import { z } from 'zod'

const description = z.string().min(1)
const schema = z
  .strictObject({
    type: z.enum(['string', 'integer', 'number', 'object', 'array', 'boolean']),
    description: z.string().optional(),
    examples: z.array(z.unknown()).optional(),
    properties: z.record(z.string(), z.looseObject({ type: z.string() })).optional(),
    required: z.array(z.string()).min(1).optional(),
  })
  .refine(({ required = [] }) => new Set(required).size === required.length, 'required names one twice')
  .refine(
    ({ required = [], properties = {} }) => required.every(name => name in properties),
    'required names what is no property',
  )

const example = z.strictObject({ summary: z.string(), value: z.unknown() })
const mediaType = z
  .strictObject({
    schema,
    example: z.unknown().optional(),
    examples: z.record(z.string().regex(componentName()), example).optional(),
  })
  .refine(
    media => !('example' in media && 'examples' in media),
    'example and examples exclude each other (4.8.14)',
  )
const content = z.record(z.string().regex(/^[a-z]+\/[a-z0-9.+-]+(?:;\s?[a-z]+=\S+)?$/), mediaType)

const parameter = z
  .strictObject({
    name: z.string().min(1),
    in: z.enum(['path', 'query', 'header', 'cookie']),
    required: z.boolean(),
    description,
    schema,
    example: z.unknown(),
  })
  .refine(one => one.in !== 'path' || one.required, 'a parameter in the path is required (4.8.12.2)')
  .refine(
    one => one.in !== 'header' || !/^(?:accept|content-type|authorization)$/i.test(one.name),
    'this header is described elsewhere (4.8.12.2)',
  )

const operation = z.strictObject({
  operationId: z.string().regex(componentName()),
  summary: description,
  description,
  tags: z.array(z.string()).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z
    .array(parameter)
    .refine(
      list => new Set(list.map(one => `${one.in} ${one.name}`)).size === list.length,
      'two parameters share place and name (4.8.10)',
    ),
  requestBody: z
    .strictObject({ required: z.boolean(), content: content.refine(isFilled, 'a body has a media type') })
    .optional(),
  responses: z
    .record(
      z.string().regex(/^(?:[1-5](?:\d\d|XX)|default)$/),
      z.strictObject({ description, content: content.optional() }),
    )
    .refine(isFilled, 'an operation has an answer (4.8.16)'),
})

const file = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({
    title: description,
    version: z.string().min(1),
    description,
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.array(z.strictObject({ url: z.url(), description })).min(1),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith('/'),
    z.partialRecord(z.enum(['get', 'post', 'put', 'delete', 'patch', 'head', 'options', 'trace']), operation),
  ),
  components: z
    .strictObject({
      securitySchemes: z.record(
        z.string().regex(componentName()),
        z.strictObject({
          type: z.literal('apiKey'),
          in: z.enum(['header', 'query', 'cookie']),
          name: z.string(),
          description,
        }),
      ),
    })
    .optional(),
})

/** Everything about a document that OpenAPI 3.1 does not allow, or that leads nowhere. */
export function openapiFindings(document: unknown): readonly string[] {
  const read = file.safeParse(document)
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)
  const { paths, tags, components } = read.data
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map(one => ({ path, ...one })),
  )
  const ids = operations.map(({ operationId }) => operationId)
  const shapes = Object.keys(paths).map(path => path.replace(/\{[^}]*\}/g, '{}'))
  const schemes = Object.keys(components?.securitySchemes ?? {})
  return [
    ...twice(ids).map(id => `two operations are ${id} (4.8.10)`),
    ...twice(shapes).map(shape => `two paths are ${shape} (4.8.8)`),
    ...operations.flatMap(({ path, parameters, tags: own, security = [] }) => {
      const named = [...path.matchAll(/\{([^}]+)\}/g)].map(match => match[1] ?? '')
      const given = parameters.filter(one => one.in === 'path').map(({ name }) => name)
      return [
        ...named.filter(name => !given.includes(name)).map(name => `${path} has no parameter ${name}`),
        ...given.filter(name => !named.includes(name)).map(name => `${path} has no part {${name}}`),
        ...own
          .filter(tag => !tags.some(({ name }) => name === tag))
          .map(tag => `${path}: unknown tag ${tag}`),
        ...security
          .flatMap(Object.keys)
          .filter(name => !schemes.includes(name))
          .map(name => `${path}: unknown security scheme ${name}`),
      ]
    }),
  ]
}

function componentName(): RegExp {
  return /^[a-zA-Z0-9._-]+$/
}

function isFilled(record: object): boolean {
  return Object.keys(record).length > 0
}

function twice(texts: readonly string[]): readonly string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index)
}
