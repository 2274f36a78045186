-- People, and what two of them decide together (SAFETY.md section 11). One of them proposes, another one confirms with
-- a one-time code, and the effect stands in the transaction of the second one's word. Whatever the application does,
-- no death by people, no correction and no third person exists here without an agreement of two.

-- ---- people ----------------------------------------------------------------------------------------------------------
-- `factor` is the seed of the one-time codes and sealed: verification needs it back.
create table person (
  person_id text primary key check (person_id ~ '^pe_[a-z0-9]{12}$'),
  name text not null check (length(name) between 1 and 100),
  factor text not null,
  active boolean not null default false,
  stopped_at timestamptz,
  created_at timestamptz not null default now(),
  constraint person_stopped_stays_out check (not active or stopped_at is null)
);

-- `*` is the installation: the role holds for every merchant.
create table person_role (
  person_id text not null references person,
  merchant_id text not null check (merchant_id ~ '^([a-z0-9_]{1,40}|\*)$'),
  role text not null check (role in ('viewer', 'maker', 'approver', 'operator', 'admin')),
  primary key (person_id, merchant_id, role)
);

create table person_key (
  key_id text primary key check (key_id ~ '^qp_(live|test)_[A-Za-z0-9]{1,32}$'),
  person_id text not null references person,
  live boolean not null,
  hash bytea not null check (length(hash) = 32),
  active boolean not null default true,
  created_at timestamptz not null default now()
);

-- Each code once: a code is the number of its half minute.
create table one_time_code (
  person_id text not null references person,
  step bigint not null,
  used_at timestamptz not null default now(),
  primary key (person_id, step)
);
create table wrong_code (
  person_id text not null references person,
  at timestamptz not null default now()
);
create index wrong_code_person on wrong_code (person_id, at);

-- Who owns a credential is the maker of what was asked for with it.
alter table api_key add column owner text references person;
alter table door_credential add column owner text references person;

-- Rights and keys come with the person; whoever is let in gets no more of them, from nobody.
create function person_is_complete() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' or exists (select from person where person_id = new.person_id and active) then
    raise exception 'rights and keys of % are settled before it is let in', new.person_id
      using errcode = 'check_violation', constraint = 'person_is_complete';
  end if;
  return new;
end $$;
create trigger person_role_comes_first before insert or update on person_role
  for each row execute function person_is_complete();
create trigger person_key_comes_first before insert on person_key
  for each row execute function person_is_complete();
create trigger person_key_stays before update of key_id, person_id, live, hash on person_key
  for each statement execute function refuse_change();
create trigger person_facts_stay before update of person_id, name, factor, created_at on person
  for each statement execute function refuse_change();
create trigger person_stays before delete on person for each statement execute function refuse_change();
create trigger one_time_code_stays before update or delete on one_time_code
  for each statement execute function refuse_change();

-- ---- what is proposed ------------------------------------------------------------------------------------------------
-- One table for everything that needs two people. What is proposed is written once; what becomes of it, once more.
create table proposal (
  proposal_no bigint generated always as identity,
  proposal_id text primary key check (proposal_id ~ '^pr_[a-z0-9]{16}$'),
  kind text not null check (kind ~ '^[a-z_]{1,40}$'),
  state text not null default 'open' check (state in ('open', 'confirmed', 'rejected', 'void', 'expired')),
  ended_at timestamptz,
  ended_by text,
  ended_why text,

  -- Null: it concerns the installation.
  merchant_id text references merchant,
  subject text not null,
  payout_number bigint,
  attempt_no smallint,
  content jsonb not null,
  content_hash bytea not null check (length(content_hash) = 32),
  -- The role that the person who confirms it needs.
  confirmed_by_role text not null check (confirmed_by_role in ('approver', 'admin')),
  proposed_by text not null check (proposed_by ~ '^(pe_[a-z0-9]{12}|host:.{1,64})$'),
  credential text not null,
  proposed_at timestamptz not null default now(),
  expires_at timestamptz not null,
  foreign key (merchant_id, payout_number) references payout,
  unique (proposal_id, proposed_by),
  constraint proposal_ends_at_a_time check ((state = 'open') = (ended_at is null)),
  constraint proposal_lasts_a_day check (expires_at <= proposed_at + interval '24 hours')
);
create unique index proposal_in_order on proposal (proposal_no);
create index proposal_open on proposal (expires_at) where state = 'open';
create index proposal_payout on proposal (merchant_id, payout_number) where payout_number is not null;

