-- Sequences and attempts are assigned here, for nodes and workers alike. All functions run as the owner: the roles may call them and touch nothing else.
--
-- A function's plan is made in its first calls, when the tables are empty, and kept. Joined to a batch, an empty table is cheapest read as a whole, and would be so
-- with a million rows in it: what is looked up by its key is therefore written as `= any` or as a lateral look with `offset 0`, which can only use the index.

-- Conversations, members and users that are new. Inserted in id order: two nodes never wait for each other in a circle.
create or replace function ensure_conversations(convs uuid[], senders text[], recipients text[]) returns void
language plpgsql security definer set search_path = public as $$
#variable_conflict use_column
begin
  if (select count(*) from conversations k where k.id = any (convs)) = (select count(distinct c) from unnest(convs) c) then return; end if;
  insert into users (id) select distinct u from unnest(senders || recipients) u order by u on conflict do nothing;
  insert into conversations (id) select distinct c from unnest(convs) c order by c on conflict do nothing;
  insert into members (user_id, conversation)
    select distinct u, c from unnest(convs || convs, senders || recipients) m (c, u) order by u, c on conflict do nothing;
end $$;

-- Of an earlier form; its name alone is granted below.
drop function if exists append_messages(uuid[], text[], text[], uuid[], text[], boolean);

-- Appends a batch: locks the conversations in id order, numbers the messages, inserts them. A repeated message is answered with its place.
-- It must be a function: a single statement would not see what was committed while it waited for the locks.
-- outcome: stored | same (stored before, same text and addressee) | reused (same id, something else).
create or replace function append_messages(convs uuid[], senders text[], recipients text[], ids uuid[], bodies text[])
returns table (ord int, outcome text, seq bigint, sent_at timestamptz)
language plpgsql security definer set search_path = public as $$
#variable_conflict use_column
begin
  perform ensure_conversations(convs, senders, recipients);
  perform 1 from conversations k where k.id = any (convs) order by k.id for no key update;
  return query
  with input as (
    select i.*, m.seq as old_seq, m.sent_at as old_sent_at, m.conversation = i.conv and m.body = i.body as unchanged
    from unnest(convs, senders, recipients, ids, bodies) with ordinality as i (conv, sender, recipient, id, body, ord)
    left join lateral (select * from messages m where m.sender = i.sender and m.client_message_id = i.id offset 0) m on true
  ), fresh as (
    select i.*, row_number() over (partition by i.conv order by i.ord) as k from input i where i.old_seq is null
  ), bumped as (
    update conversations k set head_seq = k.head_seq + n.n
    from (select f.conv, count(*) as n from fresh f group by f.conv) n
    where k.id = n.conv and k.id = any (convs)
    returning k.id, k.head_seq - n.n as base
  ), inserted as (
    insert into messages as m (conversation, seq, sender, recipient, client_message_id, body)
    select f.conv, b.base + f.k, f.sender, f.recipient, f.id, f.body from fresh f join bumped b on b.id = f.conv
    returning m.sender, m.client_message_id, m.seq, m.sent_at
  )
  select f.ord::int, 'stored', n.seq, n.sent_at from fresh f join inserted n on n.sender = f.sender and n.client_message_id = f.id
  union all
  select i.ord::int, case when i.unchanged then 'same' else 'reused' end, i.old_seq, i.old_sent_at from input i where i.old_seq is not null;
end $$;

-- Rows of the prompts among a batch, in the transaction of its messages. A repeated prompt has its row already.
create or replace function add_tasks(ids uuid[], convs uuid[], seqs bigint[], askers text[], robots text[], capabilities text[], client_ids uuid[])
returns setof uuid
language sql security definer set search_path = public as $$
  insert into tasks (id, conversation, seq, asker, robot, capability, client_message_id)
  select * from unnest(ids, convs, seqs, askers, robots, capabilities, client_ids)
  on conflict (id) do nothing
  returning id;
$$;

create or replace function mark_published(ids uuid[]) returns void
language sql security definer set search_path = public as $$
  update tasks set published_at = clock_timestamp() where id = any (ids) and published_at is null;
$$;

-- Takes tasks that were stored and not published within `age_ms`: a crash between commit and publish, or a broker that was away.
create or replace function claim_unpublished(age_ms int, most int)
returns table (id uuid, conversation uuid, seq bigint, asker text, robot text, capability text, client_message_id uuid, sent_at timestamptz, body text)
language sql security definer set search_path = public as $$
  with claimed as (
    update tasks t set claimed_at = clock_timestamp()
    where t.id in (
      select u.id from tasks u
      where u.published_at is null and u.state = 'queued'
        and coalesce(u.claimed_at, u.asked_at) < clock_timestamp() - make_interval(secs => age_ms / 1000.0)
      order by u.ord limit most for update skip locked)
    returning t.*
  )
  select c.id, c.conversation, c.seq, c.asker, c.robot, c.capability, c.client_message_id, m.sent_at, m.body
  from claimed c cross join lateral (select * from messages m where m.conversation = c.conversation and m.seq = c.seq offset 0) m order by c.ord;
