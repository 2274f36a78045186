// A desk in memory, for the tests of doors. It keeps the promises of the Desk port and nothing more: a reference stands
// once, a repeat gets the first answer, other content is a conflict, and money is counted.
import { type CurrencyCode, currencyOf } from '../money/currency.ts'
import { type Money, money } from '../money/money.ts'
import { beneficiaryMethod } from '../payout/beneficiary.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type {
  Confirmed,
  Desk,
  DoorCredential,
  MerchantBalance,
  OneTimeAnswer,
  OneTimeUse,
  PayoutKey,
  ProofImage,
  Submission,
  SubmissionRefusal,
  Submitted,
} from './protocol.ts'

export interface MemoryDesk extends Desk {
  /** Every submission that was recorded, in order. */
  readonly recorded: readonly Submission[]
  /** How often any method but `credential` was called. */
  calls(): number
  /** Puts a payout on the desk as it stands. */
  put(payout: Payout): void
  /** Brings a payout into a state, without asking whether that may be. */
  move(reference: string, state: PayoutState, atMs: number): void
  payout(reference: string): Payout
  /** The pictures that prove a payout from now on. */
  prove(reference: string, images: readonly ProofImage[]): void
  /** Whether a credential may still ask; true until it is set. */
  setMayAsk(may: boolean): void
  /** The next new submission is refused so. */
  refuseNext(why: SubmissionRefusal): void
  /** Every method but `credential` throws this from now on; null ends that. */
  breakWith(error: unknown): void
}

export interface MemoryDeskOptions {
  readonly credentials: readonly DoorCredential[]
  readonly nowMs: number
  /** In minor units of each currency. */
  readonly availableMinor?: bigint
  /** Left out: BDT alone. */
  readonly currencies?: readonly CurrencyCode[]
  /** The number of the first payout; those after it count up. */
  readonly firstNumber?: bigint
}

interface Entry {
  payout: Payout
  readonly fingerprint: Uint8Array | null
  readonly answer: string
  confirmation: string | null
  images: readonly ProofImage[]
}

