// `quittance verify`: judges a receipt offline and says plainly what is proven and what is not. It asks nobody: no database,
// no network. Exit codes: 0 genuine; 1 refused; 2 nothing was judged, because a file or the keys are missing.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { isJsonObject, type JsonObject, parseJson, toPlain } from '../lib/json.ts'
import { RECEIPT_GRADES } from '../payout/receipt.ts'
import { openCheckpoint } from '../receipts/checkpoint.ts'
import { RECEIPT_BYTES_MAX } from '../receipts/document.ts'
import { type ReceiptKey, readReceiptKeySet } from '../receipts/keys.ts'
import { gradeText } from '../receipts/shown.ts'
import { consistencyHolds } from '../receipts/tree-proof.ts'
import { type ReceiptVerdict, verifyReceipt } from '../receipts/verify.ts'
import type { Environment } from './configured.ts'
import type { ExitCode, Terminal } from './terminal.ts'

export interface VerifyOptions {
  readonly keys?: string
  readonly checkpoint?: string
  readonly consistency?: string
  readonly json?: boolean
}

export async function verify(
  file: string,
  options: VerifyOptions,
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const keysPath = options.keys ?? trustFile(environment)
  const keys = await readKeys(keysPath)
  if (typeof keys === 'string') {
    terminal.problem(`quittance verify: ${keys}`)
    terminal.problem(
      '  Give the keys of whoever issued it: --keys jwks.json, as served at /.well-known/jwks.json',
    )
    return 2
  }
  const bytes = await read(file)
  if (bytes === null) {
    terminal.problem(`quittance verify: ${file} cannot be read`)
    return 2
  }
  const verdict = verifyReceipt(bytes, keys)
  const known = verdict.ok ? await heldAgainst(verdict, keys, options) : null
  if (typeof known === 'string') {
    terminal.problem(`quittance verify: ${known}`)
    return 2
  }
  const refused = verdict.ok ? (known?.why ?? null) : `${verdict.check}: ${verdict.why}`
  if (options.json === true) terminal.line(JSON.stringify(jsonOf(verdict, refused, known !== null)))
  else if (verdict.ok && refused === null) tell(verdict, { keysPath, held: known !== null }, terminal)
  else {
    terminal.line(terminal.paint('red', 'REFUSED'))
    terminal.line(`  ${refused}`)
    terminal.line('  Nothing that the file says may be relied on.')
  }
  return refused === null ? 0 : 1
}

type Genuine = Extract<ReceiptVerdict, { ok: true }>

function tell(
  { facts, keyId, leaf, log }: Genuine,
  { keysPath, held }: { readonly keysPath: string; readonly held: boolean },
  terminal: Terminal,
): void {
  const { paint } = terminal
  terminal.line(paint('green', 'GENUINE'))
  for (const [name, value] of shown(facts)) terminal.line(`  ${name.padEnd(12)} ${value}`)
  terminal.line('')
  terminal.line(paint('bold', 'Proven'))
  terminal.line(`  The key ${keyId} signed these facts, and not a letter of them was changed since.`)
  terminal.line(`  The receipt stands as number ${log.index + 1} of ${log.size} in the log ${log.origin}.`)
  if (held) terminal.line('  That log grew out of the checkpoint that you gave.')
  terminal.line(`  Its leaf is ${leaf}.`)
  terminal.line('')
  terminal.line(paint('bold', 'Not proven'))
  terminal.line(`  That ${keysPath} holds the keys of whoever you think: get them in a way that you trust.`)
  terminal.line(
    '  That the money is in the hands of whoever was to be paid: how the payment is known stands above.',
  )
  terminal.line(
    facts.get('kind') === 'returned'
      ? '  Why the money came back.'
      : `  That it did not come back since: GET /v1/receipts/${leaf} of the installation says so.`,
  )
  if (!held)
    terminal.line('  That everybody is shown the same log: --checkpoint holds it against one that you keep.')
}

