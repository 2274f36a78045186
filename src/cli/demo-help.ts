// What the demo prints for people who want to try it by hand: credentials, and lines that can be pasted.
import type { Clock } from '../lib/clock.ts'
import { isoTime } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { behaviourNamed } from '../simulator/magic.ts'
import { curlLine, shellQuoted } from './curl.ts'
import { planSample } from './sample.ts'
import { nativeRequest, payproRequest, type SampleTarget } from './sample-send.ts'
import { SANDBOX_API_KEY, SANDBOX_CREDENTIALS, sandboxCredential } from './sandbox-credentials.ts'
import type { Paint } from './terminal.ts'

export function credentialLines(url: string, paint: Paint): readonly string[] {
  const row = (name: string, value: string): string => `  ${paint('bold', name.padEnd(8))} ${value}`
  return [
    row('API', `${url}/v1/payouts   reference ${url}/docs   metrics ${url}/metrics`),
    row('native', `Authorization: Bearer ${SANDBOX_API_KEY}`),
    ...SANDBOX_CREDENTIALS.map(({ door, publicId, secret }) =>
      row(door, credentialWords(door, publicId, secret)),
    ),
    row('wallets', `${SHOWN_WALLETS.map(walletWords).join('; ')}; all of them: docs/simulator.md`),
  ]
}

/** Wallets by which a person meets a failure, a doubt that is settled and one that stays. */
const SHOWN_WALLETS = ['failed_later', 'answer_lost', 'never_arrived']

function walletWords(name: string): string {
  const behaviour = behaviourNamed(name)
  return behaviour === null ? name : `${behaviour.wallet} ${behaviour.says}`
}

function credentialWords(door: string, publicId: string, secret: string): string {
  return door === 'paypro' ? `merchantNo ${publicId}, app secret ${secret}` : `${publicId}, secret ${secret}`
}

/** Each with its title in front. The create and the query are about one payout, and so are the two native lines. */
export function tryLines(
  target: SampleTarget,
  needs: { clock: Clock; random: Random },
): readonly { readonly title: string; readonly line: string }[] {
  const reference = isoTime(needs.clock.now()).replace(/[-:T]|\..*$/g, '') + needs.random.text(ALPHABET, 6)
  const fields = {
    tradeNo: reference,
    amount: '300',
    notifyUrl: target.notifyUrl,
    wayCode: 'EWALLET_BKASH',
    walletId: '01711111111',
    remark: 'by hand',
  }
  const create = payproRequest('payout', fields, target.url, needs)
  const query = payproRequest('query', { tradeNo: reference }, target.url, needs)
  const [sample] = planSample(1, `hand-${reference}`)
  const native = sample === undefined ? null : nativeRequest(sample, target)
  const secret = sandboxCredential('paypro')?.secret ?? ''
  return [
    { title: 'a payout at the PayPro door', line: curlLine(create.request) },
    { title: 'its state at the same door', line: curlLine(query.request) },
    {
      title: 'its signature, by openssl alone',
      line: `printf %s%s ${shellQuoted(create.canonical)} ${secret} | openssl dgst -md5`,
    },
    ...(native === null ? [] : [{ title: 'a payout natively', line: curlLine(native) }]),
    {
      title: 'the payout of the PayPro door, natively',
      line: `curl -sS -H 'authorization: Bearer ${SANDBOX_API_KEY}' '${target.url}/v1/payouts?reference=${reference}'`,
    },
    { title: 'another request to sign', line: 'npm run -s quittance -- sign paypro' },
  ]
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'
