-- The payouts, their attempts and the ledger. Each rule that keeps money safe is kept here too, whatever the
-- application does. Every key begins with the merchant, so each table can be distributed by it.

-- Numbers are handed out in blocks of `increment`, one nextval for each block, and never twice.
create sequence payout_number_block increment 1000 start 1;
create sequence claim_number;

-- ---- payouts ---------------------------------------------------------------------------------------------------
-- What moves stands first, so that an update logs few bytes; no index covers a column that moves, so updates stay on
-- their page.
create table payout (
  state text not null check (state in
    ('waiting', 'queued', 'sending', 'pending', 'in_doubt', 'paid', 'failed', 'cancelled', 'returned')),
  version integer not null check (version > 0),
  attempts smallint not null default 0 check (attempts >= 0),
  state_since timestamptz not null,
  paid_at timestamptz,
  wait_reason text check (wait_reason in ('approval', 'confirmation', 'schedule', 'funds', 'review')),
  why text,

  merchant_id text not null,
  payout_number bigint not null check (payout_number > 0 and payout_number < 9007199254740992),
  tag integer not null check (tag >= 0 and tag < 536870912),
  reference text not null check (length(reference) between 1 and 128),
  idempotency_key text check (length(idempotency_key) between 1 and 255),
  fingerprint bytea not null check (length(fingerprint) = 32),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  minor bigint not null check (minor > 0),
  method text not null,
  beneficiary text not null,
  beneficiary_fingerprint bytea not null,
  description text,
  metadata jsonb,
  door text not null,
  door_credential_id text not null,
  request_id text,
  notify_url text,
  first_answer text not null,
  created_at timestamptz not null,
  primary key (merchant_id, payout_number),
  constraint payout_waits_for_a_reason check ((state = 'waiting') = (wait_reason is not null)),
  constraint payout_paid_at_when_paid check (state not in ('paid', 'returned') or paid_at is not null)
) with (fillfactor = 75);

-- For ever: a reference or key that was used once never makes a second payout.
create unique index payout_reference on payout (merchant_id, reference);
create unique index payout_idempotency_key on payout (merchant_id, idempotency_key) where idempotency_key is not null;

create function payout_begins() returns trigger language plpgsql as $$
begin
  if new.state not in ('waiting', 'queued') or new.version <> 1 or new.attempts <> 0 then
    raise exception 'payout % begins as %, version %', new.payout_number, new.state, new.version
      using errcode = 'check_violation', constraint = 'payout_begins';
  end if;
  return new;
end $$;
create trigger payout_begins before insert on payout for each row execute function payout_begins();

-- The pairs are those of payout/lifecycle.ts; a test compares them.
create function payout_legal_step(old_state text, new_state text) returns boolean language sql immutable parallel safe
return (old_state, new_state) in (
  ('waiting', 'waiting'), ('waiting', 'queued'), ('waiting', 'cancelled'),
  ('queued', 'waiting'), ('queued', 'cancelled'), ('queued', 'sending'),
  ('sending', 'sending'), ('sending', 'pending'), ('sending', 'paid'), ('sending', 'in_doubt'),
  ('sending', 'queued'), ('sending', 'waiting'), ('sending', 'failed'),
  ('pending', 'paid'), ('pending', 'in_doubt'), ('pending', 'queued'), ('pending', 'waiting'), ('pending', 'failed'),
  ('in_doubt', 'in_doubt'), ('in_doubt', 'pending'), ('in_doubt', 'paid'), ('in_doubt', 'queued'),
  ('in_doubt', 'waiting'), ('in_doubt', 'failed'),
  ('paid', 'returned'));

create function payout_moves() returns trigger language plpgsql as $$
begin
  if not payout_legal_step(old.state, new.state) then
    raise exception 'payout % cannot go from % to %', old.payout_number, old.state, new.state
      using errcode = 'check_violation', constraint = 'payout_legal_step';
  end if;
  if new.version <> old.version + 1 then
    raise exception 'payout % cannot go from version % to %', old.payout_number, old.version, new.version
      using errcode = 'check_violation', constraint = 'payout_version';
  end if;
  return new;
end $$;
create trigger payout_moves before update on payout for each row execute function payout_moves();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: what is recorded stays', lower(tg_op), tg_table_name
    using errcode = 'integrity_constraint_violation', constraint = 'refuse_change';
end $$;
create trigger payout_facts_stay before update of merchant_id, payout_number, tag, reference, idempotency_key,
  fingerprint, currency, minor, method, beneficiary, beneficiary_fingerprint, description, metadata, door,
  door_credential_id, request_id, notify_url, first_answer, created_at on payout
  for each statement execute function refuse_change();
