#!/bin/sh
# An empty Docker engine for tests; ends with standard input, so with its owner.
#   sh engine.sh FOLDER DOCKERD [OPTION…]
# Its own mount namespace takes its containers' mounts along.
set -u
folder=$1 dockerd=$2
shift 2
# A new network namespace has a loopback that is down.
ip link set lo up 2>/dev/null
bridge=/sys/class/net/docker0
[ -e "$bridge" ] && had_bridge=yes || had_bridge=no
forward=$(iptables -S FORWARD 2>/dev/null | head -n 1)
"$dockerd" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/pid" --host "unix://$folder/docker.sock" "$@" \
  >"$folder/log" 2>&1 </dev/null &
engine=$!
exec 3<&0
{ cat <&3 >/dev/null; kill -TERM "$engine"; } 2>/dev/null &
owner=$!
exec 3<&-
wait "$engine"
kill "$owner" 2>/dev/null
# Why it ended, for one that did not start.
tail -n 1 "$folder/log"
# An engine leaves its bridge behind and drops what the machine forwarded before.
[ "$had_bridge" = no ] && [ -e "$bridge" ] && ip link delete docker0 2>/dev/null
[ "$forward" = '-P FORWARD ACCEPT' ] && iptables -P FORWARD ACCEPT 2>/dev/null
for mount in $(awk -v inside="$folder/" 'index($5, inside) == 1 { print $5 }' /proc/self/mountinfo | sort -r); do umount -l "$mount" 2>/dev/null; done
rm -rf "$folder"
