-- The hot path: one call is one batch, one round trip and one transaction. Locks are taken in one order everywhere:
-- balances, then payouts, then queue and attempts, ascending by key.
--
-- The settings on each function keep plans from tables that were empty when they were made: every step below finds
-- its rows by key, and a scan is never right.

create type new_payout as (
  place integer, merchant_id text, payout_number bigint, tag integer, reference text, idempotency_key text,
  fingerprint text, currency text, minor bigint, method text, beneficiary text, beneficiary_fingerprint text,
  description text, metadata jsonb, door text, door_credential_id text, request_id text, notify_url text, first_answer text,
  created_at_ms bigint, state text, wait_reason text, refuse text
);

-- Records payouts and holds their money. Verdicts: accepted, replayed, conflict_key, conflict_reference,
-- insufficient, refused, again. A repeat is told before a refusal, and funds are looked at last, so that whoever
-- was answered once gets the same answer for ever.
create function accept_payouts(input json)
returns table (place integer, verdict text, number bigint, tag integer, answer text)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  rows new_payout[];
  item record;
  verdicts text[];
  numbers bigint[];
  tags integer[];
  answers text[];
  accepted integer := 0;
  recorded_numbers bigint[];
  purse text;
  left_over bigint;
begin
  select array_agg(r order by r.place) into rows from json_populate_recordset(null::new_payout, input) r;

  perform from balance b
    join (select distinct r.merchant_id, a.account, r.currency
          from unnest(rows) r cross join (values ('available'), ('held')) a (account)) w
      on b.merchant_id = w.merchant_id and b.account = w.account and b.currency = w.currency
    order by b.merchant_id, b.account, b.currency for update of b;

  for item in
    select r.place, r.merchant_id, r.currency, r.minor, r.refuse, decode(r.fingerprint, 'hex') as fingerprint,
      r.idempotency_key,
      k.payout_number as key_number, k.tag as key_tag, k.fingerprint as key_fingerprint, k.first_answer as key_answer,
      f.payout_number as reference_number, f.tag as reference_tag, f.fingerprint as reference_fingerprint,
      f.first_answer as reference_answer, coalesce(b.minor, 0) as available
    from unnest(rows) r
      left join payout k on k.merchant_id = r.merchant_id and k.idempotency_key = r.idempotency_key
      left join payout f on f.merchant_id = r.merchant_id and f.reference = r.reference
      left join balance b on b.merchant_id = r.merchant_id and b.account = 'available' and b.currency = r.currency
    order by r.merchant_id, r.currency, r.place
  loop
    if purse is distinct from item.merchant_id || ' ' || item.currency then
      purse := item.merchant_id || ' ' || item.currency;
      left_over := item.available;
    end if;
    if item.key_number is not null then
      numbers[item.place] := item.key_number;
      tags[item.place] := item.key_tag;
      if item.key_fingerprint = item.fingerprint then
        verdicts[item.place] := 'replayed';
        answers[item.place] := item.key_answer;
      else
        verdicts[item.place] := 'conflict_key';
      end if;
    elsif item.reference_number is not null then
      numbers[item.place] := item.reference_number;
      tags[item.place] := item.reference_tag;
      if item.idempotency_key is null and item.reference_fingerprint = item.fingerprint then
        verdicts[item.place] := 'replayed';
        answers[item.place] := item.reference_answer;
      else
        verdicts[item.place] := 'conflict_reference';
      end if;
    elsif item.refuse is not null then
      verdicts[item.place] := 'refused';
    elsif item.minor > left_over then
      verdicts[item.place] := 'insufficient';
    else
      left_over := left_over - item.minor;
      accepted := accepted + 1;
      verdicts[item.place] := 'accepted';
    end if;
  end loop;

  with recorded as (
    insert into payout (state, version, state_since, wait_reason, merchant_id, payout_number, tag, reference,
      idempotency_key, fingerprint, currency, minor, method, beneficiary, beneficiary_fingerprint, description,
      metadata, door, door_credential_id, request_id, notify_url, first_answer, created_at)
    select r.state, 1, now(), r.wait_reason, r.merchant_id, r.payout_number, r.tag, r.reference, r.idempotency_key,
      decode(r.fingerprint, 'hex'), r.currency, r.minor, r.method, r.beneficiary,
      decode(r.beneficiary_fingerprint, 'hex'), r.description, r.metadata, r.door, r.door_credential_id,
      r.request_id, r.notify_url, r.first_answer, to_timestamp(r.created_at_ms / 1000.0)
    from unnest(rows) r
    where verdicts[r.place] = 'accepted'
    on conflict do nothing
    returning payout_number
  )
  select coalesce(array_agg(payout_number), '{}') into recorded_numbers from recorded;

  if cardinality(recorded_numbers) < accepted then
    -- Another process recorded the same reference or key since our snapshot: its row decides, in the next batch.
    for item in select r.place from unnest(rows) r
      where verdicts[r.place] = 'accepted' and r.payout_number <> all (recorded_numbers)
    loop
      verdicts[item.place] := 'again';
    end loop;
  end if;

  insert into queue (merchant_id, payout_number, due_at)
    select r.merchant_id, r.payout_number, now()
    from unnest(rows) r where verdicts[r.place] = 'accepted' and r.state = 'queued';

  insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    select r.merchant_id, r.payout_number, 1, 1, 'hold', 'available', 'held', r.currency, r.minor
    from unnest(rows) r where verdicts[r.place] = 'accepted';

  return query
    select r.place, verdicts[r.place], numbers[r.place], tags[r.place], answers[r.place]
    from unnest(rows) r order by r.place;
