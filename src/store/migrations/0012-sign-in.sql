-- How people sign in at the console (SECURITY.md section 4): by an address and a password, with the second factor that they
-- have anyway. Secrets of links and sessions are kept as hashes. Every limit is counted by the clock of this database.

-- ---- addresses and passwords -------------------------------------------------------------------------------------------
-- `password` holds its parameters and its salt with the hash: `scrypt$<log2 N>$<r>$<p>$<salt>$<hash>`. Null: not set yet.
create table sign_in (
  person_id text primary key references person,
  email text not null unique check (email = lower(email) and length(email) <= 254 and email ~ '^[^@ ]+@[^@ ]+$'),
  password text check (password ~ '^scrypt\$[0-9]{1,2}\$[0-9]{1,2}\$[0-9]{1,2}\$[A-Za-z0-9_-]{22}\$[A-Za-z0-9_-]{43}$'),
  changed_at timestamptz not null default now()
);

-- One row for each try that may have been wrong, by the hash of the address, known or not. Written before the password is
-- looked at, so that many at once are no more than so many after each other; taken back by the right one.
create table sign_in_try (
  try_no bigint primary key generated always as identity,
  address bytea not null check (length(address) = 32),
  at timestamptz not null default now()
);
create index sign_in_try_address on sign_in_try (address, at);
create index sign_in_try_at on sign_in_try (at);

-- ---- links ---------------------------------------------------------------------------------------------------------------
-- Made on the host, for an invitation or a recovery. What it opens still takes the second factor.
create table sign_in_link (
  hash bytea primary key check (length(hash) = 32),
  person_id text not null references person,
  email text not null check (email = lower(email)),
  made_by text not null,
  made_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '15 minutes',
  used_at timestamptz,
  constraint sign_in_link_is_short check (expires_at <= made_at + interval '15 minutes')
);
create index sign_in_link_person on sign_in_link (person_id) where used_at is null;

create function sign_in_link_is_used_once() returns trigger language plpgsql as $$
begin
  if old.used_at is not null then
    raise exception 'a sign-in link works once' using errcode = 'check_violation', constraint = 'sign_in_link_is_used_once';
  end if;
  return new;
end $$;
create trigger sign_in_link_is_used_once before update on sign_in_link
  for each row execute function sign_in_link_is_used_once();
create trigger sign_in_link_facts_stay before update of hash, person_id, email, made_by, made_at, expires_at on sign_in_link
  for each statement execute function refuse_change();

-- ---- sessions ------------------------------------------------------------------------------------------------------------
create table session (
  session_id text primary key check (session_id ~ '^se_[a-z0-9]{12}$'),
  person_id text not null references person,
  hash bytea not null unique check (length(hash) = 32),
  begun_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_why text,
  constraint session_ends_for_a_reason check ((ended_at is null) = (ended_why is null))
);
create index session_open on session (person_id, begun_at) where ended_at is null;
create index session_begun on session (begun_at);

-- Half an hour without a request, twelve hours in all.
create function session_holds(session) returns boolean language sql stable as $$
  select $1.ended_at is null and $1.seen_at > now() - interval '30 minutes' and $1.begun_at > now() - interval '12 hours'
$$;

create function session_ends_once() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null then
    raise exception 'session % has ended and stays so', old.session_id
      using errcode = 'check_violation', constraint = 'session_ends_once';
  end if;
  return new;
end $$;
create trigger session_ends_once before update on session for each row execute function session_ends_once();
create trigger session_facts_stay before update of session_id, person_id, hash, begun_at on session
  for each statement execute function refuse_change();

create function end_sessions(of_person text, why text) returns void language sql as $$
  update session set ended_at = now(), ended_why = why where person_id = of_person and ended_at is null
$$;

-- Whoever was stopped, or may something else than before, signs in again.
create function person_ends_sessions() returns trigger language plpgsql as $$
begin
  perform end_sessions(new.person_id, 'stopped');
  return null;
end $$;
create trigger person_ends_sessions after update of active on person
  for each row when (old.active and not new.active) execute function person_ends_sessions();
create function rights_end_sessions() returns trigger language plpgsql as $$
begin
  perform end_sessions(coalesce(old.person_id, new.person_id), 'rights changed');
  return null;
end $$;
create trigger rights_end_sessions after insert or update or delete on person_role
  for each row execute function rights_end_sessions();

-- ---- the transactions ------------------------------------------------------------------------------------------------------

-- Counts a try before the password is looked at, and gives what it is compared with. `said`: locked (wait_ms says how long),
-- or go; then person_id and password are those of the address, or null where it has none.
create function begin_sign_in(of_email text)
returns table (said text, wait_ms bigint, try_no bigint, person_id text, password text) language plpgsql as $$
#variable_conflict use_column
declare
  of_address bytea := sha256(convert_to(of_email, 'UTF8'));
  oldest timestamptz;
  tries integer;
  mine bigint;
