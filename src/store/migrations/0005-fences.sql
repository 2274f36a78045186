-- The same function as before but for its fences. Two steps of one claim that were put back at the same moment both passed:
-- the second one waited for the payout, whose row the first one had left as it was, and had looked at the claim before.
-- And a callback that was kept while the answer to the send was being recorded could wake nobody: the answer's statement
-- had begun before it, and the callback still saw the send open.

create or replace function advance_payouts(input json)
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
