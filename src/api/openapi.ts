// The document of the API, made once from the routes that are served, and the pages that show it to people.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { writeAnswer } from '../http/answer.ts'
import { addWholeRoute } from '../http/route.ts'
import { assert } from '../lib/assert.ts'
import { tidyComponents } from './components.ts'
import { errorPage } from './error-page.ts'
import { API_VERSION } from './version.ts'

/** Before the routes: the generator watches them being added. */
export async function registerDocument(instance: FastifyInstance): Promise<void> {
  // The schemas describe; nothing of the framework runs them over a request or an answer.
  instance.setValidatorCompiler(() => () => true)
  instance.setSerializerCompiler(() => JSON.stringify)
  await instance.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Quittance',
        version: API_VERSION,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This installation.' }],
      tags: [
        { name: 'Payouts', description: 'Send money once, and know what became of it.' },
        { name: 'Balances', description: 'What can be paid out, what is held, what is on its way.' },
        {
          name: 'Receipts',
          description: 'The log in which every receipt stands. Anybody may ask: it holds hashes alone.',
        },
        {
          name: 'People',
          description: 'What is in doubt, and what two people decide about it. Keys of persons alone.',
        },
        {
          name: 'Console',
          description: 'What people look at over all of their merchants. Keys and sessions of persons alone.',
        },
        { name: 'Sessions', description: 'How a person signs in, and out.' },
        {
          name: 'Sandbox',
          description: 'Requests of the doors, signed and explained. Test installations only: elsewhere 404.',
        },
      ],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, `qk_test_…` or `qk_live_…`.' },
          personKey: {
            type: 'http',
            scheme: 'bearer',
            description: "A person's own key, `qp_test_…` or `qp_live_…`.",
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: '__Host-quittance',
            description:
              'What `POST /v1/session` sets. A write brings the header Quittance-Token as well, and comes from our own origin.',
          },
        },
      },
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
}

/** The document at `/openapi.json`, the reference at `/docs/`, the list of codes at `/docs/errors`. */
export async function mountDocument(instance: FastifyInstance): Promise<void> {
  let document = ''
  instance.addHook('onReady', async () => {
    document = openapiText(instance)
  })
  mountText(instance, '/openapi.json', 'application/json', () => document)
  mountText(instance, '/docs/errors', 'text/html;charset=utf-8', errorPage)
  await instance.register(async pages => {
    // Four megabytes of script, which nobody but this page needs.
    const { default: reference } = await import('@scalar/fastify-api-reference')
    pages.addHook('onSend', async (_request, reply) => {
      reply.headers({ 'Content-Security-Policy': PAGE_POLICY, 'X-Content-Type-Options': 'nosniff' })
    })
    await pages.register(reference, {
      routePrefix: '/docs',
      configuration: { url: '/openapi.json', withDefaultFonts: false, pageTitle: 'Quittance API' },
    })
  })
}

const DESCRIPTION = [
  'Create payouts and follow them. Amounts are decimal strings, times are RFC 3339 in UTC, lists are newest first.',
  'A payout in doubt is never an error: it says so, its money stays in flight, and it is asked about until it is known.',
].join(' ')

/** The page brings its own script and style in line; nothing of it may load from or talk to anywhere else. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"

function openapiText(instance: FastifyInstance): string {
  const document = instance.swagger()
  assert('openapi' in document, 'the document is of OpenAPI 3')
  return `${JSON.stringify(tidyComponents(document), null, 2)}\n`
}

function mountText(instance: FastifyInstance, url: string, type: string, text: () => string): void {
  const headers = {
    'Content-Type': type,
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  }
  addWholeRoute(instance, {
    method: 'GET',
    url,
    schema: null,
    serve: async (_request, reply) => writeAnswer(reply, { status: 200, headers, body: text() }),
    fault: (_error, _request, reply) => writeAnswer(reply, { status: 500, headers: {}, body: '' }),
  })
}
