// Signing in and out: `/v1/session`. The cookie is the session; what is answered is what the console shows and the token that
// its writes bring.
import { isoTime } from '../lib/clock.ts'
import { ROLES } from '../payout/role.ts'
import {
  type AnyCall,
  type ApiAnswer,
  found,
  type OpenRoute,
  type PersonCall,
  type PersonRoute,
  refusal,
} from './call.ts'
import { originProblem } from './callers.ts'
import { endedCookie, sessionCookie } from './cookies.ts'
import { documentation } from './documentation.ts'
import type { ApiNeeds } from './needs.ts'
import { readContent, refusedAnswer } from './people-content.ts'
import { NOTHING } from './proposals-read.ts'
import {
  ownCodeShown,
  passwordGiven,
  passwordSetShown,
  type SessionShown,
  sessionEndedShown,
  sessionShown,
  signInGiven,
} from './schema-session.ts'
import type { ApiSession } from './session-needs.ts'

/** What nobody has a session for yet. */
export function sessionBegin(needs: ApiNeeds): readonly OpenRoute[] {
  return [
    {
      ...{ open: true, method: 'POST', path: '/v1/session', body: 'object' },
      schema: documentation({
        operationId: 'signIn',
        summary: 'Sign in',
        description:
          'One answer for an address that is unknown and for a password that is wrong. Five wrong ones in a quarter of an hour lock the address. The answer sets the cookie of a new session.',
        tag: 'Sessions',
        open: true,
        body: signInGiven,
        answer: { status: 200, description: 'Signed in.', schema: sessionShown },
        problems: [400, 401, 403, 404, 413, 415, 429],
      }),
      run: call => signIn(call, needs),
    },
    {
      ...{ open: true, method: 'POST', path: '/v1/session/password', body: 'object' },
      schema: documentation({
        operationId: 'setPassword',
        summary: 'Set a password by a sign-in link',
        description:
          'The link was made on the host, holds for 15 minutes and works once. Every session of the person ends.',
        tag: 'Sessions',
        open: true,
        body: passwordGiven,
        answer: { status: 200, description: 'Set; sign in with it.', schema: passwordSetShown },
        problems: [400, 401, 403, 404, 413, 415, 422, 429],
      }),
      run: call => setPassword(call, needs),
    },
  ]
}

/** What takes a session. */
export function sessionOwn(needs: ApiNeeds): readonly PersonRoute[] {
  return [
    {
      ...{ method: 'GET', path: '/v1/session', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'readSession',
        summary: 'Who is signed in',
        description: 'And the token that writes bring. A key of a person has no session.',
        tag: 'Sessions',
        answer: { status: 200, description: 'The session.', schema: sessionShown },
        problems: [404],
      }),
      run: async ({ session }) => (session === null ? NO_SESSION : found(sessionResource(session, needs))),
    },
    {
      ...{ method: 'DELETE', path: '/v1/session', roles: ROLES, body: 'nothing' },
      schema: documentation({
        operationId: 'signOut',
        summary: 'Sign out',
        description: 'The session ends here and in the browser.',
        tag: 'Sessions',
        answer: { status: 200, description: 'Ended.', schema: sessionEndedShown },
        problems: [400, 404],
      }),
      run: call => signOut(call, needs),
    },
    {
      ...{ method: 'GET', path: '/v1/sandbox/code', roles: ROLES, body: 'unread' },
      schema: documentation({
        operationId: 'readOwnCode',
        summary: 'Your own one-time code of this moment',
        description: 'In the demo alone, so that a newcomer can be the second person. Elsewhere 404.',
        tag: 'People',
        answer: { status: 200, description: 'The code.', schema: ownCodeShown },
        problems: [404],
      }),
      run: call => ownCode(call, needs),
    },
  ]
}

async function signIn(call: AnyCall, needs: ApiNeeds): Promise<ApiAnswer> {
  const { sessions } = needs
  if (sessions === undefined) return NOTHING
  const foreign = foreignProblem(call, needs)
  if (foreign !== null) return foreign
  const read = readContent(call.body, signInGiven)
  if (!read.ok) return refusal(read.problem)
  const { email, password, code } = read.content
  const signedIn = await sessions.signIn({ email, password, code: code ?? null })
  if (signedIn.kind === 'refused') return refusedAnswer(signedIn)
  return {
    status: 200,
    body: JSON.stringify(sessionResource(signedIn.session, needs)),
    headers: { 'Set-Cookie': sessionCookie(signedIn.secret, sessions.sandbox) },
  }
}

async function setPassword(call: AnyCall, needs: ApiNeeds): Promise<ApiAnswer> {
  if (needs.sessions === undefined) return NOTHING
  const foreign = foreignProblem(call, needs)
  if (foreign !== null) return foreign
  const read = readContent(call.body, passwordGiven)
  if (!read.ok) return refusal(read.problem)
  const set = await needs.sessions.setPassword(read.content)
  if (set.kind === 'refused') return refusedAnswer(set)
  return found({ object: 'password', person: set.person.personId, email: set.email })
}

async function signOut({ session }: PersonCall, { sessions }: ApiNeeds): Promise<ApiAnswer> {
  if (session === null || sessions === undefined) return NO_SESSION
  await sessions.end(session)
  const headers = { 'Set-Cookie': endedCookie(sessions.sandbox) }
  return { status: 200, body: JSON.stringify({ object: 'session_ended' }), headers }
}

async function ownCode({ by }: PersonCall, { sessions }: ApiNeeds): Promise<ApiAnswer> {
  const code = (await sessions?.ownCode(by)) ?? null
  return code === null ? NOTHING : found({ object: 'one_time_code', code })
}

/** Another page may not sign its visitor in as somebody; a program that is no browser names no origin. */
function foreignProblem({ headers }: AnyCall, needs: ApiNeeds): ApiAnswer | null {
  const problem = headers.origin === null ? null : originProblem(headers, needs)
  return problem === null ? null : refusal(problem)
}

const NO_SESSION = refusal({
  code: 'unauthenticated',
  detail: 'This is of a session, and you came with a key.',
})

function sessionResource(session: ApiSession, { livemode, sessions }: ApiNeeds): SessionShown {
  const { person } = session.by
  return {
    object: 'session',
    person: {
      id: person.personId,
      name: person.name,
      email: session.email,
      grants: person.grants.map(({ merchantId, role }) => ({ merchant: merchantId, role })),
    },
    livemode,
    sandbox: sessions?.sandbox ?? false,
    token: session.token,
    expires_at: isoTime(session.expiresAtMs),
  }
}