begin
  -- Two tries of one address come one after the other; addresses that share the lock only wait for each other.
  perform pg_advisory_xact_lock(784882629, hashtext(of_email));
  delete from sign_in_try where at <= now() - interval '15 minutes';
  select count(*), min(t.at) into tries, oldest from sign_in_try t where t.address = of_address;
  if tries >= 5 then
    return query select 'locked', ceil(extract(epoch from oldest + interval '15 minutes' - now()) * 1000)::bigint,
      null::bigint, null::text, null::text;
    return;
  end if;
  insert into sign_in_try (address) values (of_address) returning sign_in_try.try_no into mine;
  return query select 'go', 0::bigint, mine, s.person_id, s.password
    from (values (1)) one (x) left join (select i.person_id, i.password from sign_in i
      join person p on p.person_id = i.person_id and p.active
      where i.email = of_email) s on true;
end $$;

-- The password was wrong: the try stays. What is recorded of an unknown address is its hash alone.
create function refuse_sign_in(of_email text, of_person text) returns void language plpgsql as $$
declare
  of_address bytea := sha256(convert_to(of_email, 'UTF8'));
  who_tried text := coalesce(of_person, 'nobody');
  about text := coalesce(of_person, 'address:' || encode(substring(of_address for 8), 'hex'));
begin
  if of_person is not null then
    insert into act (who, credential, what, subject) values (who_tried, 'password', 'wrong_password', about);
  end if;
  if (select count(*) from sign_in_try where address = of_address and at > now() - interval '15 minutes') >= 5 then
    insert into act (who, credential, what, subject) values (who_tried, 'password', 'lock_out', about);
  end if;
end $$;

-- The password was right: that try counts for nothing.
create function pass_sign_in(of_try bigint) returns void language sql as $$
  delete from sign_in_try where try_no = of_try
$$;

-- Begins a session. False where the person was stopped, or its password changed, since it was looked at.
create function begin_session(new_id text, of_person text, new_hash bytea, with_password text) returns boolean
language plpgsql as $$
begin
  perform from person p join sign_in i on i.person_id = p.person_id
    where p.person_id = of_person and p.active and i.password = with_password for share of p, i;
  if not found then return false; end if;
  -- What ended is of no use after a week: the acts say who signed in.
  delete from session where begun_at < now() - interval '7 days';
  update session set ended_at = now(), ended_why = 'too many' where session_id in (
    select session_id from session where person_id = of_person and ended_at is null
    order by begun_at desc offset 9) and ended_at is null;
  insert into session (session_id, person_id, hash) values (new_id, of_person, new_hash);
  insert into act (who, credential, what, subject) values (of_person, new_id, 'sign_in', of_person);
  return true;
end $$;

-- The session that holds, seen now: written down once a minute at most, so that looking costs no write.
create function find_session(of_hash bytea)
returns table (session_id text, person_id text, email text, expires_at timestamptz) language plpgsql as $$
#variable_conflict use_column
declare
  found_session session;
begin
  select s.* into found_session from session s where s.hash = of_hash;
  if found_session.session_id is null or not session_holds(found_session) then return; end if;
  if found_session.seen_at < now() - interval '1 minute' then
    update session s set seen_at = now() where s.session_id = found_session.session_id and s.ended_at is null;
  end if;
  return query select found_session.session_id, found_session.person_id, i.email,
      found_session.begun_at + interval '12 hours'
    from sign_in i join person p on p.person_id = i.person_id and p.active
    where i.person_id = found_session.person_id;
end $$;

create function end_session(of_session text) returns boolean language plpgsql as $$
declare
  of_person text;
begin
  update session set ended_at = now(), ended_why = 'signed out'
    where session_id = of_session and ended_at is null returning person_id into of_person;
  if of_person is null then return false; end if;
  insert into act (who, credential, what, subject) values (of_person, of_session, 'sign_out', of_person);
  return true;
end $$;

