-- The data of the chat service. Applied by migrate.ts under an advisory lock; safe to apply again.

create table if not exists users (
  id text primary key
);

create table if not exists conversations (
  id uuid primary key,
  head_seq bigint not null default 0
) with (fillfactor = 20); -- head_seq changes with every message: room on the page keeps those updates off the index (HOT).

create table if not exists members (
  conversation uuid not null,
  user_id text not null,
  primary key (user_id, conversation)
);

create table if not exists messages (
  conversation uuid not null,
  seq bigint not null,
  sender text not null,
  recipient text not null,
  -- For an answer: derived from its task, so that there can be only one.
  client_message_id uuid not null,
  body text not null,
  sent_at timestamptz not null default clock_timestamp(),
  -- Answers only.
  task uuid,
  answered boolean,
  primary key (conversation, seq),
  constraint messages_once unique (sender, client_message_id)
);

-- Also the outbox of bot hand-over: a row without published_at still has to be published.
create table if not exists tasks (
  id uuid primary key,
  -- Order of asking, for "how many before me".
  ord bigint generated always as identity,
  conversation uuid not null,
  seq bigint not null,
  asker text not null,
  robot text not null,
  capability text not null,
  client_message_id uuid not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'answered', 'failed', 'cancelled')),
  -- Inferences begun, and how many of them were no fault of the task: what counts towards the allowance is the difference.
  attempts int not null default 0,
  refunded int not null default 0,
  -- Why it ended without an answer (`TaskFailure`).
  failure text,
  worker text,
  asked_at timestamptz not null default clock_timestamp(),
  published_at timestamptz,
  -- Last time a relay took it to publish it; keeps two relays apart without a lock held over the network. With the setting `conversationInOrder` whoever
  -- publishes it claims it first: a queued task with neither this nor published_at is held back.
  claimed_at timestamptz,
  ended_at timestamptz
);
create index if not exists tasks_open_by_asker on tasks (asker) where state in ('queued', 'running');
create index if not exists tasks_queued on tasks (capability, ord) where state = 'queued';
create index if not exists tasks_unpublished on tasks (asked_at) where published_at is null and state = 'queued';
