// The Payout Proof API with us as the server: what proves a payout, whichever door it came by. The order of the checks
// is the contract's (section 7), and nothing outside its words is ever sent on this path, save for a flood and a fault
// of ours:
//
//   1 body · 2 pid · 3 order_id · 4 signature · 5 X-API-KEY · 6 key known · 7 signature right · 8 pid theirs · 9 found
import { assert } from '../../lib/assert.ts'
import type { Desk, Door, DoorAnswer, DoorRequest } from '../protocol.ts'
import { proofapiFound, proofapiRefusal } from './answer.ts'
import { PROOFAPI_BODY_BYTES_MAX, PROOFAPI_CHECKS, proofapiHear, proofapiMerchantOf } from './checks.ts'
import { proofapiImagesToSend } from './images.ts'
import { proofapiShowsImages, proofapiStatusFromState } from './status.ts'
import { PROOFAPI_PATH } from './wire.ts'

export const proofapiDoor: Door = {
  // Another method is answered in the words of the first row too.
  routes: [{ method: 'ANY', path: PROOFAPI_PATH, bodyLimitBytes: PROOFAPI_BODY_BYTES_MAX, handle }],
  notices: null,
}

/** Requests of one key in a minute. */
const REQUESTS_PER_MINUTE = 60

async function handle(request: DoorRequest, desk: Desk): Promise<DoorAnswer> {
  try {
    const heard = proofapiHear(request, publicId => desk.credential('proofapi', publicId))
    if (!heard.ok) return proofapiRefusal(PROOFAPI_CHECKS[heard.check])
    const { credential, pid, orderId } = heard.asked
    // Counted after the signature, so that nobody can use up the share of a key that is not theirs.
    if (!desk.mayAsk(credential, REQUESTS_PER_MINUTE)) return proofapiRefusal('rate')
    const merchantId = proofapiMerchantOf(credential, pid)
    if (merchantId === null) return proofapiRefusal('user')
    return await prove(desk, merchantId, orderId)
  } catch {
    // A client asks again; it must not read that there is no such transaction.
    return proofapiRefusal('fault')
  }
}

async function prove(desk: Desk, merchantId: string, orderId: string): Promise<DoorAnswer> {
  // No payout has such a reference, and a database refuses to be asked for it.
  if (orderId.includes('\0')) return proofapiRefusal('transaction')
  const payout = await desk.find(merchantId, { by: 'reference', reference: orderId })
  if (payout === null) return proofapiRefusal('transaction')
  assert(payout.merchantId === merchantId, 'a pid reads the payouts of its merchant alone')
  const images = proofapiShowsImages(payout.state) ? await desk.proofImages(merchantId, payout.number) : []
  return proofapiFound({
    orderId,
    status: proofapiStatusFromState(payout.state),
    images: proofapiImagesToSend(images),
  })
}
