// What the same Postgres does with the same payout transaction and nothing around it, as a process of its own: check the
// key, reduce the balance, write one payout, two ledger entries and one outbox row. `statement`: one statement for each
// payout, as a bench of the database would have it. `interactive`: one transaction for each request, as applications are
// commonly written. A client of Node, because the embedded server brings no pgbench: its own share is told beside it.
import pg from 'pg'
import { systemClock } from '../src/lib/clock.ts'
import type { ReferencePlan, ReferenceResult } from './reference-plan.ts'
import { planOf, serveLines, tell } from './spawned.ts'

const STATEMENT = {
  name: 'reference',
  text: `with known as (select 1 from reference_payout where merchant = $1 and key = $2),
    paid as (update reference_balance set minor = minor - $3 where merchant = $1 and minor >= $3
      and not exists (select from known) returning merchant),
    made as (insert into reference_payout (merchant, key, minor, body) select merchant, $2, $3, $4 from paid returning id),
    entries as (insert into reference_entry select id, side, $3 from made, (values (1), (2)) s (side))
    insert into reference_outbox select id from made`,
}
const LOCK = { name: 'lock', text: 'select minor from reference_balance where merchant = $1 for update' }
const KNOWN = { name: 'known', text: 'select id from reference_payout where merchant = $1 and key = $2' }
const MADE = {
  name: 'made',
  text: 'insert into reference_payout (merchant, key, minor, body) values ($1, $2, $3, $4) returning id',
}
const ENTRIES = { name: 'entries', text: 'insert into reference_entry values ($1, 1, $2), ($1, 2, $2)' }
const OUTBOX = { name: 'outbox', text: 'insert into reference_outbox values ($1)' }
const REDUCE = { name: 'reduce', text: 'update reference_balance set minor = minor - $2 where merchant = $1' }
/** As long as what the switch keeps of a payout. */
const BODY = 'b'.repeat(600)
const MINOR = 1_050

async function statement(client: pg.Client, merchant: number, key: string): Promise<void> {
  await client.query({ ...STATEMENT, values: [merchant, key, MINOR, BODY] })
}

async function interactive(client: pg.Client, merchant: number, key: string): Promise<void> {
  await client.query('begin')
  await client.query({ ...LOCK, values: [merchant] })
  await client.query({ ...KNOWN, values: [merchant, key] })
  const { rows } = await client.query<{ id: string }>({ ...MADE, values: [merchant, key, MINOR, BODY] })
  const id = rows[0]?.id ?? ''
  await client.query({ ...ENTRIES, values: [id, MINOR] })
  await client.query({ ...OUTBOX, values: [id] })
  await client.query({ ...REDUCE, values: [merchant, MINOR] })
  await client.query('commit')
}

async function run(plan: ReferencePlan): Promise<ReferenceResult> {
  const work = plan.how === 'statement' ? statement : interactive
  const clients = Array.from({ length: plan.clients }, () => new pg.Client(plan.databaseUrl))
  await Promise.all(clients.map(client => client.connect()))
  const begun = systemClock.monotonic()
  const end = begun + plan.seconds * 1000
  let done = 0
  await Promise.all(
    clients.map(async (client, place) => {
      for (let n = place; systemClock.monotonic() < end; n += plan.clients) {
        await work(client, n % plan.merchants, `${plan.run}-${n}`)
        done += 1
      }
    }),
  )
  const seconds = (systemClock.monotonic() - begun) / 1000
  await Promise.all(clients.map(client => client.end()))
  return { perSecond: done / seconds, done }
}

const plan = await planOf<ReferencePlan>()
tell({ ready: true })
await serveLines(() => run(plan))
