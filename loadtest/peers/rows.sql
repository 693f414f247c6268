-- Rows that were there before: 10,000 conversations with equally many messages each, and ids that are older than those of the run.
with conversation as (
  insert into conversations (id, head_seq)
  select md5('peer-rows:' || c)::uuid, $1::int / 10000 from generate_series(1, 10000) c
  on conflict (id) do update set head_seq = excluded.head_seq
  returning id
)
insert into messages (conversation, seq, sender, recipient, client_message_id, body)
select c.id, s, 'rows-a', 'rows-b', (lpad(to_hex(s), 12, '0') || '7000' || right(c.id::text, 4) || substr(c.id::text, 1, 8) || right(c.id::text, 4))::uuid, repeat('x', 200)
from conversation c cross join generate_series(1, $1::int / 10000) s
on conflict do nothing;
