#!/bin/sh
# In the new root ($1): users, folders and commands of the public Postgres image.
set -eu
umask 022 # whatever the caller's is: containers read what is made here
root=$1
chroot "$root" sh -eu -c '
  pg_dropcluster 18 main 2>/dev/null || true
  groupmod --non-unique --gid 999 postgres && usermod --non-unique --uid 999 postgres
  rm -rf /var/lib/postgresql
  mkdir -p /var/lib/postgresql
  chown postgres:postgres /var/lib/postgresql
  for program in initdb postgres pg_isready psql pg_ctl; do ln -sf /usr/lib/postgresql/18/bin/$program /usr/local/bin/$program; done
'
cp "$(dirname "$0")/postgres-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
chmod 755 "$root/usr/local/bin/docker-entrypoint.sh"
sh "$(dirname "$0")/slim.sh" "$root"
