// A fake rail: what stands behind a simulated provider's real doors. It takes each reference once, pays or fails it as
// its script says, at once or after the second call that its door asks for, tells the door's callbacks, answers
// inquiries and shows proof; and it keeps books of its own, which a test lays beside ours. No door can tell it from the
// real desk.
import { Unavailable } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { money } from '../money/money.ts'
import { PAYOUT_TAG_LIMIT } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'
import type {
  Confirmed,
  Desk,
  DoorCredential,
  NewPayoutIdentity,
  ProofImage,
  Submission,
  Submitted,
} from '../protocols/protocol.ts'
import { createBooks, type RailEntry, type RailOrder, railPayout } from './books.ts'
import { isBeforeTheDoor, type LineFaultName } from './line-faults.ts'
import { type Behaviour, behaviourNamed, behaviourOf } from './magic.ts'
import { createOnce } from './once.ts'
import { railProofImage } from './proof-image.ts'
import { createSteps, type Tell } from './steps.ts'

export interface Rail {
  readonly desk: Desk
  /** The rail's own books, as they stand. */
  books(): readonly RailOrder[]
  /** No step happens any more, and nothing is told. */
  stop(): void
}

export interface RailOptions {
  readonly clock: Clock
  readonly random: Random
  /** Whose submissions and inquiries are taken: the other side of a provider account. */
  readonly credentials: readonly DoorCredential[]
  /** Is told of every step that a callback reports. */
  readonly tell: Tell
  /** The name of the behaviour for the next order, where a fault is set; null leaves it to the wallet. */
  readonly drawBehaviour: () => string | null
  /** Is told, while the request that has an order paid is being answered, what shall happen to it on the line. */
  readonly meetLine: (fault: LineFaultName) => void
  /** Entries of an earlier life, taken up where they were; and who keeps every change for the next one. */
  readonly kept?: readonly RailEntry[]
  readonly keep?: (entry: RailEntry) => void
}

/** Beyond this many orders submissions are refused, before memory grows. */
const ORDERS_MAX = 1_000_000

export function createRail(options: RailOptions): Rail {
  const { clock, random, credentials, kept = [], keep = () => {} } = options
  const books = createBooks()
  const steps = createSteps({ ...options, books, credentialOf, keep })
  // Begins with the time, so that a rail that was restarted gives no number twice.
  let nextNumber = BigInt(clock.now()) * 1_000n

  function submit(submission: Submission): Submitted {
    const known = books.entry(submission.merchantId, { by: 'reference', reference: submission.reference })
    if (known !== null) {
      known.order = { ...known.order, timesArrived: known.order.timesArrived + 1 }
      if (isForgotten(known)) return acceptAgain(known)
      keep(known)
      return repeated(known, submission)
    }
    const behaviour = behaviourNamed(options.drawBehaviour() ?? '') ?? behaviourOf(submission.beneficiary)
    if (!submission.needsConfirmation) meetLine(behaviour)
    if (behaviour.refusal !== null) return { kind: 'refused', why: behaviour.refusal }
    if (!books.covers(submission.merchantId, submission.amount))
      return { kind: 'refused', why: 'insufficient_funds' }
    if (books.size() >= ORDERS_MAX) throw new Unavailable('overloaded', 'the books of the rail are full')
    const identity = newIdentity(submission.needsConfirmation ? 'waiting' : 'pending')
    return accept(books.open(submission, identity, behaviour.name), behaviour)
  }

  /** Has an order paid that waits for it. Whatever its behaviour does to a request, it does to this one. */
  function confirm(merchantId: string, number: bigint, answer: string): Confirmed {
    const entry = books.entry(merchantId, { by: 'number', number })
    if (entry === null) return { kind: 'not_waiting' }
    const behaviour = behaviourOfEntry(entry)
    const isWaiting = entry.order.state === 'waiting'
    if (isWaiting) meetLine(behaviour)
    entry.order = { ...entry.order, timesConfirmed: entry.order.timesConfirmed + 1 }
    if (!isWaiting) {
      keep(entry)
      return entry.confirmation === null
        ? { kind: 'not_waiting' }
        : { kind: 'replayed', answer: entry.confirmation }
    }
    entry.confirmation = answer
    books.move(entry, 'pending', clock.now())
    steps.start(entry, behaviour)
    keep(entry)
    return said(behaviour, { plain: { kind: 'confirmed', answer }, duplicate: { kind: 'not_waiting' } })
  }

  function meetLine({ line }: Behaviour): void {
    if (line === null) return
    options.meetLine(line)
    if (isBeforeTheDoor(line)) throw new Unavailable('unavailable', 'the request never arrived')
  }

  function accept(entry: RailEntry, behaviour: Behaviour): Submitted {
    const waits = entry.order.state === 'waiting'
    if (!waits) steps.start(entry, behaviour)
    const { number, tag } = entry.identity
    entry.firstAnswer = entry.submission.firstAnswer({ ...entry.identity, state: entry.order.state })
    keep(entry)
    const plain = { kind: 'accepted', number, tag, answer: entry.firstAnswer } as const
    return waits ? plain : said(behaviour, { plain, duplicate: conflict(entry) })
  }

  /** The breach of a provider that frees references: the second acceptance is a second payment. */
  function acceptAgain(entry: RailEntry): Submitted {
    books.move(entry, entry.submission.needsConfirmation ? 'waiting' : 'pending', clock.now())
    entry.confirmation = null
    entry.order = {
      ...entry.order,
      timesAccepted: entry.order.timesAccepted + 1,
      acceptedAtMs: clock.now(),
    }
    return accept(entry, behaviourOfEntry(entry))
  }

  function isForgotten(entry: RailEntry): boolean {
    const { inquiry } = behaviourOfEntry(entry)
    const { startedAtMs } = entry.order
    if (inquiry.kind !== 'forgotten' || startedAtMs === null) return false
    return clock.now() - startedAtMs >= inquiry.afterMs
  }

  function newIdentity(state: NewPayoutIdentity['state']): NewPayoutIdentity {
    const number = nextNumber
    nextNumber += 1n
    return { number, tag: random.below(PAYOUT_TAG_LIMIT), createdAtMs: clock.now(), state }
  }

  function credentialOf(door: string, publicId: string): DoorCredential | null {
    return credentials.find(one => one.door === door && one.publicId === publicId) ?? null
  }

  for (const entry of kept) {
    books.restore(entry)
    steps.resume(entry, behaviourOfEntry(entry))
  }
  return {
    desk: {
      credential: credentialOf,
      submit: async submission => submit(submission),
      find: async (merchantId, by) => asInquired(books.entry(merchantId, by), clock.now()),
      balances: async merchantId => books.balances(merchantId),
      confirm: async (merchantId, number, answer) => confirm(merchantId, number, answer),
      once: createOnce(clock),
      proofImages: async (merchantId, number) =>
        proofImages(books.entry(merchantId, { by: 'number', number })),
      mayAsk: () => true,
    },
    books: () => books.orders(),
    stop: steps.stop,
  }
}