create function proposal_ends_once() returns trigger language plpgsql as $$
begin
  if old.state <> 'open' or new.state = 'open' then
    raise exception 'proposal % is % and stays so', old.proposal_id, old.state
      using errcode = 'check_violation', constraint = 'proposal_ends_once';
  end if;
  return new;
end $$;
create trigger proposal_ends_once before update on proposal for each row execute function proposal_ends_once();
create trigger proposal_content_stays before update of proposal_id, kind, merchant_id, subject, payout_number, attempt_no,
  content, content_hash, confirmed_by_role, proposed_by, credential, proposed_at, expires_at on proposal
  for each statement execute function refuse_change();
create trigger proposal_stays before delete on proposal for each statement execute function refuse_change();
create trigger proposal_is_not_emptied before truncate on proposal for each statement execute function refuse_change();

-- What a proposal rests on: files, sealed. A statement says which whole days it covers.
create table evidence (
  proposal_id text not null references proposal,
  evidence_no smallint not null check (evidence_no between 1 and 5),
  kind text not null check (kind in ('answer', 'statement', 'image', 'other')),
  name text not null check (length(name) between 1 and 200),
  media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg', 'text/plain')),
  size integer not null check (size between 1 and 5242880),
  hash bytea not null check (length(hash) = 32),
  covers_from date,
  covers_through date,
  sealed text not null,
  at timestamptz not null default now(),
  primary key (proposal_id, evidence_no),
  constraint evidence_statement_covers_days check
    ((kind = 'statement') = (covers_from is not null and covers_through is not null)),
  constraint evidence_days_in_order check (covers_from <= covers_through)
);
create trigger evidence_stays before update or delete on evidence for each statement execute function refuse_change();
create trigger evidence_is_not_emptied before truncate on evidence for each statement execute function refuse_change();

-- ---- what two people agreed on ---------------------------------------------------------------------------------------
-- Every column but the first four is filled from the proposal by the trigger below, so that nobody can claim another.
create table agreement (
  proposal_id text primary key,
  confirmed_by text not null references person,
  credential text not null,
  code_step bigint not null,

  proposed_by text not null,
  merchant_id text,
  payout_number bigint,
  attempt_no smallint,
  verdict text check (verdict in ('paid', 'dead', 'keep_waiting')),
  proof_kind text check (proof_kind in ('by_statement', 'by_people')),
  evidence_no smallint,
  -- Whoever owns the credential by which the payout was asked for, where that is known.
  maker text,
  at timestamptz not null default now(),
  foreign key (proposal_id, proposed_by) references proposal (proposal_id, proposed_by),
  foreign key (proposal_id, evidence_no) references evidence,
  foreign key (confirmed_by, code_step) references one_time_code,
  -- A code confirms one thing.
  unique (confirmed_by, code_step),
  unique (merchant_id, payout_number, attempt_no, proposal_id, proof_kind),
  constraint agreement_is_of_two check (proposed_by <> confirmed_by),
  constraint agreement_is_not_its_makers check (maker is null or maker not in (proposed_by, confirmed_by)),
  constraint agreement_rests_on_evidence check
    (verdict is null or verdict = 'keep_waiting' or evidence_no is not null),
  constraint agreement_says_its_proof check ((coalesce(verdict, '') = 'dead') = (proof_kind is not null))
);
create trigger agreement_stays before update or delete on agreement
  for each statement execute function refuse_change();
create trigger agreement_is_not_emptied before truncate on agreement
  for each statement execute function refuse_change();

create function payout_maker(payout) returns text language sql stable as $$
  select case when $1.door = 'api' then (select owner from api_key where key_id = $1.door_credential_id)
    else (select owner from door_credential where door = $1.door and public_id = $1.door_credential_id) end
$$;

