-- What this installation knows of itself, so that it notices when its database is another one than it was: restored from
-- a backup, or a standby that took over without the last transactions. Then nothing is sent until every provider account
-- was swept and two people released it.

-- Drawn once; the send journals of this installation carry it. The rest is how the server looked when it was last right.
create table installation (
  only_row boolean primary key default true check (only_row),
  installation_id uuid not null default gen_random_uuid(),
  system_identifier bigint not null,
  timeline text not null check (length(timeline) = 8),
  at timestamptz not null default now()
);

-- The timeline of what is written now: the last checkpoint's lags behind a promotion.
create function server_timeline() returns text language sql volatile
return left(pg_walfile_name(pg_current_wal_lsn()), 8);

insert into installation (system_identifier, timeline)
  select system_identifier, server_timeline() from pg_control_system();

-- Which sign says that the server is not the one it was, or null. `noted`: the highest position in the log that anybody
-- wrote down outside of this database.
create function installation_sign(noted pg_lsn) returns text language sql volatile
return (select case
    when i.system_identifier <> (select c.system_identifier from pg_control_system() c) then 'system_identifier'
    when i.timeline <> server_timeline() then 'timeline'
    when pg_current_wal_flush_lsn() < noted then 'position'
  end from installation i);

-- The one file in which an incarnation writes down what it sends. A number that is given again after a restore gets
-- another id, and so never finds the file of the first. `journal_bytes`: how much of it was on the disk when its owner
-- last said so.
alter table incarnation
  add column journal_id uuid not null default gen_random_uuid(),
  add column journal_bytes bigint not null default 0;

-- Journals that were judged by people after a restore: what they noted of the lost log counts no more.
create table swept_journal (
  journal_id uuid primary key,
  at timestamptz not null default now()
);

-- A provider account through which nothing is sent. Entered for all at once, released one by one, by two people.
create table safe_mode (
  provider_account_id text not null references provider_account,
  entered_at timestamptz not null default now(),
  sign text not null check (sign in ('system_identifier', 'timeline', 'position')),
  released_at timestamptz,
  proposed_by text check (length(proposed_by) between 1 and 128),
  confirmed_by text check (length(confirmed_by) between 1 and 128),
  primary key (provider_account_id, entered_at),
  constraint safe_mode_is_released_by_two check (case when released_at is null
    then proposed_by is null and confirmed_by is null
    else proposed_by is not null and confirmed_by is not null and lower(proposed_by) <> lower(confirmed_by) end)
);
create unique index safe_mode_open on safe_mode (provider_account_id) where released_at is null;

-- Released is final, and what was entered stays.
create function safe_mode_moves() returns trigger language plpgsql as $$
begin
  if old.released_at is not null or (new.provider_account_id, new.entered_at, new.sign)
    is distinct from (old.provider_account_id, old.entered_at, old.sign) then
    raise exception 'safe mode of % is only ever released, once', old.provider_account_id
      using errcode = 'check_violation', constraint = 'safe_mode_moves';
  end if;
  return new;
end $$;
create trigger safe_mode_moves before update on safe_mode for each row execute function safe_mode_moves();
create trigger safe_mode_stays before delete on safe_mode for each statement execute function refuse_change();
create trigger safe_mode_is_not_emptied before truncate on safe_mode for each statement execute function refuse_change();

-- Whether a claim may give anything: the server is the one it was, and something may be sent through some account.
create function may_send(noted pg_lsn) returns boolean language sql volatile
return installation_sign(noted) is null and (
  not exists (select from safe_mode s where s.released_at is null)
  or exists (select from provider_account a where a.active and not exists (select from safe_mode s
    where s.provider_account_id = a.provider_account_id and s.released_at is null)));

-- No send right is given in safe mode, whatever the application believes. The code is that of a server that takes no
-- writes: to those who wait it is a database that cannot be used at the moment.
create function refuse_send_right() returns void language plpgsql as $$
begin
  raise exception 'nothing is sent in safe mode' using errcode = '25006', constraint = 'send_right_needs_release';
end $$;
create function first_right_needs_release() returns trigger language plpgsql as $$
begin
  if exists (select from given g where g.state = 'sending') and (installation_sign(null) is not null
    or exists (select from given g join safe_mode s on s.provider_account_id = g.provider_account_id
      where g.state = 'sending' and s.released_at is null)) then
    perform refuse_send_right();
  end if;
  return null;
end $$;
create trigger first_right_needs_release after insert on attempt referencing new table as given
  for each statement execute function first_right_needs_release();
create function second_right_needs_release() returns trigger language plpgsql as $$
begin
  if installation_sign(null) is not null or exists (select from safe_mode s
    where s.provider_account_id = new.provider_account_id and s.released_at is null) then
    perform refuse_send_right();
  end if;
  return null;
end $$;
create trigger second_right_needs_release after update on attempt
  for each row when (new.facts ->> 'stepsSent' = '2' and old.facts ->> 'stepsSent' is distinct from '2')
  execute function second_right_needs_release();
