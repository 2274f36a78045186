import type { WireRequest } from '../protocols/protocol.ts'

/** The request as one command that can be pasted into a POSIX shell. */
export function curlLine({ method, url, headers, body }: WireRequest): string {
  const parts = ['curl', '-sS', ...(method === 'POST' ? [] : ['-X', method]), shellQuoted(url)]
  for (const [name, value] of Object.entries(headers)) parts.push('-H', shellQuoted(`${name}: ${value}`))
  if (body !== null) parts.push('--data-raw', shellQuoted(body))
  return parts.join(' ')
}

/** One word of a POSIX shell: nothing inside single quotes means anything, save the quote itself. */
export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
