// The cookie of a session. Its name says to a browser that no other host and no plain connection may have set it
// (RFC 6265bis section 4.1.3.2), so nobody can make somebody else's browser go on with a session of his.
import type { HeaderValue } from './headers.ts'

/** The demo is plain HTTP on this machine, where a cookie for secure connections alone would not be kept. */
export function cookieName(sandbox: boolean): string {
  return sandbox ? 'quittance' : '__Host-quittance'
}

/** The secret of a session as a browser sends it; null: there is none, or there are two and nobody knows which is meant. */
export function readCookie(header: HeaderValue, sandbox: boolean): string | null {
  if (typeof header !== 'string') return null
  const name = `${cookieName(sandbox)}=`
  const [first, ...more] = header
    .split(';')
    .map(part => part.trim())
    .filter(part => part.startsWith(name))
  if (first === undefined || more.length > 0) return null
  const value = first.slice(name.length)
  return SECRET.test(value) ? value : null
}

/** Until the browser is closed: how long it holds is for the database to say. */
export function sessionCookie(secret: string, sandbox: boolean): string {
  return `${cookieName(sandbox)}=${secret}; ${attributes(sandbox)}`
}

export function endedCookie(sandbox: boolean): string {
  return `${cookieName(sandbox)}=; ${attributes(sandbox)}; Max-Age=0`
}

function attributes(sandbox: boolean): string {
  return sandbox ? 'Path=/; HttpOnly; SameSite=Strict' : 'Path=/; Secure; HttpOnly; SameSite=Strict'
}

const SECRET = /^[A-Za-z0-9_]{1,128}$/
