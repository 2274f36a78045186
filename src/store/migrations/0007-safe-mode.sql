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

-- No send right is given in safe mode (an attempt of incarnation 0 has none: it was found again after a restore), whatever the application believes. The code is that of a server that takes no
-- writes: to those who wait it is a database that cannot be used at the moment.
create function refuse_send_right() returns void language plpgsql as $$
begin
  raise exception 'nothing is sent in safe mode' using errcode = '25006', constraint = 'send_right_needs_release';
end $$;
create function first_right_needs_release() returns trigger language plpgsql as $$
begin
  if exists (select from given g where g.state = 'sending' and g.incarnation > 0) and (installation_sign(null) is not null
    or exists (select from given g join safe_mode s on s.provider_account_id = g.provider_account_id
      where g.state = 'sending' and g.incarnation > 0 and s.released_at is null)) then
    perform refuse_send_right();
  end if;
  return null;
end $$;
create trigger first_right_needs_release after insert on attempt referencing new table as given
  for each statement execute function first_right_needs_release();
create function second_right_needs_release() returns trigger language plpgsql as $$
begin
  -- Of an attempt that is older than a restore the lost part of this database may have sent it already.
  if installation_sign(null) is not null or exists (select from safe_mode s
    where s.provider_account_id = new.provider_account_id
      and (s.released_at is null or s.entered_at >= new.created_at)) then
    perform refuse_send_right();
  end if;
  return null;
end $$;
-- The right to send an attempt again is none of an older life either.
create trigger second_right_needs_release after update on attempt
  for each row when ((new.facts ->> 'stepsSent' = '2' and old.facts ->> 'stepsSent' is distinct from '2')
    or coalesce(new.facts ->> 'repeats', '0') > coalesce(old.facts ->> 'repeats', '0'))
  execute function second_right_needs_release();

-- Compares, and where a sign differs enters safe mode for every provider account in the same transaction. From then on
-- the server as it is now is the one that is known: another restore shows again. `journals`: those whose notes were used.
create function check_installation(noted pg_lsn, journals uuid[])
returns table (sign text, at_position pg_lsn) language plpgsql as $$
declare
  seen text := installation_sign(noted);
begin
  if seen is not null then
    perform from installation for update;
    insert into safe_mode (provider_account_id, sign)
      select a.provider_account_id, seen from provider_account a
      where not exists (select from safe_mode s
        where s.provider_account_id = a.provider_account_id and s.released_at is null)
      on conflict do nothing;
    insert into swept_journal (journal_id) select j from unnest(journals) j on conflict do nothing;
    update installation set at = now(), timeline = server_timeline(),
      system_identifier = (select c.system_identifier from pg_control_system() c);
    -- Whatever is not dead is asked about, also what was paid and may have come back or never been.
    update attempt a set next_look_at = now()
      from payout p
      where p.merchant_id = a.merchant_id and p.payout_number = a.payout_number
        and (a.state in ('sending', 'in_doubt', 'pending')
          or (a.state = 'paid' and p.paid_at > now() - interval '35 days'));
  end if;
  return query select seen, pg_current_wal_flush_lsn();
end $$;

-- ---- the sweep: is there a payment that the lost part of this database knew of? ------------------------------------
-- One question for the next reference of a payout at one provider account that it could go through.
create table reference_question (
  merchant_id text not null,
  payout_number bigint not null,
  attempt_no smallint not null,
  provider_account_id text not null references provider_account,
  -- Null: it is not asked any more.
  next_at timestamptz default now(),
  not_found integer not null default 0,
  said text check (said in ('found', 'not_found', 'unclear', 'unaskable')),
  primary key (merchant_id, payout_number, attempt_no, provider_account_id),
  foreign key (merchant_id, payout_number) references payout
);
create index reference_question_next on reference_question (next_at) where next_at is not null;

-- Questions about every queued payout that could go through an account in safe mode; those that are due are claimed.
create function claim_reference_questions(at_most integer, lease_ms bigint)
returns table (asked reference_question, found payout) language plpgsql as $$
declare
  taken reference_question[];
begin
  insert into reference_question (merchant_id, payout_number, attempt_no, provider_account_id)
    select distinct p.merchant_id, p.payout_number, p.attempts + 1, r.provider_account_id
    from queue q
      join payout p on p.merchant_id = q.merchant_id and p.payout_number = q.payout_number and p.state = 'queued'
      join route r on r.merchant_id = p.merchant_id and r.currency = p.currency and r.method in (p.method, '*')
      join safe_mode s on s.provider_account_id = r.provider_account_id and s.released_at is null
    where not exists (select from reference_question k where k.merchant_id = p.merchant_id
      and k.payout_number = p.payout_number and k.attempt_no = p.attempts + 1
      and k.provider_account_id = r.provider_account_id)
    limit at_most
    on conflict do nothing;
  with due as materialized (
    select k.merchant_id, k.payout_number, k.attempt_no, k.provider_account_id from reference_question k
    where k.next_at <= now() order by k.next_at limit at_most for update skip locked
  ), moved as (
    update reference_question k set next_at = now() + lease_ms * interval '1 millisecond'
    from due where k.merchant_id = due.merchant_id and k.payout_number = due.payout_number
      and k.attempt_no = due.attempt_no and k.provider_account_id = due.provider_account_id
    returning k
  )
  select array_agg(k) into taken from moved k;
  return query select k, p from unnest(taken) k
    join payout p on p.merchant_id = k.merchant_id and p.payout_number = k.payout_number;
end $$;
