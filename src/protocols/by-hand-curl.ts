import type { WireRequest } from './protocol.ts'

/** The request as one command that can be pasted into a POSIX shell. */
export function curlLine({ method, url, headers, body }: WireRequest): string {
  // curl takes brackets and braces in an address for patterns, and folds dots in its path, unless it is told not to.
  const exact = [...(/[[\]{}]/.test(url) ? ['--globoff'] : []), ...(/\/\./.test(url) ? ['--path-as-is'] : [])]
  const implied = body === null ? 'GET' : 'POST'
  const parts = ['curl', '-sS', ...exact, ...(method === implied ? [] : ['-X', method]), shellQuoted(url)]
  // A header without a value is written with a semicolon; with a colon curl would leave it out.
  for (const [name, value] of Object.entries(headers))
    parts.push('-H', shellQuoted(value === '' ? `${name};` : `${name}: ${value}`))
  if (body !== null) parts.push('--data-raw', shellQuoted(body))
  return parts.join(' ')
}

/** One word of a POSIX shell: nothing inside single quotes means anything, save the quote itself. */
export function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
