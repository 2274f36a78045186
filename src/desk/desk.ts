// The desk: the use cases, the same for the native API, the doors, the command line and the console. Those who stand
// before it are authenticated by whoever let them in; the merchant comes from their credential and from nowhere else.
import type { Clock } from '../lib/clock.ts'
import type { Log } from '../lib/log.ts'
import type { Random } from '../lib/random.ts'
import type { Desk } from '../protocols/protocol.ts'
import type { Store } from '../store/store.ts'
import { createBalanceReads } from './balances.ts'
import { type Cancelled, type CancelParts, cancelPayout } from './cancel.ts'
import { confirmPayout } from './confirm.ts'
import type { Directory } from './directory.ts'
import { createFinder, type Finder } from './find.ts'
import { createIntake } from './intake.ts'
import { createNumbers } from './numbers.ts'
import { answerOnce } from './once.ts'
import { type ProvenImage, type ProveParts, proofImagesOf } from './prove.ts'
import { createShare } from './share.ts'
import { submitPayout } from './submit.ts'

/** What a door needs, and what the API and the console need beyond it. */
export interface WholeDesk extends Desk, Finder {
  find: Finder['find']
  proofImages(merchantId: string, number: bigint): Promise<readonly ProvenImage[]>
  cancel(merchantId: string, number: bigint): Promise<Cancelled>
  /** Payouts that came in and are not answered yet. */
  waiting(): number
  /** Resolves once every submission that came in is answered. */
  idle(): Promise<void>
}

export interface DeskOptions {
  readonly store: Store
  readonly directory: Directory
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The most payouts of one commit of the intake; left out: intake.ts's own. */
  readonly intakeBatchMax?: number
  /** Told after each commit that put payouts into the queue. */
  onAccepted(): void
  noticesFor: CancelParts['noticesFor']
  drawReceipt: ProveParts['drawReceipt']
  readonly receiptSinceMs?: NonNullable<ProveParts['receiptSinceMs']>
}

export function createDesk(options: DeskOptions): WholeDesk {
  const { store, directory, clock, random, log } = options
  const numbers = createNumbers({ store })
  const { onAccepted, intakeBatchMax } = options
  const bound = intakeBatchMax === undefined ? {} : { batchMax: intakeBatchMax }
  const intake = createIntake({ store, clock, log, onAccepted, ...bound })
  const share = createShare(clock)
  const submitParts = { directory, numbers, intake, clock, random }
  return {
    ...createFinder(store),
    credential: (door, publicId) => directory.credential(door, publicId),
    submit: submission => submitPayout(submission, submitParts),
    balances: createBalanceReads(store),
    confirm: (merchantId, number, answer) => confirmPayout(merchantId, number, answer, options),
    once: (use, work) => answerOnce(use, work, store),
    proofImages: (merchantId, number) => proofImagesOf(merchantId, number, options),
    mayAsk: ({ door, publicId }, perMinute) => share.take(JSON.stringify([door, publicId]), perMinute),
    cancel: (merchantId, number) => cancelPayout(merchantId, number, options),
    waiting: intake.waiting,
    idle: intake.idle,
  }
}
