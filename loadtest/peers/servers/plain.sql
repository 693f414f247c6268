-- The table of the plain durable node.
create table if not exists peer_messages (
  id uuid primary key,
  sender text not null,
  recipient text not null,
  body text not null,
  sent_at timestamptz not null default clock_timestamp()
);
