-- The settings `conversationInOrder` and `userTasksAtOnce`: at most `at_once` tasks of a conversation are with the workers (one, in order).
-- The others are held back: queued, neither published nor claimed.
-- "Earlier and open" is looked up by asker, since an index on him is there; a conversation with the robot has one asker.
--
-- No task is left behind, since whoever appends a task and whoever ends one both hold the conversation's row until they commit: either the append sees the
-- end, and its task is due at once; or the end commits later, and who hears of it finds the task. Whatever ends is never open again, so a task that is due
-- stays due, and one look without that lock is enough to claim it.

-- Of an earlier form; their names alone are granted.
drop function if exists add_tasks_in_order(uuid[], uuid[], bigint[], text[], text[], text[], uuid[]);
drop function if exists claim_next_tasks(uuid[]);
drop function if exists claim_unpublished_in_order(int, int);

-- How many tasks of a conversation before this place are open, counted up to `most`.
create or replace function open_before(by_asker text, conv uuid, place bigint, most int) returns int
language sql stable security definer set search_path = public as $$
  select count(*)::int from (
    select 1 from tasks e where e.asker = by_asker and e.conversation = conv and e.seq < place and e.state in ('queued', 'running') limit most) found;
$$;

-- Like add_tasks, but returns only the tasks that are due now, claimed by the caller. A statement of its own after append_messages: its snapshot must be
-- younger than the lock on the conversations.
create or replace function add_tasks_in_order(ids uuid[], convs uuid[], seqs bigint[], askers text[], robots text[], capabilities text[], client_ids uuid[], at_once int)
returns setof uuid
language sql security definer set search_path = public as $$
  with added as (
    insert into tasks (id, conversation, seq, asker, robot, capability, client_message_id, claimed_at)
    select i.id, i.conv, i.seq, i.asker, i.robot, i.capability, i.client_id,
      case when row_number() over (partition by i.conv order by i.seq) + open_before(i.asker, i.conv, i.seq, at_once) <= at_once
        then clock_timestamp() end
    from unnest(ids, convs, seqs, askers, robots, capabilities, client_ids) with ordinality
      as i (id, conv, seq, asker, robot, capability, client_id, ord)
    order by i.ord
    on conflict (id) do nothing
    returning id, claimed_at)
  select id from added where claimed_at is not null;
$$;

-- The next task of each conversation in which one of these has ended, if it is due and nobody has claimed it. Every node asks; one gets it.
create or replace function claim_next_tasks(ended uuid[], at_once int)
returns table (id uuid, conversation uuid, seq bigint, asker text, robot text, capability text, client_message_id uuid, sent_at timestamptz, body text)
language sql security definer set search_path = public as $$
  with claimed as (
    update tasks t set claimed_at = clock_timestamp()
    where t.id in (
      select u.id from tasks p join tasks u on u.asker = p.asker and u.conversation = p.conversation
      where p.id = any (ended) and u.published_at is null and u.claimed_at is null and u.state = 'queued'
        and open_before(u.asker, u.conversation, u.seq, at_once) < at_once
      for update of u skip locked)
    returning t.*
  )
  select c.id, c.conversation, c.seq, c.asker, c.robot, c.capability, c.client_message_id, m.sent_at, m.body
  from claimed c cross join lateral (select * from messages m where m.conversation = c.conversation and m.seq = c.seq offset 0) m order by c.ord;
$$;

-- Like claim_unpublished, without the tasks that are held back. It also brings those that no node heard of: their predecessor's end was lost on the way.
create or replace function claim_unpublished_in_order(age_ms int, most int, at_once int)
returns table (id uuid, conversation uuid, seq bigint, asker text, robot text, capability text, client_message_id uuid, sent_at timestamptz, body text)
language sql security definer set search_path = public as $$
  with claimed as (
    update tasks t set claimed_at = clock_timestamp()
    where t.id in (
      select u.id from tasks u
      where u.published_at is null and u.state = 'queued'
        and coalesce(u.claimed_at, u.asked_at) < clock_timestamp() - make_interval(secs => age_ms / 1000.0)
        and open_before(u.asker, u.conversation, u.seq, at_once) < at_once
      order by u.ord limit most for update skip locked)
    returning t.*
  )
  select c.id, c.conversation, c.seq, c.asker, c.robot, c.capability, c.client_message_id, m.sent_at, m.body
  from claimed c cross join lateral (select * from messages m where m.conversation = c.conversation and m.seq = c.seq offset 0) m order by c.ord;
$$;

-- Like cancel_task, under the conversation's lock (see above). The task's row first, as save_answer does it: the other way round the two would deadlock.
create or replace function cancel_task_in_order(task_id uuid, user_id text) returns text
language sql security definer set search_path = public as $$
  select 1 from tasks t where t.id = task_id and t.asker = user_id for update;
  select 1 from conversations k where k.id = (select t.conversation from tasks t where t.id = task_id and t.asker = user_id) for no key update;
  select cancel_task(task_id, user_id);
$$;
