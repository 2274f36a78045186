// For harnesses that use one database again and again: what is recorded stays, except while its owner clears it. The rules
// are otherwise left to the letter.
import type { Pool } from '../../src/store/postgres.ts'

/** From now on a transaction that begins with `CLEARING` may take rows out. */
export async function letClear(pool: Pool): Promise<void> {
  await pool.query(LET_CLEAR)
}

export const CLEARING = `set local script.clearing = 'on'`

const LET_CLEAR = `do $do$
  declare
    source text;
    rule text;
  begin
    foreach rule in array array['refuse_change', 'balance_by_posting_only', 'kill_switch_by_event_only'] loop
      select prosrc into source from pg_proc where proname = rule;
      execute format('create or replace function public.%I() returns trigger language plpgsql as %L', rule,
        regexp_replace(source, 'begin',
          $$begin if current_setting('script.clearing', true) = 'on' then return null; end if;$$));
    end loop;
  end $do$`
