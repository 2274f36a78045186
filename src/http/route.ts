// Adds `hide` to what a route may say of itself.
import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import { assert } from '../lib/assert.ts'

/** A route that takes the request off the line itself: headers, body and answer are its own. */
export interface WholeRoute {
  readonly method: string | readonly string[]
  readonly url: string
  /** For the document of the API alone; null leaves the route out of it. */
  readonly schema: FastifySchema | null
  readonly config?: NonNullable<RouteOptions['config']>
  /** Answers, or finds that nobody is there any more. */
  serve(request: FastifyRequest, reply: FastifyReply): Promise<void>
  /** Answers where `serve` failed for a reason that it did not foresee. */
  fault(error: unknown, request: FastifyRequest, reply: FastifyReply): void
}

/**
 * Registers a route before the framework looks at the body. Its parsers would judge the content type, which is the
 * door's to judge, and they cost more than all the rest of the framework.
 */
export function addWholeRoute(server: FastifyInstance, route: WholeRoute): void {
  server.route({
    method: typeof route.method === 'string' ? route.method : [...route.method],
    url: route.url,
    schema: route.schema ?? HIDDEN,
    ...(route.config === undefined ? {} : { config: route.config }),
    onRequest: (request, reply) => {
      // From here on the framework leaves request and reply alone, but for the access log.
      reply.hijack()
      route.serve(request, reply).catch((error: unknown) => route.fault(error, request, reply))
    },
    handler: () => {
      assert(false, 'a request that was taken off the line does not come back')
    },
  })
}

const HIDDEN: FastifySchema = { hide: true }

/** Every method but these, as far as the server knows methods. */
export function otherMethods(server: FastifyInstance, methods: readonly string[]): readonly string[] {
  return server.supportedMethods.filter(method => !methods.includes(method))
}
