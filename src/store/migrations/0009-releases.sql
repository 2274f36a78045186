-- Going on takes two persons (SAFETY.md sections 9 to 11): what a kill switch or safe mode stopped is released by a
-- proposal of one person and the agreement of another, each let in here with a key and a second factor. A release of
-- names that somebody wrote down does not exist any more.

-- ---- who releases ----------------------------------------------------------------------------------------------------
-- The host proposes no release: whoever sits at it with a key of its own would be both persons.
create function agreement_release_is_of_two_persons() returns trigger language plpgsql as $$
begin
  if exists (select from proposal p where p.proposal_id = new.proposal_id
    and p.kind in ('release_switch', 'release_safe_mode')
    and (p.merchant_id is not null or p.confirmed_by_role <> 'approver'
      or not exists (select from person_role r join person o on o.person_id = r.person_id
        where o.person_id = p.proposed_by and o.active and r.role in ('operator', 'admin') and r.merchant_id = '*'))) then
    raise exception 'proposal % is no release by two persons', new.proposal_id
      using errcode = 'check_violation', constraint = 'agreement_release_is_of_two_persons';
  end if;
  return new;
end $$;
create trigger agreement_release_is_of_two_persons before insert on agreement
  for each row execute function agreement_release_is_of_two_persons();

-- ---- the kill switch ---------------------------------------------------------------------------------------------------
drop function release_switch(text, text, text, text, text);

-- Releases from before stay as they are; of a later one the trigger below asks for its agreement.
alter table kill_switch_event add column proposal_id text unique references agreement;
alter table kill_switch_event add constraint kill_switch_trip_needs_no_agreement
  check (act = 'release' or proposal_id is null);
create index kill_switch_event_of_scope on kill_switch_event (scope, scope_id, event_no);

-- The last trip of a switch. A trip of a tripped switch is a new one: whoever proposed its release before did not know it.
create function last_trip(of_scope text, of_id text) returns bigint language sql stable
return (select max(e.event_no) from kill_switch_event e
  where e.scope = of_scope and e.scope_id = of_id and e.act = 'trip');

create function kill_switch_release_is_agreed() returns trigger language plpgsql as $$
begin
  if not exists (select from agreement a join proposal p on p.proposal_id = a.proposal_id
    where a.proposal_id = new.proposal_id and p.kind = 'release_switch'
      and p.content ->> 'scope' = new.scope and p.content ->> 'id' = new.scope_id
      and (p.content ->> 'trip')::bigint = last_trip(new.scope, new.scope_id)
      and a.proposed_by = new.acted_by and a.confirmed_by = new.confirmed_by) then
    raise exception 'this release was not agreed on'
      using errcode = 'check_violation', constraint = 'kill_switch_release_is_agreed';
  end if;
  return null;
end $$;
create trigger kill_switch_release_is_agreed after insert on kill_switch_event
  for each row when (new.act = 'release') execute function kill_switch_release_is_agreed();

-- Attempts that wait for the step that pays are looked at again at once; the queue comes by itself.
create function effect_release_switch(agreed proposal, input jsonb) returns void language plpgsql as $$
begin
  perform kill_switch_taken();
  if not release_is_current(agreed) then
    raise exception 'moved_on' using errcode = 'QT001';
  end if;
  insert into kill_switch_event (scope, scope_id, act, acted_by, confirmed_by, why, proposal_id)
    select agreed.content ->> 'scope', agreed.content ->> 'id', 'release', a.proposed_by, a.confirmed_by,
      agreed.content ->> 'because', a.proposal_id
    from agreement a where a.proposal_id = agreed.proposal_id;
  update attempt a set next_look_at = now()
    from (
      select merchant_id, payout_number, attempt_no from attempt
      where state in ('sending', 'in_doubt') and next_look_at > now()
        and facts ->> 'created' = 'true' and facts ->> 'stepsSent' = '1'
      for update skip locked
    ) waiting
    where a.merchant_id = waiting.merchant_id and a.payout_number = waiting.payout_number
      and a.attempt_no = waiting.attempt_no;
end $$;
revoke execute on function effect_release_switch(proposal, jsonb) from public;

-- ---- the auditor's whole pass --------------------------------------------------------------------------------------------
-- Of the last pass over everything: its snapshot, and how much was wrong in it, known before or not. `whole_wanted_by`:
-- the transaction that a whole pass has to have seen; the auditor makes one as soon as its last one has not.
alter table auditor_heartbeat add column whole_snapshot text;
alter table auditor_heartbeat add column whole_breaches integer;
alter table auditor_heartbeat add column whole_wanted_by xid8;

