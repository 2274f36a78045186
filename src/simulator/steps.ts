// What happens to an order once it is to be paid: the steps of its script, each at its moment, and what is told of them.
import type { Clock, Timer } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Payout } from '../payout/payout.ts'
import type { DoorCredential } from '../protocols/protocol.ts'
import { type Books, type PlannedStep, type RailEntry, railPayout } from './books.ts'
import type { Behaviour, RailStep } from './magic.ts'

export interface Steps {
  /** From here on the order is paid as its script says; what is due at once has happened when this returns. */
  start(entry: RailEntry, behaviour: Behaviour): void
  /** Goes on with an order of an earlier life of the books. */
  resume(entry: RailEntry, behaviour: Behaviour): void
  /** No step happens any more, and nothing is told. */
  stop(): void
}

/** `payout` is as the callback shall show it, which is not always as it is. */
export type Tell = (payout: Payout, credential: DoorCredential) => void

export interface StepsNeeds {
  readonly clock: Clock
  readonly random: Random
  readonly books: Pick<Books, 'move'>
  readonly tell: Tell
  readonly keep: (entry: RailEntry) => void
  readonly credentialOf: (door: string, publicId: string) => DoorCredential | null
}

const FORGED_SECRET = 'not the secret of this account'

export function createSteps({ clock, random, books, tell, keep, credentialOf }: StepsNeeds): Steps {
  const timers = new Set<Timer>()

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

  return {
    start(entry, behaviour) {
      entry.remaining = behaviour.steps.map(step => ({ to: step.to, atMs: clock.now() + drawWaitMs(step) }))
      takeDueSteps(entry, behaviour)
    },
    resume: takeDueSteps,
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
