// One request by hand: what a client of the Payout Proof API would send. It builds what it is given, wrong fields too,
// because it is there to find out why a signature is refused.
import { assert } from '../../lib/assert.ts'
import type { BuilderOrder, Built, RequestBuilder } from '../protocol.ts'
import { proofapiExplain } from './explain.ts'
import { proofapiSign } from './sign.ts'
import { PROOFAPI_CONTENT_TYPE, PROOFAPI_KEY_HEADER, PROOFAPI_PATH } from './wire.ts'

export const proofapiBuilder: RequestBuilder = {
  // The pid is filled in from the credential, where it has one.
  calls: [{ name: 'proof', path: PROOFAPI_PATH, example: () => ({ order_id: 'ORDER_123456' }) }],
  build,
  explain: proofapiExplain,
}

function build({ call, fields, credential, baseUrl, path }: BuilderOrder): Built {
  assert(
    proofapiBuilder.calls.some(({ name }) => name === call),
    'a call that is built is one of the list',
  )
  const { publicId, secret, settings } = credential
  // The door knows a key by its hash; a client holds the key itself, in the setting or in the place of the id.
  const apiKey = settings.api_key || publicId
  if (!/^[!-~]+$/.test(apiKey))
    return { ok: false, why: 'the API key is printable characters without blanks' }
  if (secret === '') return { ok: false, why: 'nothing is signed with an empty secret' }
  const pid = fields.get('pid') ?? firstPidOf(settings.pids)
  if (pid === null) return { ok: false, why: 'pid is a field that has to be given' }
  const orderId = fields.get('order_id')
  if (orderId === undefined) return { ok: false, why: 'order_id is a field that has to be given' }
  if (!pid.isWellFormed() || !orderId.isWellFormed())
    return { ok: false, why: 'pid and order_id are well-formed text' }

  const signature = proofapiSign({ pid, orderId }, secret)
  const others = [...fields].filter(([name]) => !['pid', 'order_id', 'signature'].includes(name))
  return {
    ok: true,
    request: {
      method: 'POST',
      url: baseUrl + (path ?? PROOFAPI_PATH),
      headers: { 'content-type': PROOFAPI_CONTENT_TYPE, [PROOFAPI_KEY_HEADER]: apiKey },
      body: JSON.stringify({ pid, order_id: orderId, signature, ...Object.fromEntries(others) }),
    },
    canonical: pid + orderId,
    hashed: [
      { text: pid, secret: false },
      { text: secret, secret: true },
      { text: orderId, secret: false },
    ],
    algorithm: 'SHA-256',
    signature: Buffer.from(signature, 'hex'),
  }
}

/** The first of a list `PID001,PID002=m_other`, or null where there is none. */
function firstPidOf(pids: string | undefined): string | null {
  const [first = ''] = (pids ?? '').split(/[,=]/)
  return first.trim() || null
}
