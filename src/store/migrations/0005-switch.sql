-- The kill switch (SAFETY.md sections 4 and 10, rule 9). A switch belongs to a scope; while it is tripped nothing of its
-- scope is sent. It moves by its events alone: each trip and each release is one row that stays, and no release is
-- written without two different persons.
create table kill_switch (
  scope text not null check (scope in ('global', 'merchant', 'provider_account', 'rail', 'currency')),
  scope_id text not null,
  tripped boolean not null,
  since timestamptz not null,
  -- Who moved it last and why; of a release also who confirmed it.
  acted_by text not null,
  confirmed_by text,
  why text not null,
  primary key (scope, scope_id),
  constraint kill_switch_names_its_scope check ((scope = 'global') = (scope_id = ''))
);
-- Empty but for an emergency: asking whether anything is tripped costs one look at an empty index.
create index kill_switch_tripped on kill_switch (scope, scope_id) where tripped;

create table kill_switch_event (
  event_no bigint primary key generated always as identity,
  scope text not null,
  scope_id text not null check (length(scope_id) <= 200),
  act text not null check (act in ('trip', 'release')),
  acted_by text not null check (length(btrim(acted_by)) between 1 and 200),
  confirmed_by text check (length(btrim(confirmed_by)) between 1 and 200),
  why text not null check (length(btrim(why)) between 1 and 1000),
  -- What the auditor found, where it was the auditor.
  finding text,
  at timestamptz not null default clock_timestamp(),
  constraint kill_switch_release_is_confirmed check ((act = 'release') = (confirmed_by is not null)),
  constraint kill_switch_release_by_two check (lower(btrim(confirmed_by)) <> lower(btrim(acted_by)))
);
create trigger kill_switch_event_stays before update or delete on kill_switch_event
  for each statement execute function refuse_change();
create trigger kill_switch_event_is_not_emptied before truncate on kill_switch_event
  for each statement execute function refuse_change();

create function kill_switch_follows() returns trigger language plpgsql as $$
begin
  if new.act = 'trip' then
    -- Of a switch that is tripped already the first trip stands; that it was tripped again is noted.
    insert into kill_switch as k (scope, scope_id, tripped, since, acted_by, why)
      values (new.scope, new.scope_id, true, new.at, new.acted_by, new.why)
      on conflict (scope, scope_id) do update
        set tripped = true, since = excluded.since, acted_by = excluded.acted_by, confirmed_by = null, why = excluded.why
        where not k.tripped;
    return null;
  end if;
  update kill_switch k
    set tripped = false, since = new.at, acted_by = new.acted_by, confirmed_by = new.confirmed_by, why = new.why
    where k.scope = new.scope and k.scope_id = new.scope_id and k.tripped;
  if not found then
    raise exception 'the switch % % is not tripped', new.scope, new.scope_id
      using errcode = 'check_violation', constraint = 'kill_switch_release_of_tripped';
  end if;
  return null;
end $$;
create trigger kill_switch_follows after insert on kill_switch_event
  for each row execute function kill_switch_follows();

create function kill_switch_by_event_only() returns trigger language plpgsql as $$
begin
  -- Depth 1 is this trigger alone: the change did not come from kill_switch_follows.
  if pg_trigger_depth() < 2 then
    raise exception 'a kill switch moves by its events alone'
      using errcode = 'integrity_constraint_violation', constraint = 'kill_switch_by_event_only';
  end if;
  return null;
end $$;
create trigger kill_switch_by_event_only before insert or update or delete on kill_switch
  for each statement execute function kill_switch_by_event_only();
create trigger kill_switch_is_not_emptied before truncate on kill_switch
  for each statement execute function refuse_change();

-- ---- trip and release ------------------------------------------------------------------------------------------------
-- The first lock of all (SAFETY.md section 4): shared by every transaction that gives a send right, exclusive for one
-- that moves a switch. So a right is committed before the trip, or its transaction sees the trip. No row is locked for it,
-- because rows that are locked are written, and every batch of sends would write the same one.
create function kill_switch_lock() returns bigint language sql immutable parallel safe return 784882624;