/** What an inquiry shows of an order, or null for "not found". */
function asInquired(entry: RailEntry | null, nowMs: number): Payout | null {
  if (entry === null) return null
  const { inquiry } = behaviourOfEntry(entry)
  const { startedAtMs } = entry.order
  const payout = railPayout(entry)
  // Whoever cannot find an order before it is to be paid would never have it paid.
  if (startedAtMs === null) return payout
  const ageMs = nowMs - startedAtMs
  switch (inquiry.kind) {
    case 'plain':
      return payout
    case 'hidden':
      return ageMs < inquiry.forMs ? null : payout
    case 'forgotten':
      return ageMs < inquiry.afterMs ? payout : null
    case 'silent':
      throw new Unavailable('unavailable', 'the inquiries of the rail are out of order')
    case 'other_amount':
      return { ...payout, amount: money(payout.amount.minor + 1n, payout.amount.currency) }
  }
}

/** The money left, so there is a picture of it; also where it came back later. */
function proofImages(entry: RailEntry | null): readonly ProofImage[] {
  if (entry === null) return []
  return entry.order.state === 'paid' || entry.order.state === 'returned' ? [railProofImage(entry.order)] : []
}

function repeated(entry: RailEntry, repeat: Submission): Submitted {
  const { submission, identity, firstAnswer } = entry
  const { number, tag } = identity
  return Buffer.compare(submission.fingerprint, repeat.fingerprint) === 0
    ? { kind: 'replayed', number, tag, answer: firstAnswer }
    : conflict(entry)
}

function conflict({ identity: { number, tag } }: RailEntry): Submitted {
  return { kind: 'conflict', by: 'reference', number, tag }
}

/** What the rail says to the request that has an order paid, after it took it. */
function said<Said>({ answer }: Behaviour, as: { readonly plain: Said; readonly duplicate: Said }): Said {
  switch (answer) {
    case 'plain':
    case 'duplicate':
      return as[answer]
    case 'no_response':
      throw new Unavailable('unavailable', 'the rail took the request and does not say so')
  }
}

function behaviourOfEntry(entry: RailEntry): Behaviour {
  const behaviour = behaviourNamed(entry.order.behaviour)
  assert(behaviour !== null, 'an order in the books has a behaviour of the table')
  return behaviour
}
