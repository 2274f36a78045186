// The claims of the three protocols that hash: MD5 with a salt, SHA-256 with a secret behind, SHA-256 with it between.
import { type Claim, isPlainlyNone, mistakeOf, WRITING } from './claims.ts'
import { at, type Entry, listAt, textAt } from './vectors.ts'

type Fields = Readonly<Record<string, unknown>>

// ---- sorted key1=value1key2=value2, salted -----------------------------------------------------------------------

const PAYPRO_SECRETS: Readonly<Record<string, string>> = { '1000000002': 'inactive-app-secret' }

export function payproClaims(entry: Entry): readonly Claim[] {
  const { id } = entry
  const secret = () => textAt(entry, 'input', 'secret')
  const md5 = (stated: string, of: string): Claim => ({ id, stated, made: 'md5', of, form: 'hex' })
  switch (entry.kind) {
    case 'sign':
      return [md5(textAt(entry, 'expected', 'sign'), textAt(entry, 'expected', 'string_to_hash'))]
    case 'candidates':
      return listAt(entry, 'expected', 'candidates').map(candidate =>
        md5(textAt(candidate, 'sign'), textAt(candidate, 'canonical') + secret()),
      )
    case 'canonical-collision':
      return [md5(textAt(entry, 'expected', 'sign'), textAt(entry, 'expected', 'canonical') + secret())]
    case 'verify-negative':
      return [payproMistake(entry, sortedPairs(fieldsAt(entry, 'input', 'fields')) + secret())]
    case 'note':
      return [{ id, stated: textAt(entry, 'input', 'sign'), made: 'none', why: 'printed in the document' }]
    case 'door-case':
    case 'door-sequence':
      return bodiesOf(entry).map(body => {
        const stated = textAt(body, 'sign')
        if (isPlainlyNone(stated)) return { id, stated, made: 'none', why: 'a wrong one' }
        const merchantNo = at(entry, 'input', 'headers', 'merchantNo')
        const salt = PAYPRO_SECRETS[`${merchantNo}`] ?? 'sandbox-paypro-secret'
        // Refused for what it is before anybody looks at its sign, which is that of the document's body.
        const fields = id === 'paypro-door-nested' ? { ...body, remark: 'test' } : body
        return md5(stated, sortedPairs(fields) + salt)
      })
    default:
      return []
  }
}

function payproMistake(entry: Entry, right: string): Claim {
  const { id } = entry
  const stated = textAt(entry, 'input', 'sign')
  const hashed = at(entry, 'input', 'string_that_was_hashed')
  if (typeof hashed === 'string')
    return { id, stated, made: 'md5', of: hashed, form: 'hex', insteadOf: right }
  if (mistakeOf(id) === 'sha256')
    return { id, stated, made: 'sha256', of: right, form: 'hex', insteadOf: right }
  return { id, stated, made: 'md5', of: right, form: writing(id), insteadOf: right }
}

function sortedPairs(fields: Fields): string {
  return Object.keys(fields)
    .filter(name => name !== 'sign' && fields[name] !== '' && fields[name] !== null)
    .sort()
    .map(name => `${name}=${fields[name]}`)
    .join('')
}

// ---- listed values sorted by name, a colon between, the secret directly behind ------------------------------------

const AVANOR_SECRET = 'account-secret-key'
const AVANOR_SIGNED: Readonly<Record<string, readonly string[]>> = {
  'withdraw/status': ['now', 'shop_id', 'withdraw_id'],
  'withdraw/create': [
    ...['account', 'amount', 'amount_type', 'payway', 'shop_currency', 'shop_id', 'shop_payment_id'],
  ],
}
/** Refused for what they lack: their sign is that of the whole body. */
const AVANOR_WHOLE: Fields = { now: '2026-05-24T16:35:42', shop_id: 202203, withdraw_id: 123 }
const AVANOR_LACKING = ['avanor-door-duplicate-key', 'avanor-door-no-shop', 'avanor-door-no-withdraw-id']