-- Stopping always works: who does not let go within a second does not hold up a trip. Such a transaction may still
-- commit a right that did not see it; what is left then is the last check before the first byte.
create function kill_switch_taken() returns void language plpgsql set lock_timeout = '1s' as $$
begin
  perform pg_advisory_xact_lock(kill_switch_lock());
exception when lock_not_available then
  null;
end $$;

-- Trips a switch; true where it was not tripped before. A separate role may be allowed this one function and nothing
-- else, so it runs with the rights of its owner, on names that its caller cannot choose.
create function trip_switch(scope text, scope_id text, acted_by text, why text, finding text default null)
returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  standing boolean;
begin
  perform kill_switch_taken();
  standing := exists (select from kill_switch k
    where k.scope = trip_switch.scope and k.scope_id = trip_switch.scope_id and k.tripped);
  insert into kill_switch_event (scope, scope_id, act, acted_by, why, finding)
    values (trip_switch.scope, trip_switch.scope_id, 'trip', trip_switch.acted_by, trip_switch.why, trip_switch.finding);
  return not standing;
end $$;
revoke execute on function trip_switch(text, text, text, text, text) from public;

-- Releases a switch; false where it is not tripped. Who proposes and who confirms are two persons, or it is refused.
-- Attempts that wait for the step that pays are looked at again at once; the queue comes by itself.
create function release_switch(scope text, scope_id text, proposed_by text, confirmed_by text, why text)
returns boolean language plpgsql as $$
begin
  perform kill_switch_taken();
  if not exists (select from kill_switch k
    where k.scope = release_switch.scope and k.scope_id = release_switch.scope_id and k.tripped) then
    return false;
  end if;
  insert into kill_switch_event (scope, scope_id, act, acted_by, confirmed_by, why)
    values (release_switch.scope, release_switch.scope_id, 'release', release_switch.proposed_by,
      release_switch.confirmed_by, release_switch.why);
  -- Whoever holds one of them at this moment looks at it anyway.
  update attempt a set next_look_at = now()
    from (
      select merchant_id, payout_number, attempt_no from attempt
      where state in ('sending', 'in_doubt') and next_look_at > now()
        and facts ->> 'created' = 'true' and facts ->> 'stepsSent' = '1'
      for update skip locked
    ) waiting
    where a.merchant_id = waiting.merchant_id and a.payout_number = waiting.payout_number
      and a.attempt_no = waiting.attempt_no;
  return true;
end $$;
revoke execute on function release_switch(text, text, text, text, text) from public;

-- ---- what a switch stops -------------------------------------------------------------------------------------------
-- The widest switch that stops a send, or null. Without an account: what stops it whichever way it would go.
create function send_stop(merchant text, currency_code text, account text) returns jsonb language sql stable
return (
  select jsonb_build_object('scope', s.scope, 'id', s.scope_id) from kill_switch s
  where s.tripped and (
    s.scope = 'global'
    or (s.scope = 'merchant' and s.scope_id = merchant)
    or (s.scope = 'currency' and s.scope_id = currency_code)
    or (s.scope = 'provider_account' and s.scope_id = account)
    or (s.scope = 'rail' and s.scope_id =
      (select p.protocol from provider_account p where p.provider_account_id = account)))
  order by array_position(array['global', 'merchant', 'currency', 'rail', 'provider_account'], s.scope)
  limit 1);