end $$;

create type payout_step as (
  place integer, merchant_id text, payout_number bigint, version integer, to_state text, wait_reason text, why text,
  claim bigint, currency text, recipe text, postings jsonb,
  queue_change text, queue_due_in_ms bigint, queue_counted boolean, queue_why text,
  attempt_change text, attempt_no smallint, provider_account_id text, reference text, request_hash text,
  contract_id text, incarnation bigint, attempt_state text, their_id text, doubt text, proof_kind text,
  premises jsonb, next_look_in_ms bigint, inquired boolean, facts jsonb, attempt_revision integer,
  confirmation text, notices jsonb, exchange jsonb, incident jsonb
);

-- Applies steps that payout/lifecycle.ts computed, each only to the version it was computed from and, where it names
-- a claim, only while the queue still holds that claim. Returns the new version, or null for a stale step, of which
-- nothing was written. No two steps of one batch concern the same payout.
create function advance_payouts(input json)
returns table (place integer, version integer)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  rows payout_step[];
  good payout_step[];
begin
  select array_agg(r order by r.merchant_id, r.payout_number) into rows
    from json_populate_recordset(null::payout_step, input) r;

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
      and (r.claim is null or exists (select from queue q where q.merchant_id = r.merchant_id
        and q.payout_number = r.payout_number and q.claim = r.claim))
    order by p.merchant_id, p.payout_number for update of p
  ) locked (r);

  -- Notes leave the payout's version as it is. Whatever is remembered of an attempt is fenced by its own revision, looked
  -- at only now: behind the lock, and in a statement that sees what was committed while it was waited for.
  select array_agg(r) into good from unnest(good) r
    where r.attempt_revision is null or exists (select from attempt a where a.merchant_id = r.merchant_id
      and a.payout_number = r.payout_number and a.attempt_no = r.attempt_no and a.revision = r.attempt_revision);

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

-- Claims due payouts by moving their time to the lease's end, so that others skip them until then and a claim that
-- is lost with its process comes due again by itself. The claim number fences the intent.
--
-- Two statements, because a claim may take what was committed after the first one began: only the second one, with a
-- snapshot of its own, is sure to see the payouts of all that was claimed.
create function claim_due(at_most integer, lease_ms bigint)
returns table (claimed queue, found payout) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  taken queue[];
begin
  with due as materialized (
    select merchant_id, payout_number from queue where due_at <= now()
    order by due_at limit at_most for update skip locked
  ), moved as (
    update queue q set due_at = now() + lease_ms * interval '1 millisecond', claim = nextval('claim_number')
    from due where q.merchant_id = due.merchant_id and q.payout_number = due.payout_number
    returning q
  )
  select array_agg(q) into taken from moved;
  return query select q, p from unnest(taken) q
    join payout p on p.merchant_id = q.merchant_id and p.payout_number = q.payout_number;
end $$;

-- Claims attempts to look at: sends whose time is over, and inquiries.
create function claim_attempts(at_most integer, lease_ms bigint)
returns table (claimed attempt, found payout) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  taken attempt[];
begin
  with due as materialized (
    select merchant_id, payout_number, attempt_no from attempt where next_look_at <= now()
    order by next_look_at limit at_most for update skip locked
  ), moved as (
    update attempt a set next_look_at = now() + lease_ms * interval '1 millisecond'
    from due where a.merchant_id = due.merchant_id and a.payout_number = due.payout_number
      and a.attempt_no = due.attempt_no
    returning a
  )
  select array_agg(a) into taken from moved;
  return query select a, p from unnest(taken) a
    join payout p on p.merchant_id = a.merchant_id and p.payout_number = a.payout_number;