export function avanorClaims(entry: Entry): readonly Claim[] {
  const { id } = entry
  const sha256 = (stated: string, of: string): Claim => ({ id, stated, made: 'sha256', of, form: 'hex' })
  switch (entry.kind) {
    case 'sign':
      return [sha256(textAt(entry, 'expected', 'sign'), textAt(entry, 'expected', 'string_to_sign'))]
    case 'number-literal':
      return [
        { id, stated: '?', made: 'none', why: 'to be filled in' },
        ...listAt(entry, 'expected', 'candidates').map(candidate =>
          sha256(textAt(candidate, 'sign'), textAt(candidate, 'string_to_sign')),
        ),
      ]
    case 'verify-negative': {
      const names = listAt(entry, 'input', 'signed_fields').map(String)
      return [avanorMistake(entry, valuesOf(fieldsAt(entry, 'input', 'fields'), names))]
    }
    case 'door-case':
    case 'door-sequence':
      return bodiesOf(entry).map(body => {
        const stated = textAt(body, 'sign')
        if (isPlainlyNone(stated)) return { id, stated, made: 'none', why: 'a wrong one' }
        const method = textAt(entry, 'input', 'path').replace(/^(\/gateway\/v1)?\//, '')
        const fields = AVANOR_LACKING.includes(id) ? AVANOR_WHOLE : body
        return sha256(stated, valuesOf(fields, AVANOR_SIGNED[method] ?? []) + AVANOR_SECRET)
      })
    default:
      return []
  }
}

function avanorMistake(entry: Entry, values: string): Claim {
  const { id } = entry
  const stated = textAt(entry, 'input', 'sign')
  const hashed = at(entry, 'input', 'string_that_was_hashed')
  const insteadOf = values + AVANOR_SECRET
  if (typeof hashed === 'string') return { id, stated, made: 'sha256', of: hashed, form: 'hex', insteadOf }
  if (mistakeOf(id) === 'hmac')
    return { id, stated, made: { hmac: AVANOR_SECRET }, of: values, form: 'hex', insteadOf }
  return { id, stated, made: 'sha256', of: insteadOf, form: writing(id), insteadOf }
}

function valuesOf(fields: Fields, names: readonly string[]): string {
  return [...names]
    .sort()
    .map(name => `${fields[name]}`)
    .join(':')
}

// ---- pid + secret + order_id ---------------------------------------------------------------------------------------

const PROOF_SECRET = 'sandbox-proof-secret'
const PROOF_STANDARD = `PID001${PROOF_SECRET}ORDER_123456`
/** Mistakes that the entries describe in words: what was hashed. */
const PROOF_MISTAKES: Readonly<Record<string, string>> = {
  'trailing-newline-in-string': `${PROOF_STANDARD}\n`,
  'reordered-secret-first': `${PROOF_SECRET}PID001ORDER_123456`,
  'reordered-secret-last': `PID001ORDER_123456${PROOF_SECRET}`,
  'order-first': `ORDER_123456${PROOF_SECRET}PID001`,
  'empty-order': `PID001${PROOF_SECRET}`,
  'other-order': `PID001${PROOF_SECRET}ORDER_123457`,
  'wrong-secret': 'PID001other-secretORDER_123456',
}

export function proofapiClaims(entry: Entry): readonly Claim[] {
  const { id } = entry
  const sha256 = (stated: string, of: string): Claim => ({ id, stated, made: 'sha256', of, form: 'hex' })
  switch (entry.kind) {
    case 'sign':
      return [sha256(textAt(entry, 'expected', 'signature'), textAt(entry, 'expected', 'string_to_hash'))]
    case 'verify-negative':
      return [proofMistake(entry)]
    case 'door-case':
      return bodiesOf(entry, 'signature').map(body => {
        const stated = textAt(body, 'signature')
        if (isPlainlyNone(stated)) return { id, stated, made: 'none', why: 'a wrong one' }
        const { pid, order_id: orderId } = body
        // What is missing or there twice is refused before the signature, which is that of the standard request.
        const isWhole = pid && orderId && id !== 'proof-door-duplicate-key'
        return sha256(stated, isWhole ? `${pid}${PROOF_SECRET}${orderId}` : PROOF_STANDARD)
      })
    default:
      return []
  }
}

function proofMistake(entry: Entry): Claim {
  const { id } = entry
  const mistake = mistakeOf(id)
  const stated = textAt(entry, 'input', 'signature')
  const insteadOf = PROOF_STANDARD
  if (mistake === 'hmac')
    return { id, stated, made: { hmac: PROOF_SECRET }, of: 'PID001ORDER_123456', form: 'hex', insteadOf }
  const of = PROOF_MISTAKES[mistake]
  if (of !== undefined) return { id, stated, made: 'sha256', of, form: 'hex', insteadOf }
  return { id, stated, made: 'sha256', of: PROOF_STANDARD, form: writing(id), insteadOf }
}

// ---- what they share -------------------------------------------------------------------------------------------------

function writing(id: string) {
  const form = WRITING.get(mistakeOf(id))
  if (form === undefined) throw new Error(`${id} makes a mistake that is not known here`)
  return form
}

function fieldsAt(entry: Entry, ...path: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(at(entry, ...path) ?? {}))
}

/** The signed bodies of a door case or of each step of a sequence. */
function bodiesOf(entry: Entry, member = 'sign'): readonly Fields[] {
  const steps = entry.kind === 'door-sequence' ? listAt(entry, 'input', 'steps') : [entry.input]
  return steps.flatMap(step => {
    const raw = textAt(step, 'raw_body')
    if (!raw.startsWith('{')) return []
    const body: Fields = JSON.parse(raw)
    return typeof body[member] === 'string' ? [body] : []
  })
}
