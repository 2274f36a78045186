-- A stand-in for tests, TO BE REPLACED: the kill switch is a migration of its own (0005), written at the same time. Where
-- that one is there nothing here is run. It keeps what the tests read: one row for each trip.
create table kill_switch_event (
  event_no bigint primary key generated always as identity,
  scope text not null,
  scope_id text not null,
  act text not null,
  acted_by text not null,
  why text not null,
  finding text,
  at timestamptz not null default clock_timestamp()
);
create function trip_switch(scope text, scope_id text, by_whom text, why text, finding bigint)
returns boolean language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into kill_switch_event (scope, scope_id, act, acted_by, why, finding)
    values (scope, scope_id, 'trip', by_whom, why, finding::text)
  returning true;
$$;
revoke execute on function trip_switch(text, text, text, text, bigint) from public;
create function release_switch(scope text, scope_id text, proposed_by text, confirmed_by text, why text)
returns boolean language sql as $$ select true $$;
revoke execute on function release_switch(text, text, text, text, text) from public;
select auditor_role_ready();