-- When an attempt may be called dead without a statement: its contract's longest processing and longest lag after its
-- last possible byte, or after the time of its sender where no end of the send is recorded. Null: never.
create function death_opens_at(attempt) returns timestamptz language sql stable as $$
  select $1.created_at + interval '1 millisecond' * (
      coalesce(($1.facts ->> 'lastPossibleByteAfterMs')::numeric,
        (terms ->> 'lost')::numeric + greatest(($1.facts ->> 'payIntentAfterMs')::numeric,
          ($1.facts ->> 'repeatedAfterMs')::numeric, 0))
      + (terms ->> 'processing')::numeric + (terms ->> 'lag')::numeric)::float8
    from (select jsonb_build_object(
        'processing', c.terms -> 'capabilities' -> 'maxProcessingMs',
        'lag', c.terms -> 'capabilities' -> 'queryLagMs',
        -- 15 s as dispatch/schedule.ts has it, for the commits around the call.
        'lost', (c.terms -> 'capabilities' -> 'timeoutsMs' ->> 'total')::numeric + 15000) as terms
      from contract c where c.contract_id = $1.contract_id) t
$$;

create function agreement_is_in_order() returns trigger language plpgsql as $$
declare
  proposed proposal;
  broken text;
begin
  select * into proposed from proposal where proposal_id = new.proposal_id;
  new.proposed_by := proposed.proposed_by;
  new.merchant_id := proposed.merchant_id;
  new.payout_number := proposed.payout_number;
  new.attempt_no := proposed.attempt_no;
  new.verdict := case when proposed.kind = 'decision' then proposed.content ->> 'verdict' end;
  new.proof_kind := case when new.verdict = 'dead' then proposed.content ->> 'proof' end;
  new.evidence_no := (select min(evidence_no) from evidence where proposal_id = new.proposal_id);
  new.maker := (select payout_maker(p) from payout p
    where p.merchant_id = proposed.merchant_id and p.payout_number = proposed.payout_number);
  broken := case
    when proposed.state is distinct from 'open' or proposed.expires_at <= now() then 'agreement_is_on_an_open_proposal'
    when not exists (select from person where person_id = new.confirmed_by and active) then 'agreement_is_of_people_let_in'
    when proposed.proposed_by like 'pe\_%'
      and not exists (select from person where person_id = proposed.proposed_by and active)
      then 'agreement_is_of_people_let_in'
    when not exists (select from person_role r where r.person_id = new.confirmed_by
      and r.role = proposed.confirmed_by_role and r.merchant_id in ('*', proposed.merchant_id))
      then 'agreement_needs_the_role'
    when new.proof_kind = 'by_statement'
      and not exists (select from evidence where proposal_id = new.proposal_id and kind = 'statement')
      then 'agreement_needs_the_statement'
    when new.proof_kind = 'by_people' and not exists (select from attempt a
      where a.merchant_id = new.merchant_id and a.payout_number = new.payout_number and a.attempt_no = new.attempt_no
        and death_opens_at(a) <= now())
      then 'agreement_is_not_too_early'
  end;
  if broken is not null then
    raise exception 'proposal % cannot be agreed on by %', new.proposal_id, new.confirmed_by
      using errcode = 'check_violation', constraint = broken;
  end if;
  return new;
end $$;
create trigger agreement_is_in_order before insert on agreement
  for each row execute function agreement_is_in_order();

-- A death by people or by statement names the agreement on this very attempt.
alter table proof add column proposal_id text
  generated always as (case when kind in ('by_statement', 'by_people') then premises ->> 'proposal' end) stored;
alter table proof add constraint proof_by_people_names_its_agreement
  check (kind not in ('by_statement', 'by_people') or proposal_id is not null);
alter table proof add constraint proof_by_people_is_agreed
  foreign key (merchant_id, payout_number, attempt_no, proposal_id, kind)
  references agreement (merchant_id, payout_number, attempt_no, proposal_id, proof_kind);
-- What is dead, and may wait for people since: rare, and looked for in the queue of doubts.
create index proof_for_people on proof (kind) where kind in ('never_arrived', 'by_statement', 'by_people');

-- ---- corrections -----------------------------------------------------------------------------------------------------
-- What was booked stays; a correction is one more balanced movement that two people agreed on.
create table correction (
  proposal_id text primary key references agreement,
  merchant_id text not null,
  payout_number bigint not null,
  sequence integer not null,
  leg smallint not null,
  debit text not null,
  credit text not null,
  currency text not null,
  minor bigint not null check (minor > 0),
  unique (merchant_id, payout_number, sequence, leg),
  -- That money belongs to payouts that are not ended, to the unit.
  constraint correction_leaves_live_money check
    (debit not in ('held', 'in_flight') and credit not in ('held', 'in_flight'))
);
create trigger correction_stays before update or delete on correction
  for each statement execute function refuse_change();