create trigger payout_stays before delete on payout for each statement execute function refuse_change();
create trigger payout_is_not_emptied before truncate on payout for each statement execute function refuse_change();

-- ---- events: every step of every payout, in order and without gaps -----------------------------------------------
create table payout_event (
  merchant_id text not null,
  payout_number bigint not null,
  sequence integer not null,
  state text not null,
  wait_reason text,
  why text,
  attempt_no smallint,
  at timestamptz not null,
  primary key (merchant_id, payout_number, sequence)
);

-- Written by the step itself: there is no step without its event, and no event without its step.
create function payout_event_follows() returns trigger language plpgsql as $$
begin
  insert into payout_event (merchant_id, payout_number, sequence, state, wait_reason, why, attempt_no, at)
    select merchant_id, payout_number, version, state, wait_reason, why, nullif(attempts, 0), state_since
    from stepped;
  return null;
end $$;
create trigger payout_event_of_acceptance after insert on payout referencing new table as stepped
  for each statement execute function payout_event_follows();
create trigger payout_event_of_step after update on payout referencing new table as stepped
  for each statement execute function payout_event_follows();
create trigger payout_event_stays before update or delete on payout_event
  for each statement execute function refuse_change();
create trigger payout_event_is_not_emptied before truncate on payout_event
  for each statement execute function refuse_change();

-- ---- the queue: payouts whose turn to be sent comes ----------------------------------------------------------------
create table queue (
  merchant_id text not null,
  payout_number bigint not null,
  due_at timestamptz not null,
  claim bigint,
  tries integer not null default 0,
  -- Why it was put back, in words fit for the merchant.
  why text,
  primary key (merchant_id, payout_number)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index queue_due on queue (due_at);

-- ---- attempts ------------------------------------------------------------------------------------------------------
create table proof (
  merchant_id text not null,
  payout_number bigint not null,
  attempt_no smallint not null,
  kind text not null check (kind in ('not_sent', 'refused', 'failed_final', 'never_arrived', 'not_committed',
    'cancelled', 'by_statement', 'by_people')),
  premises jsonb not null,
  at timestamptz not null default now(),
  primary key (merchant_id, payout_number, attempt_no),
  unique (merchant_id, payout_number, attempt_no, kind)
);
create trigger proof_stays before update or delete on proof for each statement execute function refuse_change();
create trigger proof_is_not_emptied before truncate on proof for each statement execute function refuse_change();

create table attempt (
  state text not null check (state in ('sending', 'in_doubt', 'pending', 'paid', 'returned', 'dead')),
  inquiries integer not null default 0,
  -- Grows with every change of what is remembered of it: a step that was computed from an older one is stale.
  revision integer not null default 0,
  next_look_at timestamptz,
  their_id text,
  doubt text,
  proof_kind text,
  facts jsonb,

  merchant_id text not null,
  payout_number bigint not null,
  attempt_no smallint not null check (attempt_no > 0),
  provider_account_id text not null,
  reference text not null,
  request_hash bytea not null check (length(request_hash) = 32),
  contract_id text not null,
  incarnation bigint not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, payout_number, attempt_no),
  foreign key (merchant_id, payout_number) references payout,
  foreign key (merchant_id, payout_number, attempt_no, proof_kind)
    references proof (merchant_id, payout_number, attempt_no, kind),
  constraint attempt_is_dead_by_proof check ((state = 'dead') = (proof_kind is not null)),
  constraint attempt_says_its_doubt check ((state = 'in_doubt') = (doubt is not null))
) with (fillfactor = 80);

-- The rule of the house: a payout has at most one attempt that is not proven dead. Paid and returned count as alive.
create unique index one_live_attempt on attempt (merchant_id, payout_number) where state <> 'dead';
create unique index attempt_reference on attempt (merchant_id, provider_account_id, reference);
create index attempt_look on attempt (next_look_at) where next_look_at is not null;
create index attempt_open on attempt (state, created_at) where state in ('sending', 'in_doubt', 'pending');

create function attempt_moves() returns trigger language plpgsql as $$
begin
  if old.state = 'dead' or new.state = 'sending'
    or (old.state = 'paid' and new.state <> 'returned') or old.state = 'returned' then
    raise exception 'attempt % of payout % cannot go from % to %', old.attempt_no, old.payout_number, old.state, new.state
      using errcode = 'check_violation', constraint = 'attempt_legal_step';
  end if;
  return new;
