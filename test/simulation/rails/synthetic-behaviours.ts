// How a synthetic provider treats an order: the 24 behaviours of SAFETY.md section 7, in times that its own contract
// allows, or that break it where the name says so.
import type { Random } from '../../../src/lib/random.ts'
import type { Capabilities } from '../../../src/protocols/capabilities.ts'
import type { LineFault } from '../network/line.ts'
import type { TransferState } from './truth.ts'

export interface SyntheticBehaviour {
  readonly name: string
  /** What the paying step's answer says; the order is in that state then. `refused`: nothing is kept. */
  readonly at: 'pending' | 'paid' | 'failed' | 'refused'
  readonly steps: readonly { readonly to: TransferState; readonly afterMs: number }[]
  readonly says: 'plain' | 'duplicate' | 'no_response'
  /** From when to when an inquiry finds it, after it began; outside, "not found". */
  readonly foundFromMs: number
  readonly foundUntilMs: number
  readonly inquiry: 'plain' | 'silent' | 'other_amount' | 'other_record'
  readonly callbacks: 'plain' | 'none' | 'doubled' | 'forged' | 'contradicting'
  readonly line: LineFault | null
  readonly breaks: boolean
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

const PLAIN: Omit<SyntheticBehaviour, 'name'> = {
  at: 'pending',
  steps: [{ to: 'paid', afterMs: 2 * SECOND_MS }],
  says: 'plain',
  foundFromMs: 0,
  foundUntilMs: Number.POSITIVE_INFINITY,
  inquiry: 'plain',
  callbacks: 'plain',
  line: null,
  breaks: false,
}

/** `before`: within the delays that the contract declares. */
export function syntheticBehaviours(contract: Capabilities): readonly SyntheticBehaviour[] {
  const within = Math.max(0, contract.failedIsFinalAfterMs - MINUTE_MS)
  const hours = Math.min(3 * HOUR_MS, contract.maxProcessingMs - MINUTE_MS)
  const asFailed = { at: 'pending', steps: [{ to: 'failed', afterMs: 3 * SECOND_MS }] } as const
  const decides = contract.callbackDecides
  const list: (Partial<SyntheticBehaviour> & { readonly name: string })[] = [
    { name: 'pays_at_once', at: 'paid', steps: [] },
    { name: 'pays_later', steps: [{ to: 'paid', afterMs: 40 * SECOND_MS }] },
    { name: 'refuses', at: 'refused', steps: [] },
    { name: 'fails_later', ...asFailed },
    { name: 'fails_at_once', at: 'failed', steps: [] },
    ...(within > 0
      ? [
          {
            name: 'fails_pays_within',
            at: 'failed' as const,
            steps: [{ to: 'paid' as const, afterMs: within }],
          },
        ]
      : []),
    {
      name: 'fails_pays_after',
      at: 'failed',
      steps: [{ to: 'paid', afterMs: contract.failedIsFinalAfterMs + 20 * MINUTE_MS }],
      breaks: true,
    },
    {
      name: 'pays_returns',
      steps: [
        { to: 'paid', afterMs: 2 * SECOND_MS },
        { to: 'returned', afterMs: 10 * MINUTE_MS },
      ],
    },
    { name: 'pays_hours_later', steps: [{ to: 'paid', afterMs: hours }] },
    { name: 'not_found_for_a_while', foundFromMs: contract.queryLagMs, line: 'lost_after' },
    {
      name: 'never_found',
      foundFromMs: Number.POSITIVE_INFINITY,
      callbacks: 'none',
      line: 'lost_after',
      breaks: contract.notFoundIsFinalAfterMs !== 'never',
    },
    { name: 'dropped_before', line: 'lost_before' },
    { name: 'dropped_after', line: 'lost_after' },
    { name: 'dropped_after_fails', ...asFailed, line: 'reset_after' },
    { name: 'server_error_after', line: 'server_error' },
    // A status that the contract calls a refusal must not follow an acceptance.
    { name: 'client_error_after', line: 'client_error' },
    { name: 'redirect_after', line: 'redirect' },
    { name: 'garbage_after', line: 'garbage' },
    { name: 'cut_after', line: 'half' },
    { name: 'times_out_behind', says: 'no_response' },
    { name: 'calls_it_duplicate', says: 'duplicate' },
    { name: 'other_amount', inquiry: 'other_amount' },
    // While it is not paid itself, inquiries speak of another one that is.
    {
      name: 'other_record',
      inquiry: 'other_record',
      line: 'lost_after',
      steps: [{ to: 'failed', afterMs: 10 * MINUTE_MS }],
    },
    { name: 'doubled', line: 'doubled' },
    { name: 'callback_only', inquiry: 'silent' },
    { name: 'callback_contradicts', callbacks: 'contradicting', breaks: decides },
    { name: 'callback_doubled', callbacks: 'doubled' },
    { name: 'callback_forged', callbacks: 'forged' },
    {
      name: 'forgets',
      foundUntilMs: 30 * MINUTE_MS,
      // It was found before, unless nobody asked in time.
      breaks: contract.notFoundIsFinalAfterMs !== 'never',
    },
  ]
  return list.map(one => ({ ...PLAIN, ...one }))
}

export function drawSynthetic(
  behaviours: readonly SyntheticBehaviour[],
  random: Random,
  odd: number,
  mayBreak: boolean,
): SyntheticBehaviour {
  const [first] = behaviours
  const usual =
    behaviours.find(({ name }) => name === (random.below(3) === 0 ? 'pays_at_once' : 'pays_later')) ?? first
  const drawn = behaviours[random.below(behaviours.length)]
  const isOdd = random.below(1_000) < odd * 1_000
  const chosen = isOdd && drawn !== undefined && (mayBreak || !drawn.breaks) ? drawn : usual
  return chosen ?? { ...PLAIN, name: 'plain' }
}
