import type { Problem } from '../http/problem.ts'
import type { HeaderValue } from './headers.ts'

/** The one version there is. A change that could break a client gets a new date and leaves this one as it is. */
export const API_VERSION = '2026-11-21'

/** Null where the request asks for that version or for none. */
export function versionProblem(asked: HeaderValue): Problem | null {
  if (asked === null || asked === API_VERSION) return null
  return { code: 'unsupported_version', detail: `The only Quittance-Version is ${API_VERSION}.` }
}
