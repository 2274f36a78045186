// Sends the sample over real HTTP, as clients of ours would: half of it in PayPro's own words, half natively.
import { request } from 'undici'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { WireRequest } from '../protocols/protocol.ts'
import { protocolNamed } from '../protocols/registry.ts'
import type { SamplePayout } from './sample.ts'
import { SANDBOX_API_KEY, sandboxCredential } from './sandbox-credentials.ts'

export interface SampleTarget {
  /** Where the demo listens. */
  readonly url: string
  /** Where door notices are received. */
  readonly notifyUrl: string
}

/** The request of a client whose payout this is. */
export function sampleRequest(
  payout: SamplePayout,
  target: SampleTarget,
  needs: { clock: Clock; random: Random },
): WireRequest {
  return payout.via === 'api' ? nativeRequest(payout, target) : doorRequest(payout, target, needs)
}

/** Null where it was taken; else what was answered, or that nothing was. */
export async function sendSample(wire: WireRequest): Promise<string | null> {
  try {
    const { method, url, headers, body } = wire
    const answer = await request(url, {
      method,
      headers,
      body,
      headersTimeout: ANSWER_MS_MAX,
      bodyTimeout: ANSWER_MS_MAX,
    })
    const text = await answer.body.text()
    const taken = answer.statusCode === 201 || (answer.statusCode === 200 && text.includes('"code":"0000"'))
    return taken ? null : `${answer.statusCode} ${text.slice(0, SHOWN_LENGTH_MAX)}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const ANSWER_MS_MAX = 10_000
const SHOWN_LENGTH_MAX = 300
const NONCE_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function nativeRequest(
  { reference, amount, operator, wallet, behaviour }: SamplePayout,
  { url }: Pick<SampleTarget, 'url'>,
): WireRequest {
  return {
    method: 'POST',
    url: `${url}/v1/payouts`,
    headers: {
      authorization: `Bearer ${SANDBOX_API_KEY}`,
      'content-type': 'application/json',
      'idempotency-key': reference,
    },
    body: JSON.stringify({
      reference,
      amount,
      currency: 'BDT',
      beneficiary: { kind: 'wallet', operator, number: wallet },
      description: behaviour.name,
    }),
  }
}

const WAY_CODES = { bkash: 'EWALLET_BKASH', rocket: 'EWALLET_ROCKET', nagad: 'EWALLET_NAGAD' } as const

function doorRequest(
  { reference, amount, operator, wallet, behaviour }: SamplePayout,
  { url, notifyUrl }: SampleTarget,
  needs: { clock: Clock; random: Random },
): WireRequest {
  const fields = {
    tradeNo: reference,
    amount,
    notifyUrl,
    wayCode: WAY_CODES[operator],
    walletId: wallet,
    remark: behaviour.name,
  }
  return payproRequest('payout', fields, url, needs).request
}

/** One request of the sandbox merchant at the PayPro door, with the text that its signature is made over. */
export function payproRequest(
  call: string,
  fields: Readonly<Record<string, string>>,
  url: string,
  { clock, random }: { clock: Clock; random: Random },
): { readonly request: WireRequest; readonly canonical: string } {
  const builder = protocolNamed('paypro')?.builder
  const credential = sandboxCredential('paypro')
  if (builder == null || credential === null)
    throw new Error('PayPro can be built by hand and has a sandbox credential')
  const built = builder.build({
    call,
    fields: new Map(Object.entries(fields)),
    credential,
    baseUrl: url,
    path: null,
    at: { nowMs: clock.now(), nonce: random.text(NONCE_ALPHABET, 32) },
  })
  if (!built.ok) throw new Error(built.why)
  return built
}
