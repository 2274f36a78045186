import type { FastifySchema } from 'fastify'
import type { Problem } from '../http/problem.ts'
import type { Role } from '../payout/role.ts'
import type { ApiHeaders } from './headers.ts'
import type { ApiPerson } from './people-needs.ts'
import type { ApiSession } from './session-needs.ts'

export const SCOPES = ['payouts:read', 'payouts:write', 'balances:read'] as const
export type Scope = (typeof SCOPES)[number]

/** An address that anybody may ask: what it gives is published anyway. */
export interface OpenRoute extends Omit<ApiRoute, 'scope' | 'run'> {
  readonly open: true
  run(call: AnyCall): Promise<ApiAnswer>
}

/** One address of the API. Its scope is part of it: a route that does not say who may call it does not start. */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** With `:name` parts. */
  readonly path: string
  readonly scope: Scope
  /** `object`: one JSON object. `nothing`: an empty body or `{}`. A GET is never asked for its body. */
  readonly body: 'object' | 'nothing' | 'unread'
  readonly schema: FastifySchema
  run(call: ApiCall): Promise<ApiAnswer>
}

/** An address for people. Which role it takes is part of it; for which merchant, the desk asks of each. */
export interface PersonRoute extends Omit<ApiRoute, 'scope' | 'run'> {
  readonly roles: readonly [Role, ...Role[]]
  /** The most bytes of its body; left out: as everywhere. */
  readonly bodyBytesMax?: number
  run(call: PersonCall): Promise<ApiAnswer>
}

/** What every call has. */
export interface AnyCall {
  readonly params: Readonly<Record<string, string>>
  readonly query: string
  readonly headers: ApiHeaders
  readonly body: Uint8Array
  readonly requestId: string
}

/** One authenticated call for one merchant: by a key of its own, or by a person who may act for it. */
export interface ApiCall extends AnyCall {
  readonly merchantId: string
  /** The public half of the key, or the person: whoever owns it is the maker of what is asked for here. */
  readonly credentialId: string
}

/** One call of a person. */
export interface PersonCall extends AnyCall {
  readonly by: ApiPerson
  /** Null: it came with a key. */
  readonly session: ApiSession | null
}

/** `body` is JSON text, or what the headers say that it is, written as it stands; `stream` is written as it is made. */
export type ApiAnswer =
  | {
      readonly status: number
      readonly body: string | Uint8Array
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly status: number
      readonly stream: AsyncIterable<string>
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly problem: Problem }

export function refusal(problem: Problem): { readonly problem: Problem } {
  return { problem }
}

export function found(body: unknown): ApiAnswer {
  return { status: 200, body: JSON.stringify(body) }
}
