// Whether we may call an address that somebody else gave us. The written host is judged before any name is resolved,
// because a literal never reaches a resolver; every address that a name resolves to is judged again, and the connection
// goes to exactly those addresses. Nothing here does I/O.
import ipaddr from 'ipaddr.js'

export interface TargetRules {
  /** This machine's own addresses, on any port: in the demo and in tests alone. */
  readonly allowLoopback: boolean
  /** Ports beyond the standard four. */
  readonly ports?: readonly number[]
}

export type TargetVerdict =
  | { readonly ok: true; readonly url: URL }
  | { readonly ok: false; readonly why: string }

const URL_CHARACTERS_MAX = 1024
const PORTS = [80, 443, 8080, 8443]

/** Judges an address as it is written. `why` is fit for the delivery log: it never repeats the address. */
export function judgeTarget(text: string, rules: TargetRules): TargetVerdict {
  if (text.length > URL_CHARACTERS_MAX) return refused('the address is too long')
  // The URL class drops tabs and line ends and turns backslashes; what it would mend is refused instead.
  if (!/^[\x21-\x7e]+$/.test(text) || text.includes('\\'))
    return refused('the address has characters it may not have')
  if (!URL.canParse(text)) return refused('the address is no URL')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return refused('the address is neither http nor https')
  if (/^[a-z]+:\/*[^/?#]*@/i.test(text)) return refused('the address names a user')
  if (text.includes('#')) return refused('the address has a fragment')
  if (url.hostname === '') return refused('the address has no host')

  const literal = literalAddress(url.hostname)
  const loopback = url.hostname === 'localhost' || (literal !== null && isLoopback(literal))
  if (loopback && rules.allowLoopback) return { ok: true, url }
  if (!portAllowed(url, rules)) return refused('the port is not allowed')
  if (literal !== null && !isPublic(literal)) return refused('the address is not public')
  if (url.hostname === 'localhost' || url.hostname.endsWith('.localhost'))
    return refused('the address is not public')
  return { ok: true, url }
}

/** Judges one address that is about to be connected to. */
export function mayReachAddress(address: string, rules: TargetRules): boolean {
  const literal = literalAddress(address)
  if (literal === null) return false
  return isPublic(literal) || (rules.allowLoopback && isLoopback(literal))
}

function portAllowed(url: URL, rules: TargetRules): boolean {
  if (url.port === '') return true
  const port = Number.parseInt(url.port, 10)
  return PORTS.includes(port) || (rules.ports ?? []).includes(port)
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** The URL class has written every spelling of an IPv4 address (`0x7f000001`, `127.1`) as four numbers already. */
function literalAddress(host: string): Address | null {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  return ipaddr.isValid(bare) && !bare.includes('%') ? ipaddr.parse(bare) : null
}

/**
 * Everything that is not plainly a public host is refused: private, link-local, carrier-grade, multicast, mapped, NAT64,
 * 6to4 … Of IPv6 only 2000::/3 is handed out (RFC 4291 section 2.4); ::7f00:1, say, is an old way to write 127.0.0.1.
 */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST)
}

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3')

function isLoopback(address: Address): boolean {
  return address.range() === 'loopback'
}

function refused(why: string): TargetVerdict {
  return { ok: false, why }
}