create trigger correction_is_not_emptied before truncate on correction
  for each statement execute function refuse_change();

create function correction_is_as_agreed() returns trigger language plpgsql as $$
begin
  if not exists (select from proposal p where p.proposal_id = new.proposal_id and p.kind = 'correction'
    and p.merchant_id = new.merchant_id and p.payout_number = new.payout_number
    and p.content ->> 'debit' = new.debit and p.content ->> 'credit' = new.credit
    and p.content ->> 'currency' = new.currency and p.content ->> 'minor' = new.minor::text) then
    raise exception 'this correction was not agreed on'
      using errcode = 'check_violation', constraint = 'correction_is_as_agreed';
  end if;
  return new;
end $$;
create trigger correction_is_as_agreed before insert on correction
  for each row execute function correction_is_as_agreed();

alter table posting drop constraint posting_recipe_check;
alter table posting add constraint posting_recipe_check check (recipe in
  ('fund', 'hold', 'release', 'dispatch', 'requeue', 'fail', 'settle', 'return', 'fee', 'recall', 'correction'));
create function posting_correction_is_agreed() returns trigger language plpgsql as $$
begin
  if not exists (select from correction c where c.merchant_id = new.merchant_id and c.payout_number = new.number
    and c.sequence = new.sequence and c.leg = new.leg and c.debit = new.debit and c.credit = new.credit
    and c.currency = new.currency and c.minor = new.minor) then
    raise exception 'a correction is booked by two people alone'
      using errcode = 'check_violation', constraint = 'posting_correction_is_agreed';
  end if;
  return null;
end $$;
create trigger posting_correction_is_agreed after insert on posting
  for each row when (new.recipe = 'correction') execute function posting_correction_is_agreed();

-- ---- who is let in ---------------------------------------------------------------------------------------------------
-- The host lets in the first two persons of an empty installation; every later one is agreed on by two.
create function person_is_let_in() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(784882625);
  if (select count(*) from person where person_id <> new.person_id) >= 2 and not exists (select from agreement a
    join proposal p on p.proposal_id = a.proposal_id where p.kind = 'person' and p.subject = new.person_id) then
    raise exception 'two people let % in', new.person_id
      using errcode = 'check_violation', constraint = 'person_is_let_in_by_two';
  end if;
  return new;
end $$;
create trigger person_is_let_in before insert on person for each row when (new.active)
  execute function person_is_let_in();
create trigger person_is_let_in_later before update on person for each row when (new.active and not old.active)
  execute function person_is_let_in();

-- ---- acts: who did what, in the commit of what they did ----------------------------------------------------------------
create table act (
  act_no bigint primary key generated always as identity,
  at timestamptz not null default now(),
  who text not null,
  credential text not null,
  what text not null,
  subject text not null,
  merchant_id text,
  hash bytea check (length(hash) = 32)
);
create trigger act_stays before update or delete on act for each statement execute function refuse_change();
create trigger act_is_not_emptied before truncate on act for each statement execute function refuse_change();

-- ---- the transactions ------------------------------------------------------------------------------------------------
-- Everything that people do takes one lock first and waits for its turn: they are few, and each sees what the one
-- before has done. It is taken before every other lock.

create type new_evidence as (
  evidence_no smallint, kind text, name text, media_type text, size integer, hash text, covers_from date,
  covers_through date, sealed text
);

-- Verdicts: proposed; known (the same proposal by the same one is open: its id is given); too_many.
create function propose(input jsonb) returns table (verdict text, id text) language plpgsql as $$
#variable_conflict use_column
declare
  given proposal;
  known text;
