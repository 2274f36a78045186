-- Receipts: what is signed of each payment, in the order in which it was signed (SECURITY.md sections 10 and 12). The log is
-- one for the installation, because a third party checks it against one checkpoint; it is the one table whose order is not
-- the merchant's. What stands in it stays, and each new piece is checked here again before it is taken.

-- ---- the keys ------------------------------------------------------------------------------------------------------
-- `sealed` is the private half, and gone once the key signs no more: nobody dates a receipt back with it. Public halves stay.
create table receipt_key (
  key_id text primary key check (key_id ~ '^[A-Za-z0-9_-]{43}$'),
  public_key bytea not null unique check (length(public_key) = 32),
  sealed text,
  made_by text not null check (length(made_by) between 1 and 200),
  since timestamptz not null default now(),
  until timestamptz,
  constraint receipt_key_signs_or_has_ended check ((sealed is null) = (until is not null))
);
create unique index receipt_key_one_signs on receipt_key ((true)) where until is null;

create function receipt_key_ends_once() returns trigger language plpgsql as $$
begin
  if old.until is not null or new.until is null or (old.key_id, old.public_key, old.made_by, old.since)
    is distinct from (new.key_id, new.public_key, new.made_by, new.since) then
    raise exception 'a key for receipts changes once: when it ends'
      using errcode = 'check_violation', constraint = 'receipt_key_ends_once';
  end if;
  return new;
end $$;
create trigger receipt_key_ends_once before update on receipt_key for each row execute function receipt_key_ends_once();
create trigger receipt_key_stays before delete on receipt_key for each statement execute function refuse_change();
create trigger receipt_key_is_not_emptied before truncate on receipt_key for each statement execute function refuse_change();

-- ---- the log -------------------------------------------------------------------------------------------------------
-- How far it goes. Its row is locked by whoever appends: leaves come one after the other, without a gap.
create table receipt_log (
  only_row boolean primary key default true check (only_row),
  origin text not null,
  size bigint not null default 0 check (size >= 0)
);
insert into receipt_log (origin) select 'quittance.receipts/' || installation_id from installation;

-- `jws` is the receipt as it was signed. It names whoever was paid masked alone.
create table receipt (
  merchant_id text not null,
  payout_number bigint not null,
  kind text not null check (kind in ('paid', 'returned')),
  leaf_index bigint not null unique check (leaf_index >= 0),
  leaf_hash bytea not null unique check (length(leaf_hash) = 32),
  key_id text not null references receipt_key,
  jws text not null check (length(jws) between 100 and 16384),
  supersedes text check (supersedes = 'paid'),
  issued_at timestamptz not null,
  appended_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, payout_number, kind),
  foreign key (merchant_id, payout_number, supersedes) references receipt (merchant_id, payout_number, kind),
  constraint receipt_of_a_return_supersedes check ((kind = 'returned') = (supersedes is not null)),
  constraint receipt_leaf_is_of_what_was_signed check (leaf_hash = sha256('\x00'::bytea || convert_to(jws, 'UTF8')))
);

-- The whole subtrees above the leaves: node (level, n) stands over the leaves from n * 2^level on. None ever changes.
create table receipt_node (
  level smallint not null check (level between 1 and 48),
  node_index bigint not null check (node_index >= 0),
  hash bytea not null check (length(hash) = 32),
  primary key (level, node_index)
);

-- A signed statement of the whole log, one for each batch of leaves.
create table receipt_checkpoint (
  size bigint primary key check (size > 0),
  root bytea not null check (length(root) = 32),
  note text not null check (length(note) between 100 and 2000),
  key_id text not null references receipt_key,
  at timestamptz not null default now()
);

create trigger receipt_stays before update or delete on receipt for each statement execute function refuse_change();
create trigger receipt_is_not_emptied before truncate on receipt for each statement execute function refuse_change();
create trigger receipt_node_stays before update or delete on receipt_node
  for each statement execute function refuse_change();
create trigger receipt_node_is_not_emptied before truncate on receipt_node
  for each statement execute function refuse_change();
create trigger receipt_checkpoint_stays before update or delete on receipt_checkpoint
  for each statement execute function refuse_change();
create trigger receipt_checkpoint_is_not_emptied before truncate on receipt_checkpoint
  for each statement execute function refuse_change();
create trigger receipt_log_stays before delete on receipt_log for each statement execute function refuse_change();
create trigger receipt_log_is_not_emptied before truncate on receipt_log
  for each statement execute function refuse_change();

-- The hash of a whole subtree, or null.
create function receipt_hash(at_level integer, at_index bigint) returns bytea language sql stable
return case when at_level = 0 then (select r.leaf_hash from receipt r where r.leaf_index = at_index)
  else (select n.hash from receipt_node n where n.level = at_level and n.node_index = at_index) end;

create function receipt_node_is_of_its_halves() returns trigger language plpgsql as $$
begin
  if exists (select from appended a where a.hash is distinct from
    sha256('\x01'::bytea || receipt_hash(a.level - 1, a.node_index * 2) || receipt_hash(a.level - 1, a.node_index * 2 + 1)))
  then
    raise exception 'a node of the log is not the hash of its two halves'
      using errcode = 'check_violation', constraint = 'receipt_node_is_of_its_halves';
  end if;
  return null;
