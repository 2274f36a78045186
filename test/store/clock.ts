// Postgres by the clock of a script. The SQL under test stays as it is, to the letter; only what `now()` means in it is
// replaced: a function of that name in a schema which the search path names before pg_catalog. Column defaults were
// bound when their tables were made, so they are pointed to it one by one. With that, every time in the database is the
// model's time to the millisecond, and results and rows are compared whole instead of by orders and durations.
//
// What is lost: transactions of the same moment never have different times here. The concurrency tests have real time.
import pg from 'pg'
import type { Pool } from '../../src/store/postgres.ts'

export interface ScriptClock {
  /** What `now()` says from here on. `pauseMs`: each look at the clock takes up to so long, so that parallel calls meet. */
  set(atMs: number, pauseMs: number): Promise<void>
}

export async function installScriptClock(
  url: string,
  isolation: 'read committed' | 'serializable',
): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const database = pg.escapeIdentifier(new URL(url).pathname.slice(1))
    await client.query(SCHEMA)
    const { rows } = await client.query<{ place: string; name: string }>(DEFAULTS)
    for (const { place, name } of rows)
      await client.query(
        `alter table ${place} alter column ${pg.escapeIdentifier(name)} set default script.now()`,
      )
    await client.query(`alter database ${database} set search_path = script, public, pg_catalog`)
    await client.query(`alter database ${database} set default_transaction_isolation = '${isolation}'`)
  } finally {
    await client.end()
  }
}

/** Read and set outside of every snapshot, as a clock is: two sequences, which know no transactions. */
const SCHEMA = `
  create schema script;
  create sequence script.clock_ms minvalue 0 start 0;
  create sequence script.pause_ms minvalue 0 start 0;
  create function script.now() returns timestamptz language plpgsql stable as $$
  declare
    at_ms bigint;
    pause bigint;
  begin
    select c.last_value, p.last_value into at_ms, pause from script.clock_ms c, script.pause_ms p;
    if pause > 0 then
      perform pg_sleep(random() * pause / 1000.0);
    end if;
    return to_timestamp(at_ms / 1000.0);
  end $$;
`

const DEFAULTS = `
  select a.attrelid::regclass::text as place, a.attname as name
  from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  where pg_get_expr(d.adbin, d.adrelid) in ('now()', 'clock_timestamp()')`

export function scriptClock(pool: Pool): ScriptClock {
  let shown = ''
  return {
    async set(atMs, pauseMs) {
      if (shown === `${atMs} ${pauseMs}`) return
      shown = `${atMs} ${pauseMs}`
      await pool.query({
        name: 'script_clock',
        text: `select setval('script.clock_ms', $1), setval('script.pause_ms', $2)`,
        values: [atMs, pauseMs],
      })
    },
  }
}