-- ---- safe mode -----------------------------------------------------------------------------------------------------------
-- `entered_by`: the transaction in which a sign was last seen. What is released is what was entered then: where the
-- database was restored once more, nothing that was shown before counts.
alter table installation add column entered_by xid8 not null default pg_current_xact_id();
alter table safe_mode add column proposal_id text unique references agreement;

-- What stands against the release of an account, or null (SAFETY.md section 10, 2 to 5). Of what was here at the entry:
-- every live attempt has been looked at, and every queued payout asked for until its questions have ended. What came in
-- later is asked for before its first send anyway. The auditor has passed over everything since, and found nothing wrong.
-- Statements: once they are imported, those up to the entry have to be in and compared here as well.
create function safe_mode_hindrance(account text) returns text language sql stable
return (select case
    when exists (select from attempt a where a.provider_account_id = account
        and a.state in ('sending', 'in_doubt', 'pending', 'paid') and a.next_look_at <= i.at)
      or exists (select from queue q
        join payout p on p.merchant_id = q.merchant_id and p.payout_number = q.payout_number and p.state = 'queued'
        join payout_event e on e.merchant_id = p.merchant_id and e.payout_number = p.payout_number and e.sequence = 1
        join route r on r.merchant_id = p.merchant_id and r.currency = p.currency and r.method in (p.method, '*')
        left join reference_question k on k.merchant_id = p.merchant_id and k.payout_number = p.payout_number
          and k.attempt_no = p.attempts + 1 and k.provider_account_id = account
        where r.provider_account_id = account and (e.at <= i.at or e.written_by <= i.entered_by::text::bigint)
          and (k.attempt_no is null or k.next_at is not null))
      then 'safe_mode_sweep_goes_on'
    when h.whole_snapshot is null or not pg_visible_in_snapshot(i.entered_by, h.whole_snapshot::pg_snapshot)
      then 'safe_mode_needs_an_audit'
    when h.whole_breaches > 0 then 'safe_mode_needs_clean_books'
  end
  from installation i left join auditor_heartbeat h on true);

create or replace function safe_mode_moves() returns trigger language plpgsql as $$
declare
  hindrance text;
begin
  if old.released_at is not null or (new.provider_account_id, new.entered_at, new.sign)
    is distinct from (old.provider_account_id, old.entered_at, old.sign) then
    raise exception 'safe mode of % is only ever released, once', old.provider_account_id
      using errcode = 'check_violation', constraint = 'safe_mode_moves';
  end if;
  if not exists (select from agreement a join proposal p on p.proposal_id = a.proposal_id
    where a.proposal_id = new.proposal_id and p.kind = 'release_safe_mode'
      and p.subject = old.provider_account_id and p.content ->> 'entry' = (select i.entered_by::text from installation i)
      and a.proposed_by = new.proposed_by and a.confirmed_by = new.confirmed_by) then
    raise exception 'the release of % was not agreed on', old.provider_account_id
      using errcode = 'check_violation', constraint = 'safe_mode_release_is_agreed';
  end if;
  hindrance := safe_mode_hindrance(old.provider_account_id);
  if hindrance is not null then
    raise exception '% cannot be released yet', old.provider_account_id
      using errcode = 'check_violation', constraint = hindrance;
  end if;
  return new;
end $$;

create function effect_release_safe_mode(agreed proposal, input jsonb) returns void language plpgsql as $$
begin
  if not release_is_current(agreed) then
    raise exception 'moved_on' using errcode = 'QT001';
  end if;
  update safe_mode s
    set released_at = now(), proposed_by = a.proposed_by, confirmed_by = a.confirmed_by, proposal_id = a.proposal_id
    from agreement a
    where a.proposal_id = agreed.proposal_id and s.provider_account_id = agreed.subject and s.released_at is null;
end $$;
revoke execute on function effect_release_safe_mode(proposal, jsonb) from public;

-- Whether what would be released still is what was shown: the same trip, the same entry.
create function release_is_current(asked proposal) returns boolean language sql stable
return case asked.kind
    when 'release_switch' then exists (select from kill_switch k
      where k.tripped and k.scope = asked.content ->> 'scope' and k.scope_id = asked.content ->> 'id'
        and (asked.content ->> 'trip')::bigint = last_trip(k.scope, k.scope_id))
    when 'release_safe_mode' then exists (select from safe_mode s cross join installation i
      where s.provider_account_id = asked.subject and s.released_at is null
        and i.entered_by::text = asked.content ->> 'entry')
    else true
  end;

-- As in 0007, and: what the auditor saw before counts no more, and it passes over everything as soon as it can.
create or replace function check_installation(noted pg_lsn, journals uuid[])
returns table (sign text, at_position pg_lsn) language plpgsql as $$
declare
  seen text := installation_sign(noted);
