// The rows of both, table by table, as the schema names them. A table or column that a migration adds comes into the
// comparison by itself, and the model has to follow.
import type pg from 'pg'
import type { Seal } from '../../src/lib/seal.ts'
import { type Beneficiary, beneficiaryKey } from '../../src/payout/beneficiary.ts'
import type { Pool } from '../../src/store/postgres.ts'
import { CLEARING, letClear } from './let-clear.ts'
import { type Plain, plain, sorted } from './plain.ts'

export type Rows = Readonly<Record<string, readonly Plain[]>>

/** Numbers given by the database alone, times that nobody reads, and what the agreements of people are found by. */
const NOT_COMPARED: Readonly<Record<string, readonly string[]>> = {
  incident: ['incident_no'],
  payout_event: ['written_by'],
  posting: ['written_by'],
  proof: ['proposal_id'],
  incarnation: ['journal_id', 'journal_bytes'],
  account_opening: ['opened_at'],
  merchant: ['created_at'],
  api_key: ['created_at', 'owner'],
  door_credential: ['created_at', 'owner'],
  provider_account: ['created_at'],
  route: ['created_at'],
  contract: ['created_at'],
}

/** Fundings side by side take their numbers in one order and their places in another: a number is only its own. */
export const FUNDING_NUMBER = 'of the funding'

export interface RowReader {
  rows(claimLabel: (claim: number) => string): Promise<Rows>
  /** Takes every row out again; the sequences begin anew. */
  clear(): Promise<void>
}

export async function createRowReader(pool: Pool, seal: Seal): Promise<RowReader> {
  const { rows: tables } = await pool.query<{ name: string }>(TABLES)
  const names = tables.map(({ name }) => name)
  const fields = names.map(name => `'${name}', (select coalesce(json_agg(t), '[]') from "${name}" t)`)
  const read = `select json_build_object(${fields.join(', ')}) as all_rows`
  await letClear(pool)
  const clear = [
    'begin',
    CLEARING,
    ...[...POINTING, ...names.filter(name => name !== 'configuration' && !POINTING.includes(name))].map(
      name => `delete from "${name}"`,
    ),
    'update configuration set version = 1',
    `select setval('payout_number_block', 1, false), setval('claim_number', 1, false),
      setval(pg_get_serial_sequence('incarnation', 'incarnation'), 1, false)`,
    'commit',
  ].join('; ')
  return {
    async rows(claimLabel) {
      const { rows } = await pool.query<{ all_rows: Record<string, Row[]> }>({ name: 'all_rows', text: read })
      const all: Record<string, readonly Plain[]> = {}
      for (const [table, found] of Object.entries(rows[0]?.all_rows ?? {}))
        all[table] = sorted(found.map(row => compared(table, row, seal, claimLabel))) as readonly Plain[]
      return all
    },
    async clear() {
      const client = await pool.connect()
      try {
        await client.query(clear)
      } finally {
        release(client)
      }
    },
  }
}

function release(client: pg.PoolClient): void {
  client.release(client.getTransactionStatus() !== 'I')
}

/** What the model does not play yet, so no script writes it: switches, people and their sessions, safe mode, the auditor, receipts. */
const NOT_PLAYED = [
  ...['kill_switch', 'kill_switch_event', 'installation', 'swept_journal', 'safe_mode', 'reference_question'],
  ...[
    'person',
    'person_role',
    'person_key',
    'one_time_code',
    'wrong_code',
    'proposal',
    'evidence',
    'agreement',
    'correction',
    'act',
  ],
  ...['finding', 'auditor_heartbeat'],
  ...['sign_in', 'sign_in_try', 'sign_in_link', 'session'],
  ...['receipt_key', 'receipt_log', 'receipt', 'receipt_node', 'receipt_checkpoint', 'receipt_due'],
]

const TABLES = `select relname as name from pg_class
  where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migration'
    and relname not in (${NOT_PLAYED.map(name => `'${name}'`).join(', ')}) order by 1`

/** Tables whose rows point to others: they are cleared first. */
const POINTING = 'notice attempt confirmation proof_image proof_search route api_key door_credential'.split(
  ' ',
)

type Row = Record<string, unknown>

function compared(table: string, row: Row, seal: Seal, claimLabel: (claim: number) => string): Plain {
  const left: Row = {}
  for (const [name, value] of Object.entries(row)) {
    if (NOT_COMPARED[table]?.includes(name)) continue
    left[name] = typeof value === 'string' && isTime(name) ? Date.parse(value) : value
  }
  if (table === 'funding' || row.recipe === 'fund') left.number = FUNDING_NUMBER
  if (table === 'queue' && typeof row.claim === 'number') left.claim = claimLabel(row.claim)
  openSealed(table, left, seal)
  return plain(left)
}

function isTime(column: string): boolean {
  return column === 'at' || column.endsWith('_at') || column === 'state_since'
}

/** Two seals of one text are never equal: what lies in them is compared. */
function openSealed(table: string, row: Row, seal: Seal): void {
  const open = (column: string, context: string) => {
    row[column] = seal.open(row[column] as string, context)
  }
  const of = `${row.merchant_id}:${row.payout_number}`
  if (table === 'payout') {
    open('beneficiary', `payout.beneficiary:${of}`)
    const beneficiary = JSON.parse(row.beneficiary as string) as Beneficiary
    const fingerprint = seal.fingerprint(beneficiaryKey(beneficiary), `beneficiary:${row.merchant_id}`)
    const isSame = row.beneficiary_fingerprint === `\\x${Buffer.from(fingerprint).toString('hex')}`
    row.beneficiary_fingerprint = isSame ? 'of the beneficiary' : 'of another'
  }
  if (table === 'callback') open('raw', `callback.raw:${of}`)
  if (table === 'proof_image') open('sealed', `proof_image.sealed:${of}:${row.source}`)
  if (table === 'door_credential') open('secret', `door_credential.secret:${row.door}:${row.public_id}`)
  if (table === 'provider_account')
    for (const column of ['settings', 'callback_secret'])
      open(column, `provider_account.${column}:${row.provider_account_id}`)
}
