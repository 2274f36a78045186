-- Plans are cached by each connection, and the first ones are made while the tables are empty. To the planner an empty
-- table looks the same through every index that begins with the merchant, and a plan that reads all of a merchant's
-- rows is kept until the next ANALYZE. So a sample is analysed here and thrown away: its statistics stay, and the
-- plan for the first payout is the plan for the millionth.
do $$
declare
  hot text;
begin
  foreach hot in array array['payout', 'payout_event', 'queue', 'attempt', 'exchange', 'callback', 'posting', 'notice',
    'confirmation', 'proof_image']
  loop
    execute format('alter table %I disable trigger user', hot);
  end loop;

  insert into payout (state, version, state_since, merchant_id, payout_number, tag, reference, idempotency_key, fingerprint,
    currency, minor, method, beneficiary, beneficiary_fingerprint, door, door_credential_id, first_answer, created_at)
    select 'queued', 1, now(), 'sample', n, 1, 'reference ' || n, 'key ' || n, sha256(n::text::bytea), 'XXX', 1, 'sample',
      repeat('s', 150), sha256(n::text::bytea), 'sample', 'sample', repeat('s', 400), now()
    from generate_series(1, 1000) n;
  insert into payout_event (merchant_id, payout_number, sequence, state, at)
    select 'sample', n, v, 'queued', now() from generate_series(1, 1000) n, generate_series(1, 4) v;
  insert into queue (merchant_id, payout_number, due_at)
    select 'sample', n, now() + n * interval '1 second' from generate_series(1, 1000) n;
  insert into attempt (state, merchant_id, payout_number, attempt_no, provider_account_id, reference, request_hash,
    contract_id, incarnation, next_look_at)
    select 'sending', 'sample', n, 1, 'sample', 'reference ' || n, sha256(n::text::bytea), 'sample', 1,
      now() + n * interval '1 second'
    from generate_series(1, 1000) n;
  insert into exchange (merchant_id, payout_number, exchange_no, attempt_no, kind, started_at, duration_ms, row_name, verdict)
    select 'sample', n, x, 1, 'send', now(), 1, 'S16', 'sample' from generate_series(1, 1000) n, generate_series(1, 2) x;
  insert into callback (merchant_id, payout_number, attempt_no, hash, raw, verified, said)
    select 'sample', n, 1, sha256(n::text::bytea), 'sample', true, 'paid' from generate_series(1, 1000) n;
  insert into posting (merchant_id, number, sequence, leg, recipe, debit, credit, currency, minor)
    select 'sample', n, v, 1, 'hold', 'available', 'held', 'XXX', 1
    from generate_series(1, 1000) n, generate_series(1, 3) v;
  insert into notice (merchant_id, payout_number, sequence, target, url, due_at)
    select 'sample', n, 4, 'door', 'sample', now() + n * interval '1 second' from generate_series(1, 1000) n;

  analyze payout, payout_event, queue, attempt, exchange, callback, posting, notice;
  truncate payout, payout_event, queue, attempt, exchange, callback, posting, notice, confirmation, proof_image;

  foreach hot in array array['payout', 'payout_event', 'queue', 'attempt', 'exchange', 'callback', 'posting', 'notice',
    'confirmation', 'proof_image']
  loop
    execute format('alter table %I enable trigger user', hot);
  end loop;
end $$;
