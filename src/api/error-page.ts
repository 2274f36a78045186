import { ERRORS } from '../errors.ts'

/** The page that the `type` of every problem points into. */
export function errorPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, retryable, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${retryable ? 'yes' : 'no'}</td><td>${escaped(title)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Quittance: error codes</title>
<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}td,th{text-align:left;padding:.25rem 1rem .25rem 0;vertical-align:top}:target{background:#ffd}</style>
</head>
<body><h1>Error codes</h1>
<table><thead><tr><th>Code</th><th>Status</th><th>Retryable</th><th>Meaning</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody></table></body>
</html>
`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