end $$;
create trigger receipt_node_is_of_its_halves after insert on receipt_node referencing new table as appended
  for each statement execute function receipt_node_is_of_its_halves();

-- The root of the first `leaves` leaves, folded from the right: RFC 9162 section 2.1.1.
create function receipt_root(leaves bigint) returns bytea language plpgsql stable as $$
declare
  folded bytea;
begin
  for level in 0..48 loop
    if (leaves >> level) & 1 = 1 then
      folded := case when folded is null then receipt_hash(level, (leaves >> level) - 1)
        else sha256('\x01'::bytea || receipt_hash(level, (leaves >> level) - 1) || folded) end;
    end if;
  end loop;
  return folded;
end $$;

-- The log grows by what is there: every leaf up to the new size, every node over them, and a checkpoint of exactly that root.
create function receipt_log_grows() returns trigger language plpgsql as $$
begin
  if new.origin <> old.origin or new.size <= old.size
    or (select count(*) from receipt r where r.leaf_index >= old.size) <> new.size - old.size
    or (select max(r.leaf_index) from receipt r) <> new.size - 1
    or not exists (select from receipt_checkpoint c where c.size = new.size and c.root = receipt_root(new.size))
  then
    raise exception 'the log of receipts does not grow to % by what is there', new.size
      using errcode = 'check_violation', constraint = 'receipt_log_grows';
  end if;
  return new;
end $$;
create trigger receipt_log_grows before update on receipt_log for each row execute function receipt_log_grows();

-- A leaf beyond the log is one that nobody signed a checkpoint of. Looked at when the transaction ends.
create function receipt_stands_in_the_log() returns trigger language plpgsql as $$
begin
  if new.leaf_index >= (select size from receipt_log) then
    raise exception 'receipt % stands beyond the end of the log', new.leaf_index
      using errcode = 'check_violation', constraint = 'receipt_stands_in_the_log';
  end if;
  return null;
end $$;
create constraint trigger receipt_stands_in_the_log after insert on receipt deferrable initially deferred
  for each row execute function receipt_stands_in_the_log();

