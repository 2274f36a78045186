import type { Seal } from '../lib/seal.ts'
import type { PayoutState } from '../payout/payout.ts'
import type { Claim } from './claim.ts'
import { ms, PAYOUT_COLUMNS, type PayoutRow, rowPayout } from './rows.ts'
import type { DueNotice, NoticeResult } from './store.ts'
import type { Whole } from './whole.ts'

export async function claimNotices(whole: Whole, seal: Seal, claim: Claim): Promise<readonly DueNotice[]> {
  const rows = await whole.rows<
    PayoutRow & {
      sequence: number
      target: string
      url: string
      tries: number
      told_state: PayoutState
      told_at_ms: number
    }
  >(CLAIM_NOTICES, [claim.limit, claim.leaseMs])
  return rows.map(row => ({
    payout: rowPayout(row, seal),
    sequence: row.sequence,
    state: row.told_state,
    atMs: row.told_at_ms,
    target: row.target,
    url: row.url,
    tries: row.tries,
  }))
}

export async function recordNotices(whole: Whole, batch: readonly NoticeResult[]): Promise<void> {
  const input = batch.map(({ merchantId, number, sequence, target, status, said, next }) => ({
    merchant_id: merchantId,
    payout_number: String(number),
    sequence,
    target,
    status,
    said,
    outcome: next.kind === 'again' ? 'due' : next.kind,
    due_in_ms: 'dueInMs' in next ? Math.round(next.dueInMs) : null,
  }))
  await whole.rows({ name: 'record_notices', text: 'select record_notices($1)' }, [JSON.stringify(input)])
}

const CLAIM_NOTICES = {
  name: 'claim_notices',
  text: `select (c.claimed).sequence, (c.claimed).target, (c.claimed).url, (c.claimed).tries,
      (c.told).state as told_state, ${ms('(c.told).at')} as told_at_ms, ${PAYOUT_COLUMNS}
    from claim_notices($1, $2) c cross join lateral (select (c.found).*) p`,
}
