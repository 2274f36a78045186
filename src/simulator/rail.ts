// A fake rail: what stands behind a simulated provider's real door. It takes each reference once, pays or fails it as
// its script says, tells the door's callbacks and answers inquiries; and it keeps books of its own, which a test lays
// beside ours. The door cannot tell it from the real desk.
import { Unavailable } from '../errors.ts'
import { assert } from '../lib/assert.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { money } from '../money/money.ts'
import { PAYOUT_TAG_LIMIT } from '../payout/number.ts'
import type { Payout } from '../payout/payout.ts'
import type { Desk, DoorCredential, NewPayoutIdentity, Submission, Submitted } from '../protocols/protocol.ts'
import { createBooks, type PlannedStep, type RailEntry, type RailOrder, railPayout } from './books.ts'
import { isBeforeTheDoor, type LineFaultName } from './line-faults.ts'
import { type Behaviour, behaviourNamed, behaviourOf, type RailStep } from './magic.ts'

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
  /** Is told, while a submission is being answered, what shall happen to it on the line. */
  readonly meetLine: (fault: LineFaultName) => void
  /** Entries of an earlier life, taken up where they were; and who keeps every change for the next one. */
  readonly kept?: readonly RailEntry[]
  readonly keep?: (entry: RailEntry) => void
}

/** `payout` is as the callback shall show it, which is not always as it is. */
export type Tell = (payout: Payout, credential: DoorCredential) => void

/** Beyond this many orders submissions are refused, before memory grows. */
const ORDERS_MAX = 1_000_000
const FORGED_SECRET = 'not the secret of this account'

export function createRail(options: RailOptions): Rail {
  const { clock, random, credentials, tell, kept = [], keep = () => {} } = options
  const books = createBooks()
  const timers = new Set<Timer>()
  // Begins with the time, so that a rail that was restarted gives no number twice.
  let nextNumber = BigInt(clock.now()) * 1_000n

  function submit(submission: Submission): Submitted {
    assert(!submission.needsConfirmation, 'the rail pays orders of one step')
    const known = books.entry(submission.merchantId, { by: 'reference', reference: submission.reference })
    if (known !== null) {
      known.order = { ...known.order, timesArrived: known.order.timesArrived + 1 }
      if (isForgotten(known)) return acceptAgain(known)
      keep(known)
      return repeated(known, submission)
    }
    const behaviour = behaviourNamed(options.drawBehaviour() ?? '') ?? behaviourOf(submission.beneficiary)
    if (behaviour.line !== null) options.meetLine(behaviour.line)
    if (behaviour.line !== null && isBeforeTheDoor(behaviour.line))
      throw new Unavailable('unavailable', 'the request never arrived')
    if (behaviour.refusal !== null) return { kind: 'refused', why: behaviour.refusal }
    if (!books.covers(submission.merchantId, submission.amount))
      return { kind: 'refused', why: 'insufficient_funds' }
    if (books.size() >= ORDERS_MAX) throw new Unavailable('overloaded', 'the books of the rail are full')
    return accept(books.open(submission, newIdentity(), behaviour.name), behaviour)
  }

  function accept(entry: RailEntry, behaviour: Behaviour): Submitted {
    entry.remaining = behaviour.steps.map(step => ({ to: step.to, atMs: clock.now() + drawWaitMs(step) }))
    takeDueSteps(entry, behaviour)
    const { number, tag } = entry.identity
    entry.firstAnswer = entry.submission.firstAnswer({ ...entry.identity, state: entry.order.state })
    keep(entry)
    switch (behaviour.answer) {
      case 'plain':
        return { kind: 'accepted', number, tag, answer: entry.firstAnswer }
      case 'duplicate':
        return { kind: 'conflict', by: 'reference', number, tag }
      case 'no_response':
        throw new Unavailable('unavailable', 'the rail took the order and does not say so')
    }
  }

  /** The breach of a provider that frees references: the second acceptance is a second payment. */
  function acceptAgain(entry: RailEntry): Submitted {
    books.move(entry, 'pending', clock.now())
    entry.order = {
      ...entry.order,
      timesAccepted: entry.order.timesAccepted + 1,
      acceptedAtMs: clock.now(),
    }
    return accept(entry, behaviourOfEntry(entry))
  }

  function drawWaitMs({ afterMs, untilMs }: RailStep): number {
    return afterMs + random.below(untilMs - afterMs + 1)
  }

  /** Takes the steps whose time has come, and plans to come back for the next one. */
  function takeDueSteps(entry: RailEntry, behaviour: Behaviour): void {
    const due = entry.remaining.filter(({ atMs }) => atMs <= clock.now())
    entry.remaining = entry.remaining.slice(due.length)
    for (const step of due) {
      books.move(entry, step.to, clock.now())
      report(entry, step, behaviour)
    }
    const [next] = entry.remaining
    if (next === undefined) return
    const timer = clock.after(next.atMs - clock.now(), () => {
      timers.delete(timer)
      takeDueSteps(entry, behaviour)
      keep(entry)
    })
    timers.add(timer)
  }

  function report(entry: RailEntry, step: PlannedStep, behaviour: Behaviour): void {
    const credential = credentialOf(entry.submission.door, entry.submission.doorCredentialId)
    if (credential === null) return
    for (const callback of callbacksOf(railPayout(entry), step, behaviour, credential))
      tell(callback.payout, callback.credential)
  }

  function isForgotten(entry: RailEntry): boolean {
    const { inquiry } = behaviourOfEntry(entry)
    return inquiry.kind === 'forgotten' && clock.now() - entry.order.acceptedAtMs >= inquiry.afterMs
  }

  function newIdentity(): NewPayoutIdentity {
    const number = nextNumber
    nextNumber += 1n
    return { number, tag: random.below(PAYOUT_TAG_LIMIT), createdAtMs: clock.now(), state: 'pending' }
  }

  function credentialOf(door: string, publicId: string): DoorCredential | null {
    return credentials.find(one => one.door === door && one.publicId === publicId) ?? null
  }

  for (const entry of kept) {
    books.restore(entry)
    takeDueSteps(entry, behaviourOfEntry(entry))
  }
  return {
    desk: {
      credential: credentialOf,
      submit: async submission => submit(submission),
      find: async (merchantId, by) => asInquired(books.entry(merchantId, by), clock.now()),
      balances: async merchantId => books.balances(merchantId),
    },
    books: () => books.orders(),
    stop() {
      for (const timer of timers) timer.cancel()
      timers.clear()
    },
  }
}

