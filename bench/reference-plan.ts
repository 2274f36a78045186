// What the reference is asked for, what it gives, and the tables it works on.

export interface ReferencePlan {
  readonly databaseUrl: string
  readonly how: 'statement' | 'interactive'
  /** 1: all of them want the same balance. */
  readonly merchants: number
  readonly clients: number
  readonly seconds: number
  readonly run: string
}

export interface ReferenceResult {
  readonly perSecond: number
  readonly done: number
}

/** Its own tables, beside those of the switch. */
export const REFERENCE_SCHEMA = `
  create table if not exists reference_balance (merchant integer primary key, minor bigint not null check (minor >= 0));
  create table if not exists reference_payout (id bigint generated always as identity primary key,
    merchant integer not null, key text not null, minor bigint not null, body text not null, unique (merchant, key));
  create table if not exists reference_entry (payout bigint not null, side smallint not null, minor bigint not null,
    primary key (payout, side));
  create table if not exists reference_outbox (payout bigint primary key, at timestamptz not null default now());
  insert into reference_balance select n, 1000000000000000 from generate_series(0, 999) n on conflict do nothing;`
