import { useQuery } from '@tanstack/react-query'
import { createContext, use } from 'react'
import { readSession } from '../api/session.ts'
import type { Session } from '../api/types.gen.ts'
import { SESSION_KEY } from './queries.ts'

export type Role = Session['person']['grants'][number]['role']

/** Whoever is signed in, as the server last said; null: nobody. */
export function useSessionQuery() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: 60_000, refetchInterval: 60_000 })
}

const SessionContext = createContext<Session | null>(null)
export const SessionProvider = SessionContext.Provider

/** The session, below the shell, where there is one. */
export function useSession(): Session {
  const session = use(SessionContext)
  if (session === null) throw new Error('only pages behind the sign-in ask for the session')
  return session
}

/** Whether the person has one of the roles for this merchant. The server asks again; here it only decides what is shown. */
export function useMay(): (roles: readonly Role[], merchant: string | null) => boolean {
  const { person } = useSession()
  return (roles, merchant) =>
    person.grants.some(
      grant => roles.includes(grant.role) && (grant.merchant === null || grant.merchant === merchant),
    )
}
