// What every send has in common, whichever step it is: the send right is committed once and before any byte, it ends by
// itself, and what the call showed is settled the same way.
import { Unavailable } from '../errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Payout } from '../payout/payout.ts'
import type { SendScopes } from '../payout/stop.ts'
import type { WireRequest } from '../protocols/protocol.ts'
import type { PayoutAndAttempt, PayoutStep } from '../store/store.ts'
import type { ReadyAccount } from './accounts.ts'
import type { Alarm } from './alarm.ts'
import type { Call, CallLimits, CallResult } from './call.ts'
import type { Hold } from './hold.ts'
import type { JournalEntry, SendJournal } from './journal.ts'
import { type Ended, outcomeOf } from './outcome.ts'
import { type Recorded, type RecordNeeds, recordSteps } from './record.ts'
import type { SafeMode } from './safe-mode.ts'
import { LOST_MARGIN_MS } from './schedule.ts'
import type { NoticesFor } from './steps.ts'
import type { Switches } from './switches.ts'

export interface SendNeeds extends RecordNeeds {
  readonly call: Pick<Call, 'callOnce'>
  readonly journal: Pick<SendJournal, 'incarnation' | 'write'>
  readonly clock: Clock
  readonly random: Random
  /** Where providers reach us, without a slash at the end. */
  readonly publicUrl: string
  readonly noticesFor: NoticesFor
  readonly safeMode: Pick<SafeMode, 'stops'>
  /** True from the moment on at which nothing more may leave. */
  readonly stopping: () => boolean
  /** The kill switches; what they stop is not sent. */
  readonly switches: Pick<Switches, 'stops'>
  readonly alarm: (alarm: Alarm) => void
}

/** For those who watch; what became of the payout stands in the store. */
export type Sent =
  /** `closed`: no send right can be given, because there is no journal in which it could be written down. */
  | { readonly kind: 'not_tried'; readonly why: 'stale' | 'unavailable' | 'review' | 'closed' }
  | { readonly kind: 'tried'; readonly row: string; readonly recorded: Recorded }

export interface SendTime {
  readonly began: number
  spentMs(): number
  readonly limits: CallLimits
  lastCheck(): boolean
}

/** The sender's time begins before the intent is committed, and so ends before the attempt counts as lost. */
export function sendTime(
  payout: Payout,
  ready: ReadyAccount,
  { clock, stopping, switches, safeMode }: Pick<SendNeeds, 'clock' | 'stopping' | 'switches' | 'safeMode'>,
): SendTime {
  const { capabilities } = ready
  const { connect, headers, total } = capabilities.timeoutsMs
  const scopes = scopesOf(payout, ready)
  const began = clock.monotonic()
  const beganAt = clock.now()
  const spentMs = () => clock.monotonic() - began
  return {
    began,
    spentMs,
    limits: {
      connectMs: connect,
      headersMs: headers,
      totalMs: total,
      maxAnswerBytes: capabilities.maxAnswerBytes,
    },
    // The whole call has to fit before the lost time. The wall clock is asked too: it may only stop a send.
    lastCheck: () =>
      !stopping() &&
      switches.stops(scopes) === null &&
      safeMode.stops(ready.account.id) === null &&
      spentMs() < LOST_MARGIN_MS &&
      clock.now() - beganAt < LOST_MARGIN_MS,
  }
}

/** What the kill switch may stop of a payout that goes through this account. */
export function scopesOf(payout: Payout, { account }: ReadyAccount): SendScopes {
  const { merchantId, amount } = payout
  return { merchantId, currency: amount.currency, rail: account.protocol, providerAccountId: account.id }
}

export type Written<Extra> =
  | ({ readonly kind: 'committed' } & Extra)
  | { readonly kind: 'stale' }
  | { readonly kind: 'unavailable' }

/** Once: a commit whose answer was lost must not be followed by another intent. A lease or a look brings it back. */
export async function writeOnce(
  step: PayoutStep,
  needs: Pick<SendNeeds, 'advance' | 'failed'>,
): Promise<Written<{ readonly version: number }>> {
  try {
    const verdict = await needs.advance.step(step)
    return verdict.kind === 'done' ? { kind: 'committed', version: verdict.version } : verdict
  } catch (error) {
    if (!(error instanceof Unavailable)) needs.failed(error)
    return { kind: 'unavailable' }
  }
}

/**
 * The one way from a committed send right to a socket: it is written down first. What cannot be written down is not sent,
 * and that is certain (S1). Never rejects.
 */
export async function callJournaled(
  entry: Omit<JournalEntry, 'atMs'>,
  request: WireRequest,
  time: SendTime,
  needs: Pick<SendNeeds, 'call' | 'journal' | 'clock'>,
): Promise<CallResult> {
  const startedAtMs = needs.clock.now()
  const isWritten = await needs.journal.write({ ...entry, atMs: startedAtMs })
  if (isWritten) return needs.call.callOnce(request, time.limits, time.lastCheck)
  const said = 'not written down in the send journal, so not sent'
  return { kind: 'unsent', why: 'stopped', said, startedAtMs, durationMs: time.spentMs() }
}

/** Judges what the call showed, and records it with all that follows. */
export async function settle(
  ended: Ended,
  of: { readonly hold: Hold; readonly began: number; readonly from: PayoutAndAttempt },
  needs: SendNeeds,
): Promise<Sent> {
  const { hold, began, from } = of
  const { result, ready, attemptNo } = ended
  const outcome = outcomeOf(ended, {
    noticesFor: needs.noticesFor,
    failed: needs.failed,
    nextTryInMs: () => hold.failed(result.kind === 'answered' ? '' : result.said, began).nextTryInMs,
  })
  if (result.kind !== 'unsent') hold.reached()
  if (outcome.verdict.stopsAccount) hold.stop('it answered about another payout; a person has to look')
  if (outcome.incident !== null)
    needs.alarm({
      ...outcome.incident,
      payout: from.payout,
      attemptNo,
      providerAccountId: ready.account.id,
    })
  const recorded = await recordSteps(needs, from, outcome.stepsOf)
  return { kind: 'tried', row: outcome.verdict.row, recorded }
}
