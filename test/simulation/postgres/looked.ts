// What a history has to know of its database between two events, without asking: when something comes due, so that nobody
// polls in vain, and what stands in the tables that the auditor of the history reads. Read again after each commit.

import type { Pool } from '../../../src/store/postgres.ts'
import type { TrippedSwitch } from '../../../src/store/store.ts'
import type { DueKind, WorldTables } from '../model/model-store.ts'
import type { IncidentRow } from '../model/rows.ts'

export interface Looked {
  readonly nextDueAtMs: Readonly<Record<DueKind, number | null>>
  readonly tables: WorldTables
}

/** Of a database that is as it was made. */
export const NOTHING: Looked = {
  nextDueAtMs: { queue: null, attempts: null, notices: null, searches: null, questions: null },
  tables: { incidents: [], switches: new Map() },
}

interface Row {
  queue: number | null
  attempts: number | null
  notices: number | null
  searches: number | null
  questions: number | null
  incidents: {
    merchantId: string
    number: number
    attemptNo: number | null
    kind: string
    detail: string
    atMs: number
  }[]
  switches: TrippedSwitch[]
}

export async function look(pool: Pool): Promise<Looked> {
  const { rows } = await pool.query<Row>(LOOK)
  const [row] = rows
  if (row === undefined) throw new Error('the look at the database gave nothing')
  const { incidents, switches, ...nextDueAtMs } = row
  return {
    nextDueAtMs,
    tables: {
      incidents: incidents.map(one => ({ ...one, number: BigInt(one.number) }) satisfies IncidentRow),
      switches: new Map(switches.map(one => [`${one.scope} ${one.id}`, one])),
    },
  }
}

const ms = (at: string) => `(extract(epoch from ${at}) * 1000)::float8`

/** What a switch stops comes due when it is released, which is a commit; and of one target the first notice comes first. */
const LOOK = {
  name: 'look',
  text: `select
    (select ${ms('min(q.due_at)')} from queue q where not exists (select from kill_switch s where s.tripped
      and (s.scope = 'global' or (s.scope = 'merchant' and s.scope_id = q.merchant_id)
        or (s.scope = 'currency' and exists (select from payout p where p.merchant_id = q.merchant_id
          and p.payout_number = q.payout_number and p.currency = s.scope_id))))) as queue,
    (select ${ms('min(next_look_at)')} from attempt) as attempts,
    (select ${ms('min(n.due_at)')} from notice n where n.due_at is not null and not exists (select from notice e
      where e.merchant_id = n.merchant_id and e.payout_number = n.payout_number and e.target = n.target
        and e.sequence < n.sequence and e.state = 'due')) as notices,
    (select ${ms('min(next_at)')} from proof_search) as searches,
    (select ${ms('min(next_at)')} from reference_question) as questions,
    (select coalesce(json_agg(json_build_object('merchantId', merchant_id, 'number', payout_number, 'attemptNo', attempt_no,
      'kind', kind, 'detail', detail, 'atMs', ${ms('at')}) order by incident_no), '[]') from incident) as incidents,
    (select coalesce(json_agg(json_build_object('scope', scope, 'id', scope_id, 'by', acted_by, 'why', why,
      'sinceMs', ${ms('since')})), '[]') from kill_switch where tripped) as switches`,
}