-- The second wall behind advance_payouts: no attempt is opened under a tripped switch, whoever writes it. To who does
-- not hold the lock above it is one of those errors after which the same work is done again, and then sees the trip.
create function attempt_opens_unstopped() returns trigger language plpgsql as $$
begin
  if exists (select from kill_switch where tripped) and exists (
    select from opened o
      join payout p on p.merchant_id = o.merchant_id and p.payout_number = o.payout_number
    where send_stop(p.merchant_id, p.currency, o.provider_account_id) is not null)
  then
    raise exception 'no attempt is opened under a tripped kill switch'
      using errcode = 'serialization_failure', constraint = 'attempt_opens_unstopped';
  end if;
  return null;
end $$;
create trigger attempt_opens_unstopped after insert on attempt referencing new table as opened
  for each statement execute function attempt_opens_unstopped();

-- ---- the hot functions, each with the switches in front ------------------------------------------------------------
-- As in 0003, and: claims nothing while everything is stopped, and passes over the payouts of stopped merchants and
-- currencies without taking anything from those behind them. What was claimed a moment before a trip meets it at its
-- intent. While such a switch is tripped a claim reads past all that it passes over.
create or replace function claim_due(at_most integer, lease_ms bigint)
returns table (claimed queue, found payout) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  taken queue[];
  everything boolean;
  merchants text[];
  currencies text[];
begin
  select bool_or(s.scope = 'global'), array_agg(s.scope_id) filter (where s.scope = 'merchant'),
      array_agg(s.scope_id) filter (where s.scope = 'currency')
    into everything, merchants, currencies
    from kill_switch s where s.tripped;
  if everything then
    return;
  end if;
  if merchants is null and currencies is null then
    with due as materialized (
      select merchant_id, payout_number from queue where due_at <= now()
      order by due_at limit at_most for update skip locked
    ), moved as (
      update queue q set due_at = now() + lease_ms * interval '1 millisecond', claim = nextval('claim_number')
      from due where q.merchant_id = due.merchant_id and q.payout_number = due.payout_number
      returning q
    )
    select array_agg(q) into taken from moved;
  else
    with due as materialized (
      select w.merchant_id, w.payout_number from queue w
      where w.due_at <= now() and w.merchant_id <> all (coalesce(merchants, '{}'))
        and (currencies is null or not exists (select from payout p where p.merchant_id = w.merchant_id
          and p.payout_number = w.payout_number and p.currency = any (currencies)))
      order by w.due_at limit at_most for update of w skip locked
    ), moved as (
      update queue q set due_at = now() + lease_ms * interval '1 millisecond', claim = nextval('claim_number')
      from due where q.merchant_id = due.merchant_id and q.payout_number = due.payout_number
      returning q
    )
    select array_agg(q) into taken from moved;
  end if;
  return query select q, p from unnest(taken) q
    join payout p on p.merchant_id = q.merchant_id and p.payout_number = q.payout_number;
end $$;

-- As in 0003, and: a step that gives a send right (it opens an attempt, or begins the step that pays) is stale while a
-- switch of its scope is tripped. Nothing was written, and no right was given: to whoever asked for it that is all that
-- counts, and all that `stale` says.
--
-- Its fences are mended too. Two steps of one claim that were put back at the same moment both passed: the second one
-- waited for the payout, whose row the first one had left as it was, and had looked at the claim before. And a callback
-- that was kept while the answer to the send was being recorded could wake nobody: the answer's statement had begun
-- before it, and the callback still saw the send open.
create or replace function advance_payouts(input json)
returns table (place integer, version integer)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  rows payout_step[];
  good payout_step[];
  sends boolean;
