// What a person should know. Some kinds speak for a payment: a payout that ended unpaid is then disputed.
import type { IncidentRow } from './rows.ts'
import type { Draft, Transaction } from './state.ts'

const DISPUTING: ReadonlySet<string> = new Set(
  'paid_after_death answer_after_death contradiction proof_contradicts refused_step'.split(' '),
)

/** An incident may name a payout that is not there. */
export function raiseIncident(tx: Transaction, draft: Draft | null, incident: IncidentRow): void {
  tx.incidents.push(incident)
  if (draft !== null && DISPUTING.has(incident.kind)) draft.isDisputable = true
}
