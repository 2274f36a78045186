// A database address may name several servers, as libpq writes it: `postgres://user:password@a:5432,b:5432/name`. They are
// a primary and its standbys; which one takes writes is found out by asking them.

/** More are no installation but a mistake in the address. */
const SERVERS_MAX = 8

/** One address for each server, in the order given, or null where this is no Postgres address. */
export function databaseUrls(text: string): readonly string[] | null {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^@/?#]+)([/?#].*)?$/.exec(text)
  if (parts === null) return URL.canParse(text) && /^postgres(ql)?:\/\/./.test(text) ? [text] : null
  const [, before = '', servers = '', after = ''] = parts
  const urls = servers.split(',').map(server => (server === '' ? '' : `${before}${server}${after}`))
  return urls.length <= SERVERS_MAX && urls.every(url => URL.canParse(url)) ? urls : null
}