-- ---- what is due ---------------------------------------------------------------------------------------------------
-- Payments and returns without a receipt: few, because a row goes with the commit that issues it. Written by the step itself,
-- whichever way a payout came to be paid, and read by a worker of its own.
create table receipt_due (
  merchant_id text not null,
  payout_number bigint not null,
  kind text not null,
  due_at timestamptz not null default now(),
  primary key (merchant_id, payout_number, kind)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index receipt_due_at on receipt_due (due_at);

create function receipt_becomes_due() returns trigger language plpgsql as $$
begin
  insert into receipt_due (merchant_id, payout_number, kind)
    select merchant_id, payout_number, state from stepped where state in ('paid', 'returned')
    on conflict do nothing;
  return null;
end $$;
create trigger receipt_becomes_due after update on payout referencing new table as stepped
  for each statement execute function receipt_becomes_due();

insert into receipt_due (merchant_id, payout_number, kind)
  select p.merchant_id, p.payout_number, k.kind from payout p
    cross join (values ('paid'), ('returned')) k (kind)
  where p.state = k.kind or (p.state = 'returned' and k.kind = 'paid');

-- Claims what is due by moving its time to the lease's end. A return waits until the payment has its receipt: it names it.
--
-- What is on record about the payment comes along, each read by its key: the exchange that showed it, callbacks that were
-- verified before, the provider's pictures, and what two people decided on.
create function claim_receipts(at_most integer, lease_ms bigint)
returns table (kind text, found payout, tried attempt, protocol text, merchant_name text, first_leaf bytea, evidence jsonb,
  decided boolean, at timestamptz)
language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  taken receipt_due[];
begin
  with due as materialized (
    select d.merchant_id, d.payout_number, d.kind from receipt_due d
    where d.due_at <= now() and (d.kind = 'paid' or exists (select from receipt r
      where r.merchant_id = d.merchant_id and r.payout_number = d.payout_number and r.kind = 'paid'))
    order by d.due_at limit at_most for update of d skip locked
  ), moved as (
    update receipt_due m set due_at = now() + lease_ms * interval '1 millisecond'
    from due where m.merchant_id = due.merchant_id and m.payout_number = due.payout_number and m.kind = due.kind
    returning m
  )
  select array_agg(m) into taken from moved;

  return query
  select t.kind, p, a,
    (select v.protocol from provider_account v where v.provider_account_id = a.provider_account_id),
    (select m.name from merchant m where m.merchant_id = p.merchant_id),
    (select r.leaf_hash from receipt r
      where t.kind = 'returned' and r.merchant_id = p.merchant_id and r.payout_number = p.payout_number and r.kind = 'paid'),
    coalesce((select jsonb_agg(jsonb_build_object('kind', e.kind, 'sha256', encode(e.hash, 'hex')) order by e.place)
      from (
        (select 2 as place, x.kind, sha256(convert_to(coalesce(x.answer, ''), 'UTF8')) as hash from exchange x
          where x.merchant_id = p.merchant_id and x.payout_number = p.payout_number and x.attempt_no = a.attempt_no
            and case when t.kind = 'paid' then x.verdict = 'accepted paid' else x.row_name = 'Q6' end
          order by x.exchange_no limit 1)
        union all
        (select 1, 'callback_kept', c.hash from callback c
          where c.merchant_id = p.merchant_id and c.payout_number = p.payout_number and c.attempt_no = a.attempt_no
            and c.verified and t.kind = 'paid' and c.said = 'paid' and c.received_at <= p.paid_at
          order by c.received_at limit 1)
        union all
        (select 3, 'proof_image', i.hash from proof_image i
          where i.merchant_id = p.merchant_id and i.payout_number = p.payout_number and i.source = 'provider'
          order by i.place limit 2)
        union all
        (select 4, 'people', v.hash from agreement g join evidence v on v.proposal_id = g.proposal_id
          where g.merchant_id = p.merchant_id and g.payout_number = p.payout_number and g.attempt_no = a.attempt_no
            and g.verdict = 'paid' and t.kind = 'paid'
          order by v.evidence_no limit 3)
      ) e), '[]'),
    exists (select from agreement g where g.merchant_id = p.merchant_id and g.payout_number = p.payout_number
      and g.attempt_no = a.attempt_no and g.verdict = 'paid'),
    now()
  from unnest(taken) t
    join payout p on p.merchant_id = t.merchant_id and p.payout_number = t.payout_number
    left join attempt a on a.merchant_id = p.merchant_id and a.payout_number = p.payout_number
      and a.state in ('paid', 'returned');
end $$;

-- ---- the append ----------------------------------------------------------------------------------------------------
create type new_receipt as (
  place integer, merchant_id text, payout_number bigint, kind text, jws text, issued_at_ms bigint
);
create type new_receipt_node as (level smallint, node_index bigint, hash text);

-- Takes a batch of receipts into the log, with the nodes and the checkpoint that were computed for it, or says why not:
--   moved   the log is not as long as it was when they were computed; compute them again
--   stale   a receipt is issued already, or the key signs no more; nothing of the batch is taken
create function append_receipts(expected bigint, signed_by text, receipts json, nodes json, new_root text, checkpoint text)
returns text language plpgsql
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
as $$
#variable_conflict use_column
declare
  rows new_receipt[];
  standing bigint;
  there integer;
begin
  select array_agg(r order by r.place) into rows from json_populate_recordset(null::new_receipt, receipts) r;
  select size into standing from receipt_log for update;
  if standing <> expected then
    return 'moved';
  end if;
  if not exists (select from receipt_key k where k.key_id = signed_by and k.until is null) then
    return 'stale';
  end if;
  select count(*) into there from unnest(rows) r
    join receipt_due d on d.merchant_id = r.merchant_id and d.payout_number = r.payout_number and d.kind = r.kind;
  if there <> cardinality(rows) then
    return 'stale';
  end if;

  insert into receipt (merchant_id, payout_number, kind, leaf_index, leaf_hash, key_id, jws, supersedes, issued_at)
    select r.merchant_id, r.payout_number, r.kind, expected + r.place, sha256('\x00'::bytea || convert_to(r.jws, 'UTF8')),
      signed_by, r.jws, case r.kind when 'returned' then 'paid' end, to_timestamp(r.issued_at_ms / 1000.0)
    from unnest(rows) r;
  insert into receipt_node (level, node_index, hash)
    select n.level, n.node_index, decode(n.hash, 'hex') from json_populate_recordset(null::new_receipt_node, nodes) n;
  insert into receipt_checkpoint (size, root, note, key_id)
    values (expected + cardinality(rows), decode(new_root, 'hex'), checkpoint, signed_by);
  update receipt_log set size = expected + cardinality(rows);
  delete from receipt_due d using unnest(rows) r
    where d.merchant_id = r.merchant_id and d.payout_number = r.payout_number and d.kind = r.kind;
  return 'appended';
end $$;

-- The key that signs from now on; the one before ends, and its private half is gone. Behind the lock of the log, so that no
-- receipt is appended under a key that has ended. False where `instead_of` is not the one that signs (null: none may).
create function change_receipt_key(instead_of text, new_id text, new_public bytea, new_sealed text, by_whom text)
returns boolean language plpgsql as $$
begin
  perform from receipt_log for update;
  if (select key_id from receipt_key where until is null) is distinct from instead_of then
    return false;
  end if;
  update receipt_key set until = clock_timestamp(), sealed = null where until is null;
  insert into receipt_key (key_id, public_key, sealed, made_by, since)
    values (new_id, new_public, new_sealed, by_whom, clock_timestamp());
  return true;
end $$;

-- The planner learns the shapes while the tables are empty, as in 0004.
alter table receipt_due disable trigger user;
insert into receipt_due (merchant_id, payout_number, kind, due_at)
  select 'sample', n, 'paid', now() + n * interval '1 second' from generate_series(1, 1000) n;
analyze receipt_due;
delete from receipt_due where merchant_id = 'sample';
alter table receipt_due enable trigger user;
