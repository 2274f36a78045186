// What the demo prints for people who want to try it by hand: credentials, and lines that can be pasted.
import type { Clock } from '../lib/clock.ts'
import { isoTime } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { curlLine, shellQuoted } from '../protocols/by-hand-curl.ts'
import { PROTOCOLS } from '../protocols/registry.ts'
import { behaviourNamed } from '../simulator/magic.ts'
import { planSample } from './sample.ts'
import { nativeOrder } from './sample-send.ts'
import type { SandboxClient } from './sandbox-client.ts'
import { SANDBOX_API_KEY, sandboxCredential } from './sandbox-credentials.ts'
import { SANDBOX_PEOPLE } from './sandbox-people.ts'
import type { Paint } from './terminal.ts'

/** @param keyPath the file of the sandbox merchant's private key at a door, or null where it signs with none */
export function credentialLines(
  url: string,
  keyPath: (door: string) => string | null,
  paint: Paint,
): readonly string[] {
  const row = (name: string, value: string): string => `  ${paint('bold', name.padEnd(10))} ${value}`
  return [
    row('API', `${url}/v1/payouts   reference ${url}/docs   metrics ${url}/metrics`),
    row('native', `Authorization: Bearer ${SANDBOX_API_KEY}`),
    ...PROTOCOLS.flatMap(({ name }) => {
      const words = credentialWords(name, keyPath(name))
      return words === null ? [] : [row(name, words)]
    }),
    row(
      'magic',
      `${SHOWN_WALLETS.map(walletWords).join('; ')}; cards, accounts and the rest: docs/simulator.md`,
    ),
  ]
}

/** How the console is opened. */
export function consoleLines(url: string, password: string, paint: Paint): readonly string[] {
  const people = SANDBOX_PEOPLE.map(({ email }) => email).join(', ')
  return [
    `  ${paint('bold', 'console'.padEnd(10))} ${url}/   ${people}`,
    `  ${paint('bold', 'password'.padEnd(10))} ${password}   of all three, until the next start`,
  ]
}

/** Wallets by which a person meets a failure, a doubt that is settled and one that stays. */
const SHOWN_WALLETS = ['failed_later', 'answer_lost', 'never_arrived']

function walletWords(name: string): string {
  const behaviour = behaviourNamed(name)
  return behaviour === null ? name : `${behaviour.wallet} ${behaviour.says}`
}

/** What a client is given; the key of a door that knows only its hash stands in the settings. */
function credentialWords(door: string, keyPath: string | null): string | null {
  const credential = sandboxCredential(door)
  if (credential === null) return null
  const { api_key: apiKey, addresses: _addresses, public_key: _publicKey, ...settings } = credential.settings
  return [
    apiKey ?? credential.publicId,
    `secret ${credential.secret}`,
    ...Object.entries(settings).map(([name, value]) => `${name} ${value}`),
    ...(keyPath === null ? [] : [`private key ${keyPath}`]),
  ].join(', ')
}

/** Each with its title in front. The create and the query are about one payout, and so are the two native lines. */
export function tryLines(
  client: SandboxClient,
  notifyUrl: string,
  needs: { clock: Clock; random: Random },
): readonly { readonly title: string; readonly line: string }[] {
  const reference = isoTime(needs.clock.now()).replace(/[-:T]|\..*$/g, '') + needs.random.text(ALPHABET, 6)
  const create = client.build('paypro', 'payout', {
    tradeNo: reference,
    amount: '300',
    notifyUrl,
    wayCode: 'EWALLET_BKASH',
    walletId: '01711111111',
    remark: 'by hand',
  })
  const query = client.build('paypro', 'query', { tradeNo: reference })
  const [sample] = planSample(1, `hand-${reference}`)
  const native = sample === undefined ? null : client.native('/payouts', nativeOrder(sample))
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
      line: curlLine(client.native(`/payouts?reference=${reference}`)),
    },
    {
      title: 'its proof at the Proof door',
      line: curlLine(client.build('proofapi', 'proof', { order_id: reference }).request),
    },
  ]
}

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

/** The command that signs for the demo that runs: what it would not find by itself stands in the line. */
export function signLine(url: string, dataDir: string): string {
  const folder = dataDir === DATA_DIR_UNSAID ? '' : `QUITTANCE_DATA_DIR=${shellQuoted(dataDir)} `
  const where = url === URL_UNSAID ? '' : ` --url ${shellQuoted(url)}`
  return `${folder}npm run -s quittance -- sign paypro${where}`
}

const URL_UNSAID = 'http://127.0.0.1:8080'
const DATA_DIR_UNSAID = '.quittance'
