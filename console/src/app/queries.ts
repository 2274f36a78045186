import { QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiProblem } from '../api/problem.ts'

/** How often a page that is looked at reads again. */
export const LIVE_MS = 2_000

export const SESSION_KEY = ['session'] as const

/** Everything that was read. An answer that says "not signed in" ends the session here too, wherever it came to light. */
export function createQueries(): QueryClient {
  const queries: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: error => {
        if (isSignedOut(error)) leave(queries)
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 1_000,
        // A refusal stays one; only a line that broke is tried again.
        retry: (times, error) => times < 2 && error instanceof ApiProblem && error.status === 0,
      },
      // A write is never repeated by itself.
      mutations: {
        retry: false,
        onError: error => {
          if (isSignedOut(error)) leave(queries)
        },
      },
    },
  })
  return queries
}

/** Nobody is signed in any more, and nothing of what that person saw stays for the next one. */
export function leave(queries: QueryClient): void {
  queries.setQueryData(SESSION_KEY, null)
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401 && error.code === 'unauthenticated'
}
