// One request by hand: what a client would send, with the normalized parameters and the base string that its signature
// is made over. It builds what it is given, wrong parameters too, because it is there to find out why one is refused.
import { assert } from '../../lib/assert.ts'
import type { BuilderCall, BuilderOrder, Built, CallMoment, RequestBuilder } from '../protocol.ts'
import { payneteasyExplain } from './explain.ts'
import {
  payneteasyAuthorization,
  payneteasyBaseString,
  payneteasyBaseUrl,
  payneteasyControl,
  payneteasyNormalized,
  payneteasyOauth,
  payneteasySign,
  payneteasyStatusText,
} from './sign.ts'
import {
  PAYNETEASY_FORM_TYPE,
  PAYNETEASY_PATHS,
  type PayneteasyCall,
  type PayneteasyParameters,
  payneteasyWriteForm,
} from './wire.ts'

export const payneteasyBuilder: RequestBuilder = {
  calls: [
    ...calls('payout-check', createExample),
    ...calls('payout-pay', orderExample),
    ...calls('payout', createExample),
    ...calls('status', orderExample),
    ...calls('status-v2', orderExample),
  ],
  build,
  explain: payneteasyExplain,
}

/** At the endpoint of the document's example, and at a group. */
function calls(call: PayneteasyCall, example: BuilderCall['example']): readonly BuilderCall[] {
  const path = PAYNETEASY_PATHS[call]
  return [
    { name: call, path: `${path}/39915`, example },
    { name: payneteasyGroupCall(call), path: `${path}/group/1`, example },
  ]
}

/** What the call is named where it asks at a group. */
export function payneteasyGroupCall(call: PayneteasyCall): string {
  return `${call}-group`
}

function build(order: BuilderOrder): Built {
  const { call, credential, baseUrl, path } = order
  const known = payneteasyBuilder.calls.find(({ name }) => name === call)
  assert(known !== undefined, 'a call that is built is one of the list')
  const url = baseUrl + (path ?? known.path)
  const baseStringUrl = payneteasyBaseUrl(url)
  if (baseStringUrl === null || /[?#]/.test(url))
    return { ok: false, why: 'the address is absolute, http or https, without query and fragment' }
  if ([...order.fields].some(([name, value]) => !name.isWellFormed() || !value.isWellFormed()))
    return { ok: false, why: 'a parameter is no well-formed text' }
  const parameters = withLogin(order)
  return isV2(call)
    ? withControl(url, parameters, credential.secret)
    : withOauth(url, baseStringUrl, parameters, order)
}

function withOauth(
  url: string,
  baseStringUrl: string,
  parameters: PayneteasyParameters,
  { credential, at }: BuilderOrder,
): Built {
  const pem = credential.settings.private_key ?? ''
  if (pem === '') return { ok: false, why: 'private_key is missing: PEM text, PKCS#1 or PKCS#8' }
  const oauth = payneteasyOauth(credential.publicId, at)
  const all = [...parameters, ...oauth]
  const baseString = payneteasyBaseString(baseStringUrl, all)
  const signed = payneteasySign(pem, baseString)
  if (!signed.ok) return { ok: false, why: `private_key: ${signed.why}` }
  const { signature } = signed
  const base64 = Buffer.from(signature).toString('base64')
  return {
    ok: true,
    request: {
      method: 'POST',
      url,
      headers: {
        authorization: payneteasyAuthorization([...oauth, ['oauth_signature', base64]]),
        'content-type': PAYNETEASY_FORM_TYPE,
      },
      body: payneteasyWriteForm(parameters),
    },
    canonical: payneteasyNormalized(all),
    hashed: [{ text: baseString, secret: false }],
    algorithm: 'RSA-SHA256',
    signature,
  }
}

function withControl(url: string, parameters: PayneteasyParameters, merchantControl: string): Built {
  if (merchantControl === '') return { ok: false, why: 'nothing is signed with an empty merchant control' }
  const value = (name: string) => parameters.find(one => one[0] === name)?.[1] ?? ''
  const text = payneteasyStatusText({
    login: value('login'),
    clientOrderid: value('client_orderid'),
    orderid: value('orderid'),
  })
  const control = payneteasyControl(text, merchantControl)
  const written = [...parameters.filter(([name]) => name !== 'control'), ['control', control] as const]
  return {
    ok: true,
    request: {
      method: 'POST',
      url,
      headers: { 'content-type': PAYNETEASY_FORM_TYPE },
      body: payneteasyWriteForm(written),
    },
    canonical: text,
    hashed: [
      { text, secret: false },
      { text: merchantControl, secret: true },
    ],
    algorithm: 'SHA-1',
    signature: Buffer.from(control, 'hex'),
  }
}

/**
 * The login is filled in where it is not given: the first that the credential names, or the consumer key, by which the
 * call without OAuth is known.
 */
function withLogin({ call, fields, credential }: BuilderOrder): PayneteasyParameters {
  if (fields.has('login')) return [...fields]
  if (isV2(call)) return [...fields, ['login', credential.publicId]]
  const [first = ''] = (credential.settings.logins ?? credential.settings.login ?? '').split(',')
  return [...fields, ['login', first.trim() === '' ? credential.publicId : first.trim()]]
}

function isV2(call: string): boolean {
  return call === 'status-v2' || call === payneteasyGroupCall('status-v2')
}

/** The order of the document's example. It has to have been created before. */
function orderExample(): Record<string, string> {
  return { client_orderid: '3', orderid: '900258' }
}

function createExample({ nowMs, nonce }: CallMoment): Record<string, string> {
  return {
    client_orderid: `test-${Math.floor(nowMs / 1_000)}-${nonce.slice(0, 8)}`,
    amount: '10.50',
    currency: 'EUR',
    order_desc: 'test',
    account_number: 'DE89370400440532013000',
    bank_name: 'Example Bank',
    server_callback_url: 'http://127.0.0.1:8080/notify',
  }
}
