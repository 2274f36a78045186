// A desk in memory, for the tests of doors. It keeps the promises of the Desk port and nothing more: a reference stands
// once, a repeat gets the first answer, other content is a conflict, and money is counted.
import { currencyOf } from '../money/currency.ts'
import { type Money, money, moneyCompare } from '../money/money.ts'
import { beneficiaryMethod } from '../payout/beneficiary.ts'
import type { Payout, PayoutState } from '../payout/payout.ts'
import type {
  Desk,
  DoorCredential,
  MerchantBalance,
  PayoutKey,
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
  /** The next new submission is refused so. */
  refuseNext(why: SubmissionRefusal): void
  /** Every method but `credential` throws this from now on; null ends that. */
  breakWith(error: unknown): void
}

export interface MemoryDeskOptions {
  readonly credentials: readonly DoorCredential[]
  readonly nowMs: number
  /** In minor units of BDT. */
  readonly availableMinor?: bigint
}

interface Entry {
  payout: Payout
  readonly fingerprint: Uint8Array | null
  readonly answer: string
}

export function memoryDesk({
  credentials,
  nowMs,
  availableMinor = 999_898_900n,
}: MemoryDeskOptions): MemoryDesk {
  const entries = new Map<string, Entry>()
  const recorded: Submission[] = []
  let available = money(availableMinor, taka())
  let held = money(0n, taka())
  let refusal: SubmissionRefusal | null = null
  let fault: { readonly error: unknown } | null = null
  let calls = 0
  let nextNumber = 1_000_001n

  function enter(): void {
    calls += 1
    if (fault !== null) throw fault.error
  }

  function submit(submission: Submission): Submitted {
    const standing = entries.get(keyOf(submission.merchantId, submission.reference))
    if (standing !== undefined) return repeated(standing, submission)
    const why = refusal ?? (moneyCompare(available, submission.amount) < 0 ? 'insufficient_funds' : null)
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
    entries.set(keyOf(payout.merchantId, payout.reference), {
      payout,
      fingerprint: submission.fingerprint,
      answer,
    })
    available = money(available.minor - submission.amount.minor, taka())
    held = money(held.minor + submission.amount.minor, taka())
    recorded.push(submission)
    return { kind: 'accepted', number: payout.number, tag: payout.tag, answer }
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
      return [{ available, held, inFlight: money(0n, taka()) }]
    },
    put: payout =>
      void entries.set(keyOf(payout.merchantId, payout.reference), { payout, fingerprint: null, answer: '' }),
    move(reference, state, atMs) {
      const moved = entry(reference)
      const paidAtMs = state === 'paid' ? atMs : moved.payout.paidAtMs
      moved.payout = { ...moved.payout, state, stateSinceMs: atMs, paidAtMs }
    },
    payout: reference => entry(reference).payout,
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
    state: 'queued',
    waitReason: null,
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
