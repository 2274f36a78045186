/**
 * What may be printed of something that was logged: members whose name tells a secret or a person are replaced, bytes
 * are only counted, errors keep their kind, text and place but none of the fields that drivers attach to them, and
 * what lies deeper or further than anybody reads is cut. Values that know how to print themselves do so.
 */
export function redactLine(line: object): Record<string, unknown> {
  return redactMembers(line, 0)
}

/**
 * Compared in lower case and without `-` and `_`, so one row catches every spelling. Plain `name` is not here: it names
 * providers and routes far more often than people, whose names are masked values.
 */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  ...[
    'authorization',
    'proxyauthorization',
    'cookie',
    'setcookie',
    'xapikey',
    'apikey',
    'xsign',
    'xsignature',
  ],
  ...[
    'password',
    'passphrase',
    'secret',
    'appsecret',
    'clientsecret',
    'consumersecret',
    'merchantcontrol',
    'pin',
  ],
  ...[
    'token',
    'accesstoken',
    'refreshtoken',
    'key',
    'privatekey',
    'masterkey',
    'quittancemasterkey',
    'databaseurl',
  ],
  ...['sign', 'signature', 'control', 'oauthsignature', 'webhooksignature', 'mac', 'sealed', 'plain'],
  ...['beneficiary', 'wallet', 'walletid', 'account', 'accountnumber', 'accountno', 'bankaccount', 'iban'],
  ...['phone', 'phonenumber', 'mobile', 'msisdn', 'email', 'address', 'remark', 'purpose'],
  ...['accountname', 'beneficiaryname', 'fullname', 'firstname', 'lastname', 'middlename', 'birthdate'],
  ...['cardnumber', 'creditcardnumber', 'pan', 'cvv', 'cvv2', 'cardprintedname'],
])

const REDACTED = '[redacted]'
const DEPTH_MAX = 5
const MEMBERS_MAX = 100

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH_MAX) return '[deep]'
  if (value instanceof Error) return redactError(value, depth)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
  if ('toJSON' in value && typeof value.toJSON === 'function') return value
  if (value instanceof Map) return redactMembers(Object.fromEntries(value), depth)
  if (value instanceof Set) return redactList([...value], depth)
  return Array.isArray(value) ? redactList(value, depth) : redactMembers(value, depth)
}

function redactMembers(members: object, depth: number): Record<string, unknown> {
  const shown: [string, unknown][] = []
  for (const [name, value] of Object.entries(members)) {
    if (shown.length === MEMBERS_MAX) break
    shown.push([name, isSecret(name) ? REDACTED : redactValue(value, depth + 1)])
  }
  return Object.fromEntries(shown)
}

function redactList(list: readonly unknown[], depth: number): readonly unknown[] {
  return list.slice(0, MEMBERS_MAX).map(item => redactValue(item, depth + 1))
}

/** Drivers hang the failed statement and its values on an error: only what every error has is kept, and its code. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const facts: Record<string, unknown> = { type: error.name, message: error.message, stack: error.stack }
  if ('code' in error) facts.code = redactValue(error.code, depth + 1)
  if (error.cause !== undefined) facts.cause = redactValue(error.cause, depth + 1)
  if (error instanceof AggregateError) facts.errors = redactList(error.errors, depth)
  return facts
}

function isSecret(name: string): boolean {
  return SECRET_NAMES.has(name.toLowerCase().replaceAll('-', '').replaceAll('_', ''))
}
