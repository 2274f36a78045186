-- Who may ask, and through whom it goes. Small tables, read whole into memory by every process; `configuration`
-- counts their changes so that a process sees one within a second.

create table configuration (
  only_row boolean primary key default true check (only_row),
  version bigint not null
);
insert into configuration (version) values (1);

create function configuration_changed() returns trigger language plpgsql as $$
begin
  update configuration set version = version + 1;
  return null;
end $$;

create table merchant (
  merchant_id text primary key check (merchant_id ~ '^[a-z0-9_]{1,40}$'),
  name text not null,
  active boolean not null,
  created_at timestamptz not null default now()
);

create table api_key (
  key_id text primary key,
  merchant_id text not null references merchant,
  live boolean not null,
  hash bytea not null check (length(hash) = 32),
  scopes text[] not null,
  active boolean not null,
  created_at timestamptz not null default now()
);

-- `secret` is sealed: verification needs it back, so a hash would not do.
create table door_credential (
  door text not null,
  public_id text not null,
  merchant_id text not null references merchant,
  secret text not null,
  settings jsonb not null,
  active boolean not null,
  created_at timestamptz not null default now(),
  primary key (door, public_id)
);

-- `settings` holds the provider's credentials and is sealed as a whole.
create table provider_account (
  provider_account_id text primary key check (provider_account_id ~ '^[a-z0-9_-]{1,40}$'),
  protocol text not null,
  name text not null,
  base_url text not null,
  settings text not null,
  callback_secret text not null,
  rate_per_second double precision check (rate_per_second > 0),
  concurrency integer check (concurrency > 0),
  -- The account at which the provider's pictures of what this one paid are fetched.
  proof_account_id text references provider_account,
  active boolean not null,
  created_at timestamptz not null default now(),
  constraint provider_account_is_not_its_own_proof check (proof_account_id <> provider_account_id)
);

create table route (
  merchant_id text not null references merchant,
  provider_account_id text not null references provider_account,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  method text not null,
  priority integer not null,
  active boolean not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, currency, method, provider_account_id)
);
comment on column route.method is 'a method of payout/beneficiary.ts, or * for every one';

create trigger merchant_changed after insert or update or delete on merchant
  for each statement execute function configuration_changed();
create trigger api_key_changed after insert or update or delete on api_key
  for each statement execute function configuration_changed();
create trigger door_credential_changed after insert or update or delete on door_credential
  for each statement execute function configuration_changed();
create trigger provider_account_changed after insert or update or delete on provider_account
  for each statement execute function configuration_changed();
create trigger route_changed after insert or update or delete on route
  for each statement execute function configuration_changed();

-- One run of one process. Leases and send rights carry its number.
create table incarnation (
  incarnation bigint primary key generated always as identity,
  kind text not null,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz
);

-- The capabilities that judged an attempt, as they stood; attempts share them.
create table contract (
  contract_id text primary key,
  terms jsonb not null,
  created_at timestamptz not null default now()
);
