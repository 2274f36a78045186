// The one way in for payouts: requests that arrive while a batch commits form the next batch, and each is answered
// after its own commit. A lone request waits for nothing; under load each waits for at most the batch before its own,
// and in return the hot balance row is locked once for hundreds of payouts.
//
// A batch that fails is answered as failed to each of its members: whether it was recorded is then not known here, and
// the reference and the key tell when the client asks again.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import { groupCommit } from '../lib/group-commit.ts'
import type { Log } from '../lib/log.ts'
import type { AcceptVerdict, NewPayout, Store } from '../store/store.ts'

/** What the store decided for good. */
export type IntakeVerdict = Exclude<AcceptVerdict, { kind: 'again' }>

export interface Intake {
  /** Resolves after the commit that holds this payout. Rejects as the store did, or with Unavailable('overloaded'). */
  accept(payout: NewPayout): Promise<IntakeVerdict>
  waiting(): number
  /** Resolves once nothing is waiting. */
  idle(): Promise<void>
}

export interface IntakeOptions {
  readonly store: Pick<Store, 'acceptPayouts'>
  readonly clock: Clock
  readonly log: Log
  /** The most payouts of one commit. */
  readonly batchMax?: number
  /** Told after each commit in which at least one payout was accepted. */
  onAccepted(): void
}

export function createIntake(options: IntakeOptions): Intake {
  const { store, clock, log, onAccepted } = options
  async function commit(batch: readonly NewPayout[]): Promise<readonly AcceptVerdict[]> {
    const verdicts = await store.acceptPayouts(batch)
    if (verdicts.some(verdict => verdict.kind === 'accepted')) wake()
    return verdicts
  }
  /** The payouts are recorded whatever becomes of the one who is told: it would find them by itself, a little later. */
  function wake(): void {
    try {
      onAccepted()
    } catch (error) {
      log.error({ err: error }, 'the dispatcher was not woken')
    }
  }
  const group = groupCommit<NewPayout, AcceptVerdict>({
    commit,
    maxBatch: options.batchMax ?? BATCH_MAX,
    maxWaiting: WAITING_MAX,
    maxWaitingPerOwner: WAITING_PER_MERCHANT_MAX,
    maxWait: { ms: WAIT_MS_MAX, monotonic: () => clock.monotonic() },
    keysOf: naturalKeys,
    ownerOf: payout => payout.merchantId,
  })

  async function accept(payout: NewPayout): Promise<IntakeVerdict> {
    for (let round = 1; round <= ROUNDS_MAX; round += 1) {
      const verdict = await group.submit(payout)
      if (verdict.kind !== 'again') return verdict
      // Another process holds the same reference or key in a transaction that is about to end.
      await clock.sleep(round * ROUND_MS)
    }
    throw new Unavailable('unavailable', 'another process did not finish with the same reference or key')
  }

  return { accept, waiting: group.waiting, idle: group.idle }
}

/** Enough to fill one commit; a larger batch gained little and made everyone in it wait longer. */
const BATCH_MAX = 500
const WAITING_MAX = 20_000
/** One that floods leaves the others a place. */
const WAITING_PER_MERCHANT_MAX = 10_000
/** Clients give up after some seconds and ask again; to be refused at once is better for both. */
const WAIT_MS_MAX = 2_000
const ROUNDS_MAX = 10
const ROUND_MS = 5

/** Two payouts that share one of these are decided one after the other, never in one batch. */
function naturalKeys(payout: NewPayout): readonly string[] {
  const byReference = `r\0${payout.merchantId}\0${payout.reference}`
  if (payout.idempotencyKey === null) return [byReference]
  return [byReference, `k\0${payout.merchantId}\0${payout.idempotencyKey}`]
}
