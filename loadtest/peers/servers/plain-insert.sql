insert into peer_messages (id, sender, recipient, body) values ($1, $2, $3, $4)