$$;

-- The asker wants no answer any more. cancelled | again (was cancelled before) | settled (too late) | unknown (no such task of this user).
create or replace function cancel_task(task_id uuid, user_id text) returns text
language plpgsql security definer set search_path = public as $$
#variable_conflict use_column
declare was text;
begin
  select t.state into was from tasks t where t.id = task_id and t.asker = user_id for update;
  if not found then return 'unknown'; end if;
  if was in ('answered', 'failed') then return 'settled'; end if;
  if was = 'cancelled' then return 'again'; end if;
  update tasks t set state = 'cancelled', ended_at = clock_timestamp() where t.id = task_id;
  return 'cancelled';
end $$;

-- Counts an attempt before the inference: a crash must count too. `attempt` numbers the inferences, `counted` are those that use up the allowance.
-- go | exhausted | settled | cancelled | absent
create or replace function begin_attempt(task_id uuid, by_worker text, attempts_max int)
returns table (outcome text, attempt int, counted int)
language plpgsql security definer set search_path = public as $$
#variable_conflict use_column
begin
  -- A task that a worker holds was surely published.
  return query
    update tasks t set attempts = t.attempts + 1, state = 'running', worker = by_worker, published_at = coalesce(t.published_at, clock_timestamp())
    where t.id = task_id and t.state in ('queued', 'running') and (attempts_max = 0 or t.attempts - t.refunded < attempts_max)
    returning 'go', t.attempts, t.attempts - t.refunded;
  if found then return; end if;
  return query
    select case when t.state in ('answered', 'failed') then 'settled' when t.state = 'cancelled' then 'cancelled' else 'exhausted' end,
      t.attempts, t.attempts - t.refunded
    from tasks t where t.id = task_id for update;
  if not found then return query select 'absent', 0, 0; end if;
end $$;

-- Of an earlier form; its name alone is granted below.
drop function if exists give_back(uuid, boolean);

-- Only the latest attempt gives its task back: a worker whose channel fell comes when another one is at it.
create or replace function give_back(task_id uuid, attempt int, refund boolean) returns void
language sql security definer set search_path = public as $$
  update tasks set state = 'queued', worker = null, refunded = least(attempts, refunded + refund::int)
   where id = task_id and state = 'running' and attempts = attempt;
$$;

-- An attempt of an earlier failure does not count after all: it was the server's fault. Wherever the task is now, unless it has ended.
create or replace function refund_attempts(task_ids uuid[]) returns void
language sql security definer set search_path = public as $$
  update tasks set refunded = least(attempts, refunded + 1) where id = any (array(
    -- In id order: two workers never wait for each other in a circle.
    select t.id from tasks t where t.id = any (task_ids) and t.state in ('queued', 'running') order by t.id for update));
$$;

-- Saves the one visible answer of a task, or with `failed_because` the apology. Called twice it returns the first one's row. No row for a cancelled task.
create or replace function save_answer(task_id uuid, conv uuid, from_robot text, to_asker text, answer_id uuid, text_body text, failed_because text)
returns table (seq bigint, sent_at timestamptz, body text, answered boolean, first boolean)
language plpgsql security definer set search_path = public as $$
#variable_conflict use_column
begin
  -- Ends the task and holds its row: whoever comes second finds it ended.
  update tasks t set state = case when failed_because is null then 'answered' else 'failed' end, failure = failed_because, ended_at = clock_timestamp()
   where t.id = task_id and t.state in ('queued', 'running');
  if not found then
    if exists (select from tasks t where t.id = task_id and t.state = 'cancelled') then return; end if;
    return query select m.seq, m.sent_at, m.body, m.answered, false from messages m where m.sender = from_robot and m.client_message_id = answer_id;
    if found then return; end if;
    perform ensure_conversations(array[conv], array[from_robot], array[to_asker]);
  end if;
  return query
    with bumped as (update conversations k set head_seq = k.head_seq + 1 where k.id = conv returning k.head_seq)
    insert into messages as m (conversation, seq, sender, recipient, client_message_id, body, task, answered)
    select conv, b.head_seq, from_robot, to_asker, answer_id, text_body, task_id, failed_because is null from bumped b
    returning m.seq, m.sent_at, m.body, m.answered, true;
  if not found then raise exception 'no conversation %', conv; end if;
end $$;