end $$;
create trigger attempt_moves before update on attempt
  for each row when (old.state is distinct from new.state) execute function attempt_moves();
create trigger attempt_facts_stay before update of merchant_id, payout_number, attempt_no, provider_account_id,
  reference, request_hash, contract_id, incarnation, created_at on attempt
  for each statement execute function refuse_change();
create trigger attempt_stays before delete on attempt for each statement execute function refuse_change();
create trigger attempt_is_not_emptied before truncate on attempt for each statement execute function refuse_change();

-- Every exchange with a provider, scrubbed: what the certainty tables judged, and how.
create table exchange (
  merchant_id text not null,
  payout_number bigint not null,
  exchange_no integer not null,
  attempt_no smallint not null,
  kind text not null check (kind in ('send', 'inquiry', 'callback')),
  started_at timestamptz not null,
  duration_ms integer not null,
  status integer,
  row_name text not null,
  verdict text not null,
  request text,
  answer text,
  primary key (merchant_id, payout_number, exchange_no)
);
create trigger exchange_stays before update or delete on exchange
  for each statement execute function refuse_change();
create trigger exchange_is_not_emptied before truncate on exchange for each statement execute function refuse_change();

-- Callbacks as they came (sealed), each once for ever.
create table callback (
  merchant_id text not null,
  payout_number bigint not null,
  attempt_no smallint not null,
  hash bytea not null check (length(hash) = 32),
  raw text not null,
  verified boolean not null,
  said text not null,
  received_at timestamptz not null default now(),
  primary key (merchant_id, payout_number, attempt_no, hash)
);
create trigger callback_is_not_emptied before truncate on callback for each statement execute function refuse_change();

-- The first answer to a merchant's second call; every repeat gets it again.
create table confirmation (
  merchant_id text not null,
  payout_number bigint not null,
  answer text not null,
  at timestamptz not null default now(),
  primary key (merchant_id, payout_number),
  foreign key (merchant_id, payout_number) references payout
);
create trigger confirmation_stays before update or delete on confirmation
  for each statement execute function refuse_change();
create trigger confirmation_is_not_emptied before truncate on confirmation
  for each statement execute function refuse_change();

-- What a client may send once, such as a nonce, with the answer that it got. Kept until it expires.
create table one_time_use (
  door text not null,
  public_id text not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint bytea not null check (length(fingerprint) = 32),
  answer text,
  expires_at timestamptz not null,
  primary key (door, public_id, key)
);
create index one_time_use_expires on one_time_use (expires_at);

-- A paid attempt whose provider may have a picture of it; asked for at its proof account until one is there.
create table proof_search (
  merchant_id text not null,
  payout_number bigint not null,
  attempt_no smallint not null,
  provider_account_id text not null references provider_account,
  reference text not null,
  paid_at timestamptz not null default now(),
  tries integer not null default 0,
  -- Null: it is not asked any more.
  next_at timestamptz,
  said text,
  primary key (merchant_id, payout_number, attempt_no)
);
create index proof_search_next on proof_search (next_at) where next_at is not null;

-- Pictures that prove a payout, each once by its content. They show people's data, so the bytes are sealed.
create table proof_image (
  merchant_id text not null,
  payout_number bigint not null,
  source text not null check (source in ('provider', 'own')),
  hash bytea not null check (length(hash) = 32),
  media_type text not null check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
  sealed text not null,
  place integer not null,
  at timestamptz not null default now(),
  primary key (merchant_id, payout_number, source, hash),
  foreign key (merchant_id, payout_number) references payout
);
create trigger proof_image_stays before update or delete on proof_image
  for each statement execute function refuse_change();
create trigger proof_image_is_not_emptied before truncate on proof_image
  for each statement execute function refuse_change();

-- Something that should not have happened and a person should know.
create table incident (
  merchant_id text not null,
  incident_no bigint generated always as identity,
  payout_number bigint not null,
  attempt_no smallint,
  kind text not null,
  detail text not null,
  at timestamptz not null default now(),
  primary key (merchant_id, incident_no)
);
create index incident_payout on incident (merchant_id, payout_number);

