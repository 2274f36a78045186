-- The auditor (SAFETY.md section 9): what it reads by, what it writes, and the role that lets it do nothing else.

-- ---- what changed ----------------------------------------------------------------------------------------------------
-- The transaction that wrote a row. A time would not do: it is taken when a transaction begins and seen when it commits,
-- so whoever reads on from a time misses the rows of one that was long in commit. What an older snapshot could not see
-- is told exactly by that snapshot and this number. Both tables only grow, so rows of one time lie together and an index
-- of a few bytes for many pages finds them; an insert pays for it close to nothing. Rows from before have none.
alter table payout_event add column written_by bigint;
alter table payout_event alter column written_by set default pg_current_xact_id()::text::bigint;
create index payout_event_written on payout_event using brin (written_by)
  with (pages_per_range = 16, autosummarize = on);
alter table posting add column written_by bigint;
alter table posting alter column written_by set default pg_current_xact_id()::text::bigint;
create index posting_written on posting using brin (written_by) with (pages_per_range = 16, autosummarize = on);

-- ---- what it writes --------------------------------------------------------------------------------------------------
-- Each breach once: the same one that is still there at the next pass is known already.
create table finding (
  finding_no bigint primary key generated always as identity,
  invariant text not null check (invariant ~ '^I[0-9]{1,2}$'),
  scope text not null check (scope in ('global', 'merchant', 'provider_account')),
  scope_id text not null,
  subject text not null check (length(subject) between 1 and 300),
  detail text not null check (length(detail) between 1 and 1000),
  -- The snapshot in which it was seen first.
  snapshot text not null,
  first_seen_at timestamptz not null default clock_timestamp(),
  constraint finding_names_its_scope check ((scope = 'global') = (scope_id = ''))
);
create unique index finding_once on finding (invariant, subject, md5(detail));
create trigger finding_stays before update or delete on finding for each statement execute function refuse_change();
create trigger finding_is_not_emptied before truncate on finding for each statement execute function refuse_change();

-- That it lives, and what its last passes were. One row, written by whichever auditor is active.
create table auditor_heartbeat (
  only_row boolean primary key default true check (only_row),
  beat_at timestamptz not null,
  passed_at timestamptz,
  pass_ms integer,
  whole_at timestamptz,
  whole_ms integer
);

-- ---- its role --------------------------------------------------------------------------------------------------------
-- Makes the role where the caller may, and gives it what it needs and no more: no sealed column, no name, no wallet.
-- True when the role is ready. It may be called again at any time, and is after every migration.
create function auditor_role_ready() returns boolean language plpgsql as $$
declare
  switches regprocedure;
begin
  if not exists (select from pg_roles where rolname = 'quittance_auditor') then
    begin
      create role quittance_auditor nologin;
    exception
      when insufficient_privilege then return false;
      -- Roles belong to the whole server: another database of it was faster.
      when duplicate_object or unique_violation then null;
    end;
  end if;
  if not (select rolsuper from pg_roles where rolname = current_user) then
    begin
      execute format('grant quittance_auditor to %I', current_user);
    exception when others then
      -- An administrator may have given it already; whether it works is seen when the auditor starts.
      null;
    end;
  end if;

  execute format('grant usage on schema %I to quittance_auditor', current_schema());
  grant select (merchant_id) on merchant to quittance_auditor;
  grant select (merchant_id, payout_number, state, version, attempts, currency, minor) on payout to quittance_auditor;
  grant select (merchant_id, payout_number) on queue to quittance_auditor;
  grant select (merchant_id, payout_number, attempt_no, state, proof_kind, provider_account_id)
    on attempt to quittance_auditor;
  grant select (merchant_id, payout_number, attempt_no, kind) on proof to quittance_auditor;
  grant select (merchant_id, payout_number, sequence, state, written_by) on payout_event to quittance_auditor;
  grant select on posting, balance to quittance_auditor;
  grant select (merchant_id, number, provider_account_id, currency, minor) on funding to quittance_auditor;
  grant select, insert on finding to quittance_auditor;
  grant select, insert, update on auditor_heartbeat to quittance_auditor;
  for switches in select oid::regprocedure from pg_proc
    where proname = 'trip_switch' and pronamespace = current_schema()::regnamespace
  loop
    execute format('grant execute on function %s to quittance_auditor', switches);
  end loop;
  return true;
end $$;
revoke execute on function auditor_role_ready() from public;

do $$ begin perform auditor_role_ready(); end $$;
