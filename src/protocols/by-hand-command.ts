// Reads a curl command as a POSIX shell and curl would: what is quoted, what is sent, and as what.
import { type ByHandRequestRead, requestOf } from './by-hand-request.ts'

/** Reads one curl command. What it would read from a file or send as a multipart form is refused with a sentence. */
export function readCurl(text: string): ByHandRequestRead {
  const words = shellWords(text)
  if (words === null) return refused('a quote of the curl command is not closed')
  const read = readOptions(words.slice(words[0] === '$' ? 2 : 1))
  if (typeof read === 'string') return refused(read)
  if (read.url === null) return refused('the curl command names no address')
  const headers = [...read.headers]
  const has = (name: string): boolean => headers.some(([one]) => one.toLowerCase() === name)
  if (read.json && !has('content-type')) headers.push(['Content-Type', 'application/json'])
  if (read.body !== null && !has('content-type')) headers.push(['Content-Type', FORM])
  const method = read.method ?? (read.body === null || read.get ? 'GET' : 'POST')
  const joint = read.url.includes('?') ? '&' : '?'
  const url = /^[a-z]+:\/\//i.test(read.url) ? read.url : `http://${read.url}`
  return requestOf({
    method,
    target: read.get && read.body !== null ? url + joint + read.body : url,
    headers: headers.filter(([, value]) => value !== null).map(([name, value]) => [name, value ?? '']),
    body: Buffer.from(read.get ? '' : (read.body ?? '')),
  })
}

const FORM = 'application/x-www-form-urlencoded'

interface Options {
  method: string | null
  url: string | null
  readonly headers: (readonly [string, string | null])[]
  body: string | null
  json: boolean
  get: boolean
}

/** The options that matter, or the sentence that says why they cannot be read. */
function readOptions(words: readonly string[]): Options | string {
  const options: Options = { method: null, url: null, headers: [], body: null, json: false, get: false }
  const left = words.flatMap(spelledOut)
  for (let index = 0; index < left.length; index += 1) {
    const word = left[index] ?? ''
    if (!word.startsWith('-') || word === '-') {
      options.url ??= word
      continue
    }
    const takesValue = VALUED.has(word)
    if (!takesValue && !FLAGS.has(word)) return `the option ${word} of curl is not read here`
    if (takesValue) index += 1
    const why = take(options, word, left[index] ?? '')
    if (why !== null) return why
  }
  return options
}

function take(options: Options, option: string, value: string): string | null {
  switch (option) {
    case '-X':
    case '--request':
      options.method = value
      return null
    case '--url':
      options.url = value
      return null
    case '-G':
    case '--get':
      options.get = true
      return null
    case '-H':
    case '--header':
      return takeHeader(options, value)
    case '-A':
    case '--user-agent':
      options.headers.push(['User-Agent', value])
      return null
    case '--json':
    case '-d':
    case '--data':
    case '--data-ascii':
    case '--data-binary':
    case '--data-raw':
    case '--data-urlencode':
      return takeBody(options, option, value)
    default:
      return null
  }
}

function takeHeader(options: Options, line: string): string | null {
  if (line.startsWith('@')) return 'a header is read from a file; put it into the command'
  const mark = line.search(/[:;]/)
  if (mark < 1) return `this is no header: ${line.slice(0, 80)}`
  const value = line.slice(mark + 1).trim()
  // A name with a colon and nothing behind it takes the header away; with a semicolon it is sent empty.
  options.headers.push([line.slice(0, mark), value === '' && line[mark] === ':' ? null : value])
  return null
}

function takeBody(options: Options, option: string, value: string): string | null {
  if (option !== '--data-raw' && value.startsWith('@'))
    return 'the body is read from a file; give that file with --body-file'
  const text = option === '--data-urlencode' ? urlencoded(value) : value
  options.json ||= option === '--json'
  options.body = options.body === null ? text : options.body + (option === '--json' ? '' : '&') + text
  return null
}

function urlencoded(value: string): string {
  const mark = value.indexOf('=')
  const content = encodeURIComponent(value.slice(mark + 1))
  return mark < 1 ? content : `${value.slice(0, mark)}=${content}`
}

/** `-sSXPOST` is `-s -S -X POST`, and `--data=a` is `--data a`. */
function spelledOut(word: string): readonly string[] {
  if (!/^-[A-Za-z#]./.test(word)) return [word]
  const words: string[] = []
  for (const [index, letter] of [...word].entries()) {
    if (index === 0) continue
    words.push(`-${letter}`)
    const rest = word.slice(index + 1)
    if (VALUED.has(`-${letter}`)) return rest === '' ? words : [...words, rest]
  }
  return words
}

const VALUED: ReadonlySet<string> = new Set(
  (
    '-X --request -H --header -d --data --data-ascii --data-binary --data-raw --data-urlencode --json --url ' +
    '-A --user-agent -o --output -w --write-out -m --max-time --connect-timeout -b --cookie -e --referer --cacert ' +
    '--cert --key --resolve -x --proxy --retry'
  ).split(' '),
)
const FLAGS: ReadonlySet<string> = new Set(
  (
    '-s --silent -S --show-error -k --insecure -L --location -v --verbose -i --include -f --fail --compressed ' +
    '-G --get -g --globoff --path-as-is --http1.1 --http2 -# -N --no-buffer -4 -6 --fail-with-body'
  ).split(' '),
)

/** Splits a command into words as a POSIX shell does, with `$'…'` of newer ones; null where a quote stays open. */
function shellWords(text: string): readonly string[] | null {
  const words: string[] = []
  let word: string | null = null
  let rest = text
  // Each round takes at least one character away.
  while (rest !== '') {
    const found = PARTS.map(([pattern, read]) => ({ match: pattern.exec(rest), read })).find(
      ({ match }) => match !== null,
    )
    if (found?.match == null) return null
    const [whole, inner = ''] = found.match
    rest = rest.slice(whole.length)
    const read = found.read(inner)
    if (read !== null) word = (word ?? '') + read
    else if (word !== null) {
      words.push(word)
      word = null
    }
    if (/^[;|&\n]/.test(rest)) break
  }
  return word === null ? words : [...words, word]
}

/** Null ends a word; anything else continues it. */
const PARTS: readonly (readonly [RegExp, (inner: string) => string | null])[] = [
  [/^\\\r?\n/, () => ''],
  [/^\s+/, () => null],
  [/^'([^']*)'/, inner => inner],
  [/^\$'((?:[^'\\]|\\.)*)'/s, ansi],
  [
    /^"((?:[^"\\]|\\.)*)"/s,
    inner => inner.replace(/\\([$`"\\\n])/g, (_all, one) => (one === '\n' ? '' : one)),
  ],
  [/^\\(.)/s, inner => inner],
  [/^([^\s'"\\])/, inner => inner],
]

function ansi(inner: string): string {
  return inner.replace(/\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|(.))/gs, (_all, byte, unit, letter) => {
    const code = byte ?? unit
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    return ANSI[letter] ?? letter
  })
}

const ANSI: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function refused(why: string): ByHandRequestRead {
  return { ok: false, why }
}
