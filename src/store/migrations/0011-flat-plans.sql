-- One plan for each statement of the hot functions, whatever the length of the array that it is given. To a planner that
-- sees the array a batch of three and one of three hundred are two statements, and it plans each anew: a fifth of what a
-- lone payout cost, and the more of a surprise the plan that it arrived at. The general plan finds its rows by key, which
-- is right for any length; that it does is what plans.test.ts counts.
do $$
declare
  hot text;
begin
  foreach hot in array array['accept_payouts(json)', 'advance_payouts(json)', 'claim_due(integer, bigint)',
    'claim_attempts(integer, bigint)', 'record_callbacks(json)', 'claim_notices(integer, bigint)',
    'payout_event_follows()', 'posting_moves_balances()']
  loop
    execute format('alter function %s set plan_cache_mode = force_generic_plan', hot);
  end loop;
end $$;

-- As in 0003, and: `later`, for a notice that was claimed and not tried, because its receiver has too many before it. It
-- comes again at its time, and nothing is counted against it.
create or replace function record_notices(input json) returns void language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan
as $$
begin
  update notice n set
      state = case when r.outcome = 'later' then n.state else r.outcome end,
      due_at = case when r.outcome in ('due', 'later') then now() + r.due_in_ms * interval '1 millisecond' end,
      tries = case when r.outcome = 'later' then n.tries else n.tries + 1 end,
      last_status = case when r.outcome = 'later' then n.last_status else r.status end,
      last_said = case when r.outcome = 'later' then n.last_said else r.said end,
      acknowledged_at = case when r.outcome = 'acknowledged' then now() end
    from json_populate_recordset(null::notice_result, input) r
    where n.merchant_id = r.merchant_id and n.payout_number = r.payout_number and n.sequence = r.sequence
      and n.target = r.target and n.state = 'due';
end $$;
