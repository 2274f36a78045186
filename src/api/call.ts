import type { FastifySchema } from 'fastify'
import type { Problem } from '../http/problem.ts'
import type { ApiKey } from '../store/store.ts'
import type { ApiHeaders } from './headers.ts'

export const SCOPES = ['payouts:read', 'payouts:write', 'balances:read'] as const
export type Scope = (typeof SCOPES)[number]

/** One address of the API. Its scope is part of it: a route that does not say who may call it does not start. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST'
  /** With `:name` parts. */
  readonly path: string
  readonly scope: Scope
  /** `object`: one JSON object. `nothing`: an empty body or `{}`. A GET is never asked for its body. */
  readonly body: 'object' | 'nothing' | 'unread'
  readonly schema: FastifySchema
  run(call: ApiCall): Promise<ApiAnswer>
}

/** One authenticated call. */
export interface ApiCall {
  readonly key: ApiKey
  readonly params: Readonly<Record<string, string>>
  readonly query: string
  readonly headers: ApiHeaders
  readonly body: Uint8Array
  readonly requestId: string
}

/** `body` is JSON text, written as it stands. */
export type ApiAnswer =
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly problem: Problem }

export function refusal(problem: Problem): { readonly problem: Problem } {
  return { problem }
}

export function found(body: unknown): ApiAnswer {
  return { status: 200, body: JSON.stringify(body) }
}
