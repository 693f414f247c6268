#!/bin/sh
# Removes package lists, caches and this machine's package sources.
set -eu
root=$1
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/apt "$root"/var/log/dpkg.log "$root"/etc/apt/apt.conf.d/99mmdebstrap
: >"$root/etc/apt/sources.list"
rm -f "$root"/etc/apt/sources.list.d/*