end $$;

create type new_callback as (
  place integer, merchant_id text, payout_number bigint, attempt_no smallint, hash text, raw text, verified boolean,
  said text
);

-- Keeps callbacks and makes the look at their attempt due at once. Verdicts: kept, known, no_attempt. A callback
-- that is known has no effect: repeats are expected.
create function record_callbacks(input json)
returns table (place integer, verdict text)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  rows new_callback[];
  kept integer[];
  present integer[];
begin
  select array_agg(r order by r.merchant_id, r.payout_number, r.attempt_no, r.place) into rows
    from json_populate_recordset(null::new_callback, input) r;
  select array_agg(r.place) into present from unnest(rows) r
    join attempt a on a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
      and a.attempt_no = r.attempt_no;
  with stored as (
    insert into callback (merchant_id, payout_number, attempt_no, hash, raw, verified, said)
    select r.merchant_id, r.payout_number, r.attempt_no, decode(r.hash, 'hex'), r.raw, r.verified, r.said
    from unnest(rows) r where r.place = any (present)
    on conflict do nothing
    returning merchant_id, payout_number, attempt_no, hash
  )
  select array_agg(r.place) into kept from unnest(rows) r
    join stored s on s.merchant_id = r.merchant_id and s.payout_number = r.payout_number
      and s.attempt_no = r.attempt_no and s.hash = decode(r.hash, 'hex');
  perform from unnest(rows) r
    join attempt a on a.merchant_id = r.merchant_id and a.payout_number = r.payout_number
      and a.attempt_no = r.attempt_no
    where r.place = any (kept) and r.verified
    order by a.merchant_id, a.payout_number, a.attempt_no for update of a;
  update attempt a set next_look_at = least(a.next_look_at, now())
    from unnest(rows) r
    where r.place = any (kept) and r.verified and a.merchant_id = r.merchant_id
      and a.payout_number = r.payout_number and a.attempt_no = r.attempt_no
      -- While the send is open its own answer comes first; its time is not cut short.
      and (a.state <> 'sending' or a.facts ->> 'lastPossibleByteAfterMs' is not null);
  return query select r.place,
      case when r.place = any (kept) then 'kept' when r.place = any (present) then 'known' else 'no_attempt' end
    from unnest(rows) r;
end $$;

-- Claims notices whose time has come. A payout's later notice waits until the earlier one is acknowledged or parked.
create function claim_notices(at_most integer, lease_ms bigint)
returns table (claimed notice, told payout_event, found payout) language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
  taken notice[];
begin
  with due as materialized (
    select merchant_id, payout_number, sequence, target from notice n
    where due_at <= now() and not exists (
      select from notice e where e.merchant_id = n.merchant_id and e.payout_number = n.payout_number
        and e.target = n.target and e.sequence < n.sequence and e.state = 'due')
    order by due_at limit at_most for update skip locked
  ), moved as (
    update notice n set due_at = now() + lease_ms * interval '1 millisecond'
    from due where n.merchant_id = due.merchant_id and n.payout_number = due.payout_number
      and n.sequence = due.sequence and n.target = due.target
    returning n
  )
  select array_agg(n) into taken from moved;
  return query select n, e, p from unnest(taken) n
    join payout_event e on e.merchant_id = n.merchant_id and e.payout_number = n.payout_number
      and e.sequence = n.sequence
    join payout p on p.merchant_id = n.merchant_id and p.payout_number = n.payout_number;
end $$;

create type notice_result as (
  merchant_id text, payout_number bigint, sequence integer, target text, status integer, said text, outcome text,
  due_in_ms bigint
);

create function record_notices(input json) returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
begin
  update notice n set
      state = r.outcome,
      due_at = case when r.outcome = 'due' then now() + r.due_in_ms * interval '1 millisecond' end,
      tries = n.tries + 1, last_status = r.status, last_said = r.said,
      acknowledged_at = case when r.outcome = 'acknowledged' then now() end
    from json_populate_recordset(null::notice_result, input) r
    where n.merchant_id = r.merchant_id and n.payout_number = r.payout_number and n.sequence = r.sequence
      and n.target = r.target and n.state = 'due';
end $$;