begin
  if seen is not null then
    perform from installation for update;
    insert into safe_mode (provider_account_id, sign)
      select a.provider_account_id, seen from provider_account a
      where not exists (select from safe_mode s
        where s.provider_account_id = a.provider_account_id and s.released_at is null)
      on conflict do nothing;
    insert into swept_journal (journal_id) select j from unnest(journals) j on conflict do nothing;
    update installation set at = now(), entered_by = pg_current_xact_id(), timeline = server_timeline(),
      system_identifier = (select c.system_identifier from pg_control_system() c);
    update auditor_heartbeat set whole_snapshot = null, whole_wanted_by = pg_current_xact_id();
    -- Whatever is not dead is asked about, also what was paid and may have come back or never been.
    update attempt a set next_look_at = now()
      from payout p
      where p.merchant_id = a.merchant_id and p.payout_number = a.payout_number
        and (a.state in ('sending', 'in_doubt', 'pending')
          or (a.state = 'paid' and p.paid_at > now() - interval '35 days'));
  end if;
  return query select seen, pg_current_wal_flush_lsn();
end $$;

-- ---- what a decision is bound to ---------------------------------------------------------------------------------------
-- An inquiry that learns nothing is remembered too, and every ten minutes one would end the decision that two people are
-- about to take. `learned`: the revision with which something new was last known of an attempt in its state; the times of
-- what is only repeated, and its age, are nothing new.
create function attempt_knows(attempt) returns jsonb language sql immutable
return jsonb_build_array($1.doubt, $1.their_id, $1.facts - 'observations' - 'alarmed', $1.facts -> 'observations' -> -1 -> 'said',
  (select jsonb_agg(a order by a) from jsonb_array_elements_text(case jsonb_typeof($1.facts -> 'alarmed')
    when 'array' then $1.facts -> 'alarmed' else '[]' end) a where a not like '% for %'));

alter table attempt add column learned integer not null default 0;
create function attempt_learns() returns trigger language plpgsql as $$
begin
  if attempt_knows(new) is distinct from attempt_knows(old) then new.learned := new.revision; end if;
  return new;
end $$;
-- A change of state is a new version of the payout, and tells by itself.
create trigger attempt_learns before update on attempt for each row
  when (new.revision <> old.revision and new.state = old.state and new.state in ('in_doubt', 'pending'))
  execute function attempt_learns();

-- Whether a decision still is about what was shown. A callback is news before anybody has asked about it.
create function decision_is_current(asked proposal) returns boolean language sql stable
return exists (select from payout o
    join attempt a on a.merchant_id = o.merchant_id and a.payout_number = o.payout_number
      and a.attempt_no = asked.attempt_no
  where o.merchant_id = asked.merchant_id and o.payout_number = asked.payout_number
    and o.version = (asked.content ->> 'version')::integer
    and (asked.content ->> 'revision')::integer between a.learned and a.revision
    and not exists (select from callback c where c.merchant_id = a.merchant_id and c.payout_number = a.payout_number
      and c.attempt_no = a.attempt_no and c.verified and c.received_at > asked.proposed_at));

-- As in 0006, but for what it is bound to. The step is fenced by the revision that it was computed from, as ever.
create or replace function effect_decision(agreed proposal, input jsonb) returns void language plpgsql as $$
declare
  step jsonb := input -> 'steps' -> 0;
begin
  if jsonb_array_length(input -> 'steps') <> 1 or not decision_is_current(agreed)
    or (step ->> 'version')::integer is distinct from (agreed.content ->> 'version')::integer
    or step ->> 'attempt_revision' is null
    or step ->> 'merchant_id' is distinct from agreed.merchant_id
    or (step ->> 'payout_number')::bigint is distinct from agreed.payout_number
    or not exists (select from advance_payouts((input -> 'steps')::json)) then
    raise exception 'moved_on' using errcode = 'QT001';
  end if;
  -- That two people looked is news as well: whatever else was proposed about what they saw is proposed anew.
  update attempt set learned = revision where merchant_id = agreed.merchant_id
    and payout_number = agreed.payout_number and attempt_no = agreed.attempt_no;
end $$;

-- ---- what was found again after a restore --------------------------------------------------------------------------------
-- As in 0007, and: an attempt that was found was written after the restore, but what was sent of it lies before.
create or replace function second_right_needs_release() returns trigger language plpgsql as $$
begin
  if installation_sign(null) is not null or new.incarnation = 0 or exists (select from safe_mode s
    where s.provider_account_id = new.provider_account_id
      and (s.released_at is null or s.entered_at >= new.created_at)) then
    perform refuse_send_right();
  end if;
  return null;
end $$;