/** What is told of one step, in order. */
function callbacksOf(
  payout: Payout,
  step: PlannedStep,
  { callbacks }: Behaviour,
  credential: DoorCredential,
): readonly { readonly payout: Payout; readonly credential: DoorCredential }[] {
  const truth = { payout, credential }
  const failed: Payout = { ...payout, state: 'failed', paidAtMs: null }
  switch (callbacks) {
    case 'plain':
      return [truth]
    case 'none':
      return []
    case 'doubled':
      return [truth, truth]
    case 'forged':
      return [{ payout: failed, credential: { ...credential, secret: FORGED_SECRET } }, truth]
    case 'contradicting':
      return step.to === 'paid' ? [{ payout: failed, credential }] : [truth]
  }
}

/** What an inquiry shows of an order, or null for "not found". */
function asInquired(entry: RailEntry | null, nowMs: number): Payout | null {
  if (entry === null) return null
  const { inquiry } = behaviourOfEntry(entry)
  const ageMs = nowMs - entry.order.acceptedAtMs
  const payout = railPayout(entry)
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

function repeated({ submission, identity, firstAnswer }: RailEntry, repeat: Submission): Submitted {
  const { number, tag } = identity
  return Buffer.compare(submission.fingerprint, repeat.fingerprint) === 0
    ? { kind: 'replayed', number, tag, answer: firstAnswer }
    : { kind: 'conflict', by: 'reference', number, tag }
}

function behaviourOfEntry(entry: RailEntry): Behaviour {
  const behaviour = behaviourNamed(entry.order.behaviour)
  assert(behaviour !== null, 'an order in the books has a behaviour of the table')
  return behaviour
}
