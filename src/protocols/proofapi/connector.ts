// The Payout Proof API with us as the client: asks for the pictures of a payout that was paid elsewhere, by the reference
// under which that provider knows it. What it says is evidence and no reading of it changes a payout.
import { accountFlaw, isSecretSetting } from '../account-settings.ts'
import { CAPABILITY_DEFAULTS, type Capabilities, declareCapabilities } from '../capabilities.ts'
import type { ProofConnector, ProofReading, ProofSubject, ProviderAccount, WireAnswer } from '../protocol.ts'
import { proofapiReadImages } from './images.ts'
import { proofapiSign } from './sign.ts'
import { proofapiSaidOfStatus } from './status.ts'
import {
  PROOFAPI_CONTENT_TYPE,
  PROOFAPI_KEY_HEADER,
  PROOFAPI_PATH,
  PROOFAPI_PID_LENGTH_MAX,
  proofapiEncodeRequest,
  proofapiReadAnswer,
  proofapiText,
} from './wire.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const DAYS = [1, 2, 3, 4, 5, 6, 7]

export const proofapiConnector: ProofConnector = {
  checkAccount,
  capabilities: () => CAPABILITIES,
  // Contract, section 9: proof arrives late, and after a week it does not arrive any more.
  scheduleMs: [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, ...DAYS.map(day => day * DAY_MS)],

  request({ reference }, { baseUrl, settings }) {
    const { pid = '', api_key = '', secret = '' } = settings
    const signature = proofapiSign({ pid, orderId: reference }, secret)
    return {
      method: 'POST',
      url: baseUrl + PROOFAPI_PATH,
      headers: { 'content-type': PROOFAPI_CONTENT_TYPE, [PROOFAPI_KEY_HEADER]: api_key },
      body: proofapiEncodeRequest({ pid, orderId: reference, signature }),
    }
  },
  read,
  scrub,
}

/**
 * It can be asked by our reference, for pictures and for nothing else: every field that dispatch would pay or judge by
 * keeps its default.
 */
const CAPABILITIES: Capabilities = declareCapabilities({
  reference: { alphabet: '0123456789abcdefghijklmnopqrstuvwxyz', length: 24 },
  bodyStatuses: [200, 400, 401],
  maxAnswerBytes: 16 * CAPABILITY_DEFAULTS.maxAnswerBytes,
  proof: true,
})

// ---- the account ---------------------------------------------------------------------------------------------

const SETTINGS = new Set(['pid', 'api_key', 'secret'])

function checkAccount(account: ProviderAccount): string | null {
  const { settings } = account
  const flaw = accountFlaw(account, SETTINGS)
  if (flaw !== null) return flaw
  const pid = settings.pid ?? ''
  if (proofapiText(pid, PROOFAPI_PID_LENGTH_MAX) === null || !isSecretSetting(pid))
    return 'pid is missing, longer than 64 characters, or begins or ends with a blank'
  if (!/^[!-~]{1,256}$/.test(settings.api_key ?? ''))
    return 'api_key is missing or not 1 to 256 printable characters'
  if (!isSecretSetting(settings.secret ?? '')) return 'secret is missing or begins or ends with a blank'
  return null
}

// ---- the answer ----------------------------------------------------------------------------------------------

/** Contract, sections 5 to 7. HTTP 200 alone says nothing: two refusals carry it. */
function read({ status, body }: WireAnswer, subject: ProofSubject): ProofReading {
  if (status === 400) return stop('they cannot read our request')
  if (status === 401) return stop('they refuse our API key or signature')
  if (status !== 200) return notYet(`HTTP ${status}`)
  const answer = proofapiReadAnswer(body)
  if (answer === null) return notYet('not one JSON object')
  if (answer.status === 'error') return readRefusal(answer.message)
  if (answer.status === null) return notYet('neither success nor error')
  if (answer.orderId !== subject.reference) return stop('they answered about another order')
  const { images, dropped } = proofapiReadImages(answer.images ?? [])
  return { kind: 'found', said: proofapiSaidOfStatus(answer.transactionStatus), images, dropped }
}

function readRefusal(message: string | null): ProofReading {
  if (message === 'Invalid user') return stop('they do not know our pid')
  return notYet(
    message === 'Transaction not found' ? 'they do not know the order' : 'an error in other words',
  )
}

function stop(why: string): ProofReading {
  return { kind: 'stop', why }
}

function notYet(why: string): ProofReading {
  return { kind: 'not_yet', why }
}

// ---- what a transcript keeps ---------------------------------------------------------------------------------

/** Pictures go first, they are personal data; then keys and signatures, by their names and by their form. */
function scrub(text: string): string {
  return text
    .replace(IMAGE, '[image]')
    .replace(SECRET_FIELD, '$1[removed]')
    .replace(HEX, '[removed]')
    .replace(BASE64, '[removed]')
}

/** A data URI holds neither quotes nor blanks, so this also takes one that was cut, or is written with `\/`. */
const IMAGE = /data:[^"'\s]+/gi
const SECRET_FIELD =
  /((?:signature|secret|token|authorization|api[_-]?key)\\*"?\s*[:=]\s*\\*"?)([^"\\\s,;}]+)/gi
const HEX = /(?<![0-9A-Za-z])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])/g
/** Longer than any id: what is left of a picture. */
const BASE64 = /[0-9A-Za-z+/\\]{200,}={0,2}/g
