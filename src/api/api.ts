import type { FastifyInstance } from 'fastify'
import { addWholeRoute, otherMethods } from '../http/route.ts'
import { assert } from '../lib/assert.ts'
import { balancesRead } from './balances-read.ts'
import { type ApiRoute, type OpenRoute, type PersonRoute, SCOPES } from './call.ts'
import { consoleLedger } from './console-ledger.ts'
import { consoleNotices } from './console-notices.ts'
import { consoleOverview } from './console-overview.ts'
import { consolePayouts } from './console-payouts.ts'
import { consoleRecords } from './console-records.ts'
import { doubtsList } from './doubts-list.ts'
import type { ApiNeeds } from './needs.ts'
import { mountDocument, registerDocument } from './openapi.ts'
import { payoutsCancel } from './payouts-cancel.ts'
import { payoutsCreate } from './payouts-create.ts'
import { payoutsHistory } from './payouts-history.ts'
import { payoutsList } from './payouts-list.ts'
import { payoutsRead } from './payouts-read.ts'
import { proposalsEnd } from './proposals-end.ts'
import { proposalsPropose } from './proposals-propose.ts'
import { proposalsRead } from './proposals-read.ts'
import { receiptsLog } from './receipts-log.ts'
import { receiptsRead } from './receipts-read.ts'
import { releases } from './releases.ts'
import { sandboxExplain } from './sandbox-explain.ts'
import { sandboxSign } from './sandbox-sign.ts'
import { answerFault, serveCall, serveOpenCall, servePersonCall, writeProblem } from './serve.ts'
import { sessionBegin, sessionOwn } from './session.ts'
import { mountVerifyPage } from './verify-page.ts'

/** Serves the native API under `/v1`, its document at `/openapi.json`, and the pages about both under `/docs`. */
export function mountApi(
  server: FastifyInstance,
  needs: ApiNeeds,
  routes: readonly AnyRoute[] = [...apiRoutes(needs), ...personRoutes(needs), ...openRoutes(needs)],
): void {
  server.register(async instance => {
    await registerDocument(instance)
    instance.register(async guarded => {
      requireScopes(guarded)
      for (const route of routes) mountRoute(guarded, route, needs)
      for (const [path, methods] of methodsByPath(routes)) refuseOthers(guarded, path, methods)
    })
    await mountDocument(instance)
    mountVerifyPage(instance)
  })
}

type AnyRoute = ApiRoute | PersonRoute | OpenRoute

export function apiRoutes(needs: ApiNeeds): readonly ApiRoute[] {
  return [
    payoutsCreate(needs),
    payoutsList(needs),
    payoutsRead(needs),
    payoutsCancel(needs),
    ...payoutsHistory(needs),
    ...receiptsRead(needs),
    balancesRead(needs),
    sandboxSign(needs),
    sandboxExplain(needs),
  ]
}

export function personRoutes(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    doubtsList(needs),
    ...proposalsPropose(needs),
    ...proposalsRead(needs),
    ...proposalsEnd(needs),
    ...releases(needs),
    ...sessionOwn(needs),
    ...consoleOverview(needs),
    ...consolePayouts(needs),
    ...consoleLedger(needs),
    ...consoleNotices(needs),
    ...consoleRecords(needs),
  ]
}

/** What a third party checks a receipt against, without an account here, and how a person signs in. */
export function openRoutes(needs: ApiNeeds): readonly OpenRoute[] {
  return [...receiptsLog(needs), ...sessionBegin(needs)]
}

/** Stops the start of a server on which a route of the API does not say who may call it. */
function requireScopes(instance: FastifyInstance): void {
  instance.addHook('onRoute', ({ method, url, config }) => {
    const scope = config?.scope
    const declared = OUTSIDE.some(known => known === scope) || SCOPES.some(known => known === scope)
    assert(declared, `the route ${String(method)} ${url} declares its scope`)
  })
}

const OUTSIDE = ['nobody', 'person', 'anybody']

function mountRoute(instance: FastifyInstance, route: AnyRoute, needs: ApiNeeds): void {
  addWholeRoute(instance, {
    method: route.method,
    url: route.path,
    schema: route.schema,
    config: { scope: scopeOf(route) },
    serve: (request, reply) => {
      if ('open' in route) return serveOpenCall(route, request, reply)
      return 'roles' in route
        ? servePersonCall(route, needs, request, reply)
        : serveCall(route, needs, request, reply)
    },
    fault: (error, request, reply) => answerFault(error, needs, request, reply),
  })
}

function scopeOf(route: AnyRoute): string {
  if ('open' in route) return 'anybody'
  return 'roles' in route ? 'person' : route.scope
}

function refuseOthers(instance: FastifyInstance, url: string, methods: readonly string[]): void {
  const headers = { Allow: methods.join(', ') }
  addWholeRoute(instance, {
    method: otherMethods(instance, methods),
    url,
    schema: null,
    config: { scope: 'nobody' },
    serve: async (_request, reply) => writeProblem(reply, { code: 'method_not_allowed', headers }),
    fault: (_error, _request, reply) => writeProblem(reply, { code: 'method_not_allowed', headers }),
  })
}

function methodsByPath(routes: readonly AnyRoute[]): ReadonlyMap<string, readonly string[]> {
  const byPath = Map.groupBy(routes, route => route.path)
  return new Map([...byPath].map(([path, list]) => [path, list.map(route => route.method)]))
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call a route of the API: a key with this scope, a `person` with a role of the route, `anybody`, or `nobody`. */
    scope?: string
  }
}