export function memoryDesk({
  credentials,
  nowMs,
  availableMinor = 999_898_900n,
  currencies = [taka()],
  firstNumber = 1_000_001n,
}: MemoryDeskOptions): MemoryDesk {
  const entries = new Map<string, Entry>()
  const recorded: Submission[] = []
  const available = new Map(currencies.map(currency => [currency, availableMinor]))
  const held = new Map(currencies.map(currency => [currency, 0n]))
  const used = new Map<string, { readonly fingerprint: Uint8Array; readonly answer: string }>()
  let refusal: SubmissionRefusal | null = null
  let fault: { readonly error: unknown } | null = null
  let mayAsk = true
  let calls = 0
  let nextNumber = firstNumber

  function enter(): void {
    calls += 1
    if (fault !== null) throw fault.error
  }

  function submit(submission: Submission): Submitted {
    const standing = entries.get(keyOf(submission.merchantId, submission.reference))
    if (standing !== undefined) return repeated(standing, submission)
    const { currency, minor } = submission.amount
    const left = available.get(currency) ?? 0n
    const why = refusal ?? (left < minor ? 'insufficient_funds' : null)
    refusal = null
    if (why !== null) return { kind: 'refused', why }

    const payout = payoutOf(submission, { number: nextNumber, tag: 4_711, nowMs })
    nextNumber += 1n
    const answer = submission.firstAnswer({
      number: payout.number,
      tag: payout.tag,
      createdAtMs: nowMs,
      state: payout.state,
    })
    const { fingerprint } = submission
    const key = keyOf(payout.merchantId, payout.reference)
    entries.set(key, { payout, fingerprint, answer, confirmation: null, images: [] })
    available.set(currency, left - minor)
    held.set(currency, (held.get(currency) ?? 0n) + minor)
    recorded.push(submission)
    return { kind: 'accepted', number: payout.number, tag: payout.tag, answer }
  }

  function confirm(merchantId: string, number: bigint, answer: string): Confirmed {
    const found = [...entries.values()].find(
      ({ payout }) => payout.merchantId === merchantId && payout.number === number,
    )
    if (found === undefined) return { kind: 'not_waiting' }
    if (found.confirmation !== null) return { kind: 'replayed', answer: found.confirmation }
    if (found.payout.waitReason !== 'confirmation') return { kind: 'not_waiting' }
    found.confirmation = answer
    found.payout = { ...found.payout, state: 'queued', waitReason: null }
    return { kind: 'confirmed', answer }
  }

  async function once(use: OneTimeUse, work: () => Promise<string>): Promise<OneTimeAnswer> {
    const key = JSON.stringify([use.door, use.publicId, use.key])
    const known = used.get(key)
    if (known !== undefined && Buffer.compare(known.fingerprint, use.fingerprint) !== 0)
      return { kind: 'other' }
    if (known !== undefined) return { kind: 'repeated', answer: known.answer }
    const answer = await work()
    used.set(key, { fingerprint: use.fingerprint, answer })
    return { kind: 'answered', answer }
  }

  function entry(reference: string): Entry {
    const found = [...entries.values()].find(({ payout }) => payout.reference === reference)
    if (found === undefined) throw new Error(`no payout ${reference} on the desk`)
    return found
  }

  return {
    recorded,
    calls: () => calls,
    credential: (door, publicId) =>
      credentials.find(one => one.door === door && one.publicId === publicId) ?? null,
    async submit(submission) {
      enter()
      return submit(submission)
    },
    async find(merchantId, by) {
      enter()
      return find([...entries.values()], merchantId, by)
    },
    async balances(): Promise<readonly MerchantBalance[]> {
      enter()
      return currencies.map(currency => ({
        available: money(available.get(currency) ?? 0n, currency),
        held: money(held.get(currency) ?? 0n, currency),
        inFlight: money(0n, currency),
      }))
    },
    async confirm(merchantId, number, answer) {
      enter()
      return confirm(merchantId, number, answer)
    },
    async once(use, work) {
      enter()
      return once(use, work)
    },
    async proofImages(merchantId, number) {
      enter()
      const found = [...entries.values()].find(
        ({ payout }) => payout.merchantId === merchantId && payout.number === number,
      )
      return found?.images ?? []
    },
    mayAsk: () => mayAsk,
    put: payout =>
      void entries.set(keyOf(payout.merchantId, payout.reference), {
        payout,
        fingerprint: null,
        answer: '',
        confirmation: null,
        images: [],
      }),
    move(reference, state, atMs) {
      const moved = entry(reference)
      const paidAtMs = state === 'paid' ? atMs : moved.payout.paidAtMs
      moved.payout = { ...moved.payout, state, stateSinceMs: atMs, paidAtMs }
    },
    payout: reference => entry(reference).payout,
    prove: (reference, images) => {
      entry(reference).images = images
    },
    setMayAsk: may => {
      mayAsk = may
    },
    refuseNext: why => {
      refusal = why
    },
    breakWith: error => {
      fault = error === null ? null : { error }
    },
  }
}

/** A payout as a desk keeps it. */
export function payoutOf(
  submission: Submission,
  { number, tag, nowMs }: { number: bigint; tag: number; nowMs: number },
): Payout {
  return {
    merchantId: submission.merchantId,
    number,
    tag,
    reference: submission.reference,
    amount: submission.amount,
    beneficiary: submission.beneficiary,
    method: beneficiaryMethod(submission.beneficiary),
    description: submission.description,
    metadata: submission.metadata,
    door: submission.door,
    doorCredentialId: submission.doorCredentialId,
    requestId: submission.requestId,
    notifyUrl: submission.notifyUrl,
    state: submission.needsConfirmation ? 'waiting' : 'queued',
    waitReason: submission.needsConfirmation ? 'confirmation' : null,
    why: null,
    createdAtMs: nowMs,
    stateSinceMs: nowMs,
    paidAtMs: null,
    version: 1,
    attempts: 0,
  }
}

/** So many minor units of BDT. */
export function bdt(minor: bigint): Money {
  return money(minor, taka())
}

function repeated({ payout, fingerprint, answer }: Entry, repeat: Submission): Submitted {
  const { number, tag } = payout
  return fingerprint !== null && Buffer.compare(fingerprint, repeat.fingerprint) === 0
    ? { kind: 'replayed', number, tag, answer }
    : { kind: 'conflict', by: 'reference', number, tag }
}

function find(entries: readonly Entry[], merchantId: string, by: PayoutKey): Payout | null {
  const found = entries.find(({ payout }) => {
    if (payout.merchantId !== merchantId) return false
    if (by.by === 'reference') return payout.reference === by.reference
    return payout.number === by.number && (by.by === 'number' || payout.tag === by.tag)
  })
  return found?.payout ?? null
}

function keyOf(merchantId: string, reference: string): string {
  return JSON.stringify([merchantId, reference])
}

function taka(): Money['currency'] {
  const currency = currencyOf('BDT')
  if (currency === null) throw new Error('BDT is a currency')
  return currency
}
