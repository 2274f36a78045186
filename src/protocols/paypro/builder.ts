// One request by hand: what a client of PayPro would send, with the canonical string that its signature is made over.
// It builds what it is given, wrong fields too, because it is there to find out why a signature is refused.
import { assert } from '../../lib/assert.ts'
import { isoTime } from '../../lib/clock.ts'
import type { BuilderOrder, Built, CallMoment, RequestBuilder } from '../protocol.ts'
import { payproExplain } from './explain.ts'
import { payproCanonical, payproSaltPosition, payproSign } from './sign.ts'
import { PAYPRO_CONTENT_TYPE, PAYPRO_PATHS, payproEncode } from './wire.ts'

export const payproBuilder: RequestBuilder = {
  calls: [
    { name: 'payout', path: PAYPRO_PATHS.payout, example: payoutExample },
    { name: 'query', path: PAYPRO_PATHS.query, example: () => ({ tradeNo: 'test_00000001' }) },
    { name: 'balance', path: PAYPRO_PATHS.balance, example: () => ({}) },
  ],
  build,
  explain: payproExplain,
}

/** Fields that are to be written as JSON numbers, as some clients do; the signature is made over their literal text. */
interface Numbers {
  readonly numbers?: ReadonlySet<string>
}

function build({ call, fields, numbers, credential, baseUrl, path, at }: BuilderOrder & Numbers): Built {
  const known = payproBuilder.calls.find(({ name }) => name === call)
  assert(known !== undefined, 'a call that is built is one of the list')
  const position = payproSaltPosition(credential.settings.salt_position)
  if (position === null) return { ok: false, why: 'the salt position is append or prepend' }
  if (credential.secret === '') return { ok: false, why: 'nothing is signed with an empty secret' }
  const wrongName = [...fields.keys()].find(name => !FIELD_NAME.test(name))
  if (wrongName !== undefined)
    return { ok: false, why: `a field name is a letter, then letters, digits and _: ${wrongName}` }

  // Empty fields are left out: they are not signed, and so the request means the same under each reading of the rule.
  const written = [...withTimestamp(fields, at)].filter(([name, value]) => value !== '' && name !== 'sign')
  const canonical = payproCanonical(new Map(written))
  const sign = payproSign(new Map(written), { secret: credential.secret, position })
  const secret = { text: credential.secret, secret: true }
  const text = { text: canonical, secret: false }
  return {
    ok: true,
    request: {
      method: 'POST',
      url: baseUrl + (path ?? known.path),
      headers: { 'content-type': PAYPRO_CONTENT_TYPE, merchantNo: credential.publicId },
      body: encode([['sign', sign], ...written], numbers ?? new Set()),
    },
    canonical,
    hashed: position === 'append' ? [text, secret] : [secret, text],
    algorithm: 'MD5',
    signature: Buffer.from(sign, 'hex'),
  }
}

function encode(members: readonly (readonly [string, string])[], numbers: ReadonlySet<string>): string {
  if (numbers.size === 0) return payproEncode(members)
  const texts = members.map(([name, value]) => {
    const isNumber = numbers.has(name) && JSON_NUMBER.test(value)
    return `${JSON.stringify(name)}:${isNumber ? value : JSON.stringify(value)}`
  })
  return `{${texts.join(',')}}`
}

const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

function withTimestamp(fields: ReadonlyMap<string, string>, at: CallMoment): ReadonlyMap<string, string> {
  return fields.has('timestamp') ? fields : new Map([['timestamp', String(Math.trunc(at.nowMs))], ...fields])
}

/** The reference in the recommended form: the time to the second, and chance. */
function payoutExample({ nowMs, nonce }: CallMoment): Record<string, string> {
  return {
    tradeNo: isoTime(nowMs).replace(/[-:T]|\..*$/g, '') + nonce.slice(0, 8),
    amount: '300',
    notifyUrl: 'http://127.0.0.1:8081/notify',
    wayCode: 'EWALLET_BKASH',
    walletId: '01711111111',
    remark: 'test',
  }
}