-- Makes a link; those that were made before for this person work no more. Verdicts: made; unknown (there is no such person, or
-- it was stopped); no_address (none was given, and it has none); taken (the address is somebody else's).
create function make_sign_in_link(new_hash bytea, of_person text, for_email text, by_whom text)
returns table (verdict text, email text) language plpgsql as $$
#variable_conflict use_column
declare
  its_email text;
begin
  perform from person p where p.person_id = of_person and p.stopped_at is null for update;
  if not found then
    return query select 'unknown', null::text;
    return;
  end if;
  its_email := coalesce(for_email, (select i.email from sign_in i where i.person_id = of_person));
  if its_email is null then
    return query select 'no_address', null::text;
    return;
  end if;
  if exists (select from sign_in i where i.email = its_email and i.person_id <> of_person) then
    return query select 'taken', its_email;
    return;
  end if;
  delete from sign_in_link l where l.person_id = of_person and l.used_at is null;
  insert into sign_in_link (hash, person_id, email, made_by) values (new_hash, of_person, its_email, by_whom);
  insert into act (who, credential, what, subject) values (by_whom, by_whom, 'make_sign_in_link', of_person);
  return query select 'made', its_email;
end $$;

create function put_password(of_person text, its_email text, new_password text) returns void language plpgsql as $$
begin
  insert into sign_in (person_id, email, password) values (of_person, its_email, new_password)
    on conflict (person_id) do update set email = excluded.email, password = excluded.password, changed_at = now();
  perform end_sessions(of_person, 'password changed');
end $$;

-- Sets a password by a link, with a code. Verdicts: set; not_open (there is no such link any more); those of use_code; taken.
create function use_sign_in_link(of_hash bytea, code_step bigint, new_password text)
returns table (verdict text, person_id text, email text) language plpgsql as $$
#variable_conflict use_column
declare
  link sign_in_link;
  code text;
begin
  select l.* into link from sign_in_link l join person p on p.person_id = l.person_id and p.active
    where l.hash = of_hash and l.used_at is null and l.expires_at > now() for update of l, p;
  if link.hash is null then
    return query select 'not_open', null::text, null::text;
    return;
  end if;
  code := use_code(link.person_id, 'link', code_step);
  if code <> 'ok' then
    return query select code, null::text, null::text;
    return;
  end if;
  if exists (select from sign_in i where i.email = link.email and i.person_id <> link.person_id) then
    return query select 'taken', null::text, null::text;
    return;
  end if;
  update sign_in_link l set used_at = now() where l.hash = of_hash;
  perform put_password(link.person_id, link.email, new_password);
  insert into act (who, credential, what, subject)
    values (link.person_id, 'link', 'use_sign_in_link', link.person_id);
  return query select 'set', link.person_id, link.email;
end $$;

-- For the demo, which gives its people a password at every start. Nobody else has these addresses: `serve` refuses a database
-- that holds one.
create function put_sandbox_password(of_person text, its_email text, new_password text) returns void language plpgsql as $$
begin
  if its_email !~ '^[a-z]+@sandbox\.local$' then
    raise exception 'passwords of people are set by themselves'
      using errcode = 'check_violation', constraint = 'sandbox_password_is_of_the_sandbox';
  end if;
  perform put_password(of_person, its_email, new_password);
  insert into act (who, credential, what, subject) values ('host:demo', 'host:demo', 'put_sandbox_password', of_person);
end $$;

-- ---- what a person asks for by itself ------------------------------------------------------------------------------------
-- A payout that a person asked for at the API carries the person where others carry a key: it is its maker.
create or replace function payout_maker(payout) returns text language sql stable as $$
  select case when $1.door = 'api' then coalesce(
      (select owner from api_key where key_id = $1.door_credential_id),
      (select person_id from person where person_id = $1.door_credential_id))
    else (select owner from door_credential where door = $1.door and public_id = $1.door_credential_id) end
$$;

-- Stops what is sent, and notes who did. Null where there is nothing of that name, as for trip_switch.
create function person_trips_switch(of_scope text, of_id text, of_person text, by_credential text, reason text)
returns boolean language plpgsql as $$
declare
  tripped boolean;
begin
  tripped := trip_switch(of_scope, of_id, of_person, reason);
  insert into act (who, credential, what, subject, merchant_id) values (of_person, by_credential, 'trip_switch',
    case when of_id = '' then of_scope else of_scope || ':' || of_id end,
    case when of_scope = 'merchant' then of_id end);
  return tripped;
end $$;

-- Makes the notices of one step due now; gives how many there are. A notice that is on its way may then arrive twice, which
-- its receiver has to expect of every notice. -1, and nothing is done, where a later step was told: what comes last is what
-- most receivers believe, and whatever is due holds back what follows it.
create function resend_notice(of_merchant text, of_number bigint, of_sequence integer, by_person text, by_credential text,
  about text) returns integer language plpgsql as $$
declare
  count_of integer;
begin
  if exists (select from notice where merchant_id = of_merchant and payout_number = of_number and sequence > of_sequence)
    and exists (select from notice where merchant_id = of_merchant and payout_number = of_number and sequence = of_sequence)
  then
    return -1;
  end if;
  update notice set state = 'due', due_at = now(), acknowledged_at = null
    where merchant_id = of_merchant and payout_number = of_number and sequence = of_sequence;
  get diagnostics count_of = row_count;
  if count_of > 0 then
    insert into act (who, credential, what, subject, merchant_id)
      values (by_person, by_credential, 'resend_notice', about || '/' || of_sequence, of_merchant);
  end if;
  return count_of;
end $$;

-- Makes the look at the live attempt due now. False where there is none whose end is looked for. While a send is open its own
-- answer comes first, as in record_callbacks.
create function inquire_now(of_merchant text, of_number bigint, by_person text, by_credential text, about text)
returns boolean language plpgsql as $$
begin
  update attempt set next_look_at = least(next_look_at, now())
    where merchant_id = of_merchant and payout_number = of_number
      and (state in ('in_doubt', 'pending')
        or (state = 'sending' and facts ->> 'lastPossibleByteAfterMs' is not null));
  if not found then return false; end if;
  insert into act (who, credential, what, subject, merchant_id)
    values (by_person, by_credential, 'inquire_now', about, of_merchant);
  return true;
end $$;