function shown(facts: JsonObject): readonly (readonly [string, string])[] {
  const of = (name: string, member?: string): string => {
    const value = facts.get(name)
    const found = member !== undefined && isJsonObject(value) ? value.get(member) : value
    return typeof found === 'string' ? found.replace(UNPRINTABLE, '\ufffd') : ''
  }
  const grade = RECEIPT_GRADES.find(one => one === facts.get('grade'))
  const rows: readonly (readonly [string, string])[] = [
    ['kind', of('kind')],
    ['amount', `${of('amount', 'value')} ${of('amount', 'currency')}`],
    ['to', `${of('beneficiary', 'account')} (${of('beneficiary', 'method')})`],
    ['from', of('merchant', 'name')],
    ['reference', of('payout', 'reference')],
    ['payout', of('payout', 'id')],
    ['provider', [of('provider', 'protocol'), of('provider', 'their_reference')].join(' ').trim()],
    ['paid at', of('paid_at')],
    ['returned at', of('returned_at')],
    ['issued at', of('issued_at')],
    ['known by', grade === undefined ? '' : gradeText(grade)],
    ['supersedes', of('supersedes')],
    ['money', facts.get('livemode') === true ? 'real' : 'none: a test installation issued it'],
  ]
  return rows.filter(([, value]) => value !== '')
}

/** A receipt is somebody else's text: none of it moves the cursor or turns what stands beside it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Null where no checkpoint was given; a sentence where nothing could be judged; `why` says what is wrong, null: nothing. */
async function heldAgainst(
  { log }: Genuine,
  keys: readonly ReceiptKey[],
  { checkpoint: path, consistency }: VerifyOptions,
): Promise<{ readonly why: string | null } | string | null> {
  if (path === undefined) return null
  const note = (await read(path))?.toString()
  if (note === undefined) return `${path} cannot be read`
  const opened = openCheckpoint(note, keys)
  if (typeof opened === 'string') return { why: `the checkpoint that you gave: ${opened}` }
  const mine = opened.checkpoint
  if (mine.origin !== log.origin) return { why: 'the checkpoint that you gave is of another log' }
  const theirs = { size: log.size, root: Buffer.from(log.root, 'hex') }
  if (mine.size === theirs.size)
    return {
      why:
        Buffer.compare(mine.root, theirs.root) === 0
          ? null
          : 'two checkpoints of one size differ: the log was rewritten',
    }
  if (consistency === undefined)
    return `the two checkpoints have ${mine.size} and ${theirs.size} leaves: give --consistency, the answer of /v1/receipts/log/consistency?first=${Math.min(mine.size, theirs.size)}&second=${Math.max(mine.size, theirs.size)}`
  const proof = await readProof(consistency)
  if (proof === null) return `${consistency} is no consistency proof`
  const [first, second] = mine.size < theirs.size ? [mine, theirs] : [theirs, mine]
  const grew = consistencyHolds({
    first: first.size,
    second: second.size,
    firstRoot: first.root,
    secondRoot: second.root,
    path: proof,
  })
  return {
    why: grew ? null : 'the log did not grow out of the checkpoint that you gave, or the proof is of others',
  }
}

async function readProof(path: string): Promise<readonly Uint8Array[] | null> {
  const bytes = await read(path)
  const parsed = bytes === null ? null : parseJson(bytes)
  const list = parsed?.ok && isJsonObject(parsed.value) ? parsed.value.get('path') : undefined
  if (!Array.isArray(list)) return null
  const hashes = list.flatMap(one =>
    typeof one === 'string' && /^[0-9a-f]{64}$/.test(one) ? [Buffer.from(one, 'hex')] : [],
  )
  return hashes.length === list.length ? hashes : null
}

function jsonOf(verdict: ReceiptVerdict, refused: string | null, held: boolean) {
  if (!verdict.ok || refused !== null)
    return { genuine: false, check: verdict.ok ? 'log' : verdict.check, why: refused }
  const { keyId, leaf, log, facts } = verdict
  return { genuine: true, key: keyId, leaf, log, checkpoint_held: held, facts: toPlain(facts) }
}

/** Where the keys lie that are trusted on this machine. */
function trustFile(environment: Environment): string {
  const read = readConfig(environment, 'verify')
  return join(read.ok ? read.config.dataDir : '.quittance', 'trusted-keys.json')
}

async function readKeys(path: string): Promise<readonly ReceiptKey[] | string> {
  const bytes = await read(path)
  if (bytes === null) return `there are no keys in ${path}`
  const parsed = parseJson(bytes)
  const keys = parsed.ok ? readReceiptKeySet(parsed.value) : parsed.why
  return typeof keys === 'string' ? `${path} is no key set: ${keys}` : keys
}

/** Null where there is none, or one far too large. */
async function read(path: string): Promise<Buffer | null> {
  const bytes = await readFile(path).catch(() => null)
  return bytes !== null && bytes.length <= 16 * RECEIPT_BYTES_MAX ? bytes : null
}
