// A request as people have it: the text that went over the line, a curl command, or a JSON object. Read leniently,
// because all of them were copied from somewhere.
import { readCurl } from './by-hand-command.ts'
import { type ByHandRequestRead, readRequestJson, requestOf } from './by-hand-request.ts'

/** Larger than any body that a door takes, so that one that is too large can be explained. */
export const REQUEST_TEXT_BYTES_MAX = 1024 * 1024

/** Tells a curl command, a JSON object and the text of HTTP/1.1 from one another, and reads it. */
export function readRequestText(bytes: Uint8Array): ByHandRequestRead {
  if (bytes.length > REQUEST_TEXT_BYTES_MAX)
    return refused(`it is larger than ${REQUEST_TEXT_BYTES_MAX} bytes`)
  const start = Buffer.from(bytes.subarray(0, 256)).toString('latin1').trimStart()
  if (start === '') return refused('there is nothing to read')
  if (/^(?:\$ *)?curl\s/.test(start)) return readCurl(Buffer.from(bytes).toString('utf8'))
  if (start.startsWith('{')) return readRequestJson(bytes)
  return readHttp(Buffer.from(bytes))
}

/** A request line, header lines, an empty line, the body; lines end in LF or CR LF. */
function readHttp(bytes: Buffer): ByHandRequestRead {
  const end = /\r?\n\r?\n/.exec(bytes.toString('latin1'))
  const headEnd = end?.index ?? bytes.length
  const rest = bytes.subarray(end === null ? bytes.length : end.index + end[0].length)
  const [first = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').trim().split(/\r?\n/)
  const [, method, target] = /^([A-Za-z]+) +(\S+)(?: +HTTP\/[0-9.]+)?$/.exec(first.trim()) ?? []
  if (method === undefined || target === undefined)
    return refused('it begins with no request line such as POST /path HTTP/1.1, with no curl and with no {')
  const headers: [string, string][] = []
  for (const line of lines) {
    const mark = line.indexOf(':')
    if (mark < 1) return refused(`this is no header line: ${line.slice(0, 80)}`)
    headers.push([line.slice(0, mark).trim(), line.slice(mark + 1).trim()])
  }
  return requestOf({ method, target, headers, body: bodyOf(rest, headers) })
}

/** As long as it says it is. Where it does not say, a line end at its end is the editor's that saved it. */
function bodyOf(rest: Buffer, headers: readonly (readonly [string, string])[]): Uint8Array {
  const said = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? ''
  const length = /^[0-9]{1,9}$/.test(said) ? Number.parseInt(said, 10) : null
  if (length !== null && length <= rest.length) return rest.subarray(0, length)
  const text = rest.toString('latin1')
  return rest.subarray(0, text.replace(/\r?\n$/, '').length)
}

function refused(why: string): ByHandRequestRead {
  return { ok: false, why }
}
