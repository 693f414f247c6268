#!/bin/sh
# Installs Debian packages as root without starting any, now or at the next boot.
#   sh quiet-install.sh install PACKAGE…   installs, then finishes
#   sh quiet-install.sh finish             repairs what a killed install left
# Meanwhile our policy-rc.d denies starts; an earlier one is kept aside and comes back.
set -eu
umask 022

policy=${PREFETCH_LAB_POLICY:-/usr/sbin/policy-rc.d}
kept=$policy.prefetch-lab-kept
units=${PREFETCH_LAB_UNITS:-/etc/systemd/system}
boot=${PREFETCH_LAB_BOOT:-/etc}
state=${PREFETCH_LAB_STATE:-/var/lib/prefetch-lab/installing} # there = an install has not finished
marker='prefetch-lab: denies starts while packages are installed'

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt() { apt-get -y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null; }

# What starts at boot: links to units, and start links of System V.
started_at_boot() { find "$units" "$boot"/rc[2-5].d \( -path "$units/*" -o -name 'S*' \) -type l 2>/dev/null | LC_ALL=C sort; }

deny_starts() {
  mkdir -p "$(dirname "$state")"
  [ -e "$state" ] || { started_at_boot >"$state.new" && mv "$state.new" "$state"; }
  if [ -e "$policy" ] || [ -L "$policy" ]; then
    grep -qs "$marker" "$policy" || mv "$policy" "$kept"
  fi
  printf '#!/bin/sh\n# %s\nexit 101\n' "$marker" >"$policy.prefetch-lab-new"
  chmod 755 "$policy.prefetch-lab-new"
  mv "$policy.prefetch-lab-new" "$policy"
}

# Every step may be repeated: the next run calls it again if we are killed here.
finish() {
  [ -e "$state" ] || return 0
  started_at_boot | LC_ALL=C comm -13 "$state" - | while read -r link; do
    echo "not started at boot: $link"
    case $link in
      "$boot"/rc*) mv "$link" "$(dirname "$link")/K01${link##*/S[0-9][0-9]}" ;;
      *) rm "$link" ;;
    esac
  done
  if [ ! -d /run/systemd/system ] || systemctl daemon-reload; then :; fi
  if [ -e "$kept" ] || [ -L "$kept" ]; then mv "$kept" "$policy"; elif grep -qs "$marker" "$policy"; then rm "$policy"; fi
  rm -f "$state" "$policy.prefetch-lab-new"
}

# One at a time; apt inherits the lock, so it lasts until a killed install's apt ends.
mkdir -p "$(dirname "$state")"
exec 9>"$state.lock"
flock -w 600 9

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ -e "$state" ]; then
  deny_starts
  [ -n "${PREFETCH_LAB_POLICY:-}" ] || dpkg --configure -a </dev/null
fi
[ "$1" = install ] || exit 0
shift
deny_starts
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || apt update
apt install --no-install-recommends "$@" || { apt update && apt install --no-install-recommends "$@"; }