begin
  perform pg_advisory_xact_lock(784882625);
  given := jsonb_populate_record(null::proposal, input - 'content_hash' - 'expires_in_ms');
  given.content_hash := decode(input ->> 'content_hash', 'hex');
  update proposal set state = 'expired', ended_at = now(), ended_why = 'nobody confirmed it in time'
    where state = 'open' and expires_at <= now();
  select p.proposal_id into known from proposal p where p.state = 'open' and p.proposed_by = given.proposed_by
    and p.kind = given.kind and p.subject = given.subject and p.content_hash = given.content_hash;
  if known is not null then
    return query select 'known', known;
    return;
  end if;
  if (select count(*) from proposal where state = 'open') >= 100 then
    return query select 'too_many', null::text;
    return;
  end if;
  insert into proposal (proposal_id, kind, merchant_id, subject, payout_number, attempt_no, content, content_hash,
      confirmed_by_role, proposed_by, credential, expires_at)
    values (given.proposal_id, given.kind, given.merchant_id, given.subject, given.payout_number, given.attempt_no,
      given.content, given.content_hash, given.confirmed_by_role, given.proposed_by, given.credential,
      now() + (input ->> 'expires_in_ms')::bigint * interval '1 millisecond');
  insert into evidence (proposal_id, evidence_no, kind, name, media_type, size, hash, covers_from, covers_through, sealed)
    select given.proposal_id, e.evidence_no, e.kind, e.name, e.media_type, e.size, decode(e.hash, 'hex'), e.covers_from,
      e.covers_through, e.sealed
    from jsonb_populate_recordset(null::new_evidence, input -> 'evidence') e;
  insert into act (who, credential, what, subject, merchant_id, hash)
    values (given.proposed_by, given.credential, 'propose_' || given.kind, given.proposal_id, given.merchant_id,
      given.content_hash);
  return query select 'proposed', given.proposal_id;
end $$;

-- What each kind of proposal does, in the transaction of its confirmation: the function effect_<kind>. One that finds
-- that it cannot be done any more raises QT001 with the reason, and the proposal is void.
create function effect_decision(agreed proposal, input jsonb) returns void language plpgsql as $$
declare
  step jsonb := input -> 'steps' -> 0;
begin
  -- What was shown is what is decided: this version of the payout, this revision of its attempt.
  if jsonb_array_length(input -> 'steps') <> 1
    or (step ->> 'version')::integer is distinct from (agreed.content ->> 'version')::integer
    or (step ->> 'attempt_revision')::integer is distinct from (agreed.content ->> 'revision')::integer
    or step ->> 'merchant_id' is distinct from agreed.merchant_id
    or (step ->> 'payout_number')::bigint is distinct from agreed.payout_number
    or not exists (select from advance_payouts((input -> 'steps')::json)) then
    raise exception 'moved_on' using errcode = 'QT001';
  end if;
end $$;

create function effect_correction(agreed proposal, input jsonb) returns void language plpgsql as $$
declare
  at_version integer;
  next_leg smallint;
begin
  select version into at_version from payout
    where merchant_id = agreed.merchant_id and payout_number = agreed.payout_number;
  -- Behind what that step of the payout has booked, and what was corrected of it before.
  select coalesce(max(leg), 0) + 1 into next_leg from posting
    where merchant_id = agreed.merchant_id and number = agreed.payout_number and sequence = at_version;
  insert into correction (proposal_id, merchant_id, payout_number, sequence, leg, debit, credit, currency, minor)
    values (agreed.proposal_id, agreed.merchant_id, agreed.payout_number, at_version, next_leg,
      agreed.content ->> 'debit', agreed.content ->> 'credit', agreed.content ->> 'currency',
      (agreed.content ->> 'minor')::bigint);
  insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    select merchant_id, payout_number, sequence, leg, 'correction', debit, credit, currency, minor
    from correction where proposal_id = agreed.proposal_id;
end $$;

create function effect_person(agreed proposal, input jsonb) returns void language plpgsql as $$
begin
  update person set active = true where person_id = agreed.subject and not active and stopped_at is null;
  if not found then raise exception 'moved_on' using errcode = 'QT001'; end if;
end $$;

-- Verdicts: confirmed; not_open (why: its state); refused (why: the rule that stands against it); void (why: what
-- happened to it meanwhile).
create function confirm_proposal(input jsonb) returns table (verdict text, why text) language plpgsql as $$
#variable_conflict use_column
declare
  found proposal;
  broken text;
