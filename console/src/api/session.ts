import { keepToken, read, write } from './client.ts'
import { ApiProblem } from './problem.ts'
import type { OwnCode, PasswordGiven, Session, SignInGiven } from './types.gen.ts'

/** Null where nobody is signed in. */
export async function readSession(): Promise<Session | null> {
  try {
    return kept(await read<Session>('/v1/session'))
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return kept(null)
    throw error
  }
}

export async function signIn(given: SignInGiven): Promise<Session> {
  const session = await write<Session>('/v1/session', { body: given })
  keepToken(session.token)
  return session
}

export async function signOut(): Promise<void> {
  await write('/v1/session', { method: 'DELETE' })
  keepToken(null)
}

export async function setPassword(given: PasswordGiven): Promise<void> {
  await write('/v1/session/password', { body: given })
}

/** The signed-in person's own code of this moment. The demo alone gives it. */
export function readOwnCode(): Promise<OwnCode> {
  return read<OwnCode>('/v1/sandbox/code')
}

function kept(session: Session | null): Session | null {
  keepToken(session?.token ?? null)
  return session
}
