// Payneteasy with us as the server. A client written for that gateway works here after changing its base URL and
// credentials. The order of the checks is the contract's (section 7), because a client learns from the first refusal:
//
//   1 path, method, size · 2 form, no query, one header · 3 oauth_ parameters · 4 consumer key, address · 5 time
//   6 signature · 7 nonce · 8 endpoint · 9 parameters · 10 login · 11 order · 12 client_orderid · 13 first answer · 14 state
//
// The answer to a nonce is kept: the same request again gets the same bytes and has no effect, and whoever puts the
// nonce on another request is denied. Nothing but the credential is used of a request before its signature held.
import { unreachable } from '../../lib/assert.ts'
import { sha256 } from '../../lib/digest.ts'
import type { Desk, Door, DoorAnswer, DoorRequest, DoorRoute } from '../protocol.ts'
import {
  payneteasyDenied,
  payneteasyFault,
  payneteasyStoreAnswer,
  payneteasyStoredAnswer,
  payneteasyTooLarge,
} from './answer.ts'
import { PAYNETEASY_BODY_BYTES_MAX, type PayneteasyHeard, payneteasyHear } from './checks.ts'
import { payneteasyCreate } from './create.ts'
import { payneteasyNotices } from './notice.ts'
import { PAYNETEASY_WINDOW_S, type PayneteasyClaims } from './oauth.ts'
import { payneteasyPay } from './pay.ts'
import { payneteasySignatureBytes } from './sign.ts'
import { payneteasyAnswerStatus } from './status-answer.ts'
import { payneteasyTakeTurn } from './turn.ts'
import { PAYNETEASY_PATHS, type PayneteasyCall } from './wire.ts'

export const payneteasyDoor: Door = {
  routes: [
    ...routes('payout-pay'),
    ...routes('payout-check'),
    ...routes('payout'),
    ...routes('status'),
    ...routes('status-v2'),
  ],
  notices: payneteasyNotices,
}

function routes(call: PayneteasyCall): readonly DoorRoute[] {
  return ['/:endpoint', '/group/:group'].map(path => ({
    method: 'POST',
    path: PAYNETEASY_PATHS[call] + path,
    bodyLimitBytes: PAYNETEASY_BODY_BYTES_MAX,
    handle: (request, desk) => handle(request, desk, call),
  }))
}

async function handle(request: DoorRequest, desk: Desk, call: PayneteasyCall): Promise<DoorAnswer> {
  try {
    const hearing = payneteasyHear(request, call, publicId => desk.credential('payneteasy', publicId))
    if (!hearing.ok) return hearing.refusal === 'too_large' ? payneteasyTooLarge() : payneteasyDenied()
    const { heard } = hearing
    if (heard.claims === null) return await answer(request, desk, call, heard)
    return await answerOnce(heard.claims, heard, desk, () => answer(request, desk, call, heard))
  } catch {
    // Whatever broke, it is not known whether the order was recorded or released; nothing here may read as a refusal.
    return payneteasyFault()
  }
}

/** Check 7. Everything behind it is safe to repeat, because a process may end before its answer was kept. */
async function answerOnce(
  { timestamp, nonce, signature }: PayneteasyClaims,
  { credential }: PayneteasyHeard,
  desk: Desk,
  work: () => Promise<DoorAnswer>,
): Promise<DoorAnswer> {
  const use = {
    door: 'payneteasy',
    publicId: credential.publicId,
    key: `${timestamp} ${nonce}`,
    fingerprint: sha256(payneteasySignatureBytes(signature) ?? ''),
    keepMs: NONCE_KEPT_MS,
  }
  const once = await desk.once(use, async () => payneteasyStoreAnswer(await work()))
  return once.kind === 'other' ? payneteasyDenied() : payneteasyStoredAnswer(once.answer)
}

/** Twice the window, and the second in which a timestamp that is one window ahead runs out at the other end. */
const NONCE_KEPT_MS = (2 * PAYNETEASY_WINDOW_S + 1) * 1_000

async function answer(
  request: DoorRequest,
  desk: Desk,
  call: PayneteasyCall,
  heard: PayneteasyHeard,
): Promise<DoorAnswer> {
  const taken = payneteasyTakeTurn(request, call, heard)
  if (!taken.ok) return taken.answer
  switch (call) {
    case 'payout-pay':
      return payneteasyPay(taken.turn, desk)
    case 'payout-check':
    case 'payout':
      return payneteasyCreate(taken.turn, call, desk)
    case 'status':
    case 'status-v2':
      return payneteasyAnswerStatus(taken.turn, desk)
    default:
      return unreachable(call)
  }
}
