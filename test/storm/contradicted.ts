// What is on record of a death that its provider contradicts, for whoever has to find the reason: the proof and its
// premises, the attempt, everything that was said about it in the order in which it was recorded, and the send rights that
// the journals hold.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { incarnationOf, readOpen, readSealed } from '../../src/dispatch/journal.ts'
import type { House } from '../house.ts'

interface Incident {
  readonly merchant_id: string
  readonly payout_number: bigint
  readonly attempt_no: number
  readonly reference: string
  readonly kind: string
  readonly told: string
}

/** Incidents that say of an attempt with a stored proof of death that its provider pays it, or will. */
const KINDS = ['paid_after_death', 'answer_after_death', 'proof_contradicts']

/** A text of several lines for each of them; the simulated provider never pays what it once called failed or refused. */
export async function contradictedDeaths(house: House): Promise<readonly string[]> {
  const { rows } = await house.pool.query<Incident>(
    `select i.merchant_id, i.payout_number, i.attempt_no, p.reference, i.kind,
       ${time('i.at')} || ' ' || i.kind || ', ' || i.detail as told
     from incident i join payout p using (merchant_id, payout_number)
     where i.kind = any ($1) order by i.at limit 5`,
    [KINDS],
  )
  return Promise.all(rows.map(incident => onRecord(house, incident)))
}

async function onRecord(house: House, incident: Incident): Promise<string> {
  const { merchant_id, payout_number, attempt_no, reference, kind, told } = incident
  const { rows } = await house.pool.query<{ line: string }>(ON_RECORD, [
    merchant_id,
    payout_number,
    attempt_no,
  ])
  const sends = await journaled(house, incident)
  const lines = [told, ...rows.map(({ line }) => line), ...sends]
  return [`${kind} of ${reference}, attempt ${attempt_no}`, ...lines].join('\n    ')
}

/** Times are those of the database, but for an exchange and a journal: those are of the process that wrote it. */
const ON_RECORD = `
  select ${time('at')} || ' proof ' || kind || ' ' || premises as line from proof
    where merchant_id = $1 and payout_number = $2 and attempt_no = $3
  union all
  select ${time('created_at')} || ' attempt ' || attempt_no || ', now ' || state || ', incarnation ' || incarnation
      || ', revision ' || revision || ', ' || inquiries || ' inquiries, ' || coalesce(facts::text, 'no facts')
    from attempt where merchant_id = $1 and payout_number = $2
  union all
  (select ${time('at')} || ' payout ' || state || coalesce(' by attempt ' || attempt_no, '') || coalesce(': ' || why, '')
    from payout_event where merchant_id = $1 and payout_number = $2 order by sequence)
  union all
  (select ${time('started_at')} || ' ' || kind || ' ' || exchange_no || ' of attempt ' || attempt_no || ', ' || duration_ms
      || ' ms, ' || coalesce(status::text, 'no status') || ', ' || row_name || ' ' || verdict || ': ' || coalesce(answer, '')
    from exchange where merchant_id = $1 and payout_number = $2 order by exchange_no)`

function time(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'HH24:MI:SS.MS')`
}

/** The rights of the payout that were written down before a byte left, and whether their journal was sealed. */
async function journaled(
  { dataDir }: House,
  { merchant_id, payout_number }: Incident,
): Promise<readonly string[]> {
  const folder = join(dataDir, 'journal')
  const names = (await readdir(folder)).filter(name => incarnationOf(name) !== null)
  const lines = await Promise.all(
    names.map(async name => {
      const bytes = await readFile(join(folder, name))
      const isSealed = readSealed(bytes).kind === 'whole'
      return readOpen(bytes)
        .entries.filter(({ merchantId, number }) => merchantId === merchant_id && number === payout_number)
        .map(({ attemptNo, step, atMs }) => {
          const at = new Date(atMs).toISOString().slice(11, 23)
          return `${at} ${name}${isSealed ? ', sealed,' : ''} holds the ${step} send of attempt ${attemptNo}`
        })
    }),
  )
  return lines.flat()
}
