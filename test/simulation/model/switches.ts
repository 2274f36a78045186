// The kill switch: what is tripped, the two acts that move it, and what it stops. The rules are those of the database: a
// release needs two persons, and a tripped switch gives no send right.
import type { Payout } from '../../../src/payout/payout.ts'
import { type SwitchKey, switchesOf } from '../../../src/payout/stop.ts'
import type { NewTrip, PayoutStep, SwitchEvent, Tripped, TrippedSwitch } from '../../../src/store/store.ts'
import { rule } from './refusal.ts'
import type { NewRelease, Released } from './releases.ts'
import { type Draft, draftOf, type State, type Transaction } from './state.ts'

export function trippedSwitches({ tables }: State): readonly TrippedSwitch[] {
  return [...tables.switches.values()]
}

export function switchEvents({ tables }: State, limit: number): readonly SwitchEvent[] {
  return tables.switchEvents.toReversed().slice(0, limit)
}

export function tripSwitch(state: State, nowMs: number, trip: NewTrip): Tripped {
  const { scope, id, by, why } = trip
  if (!isThere(state, trip)) return 'unknown'
  const { switches, switchEvents: events } = state.tables
  const known = switches.has(keyOf(trip))
  events.push({ scope, id, by, why, atMs: nowMs, act: 'trip', confirmedBy: null, finding: null })
  if (known) return 'already'
  switches.set(keyOf(trip), { scope, id, by, why, sinceMs: nowMs })
  return 'tripped'
}

export function releaseSwitch(state: State, tx: Transaction, release: NewRelease): Released {
  const { scope, id, proposedBy, confirmedBy, why } = release
  const { switches, switchEvents: events } = state.tables
  if (!switches.has(keyOf(release))) return 'not_tripped'
  if (proposedBy.trim().toLowerCase() === confirmedBy.trim().toLowerCase()) return 'one_person'
  events.push({ scope, id, by: proposedBy, why, atMs: tx.nowMs, act: 'release', confirmedBy, finding: null })
  switches.delete(keyOf(release))
  wakeSecondSteps(state, tx)
  return 'released'
}

/** Attempts that wait for the step that pays are looked at again at once; the queue comes by itself. */
function wakeSecondSteps(state: State, tx: Transaction): void {
  for (const [key, { attempts }] of state.tables.dossiers)
    for (const [place, row] of attempts.entries()) {
      const { attempt, facts } = row
      const waits = attempt.state === 'sending' || attempt.state === 'in_doubt'
      const { created, stepsSent } = (facts ?? {}) as { created?: boolean; stepsSent?: number }
      if (!waits || created !== true || stepsSent !== 1 || (attempt.nextInquiryAtMs ?? 0) <= tx.nowMs)
        continue
      const draft = draftOf(state, tx, key)
      rule(draft !== null, 'attempt_merchant_id_payout_number_fkey')
      draft.attempts = draft.attempts.with(place, {
        ...row,
        attempt: { ...attempt, nextInquiryAtMs: tx.nowMs },
      })
    }
}

/** Whether a claim goes past this payout; of its account nothing is known then. */
export function passesOver(state: State): ((payoutKey: string) => boolean) | null {
  const { switches, dossiers } = state.tables
  if (switches.size === 0) return null
  return key => {
    const payout = dossiers.get(key)?.payout
    return payout !== undefined && stopOf(state, payout, null) !== null
  }
}

/** Whether this step would give a send right that a switch stops. */
export function isStopped(state: State, step: PayoutStep, draft: Draft): boolean {
  if (state.tables.switches.size === 0) return false
  const account = accountOfRight(step, draft)
  return account !== null && stopOf(state, draft.payout, account) !== null
}

/** The provider account for which this step gives a send right, or null where it gives none. */
export function accountOfRight({ attempt: change }: PayoutStep, draft: Draft): string | null {
  if (change === null) return null
  if (change.kind === 'opened') return change.providerAccountId
  const row = draft.attempts.find(({ attempt }) => attempt.attemptNo === change.attemptNo)
  if (row === undefined || change.facts === null) return null
  const now = rightsIn(change.facts)
  const before = rightsIn(row.facts)
  const isNew = (now.pays !== null && now.pays !== before.pays) || now.repeats > before.repeats
  return isNew ? row.attempt.providerAccountId : null
}

function rightsIn(facts: unknown): { readonly pays: string | null; readonly repeats: number } {
  const { payRequestHash = null, repeats = 0 } = (facts ?? {}) as {
    payRequestHash?: string | null
    repeats?: number
  }
  return { pays: payRequestHash, repeats }
}

/** The widest switch that stops a send; without an account, whichever way it would go. */
function stopOf({ tables }: State, payout: Payout, account: string | null): SwitchKey | null {
  const { merchantId, amount } = payout
  const rail = account === null ? '' : (tables.providerAccounts.get(account)?.protocol ?? '')
  const scopes = { merchantId, currency: amount.currency, rail, providerAccountId: account ?? '' }
  return switchesOf(scopes).find(key => tables.switches.has(keyOf(key))) ?? null
}

function isThere({ tables }: State, { scope, id }: SwitchKey): boolean {
  if (scope === 'merchant') return tables.merchants.has(id)
  if (scope === 'provider_account') return tables.providerAccounts.has(id)
  if (scope === 'rail') return [...tables.providerAccounts.values()].some(({ protocol }) => protocol === id)
  return true
}

function keyOf({ scope, id }: SwitchKey): string {
  return `${scope} ${id}`
}
