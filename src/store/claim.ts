// What is due, taken so that nobody else takes it for the length of a lease.
import type { Seal } from '../lib/seal.ts'
import type { Contracts } from './contracts.ts'
import {
  ATTEMPT_COLUMNS,
  type AttemptRow,
  PAYOUT_COLUMNS,
  type PayoutRow,
  rowAttempt,
  rowPayout,
} from './rows.ts'
import type { DueAttempt, DuePayout } from './store.ts'
import type { Whole } from './whole.ts'

export interface Claim {
  readonly limit: number
  readonly leaseMs: number
}

export async function claimDue(
  whole: Whole,
  seal: Seal,
  claim: Claim & { readonly noted?: string | null },
): Promise<readonly DuePayout[]> {
  const rows = await whole.rows<PayoutRow & { claim: bigint; tries: number }>(CLAIM_DUE, [
    claim.limit,
    claim.leaseMs,
    claim.noted ?? null,
  ])
  return rows.map(row => ({ payout: rowPayout(row, seal), claim: row.claim, tries: row.tries }))
}

export async function claimAttempts(
  whole: Whole,
  seal: Seal,
  contracts: Contracts,
  claim: Claim,
): Promise<readonly DueAttempt[]> {
  const rows = await whole.rows<PayoutRow & AttemptRow>(CLAIM_ATTEMPTS, [claim.limit, claim.leaseMs])
  const due: DueAttempt[] = []
  for (const row of rows)
    due.push({
      payout: rowPayout(row, seal),
      attempt: rowAttempt(row),
      facts: row.facts,
      incarnation: row.incarnation,
      contract: await contracts.termsOf(row.contract_id),
    })
  return due
}

const CLAIM_DUE = {
  name: 'claim_due',
  text: `select (c.claimed).claim, (c.claimed).tries, ${PAYOUT_COLUMNS}
    from claim_due(case when may_send($3::pg_lsn) then $1 else 0 end, $2) c cross join lateral (select (c.found).*) p`,
}

const CLAIM_ATTEMPTS = {
  name: 'claim_attempts',
  text: `select ${ATTEMPT_COLUMNS}, ${PAYOUT_COLUMNS}
    from claim_attempts($1, $2) c cross join lateral (select (c.claimed).*) a
      cross join lateral (select (c.found).*) p`,
}
