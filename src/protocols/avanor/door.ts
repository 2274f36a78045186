// Avanor with us as the server. A client written for that provider works here after changing its base URL and
// credentials. The checks that need no desk are in checks.ts; here stands what the desk says, in the places that the
// contract gives it: 8 the payout exists · 9 the reference is free, or stands for the same content · 12 the balance.
import { assert } from '../../lib/assert.ts'
import { type Money, money } from '../../money/money.ts'
import type { Beneficiary } from '../../payout/beneficiary.ts'
import type { Payout } from '../../payout/payout.ts'
import type {
  Desk,
  Door,
  DoorAnswer,
  DoorCredential,
  DoorRequest,
  Submission,
  SubmissionRefusal,
} from '../protocol.ts'
import {
  type AvanorRefusal,
  avanorAccountChecked,
  avanorAnswered,
  avanorBalances,
  avanorCreated,
  avanorFault,
  avanorFound,
  avanorOutputConfig,
  avanorRefusals,
  avanorRefused,
  avanorTried,
} from './answer.ts'
import {
  AVANOR_BODY_BYTES_MAX,
  AVANOR_PATHS,
  avanorCheck,
  avanorCheckAccount,
  avanorCheckPayway,
  avanorCredentialPayways,
} from './checks.ts'
import type { AvanorAsked, AvanorMethod, AvanorOrder } from './request.ts'
import type { AvanorPayway } from './wire.ts'

export const avanorDoor: Door = {
  routes: Array.from(AVANOR_PATHS, ([path, method]) => ({
    method: 'POST',
    path,
    bodyLimitBytes: AVANOR_BODY_BYTES_MAX,
    handle: (request, desk) => handle(request, desk, method),
  })),
  // Payouts are polled on this platform; no callback is documented (section 8).
  notices: null,
}

async function handle(request: DoorRequest, desk: Desk, method: AvanorMethod): Promise<DoorAnswer> {
  try {
    const checked = avanorCheck(request, method, shopId => desk.credential('avanor', shopId))
    if (!checked.ok) return avanorRefused(checked.refusal)
    return await answer(checked.asked, { desk, credential: checked.credential, requestId: request.requestId })
  } catch {
    // Whatever broke, it is not known whether the payout was recorded; a client must not read a refusal.
    return avanorFault()
  }
}

interface Here {
  readonly desk: Desk
  readonly credential: DoorCredential
  readonly requestId: string
}

async function answer(asked: AvanorAsked, here: Here): Promise<DoorAnswer> {
  const { credential, desk } = here
  switch (asked.method) {
    case 'withdraw/status': {
      const number = BigInt(asked.withdrawId)
      const payout = await desk.find(credential.merchantId, { by: 'number', number })
      return answerFound(payout, here, avanorRefusals.notFound('id', asked.withdrawId))
    }
    case 'withdraw/shop_payment_status': {
      const { reference } = asked
      const payout = await desk.find(credential.merchantId, { by: 'reference', reference })
      return answerFound(payout, here, avanorRefusals.notFound('shop_payment_id', reference))
    }
    case 'withdraw/create':
      return answerCreate(asked, here)
    case 'withdraw/try': {
      const checked = avanorCheckPayway({ ...asked, account: null }, credential)
      return checked.ok ? avanorAnswered(avanorTried(asked.amount)) : avanorRefused(checked.refusal)
    }
    case 'check_account': {
      const { result, providerStatus } = avanorCheckAccount(asked, credential)
      return avanorAnswered(avanorAccountChecked(result, providerStatus))
    }
    case 'shop_output_config/shop':
      return avanorAnswered(avanorOutputConfig(avanorCredentialPayways(credential)))
    case 'shop_balance':
      return avanorAnswered(avanorBalances(await desk.balances(credential.merchantId)))
  }
}

function answerFound(payout: Payout | null, { credential }: Here, refusal: AvanorRefusal): DoorAnswer {
  if (payout === null) return avanorRefused(refusal)
  assert(payout.merchantId === credential.merchantId, 'a merchant reads its own payouts alone')
  return avanorAnswered(avanorFound(payout))
}

