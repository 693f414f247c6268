#!/bin/sh
# Runs in the new root ($1): what RabbitMQ's public image does, so that compose.yaml fits both.
set -eu
umask 022 # whatever the caller's is: containers read what is made here
root=$1
chroot "$root" sh -eu -c '
  groupmod --non-unique --gid 999 rabbitmq && usermod --non-unique --uid 999 rabbitmq
  mkdir -p /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq
  chown -R rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq /etc/rabbitmq
  chmod 777 /var/lib/rabbitmq
'
# Without a configuration, as Testcontainers starts it: `guest` may come from outside.
echo 'loopback_users = none' >"$root/etc/rabbitmq/rabbitmq.conf"
sh "$(dirname "$0")/slim.sh" "$root"