-- ---- ledger --------------------------------------------------------------------------------------------------------
-- One row is one balanced movement: no set of rows can sum to anything but zero. `number` is the payout's, or the
-- funding's own; `sequence` is the step it belongs to.
create table posting (
  merchant_id text not null,
  number bigint not null,
  sequence integer not null,
  leg smallint not null,
  recipe text not null check (recipe in
    ('fund', 'hold', 'release', 'dispatch', 'requeue', 'fail', 'settle', 'return', 'fee', 'recall')),
  debit text not null,
  credit text not null,
  currency text not null,
  minor bigint not null check (minor > 0),
  at timestamptz not null default now(),
  primary key (merchant_id, number, sequence, recipe, leg),
  constraint posting_has_two_sides check (debit <> credit)
);
create trigger posting_stays before update or delete on posting for each statement execute function refuse_change();
create trigger posting_is_not_emptied before truncate on posting for each statement execute function refuse_change();

-- Credits minus debits. Moved by postings alone.
create table balance (
  merchant_id text not null,
  account text not null,
  currency text not null,
  minor bigint not null,
  primary key (merchant_id, account, currency),
  constraint balance_not_negative check (account not in ('available', 'held', 'in_flight') or minor >= 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

-- Locks are taken in key order, here and in every function, so that two batches never wait for each other in a ring.
create function posting_moves_balances() returns trigger language plpgsql as $$
declare
  moved balance[];
begin
  select array_agg(row(m.merchant_id, m.account, m.currency, m.minor)::balance
                   order by m.merchant_id, m.account, m.currency)
    into moved
    from (
      select merchant_id, account, currency, sum(minor) as minor
      from (
        select merchant_id, debit as account, currency, -minor as minor from posted
        union all
        select merchant_id, credit, currency, minor from posted
      ) sides
      group by merchant_id, account, currency
    ) m;
  insert into balance (merchant_id, account, currency, minor)
    select m.merchant_id, m.account, m.currency, 0 from unnest(moved) m
    where not exists (select from balance b
      where b.merchant_id = m.merchant_id and b.account = m.account and b.currency = m.currency)
    on conflict do nothing;
  perform from unnest(moved) with ordinality m (merchant_id, account, currency, minor, place)
    join balance b on b.merchant_id = m.merchant_id and b.account = m.account and b.currency = m.currency
    order by m.place for update of b;
  update balance b set minor = b.minor + m.minor
    from unnest(moved) m
    where b.merchant_id = m.merchant_id and b.account = m.account and b.currency = m.currency;
  return null;
end $$;
create trigger posting_moves_balances after insert on posting referencing new table as posted
  for each statement execute function posting_moves_balances();

create function balance_by_posting_only() returns trigger language plpgsql as $$
begin
  -- Depth 1 is this trigger alone: the change did not come from posting_moves_balances.
  if pg_trigger_depth() < 2 then
    raise exception 'a balance moves by postings alone'
      using errcode = 'integrity_constraint_violation', constraint = 'balance_by_posting_only';
  end if;
  return null;
end $$;
create trigger balance_by_posting_only before insert or update or delete on balance
  for each statement execute function balance_by_posting_only();
create trigger balance_is_not_emptied before truncate on balance for each statement execute function refuse_change();

-- A merchant's currency is opened once; its three accounts stand at zero from then on, so that no batch has to make
-- them under load.
create table account_opening (
  merchant_id text not null,
  currency text not null,
  opened_at timestamptz not null default now(),
  primary key (merchant_id, currency)
);
create function accounts_open() returns trigger language plpgsql as $$
begin
  insert into balance (merchant_id, account, currency, minor)
    select new.merchant_id, a.account, new.currency, 0
    from (values ('available'), ('held'), ('in_flight')) a (account)
    on conflict do nothing;
  return null;
end $$;
create trigger accounts_open after insert on account_opening for each row execute function accounts_open();

create table funding (
  merchant_id text not null,
  reference text not null,
  number bigint not null,
  provider_account_id text not null,
  currency text not null,
  minor bigint not null check (minor > 0),
  note text not null,
  at timestamptz not null default now(),
  primary key (merchant_id, reference)
);
create trigger funding_stays before update or delete on funding for each statement execute function refuse_change();

-- ---- notices: what merchants are told, at least once, in order per payout --------------------------------------------
create table notice (
  merchant_id text not null,
  payout_number bigint not null,
  sequence integer not null,
  target text not null,
  url text not null,
  state text not null default 'due' check (state in ('due', 'acknowledged', 'parked')),
  due_at timestamptz,
  tries integer not null default 0,
  last_status integer,
  last_said text,
  acknowledged_at timestamptz,
  primary key (merchant_id, payout_number, sequence, target),
  foreign key (merchant_id, payout_number, sequence) references payout_event,
  constraint notice_is_due_at_a_time check ((state = 'due') = (due_at is not null))
) with (fillfactor = 80);
create index notice_due on notice (due_at) where due_at is not null;