type Create = Extract<AvanorAsked, { method: 'withdraw/create' }>

async function answerCreate(asked: Create, here: Here): Promise<DoorAnswer> {
  const { order } = asked
  const checked = avanorCheckPayway(order, here.credential)
  if (!checked.ok) {
    // A reference that stands is judged before the payway: its payway may have been switched off since.
    const standing = await here.desk.find(here.credential.merchantId, {
      by: 'reference',
      reference: order.reference,
    })
    if (standing === null) return avanorRefused(checked.refusal)
    return submit(repeatOf(standing, asked, here), order, here)
  }
  const available = await availableOf(order.amount, here)
  return submit(submissionOf(asked, { ...here, payway: checked.payway, available }), order, here)
}

async function submit(submission: Submission, order: AvanorOrder, { desk }: Here): Promise<DoorAnswer> {
  const submitted = await desk.submit(submission)
  switch (submitted.kind) {
    case 'accepted':
    case 'replayed':
      return avanorAnswered(submitted.answer)
    case 'conflict':
      return avanorRefused(avanorRefusals.notUnique(order.reference))
    case 'refused':
      return avanorRefused(refusalOfDesk(submitted.why, order))
  }
}

/** Limits that the desk knows are upper ones. For too many requests the list has no code; the payway is not available now. */
function refusalOfDesk(why: SubmissionRefusal, { alias, amount }: AvanorOrder): AvanorRefusal {
  switch (why) {
    case 'insufficient_funds':
      return avanorRefusals.balance(amount.currency)
    case 'amount_out_of_limits':
      return avanorRefusals.tooLarge()
    case 'method_not_available':
    case 'rate_limited':
      return avanorRefusals.payway('unavailable', alias)
  }
}

interface Accepted extends Here {
  readonly payway: AvanorPayway
  readonly available: Money
}

/** `amount_type` makes no difference: without a fee known beforehand the payee receives what the shop is debited. */
function submissionOf({ order, fingerprint }: Create, here: Accepted): Submission {
  const { reference, amount } = order
  return {
    merchantId: here.credential.merchantId,
    door: 'avanor',
    doorCredentialId: here.credential.publicId,
    requestId: here.requestId,
    reference,
    idempotencyKey: null,
    fingerprint,
    amount,
    beneficiary: beneficiaryOf(order, here.payway),
    description: order.description,
    metadata: null,
    notifyUrl: null,
    needsConfirmation: false,
    firstAnswer: payout => avanorCreated({ payout, reference, amount, available: here.available }),
  }
}

/**
 * A create whose reference stands already, so that the desk compares the fingerprints. It carries the standing payout
 * itself: nothing else could come of it, should the desk ever take it for a new one.
 */
function repeatOf(standing: Payout, { fingerprint }: Create, { credential, requestId }: Here): Submission {
  const { amount, beneficiary, description, merchantId, reference } = standing
  return {
    merchantId,
    door: 'avanor',
    doorCredentialId: credential.publicId,
    requestId,
    reference,
    idempotencyKey: null,
    fingerprint,
    amount,
    beneficiary,
    description,
    metadata: null,
    notifyUrl: null,
    needsConfirmation: false,
    firstAnswer: payout => avanorCreated({ payout, reference, amount, available: amount }),
  }
}

function beneficiaryOf({ account, bank, holder }: AvanorOrder, { method }: AvanorPayway): Beneficiary {
  if (method === 'card') return { kind: 'card', number: account }
  if (method === 'bank_account') return { kind: 'bank_account', account, bank, holder }
  return { kind: 'wallet', operator: method, number: account }
}

async function availableOf({ currency }: Money, { desk, credential }: Here): Promise<Money> {
  const balances = await desk.balances(credential.merchantId)
  const balance = balances.find(({ available }) => available.currency === currency)
  return balance?.available ?? money(0n, currency)
}
