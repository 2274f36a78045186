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

export async function claimDue(whole: Whole, seal: Seal, claim: Claim): Promise<readonly DuePayout[]> {
  const rows = await whole.rows<PayoutRow & { claim: bigint; tries: number }>(CLAIM_DUE, [
    claim.limit,
    claim.leaseMs,
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
      contract: await contracts.termsOf(row.contract_id),
    })
  return due
}

// Claimed rows drive the join, each payout found by its key: a lateral look-up leaves no other plan.
const CLAIM_DUE = {
  name: 'claim_due',
  text: `select q.claim, q.tries, p.* from claim_due($1, $2) q
    cross join lateral (select ${PAYOUT_COLUMNS} from payout p
      where p.merchant_id = q.merchant_id and p.payout_number = q.payout_number offset 0) p`,
}

const CLAIM_ATTEMPTS = {
  name: 'claim_attempts',
  text: `select ${ATTEMPT_COLUMNS}, p.* from claim_attempts($1, $2) a
    cross join lateral (select ${PAYOUT_COLUMNS} from payout p
      where p.merchant_id = a.merchant_id and p.payout_number = a.payout_number offset 0) p`,
}