begin
  perform pg_advisory_xact_lock(784882625);
  update proposal set state = 'expired', ended_at = now(), ended_why = 'nobody confirmed it in time'
    where state = 'open' and expires_at <= now();
  select p.* into found from proposal p where p.proposal_id = input ->> 'proposal_id' for update;
  if found.proposal_id is null or found.state <> 'open' then
    return query select 'not_open', coalesce(found.state, 'unknown');
    return;
  end if;
  begin
    insert into agreement (proposal_id, confirmed_by, credential, code_step)
      values (found.proposal_id, input ->> 'person_id', input ->> 'credential', (input ->> 'code_step')::bigint);
    execute format('select %I($1, $2)', 'effect_' || found.kind) using found, input -> 'effect';
  exception
    when sqlstate 'QT001' then broken := sqlerrm;
    when check_violation or unique_violation or foreign_key_violation then
      get stacked diagnostics broken = constraint_name;
      return query select 'refused', broken;
      return;
  end;
  update proposal set state = case when broken is null then 'confirmed' else 'void' end, ended_at = now(),
      ended_by = input ->> 'person_id', ended_why = broken
    where proposal_id = found.proposal_id;
  insert into act (who, credential, what, subject, merchant_id, hash)
    values (input ->> 'person_id', input ->> 'credential',
      case when broken is null then 'confirm_' else 'find_void_' end || found.kind, found.proposal_id,
      found.merchant_id, found.content_hash);
  return query select case when broken is null then 'confirmed' else 'void' end, broken;
end $$;

-- Ends an open proposal without an effect. Gives the state that it has then, or null where there is none.
create function end_proposal(id text, to_state text, by_whom text, by_credential text, reason text) returns text
language plpgsql as $$
declare
  ended proposal;
begin
  perform pg_advisory_xact_lock(784882625);
  update proposal set state = 'expired', ended_at = now(), ended_why = 'nobody confirmed it in time'
    where state = 'open' and expires_at <= now();
  update proposal set state = to_state, ended_at = now(), ended_by = by_whom, ended_why = reason
    where proposal_id = id and state = 'open' returning * into ended;
  if ended.proposal_id is null then return (select state from proposal where proposal_id = id); end if;
  insert into act (who, credential, what, subject, merchant_id, hash)
    values (by_whom, by_credential, case to_state when 'rejected' then 'reject_' else 'find_void_' end || ended.kind, id,
      ended.merchant_id, ended.content_hash);
  return to_state;
end $$;

-- Uses a code up. `step` is null where the code is none of this person's at this time. Verdicts: ok, wrong, used;
-- locked after so many wrong ones that somebody is guessing, whether or not this one is right.
create function use_code(id text, by_credential text, code_step bigint) returns text language plpgsql as $$
begin
  perform from person where person_id = id for update;
  if (select count(*) from wrong_code where person_id = id and at > now() - interval '15 minutes') >= 5 then
    return 'locked';
  end if;
  if code_step is null then
    insert into wrong_code (person_id) values (id);
    insert into act (who, credential, what, subject) values (id, by_credential, 'wrong_code', id);
    return 'wrong';
  end if;
  insert into one_time_code (person_id, step) values (id, code_step) on conflict do nothing;
  return case when found then 'ok' else 'used' end;
end $$;

create type new_person_key as (key_id text, live boolean, hash text);
create type new_person_role as (merchant_id text, role text);

-- Verdicts: let_in (one of the first two); proposed; too_many.
create function add_person(input jsonb) returns text language plpgsql as $$
declare
  id text := input ->> 'person_id';
  is_first boolean;
  said text := 'let_in';
begin
  perform pg_advisory_xact_lock(784882625);
  is_first := (select count(*) from person) < 2;
  if not is_first then
    select p.verdict into said from propose(input -> 'proposal') p;
    if said <> 'proposed' then return said; end if;
  end if;
  insert into person (person_id, name, factor) values (id, input ->> 'name', input ->> 'factor');
  insert into person_role (person_id, merchant_id, role)
    select id, r.merchant_id, r.role from jsonb_populate_recordset(null::new_person_role, input -> 'roles') r;
  insert into person_key (key_id, person_id, live, hash)
    select k.key_id, id, k.live, decode(k.hash, 'hex')
    from jsonb_populate_recordset(null::new_person_key, input -> 'keys') k;
  insert into act (who, credential, what, subject, hash)
    values (input -> 'proposal' ->> 'proposed_by', input -> 'proposal' ->> 'credential', 'add_person', id,
      decode(input -> 'proposal' ->> 'content_hash', 'hex'));
  if is_first then update person set active = true where person_id = id; end if;
  return said;
end $$;

create function stop_person(id text, by_whom text) returns boolean language plpgsql as $$
begin
  update person set active = false, stopped_at = now() where person_id = id and stopped_at is null;
  if not found then return false; end if;
  update person_key set active = false where person_id = id;
  insert into act (who, credential, what, subject) values (by_whom, by_whom, 'stop_person', id);
  return true;
end $$;