begin
  select array_agg(r order by r.merchant_id, r.payout_number) into rows
    from json_populate_recordset(null::payout_step, input) r;

  -- Before all other locks, and only where a right may be given: what happened elsewhere is recorded during a trip too.
  sends := exists (select from unnest(rows) r where r.attempt_change = 'opened' or r.facts ->> 'payRequestHash' is not null
    or r.facts ->> 'repeats' <> '0');
  if sends then
    perform pg_advisory_xact_lock_shared(kill_switch_lock());
  end if;

  perform from balance b
    join (select distinct r.merchant_id, s.account, r.currency
          from unnest(rows) r cross join jsonb_to_recordset(r.postings) p (debit text, credit text)
            cross join lateral (values (p.debit), (p.credit)) s (account)
          where r.postings is not null) w
      on b.merchant_id = w.merchant_id and b.account = w.account and b.currency = w.currency
    order by b.merchant_id, b.account, b.currency for update of b;

  select array_agg(r) into good from (
    select r from unnest(rows) r
      join payout p on p.merchant_id = r.merchant_id and p.payout_number = r.payout_number
    where p.version = r.version
    order by p.merchant_id, p.payout_number for update of p
  ) locked (r);

  -- Notes leave the payout's version as it is, so the version alone does not fence them. A claim is fenced by the queue, and
  -- whatever is remembered of an attempt by its own revision: both are looked at only now, behind the lock of the payout,
  -- and with locks of their own, because claims and callbacks change these rows without that lock.
  select array_agg(r) into good from unnest(good) r
    where case when r.claim is null then true
        else exists (select from queue q where q.merchant_id = r.merchant_id
          and q.payout_number = r.payout_number and q.claim = r.claim for update) end
      and case when r.attempt_change is distinct from 'changed' then true
        when exists (select from attempt a where a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
          and a.attempt_no = r.attempt_no and a.revision = coalesce(r.attempt_revision, a.revision) for update) then true
        else r.attempt_revision is null end;

  if sends and exists (select from kill_switch where tripped) then
    select array_agg(r) into good from unnest(good) r
      join payout p on p.merchant_id = r.merchant_id and p.payout_number = r.payout_number
      left join attempt a on a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
        and a.attempt_no = r.attempt_no
      where not (
        -- The step that pays is begun by the one change that names its bytes, and a repeat by the one that counts it;
        -- later ones say again what those said.
        (r.attempt_change = 'opened'
          or (r.facts ->> 'payRequestHash' is not null
            and r.facts ->> 'payRequestHash' is distinct from a.facts ->> 'payRequestHash')
          or coalesce((r.facts ->> 'repeats')::integer, 0) > coalesce((a.facts ->> 'repeats')::integer, 0))
        and send_stop(p.merchant_id, p.currency, coalesce(r.provider_account_id, a.provider_account_id)) is not null);
  end if;

  update payout p set
      state = r.to_state, version = p.version + 1, wait_reason = r.wait_reason, why = r.why, state_since = now(),
      attempts = case when r.attempt_change = 'opened' then r.attempt_no else p.attempts end,
      paid_at = case when r.to_state = 'paid' then now() else p.paid_at end
    from unnest(good) r
    where r.to_state is not null and p.merchant_id = r.merchant_id and p.payout_number = r.payout_number;

  insert into proof (merchant_id, payout_number, attempt_no, kind, premises)
    select r.merchant_id, r.payout_number, r.attempt_no, r.proof_kind, r.premises
    from unnest(good) r where r.proof_kind is not null;

  insert into attempt (state, merchant_id, payout_number, attempt_no, provider_account_id, reference, request_hash,
      contract_id, incarnation, next_look_at)
    select 'sending', r.merchant_id, r.payout_number, r.attempt_no, r.provider_account_id, r.reference,
      decode(r.request_hash, 'hex'), r.contract_id, r.incarnation,
      now() + r.next_look_in_ms * interval '1 millisecond'
    from unnest(good) r where r.attempt_change = 'opened';

  update attempt a set
      state = coalesce(r.attempt_state, a.state),
      their_id = coalesce(r.their_id, a.their_id),
      doubt = case when coalesce(r.attempt_state, a.state) = 'in_doubt' then coalesce(r.doubt, a.doubt) end,
      proof_kind = coalesce(r.proof_kind, a.proof_kind),
      -- A callback that came while the send was open has waited for this moment.
      next_look_at = case when a.state = 'sending' and coalesce(r.attempt_state, 'sending') <> 'sending'
          and r.next_look_in_ms is not null and exists (
          select from callback c where c.merchant_id = a.merchant_id and c.payout_number = a.payout_number
            and c.attempt_no = a.attempt_no and c.verified)
        then now() else now() + r.next_look_in_ms * interval '1 millisecond' end,
      inquiries = a.inquiries + case when r.inquired then 1 else 0 end,
      revision = a.revision + case when r.facts is null then 0 else 1 end,
      facts = coalesce(r.facts, a.facts)
    from unnest(good) r
    where r.attempt_change = 'changed' and a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
      and a.attempt_no = r.attempt_no;

  delete from queue q using unnest(good) r
    where r.queue_change = 'drop' and q.merchant_id = r.merchant_id and q.payout_number = r.payout_number;

  insert into queue (merchant_id, payout_number, due_at, tries, why)
    select r.merchant_id, r.payout_number, now() + r.queue_due_in_ms * interval '1 millisecond',
      case when r.queue_counted then 1 else 0 end, r.queue_why
    from unnest(good) r where r.queue_change = 'put'
    on conflict (merchant_id, payout_number) do update
      set due_at = excluded.due_at, claim = null, tries = queue.tries + excluded.tries, why = excluded.why;

  insert into confirmation (merchant_id, payout_number, answer)
    select r.merchant_id, r.payout_number, r.confirmation from unnest(good) r where r.confirmation is not null
    on conflict do nothing;

  insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    select r.merchant_id, r.payout_number, r.version + 1, p.leg, r.recipe, p.posting ->> 'debit',
      p.posting ->> 'credit', r.currency, (p.posting ->> 'minor')::bigint
    from unnest(good) r cross join jsonb_array_elements(r.postings) with ordinality p (posting, leg)
    where r.postings is not null;

  insert into notice (merchant_id, payout_number, sequence, target, url, due_at)
    select r.merchant_id, r.payout_number, r.version + 1, n.target, n.url,
      now() + n.due_in_ms * interval '1 millisecond'
    from unnest(good) r cross join jsonb_to_recordset(r.notices) n (target text, url text, due_in_ms bigint)
    where r.notices is not null;

  insert into proof_search (merchant_id, payout_number, attempt_no, provider_account_id, reference, next_at)
    select a.merchant_id, a.payout_number, a.attempt_no, p.proof_account_id, a.reference,
      now() + interval '2 seconds'
    from unnest(good) r
      join attempt a on a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
        and a.attempt_no = r.attempt_no
      join provider_account p on p.provider_account_id = a.provider_account_id
    where r.to_state = 'paid' and p.proof_account_id is not null
    on conflict do nothing;

  insert into exchange (merchant_id, payout_number, exchange_no, attempt_no, kind, started_at, duration_ms, status,
      row_name, verdict, request, answer)
    select r.merchant_id, r.payout_number,
      coalesce((select max(x.exchange_no) from exchange x
        where x.merchant_id = r.merchant_id and x.payout_number = r.payout_number), 0) + 1,
      (r.exchange ->> 'attempt_no')::smallint, r.exchange ->> 'kind',
      to_timestamp((r.exchange ->> 'started_at_ms')::bigint / 1000.0), (r.exchange ->> 'duration_ms')::integer,
      (r.exchange ->> 'status')::integer, r.exchange ->> 'row', r.exchange ->> 'verdict', r.exchange ->> 'request',
      r.exchange ->> 'answer'
    from unnest(good) r where r.exchange is not null;

  insert into incident (merchant_id, payout_number, attempt_no, kind, detail)
    select r.merchant_id, r.payout_number, r.attempt_no, r.incident ->> 'kind', r.incident ->> 'detail'
    from unnest(good) r where r.incident is not null;

  return query select g.place, case when g.to_state is null then g.version else g.version + 1 end from unnest(good) g;
end $$;
