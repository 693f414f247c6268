#!/bin/sh
# Optional: builds Ollama, CPU only, from the Go module proxy.
#   sh scripts/tools/images/ollama.sh FOLDER [VERSION]
# Needs Go, gcc and g++; four to six minutes on two cores. Writes to FOLDER and Go's caches only.
# Go modules omit `vendor` folders: three headers come from Debian packages, unpacked in FOLDER;
# elsewhere set CPLUS_INCLUDE_PATH. Built: 0.17.4, 0.24.0; 0.30 keeps its C++ elsewhere.
# Go makes one library, so build for this CPU: SmolLM2 135M on two AVX-512 cores decodes
# 95 tokens/s (25 without). For any CPU: CGO_CFLAGS=-O3 CGO_CXXFLAGS=-O3.
set -eu
suite=trixie
packages='nlohmann-json3-dev libstb-dev libminiaudio-dev'
headers='nlohmann/json.hpp stb/stb_image.h miniaudio/miniaudio.h'

say() { printf 'ollama: %s\n' "$*" >&2; }
refuse() { printf '%s\n' "$@" >&2; exit 2; }

[ $# -ge 1 ] || { printf 'USAGE: expected a folder to build into.\nType: sh scripts/tools/images/ollama.sh FOLDER [VERSION]\n' >&2; exit 3; }
version=${2:-v0.17.4}
for tool in go gcc g++; do
  command -v "$tool" >/dev/null || refuse "TOOL_MISSING: expected $tool in PATH, found none." \
    "On Debian: sudo apt-get install -y gcc g++; Go is at https://go.dev/dl"
done
mkdir -p "$1"
folder=$(cd "$1" && pwd)

# Whether the compiler finds all three headers.
found() {
  for header in $headers; do printf '#include <%s>\n' "$header"; done |
    g++ -std=c++17 -fsyntax-only -x c++ - 2>/dev/null
}

# Three packages of a newer suite, with their own lists and downloads: apt stays untouched.
# --print-uris names these files without dependencies.
fetch_headers() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || refuse \
    "HEADERS_MISSING: expected $headers where g++ looks, found none and no apt-get to fetch them with." \
    'Install nlohmann-json, stb and miniaudio, then name their folders: CPLUS_INCLUDE_PATH=A:B sh scripts/tools/images/ollama.sh FOLDER'
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keys" ] || refuse "HEADERS_MISSING: expected Debian's keys in $keys to check the packages with." \
    'Type: sudo apt-get install -y debian-archive-keyring (or name the headers by CPLUS_INCLUDE_PATH)'
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' | head -1)
  [ -n "$mirror" ] || refuse "HEADERS_MISSING: expected a mirror of Debian in apt's lists, found none." \
    'Type: sudo apt-get update (or name the headers by CPLUS_INCLUDE_PATH)'
  apt=$headers_folder/apt
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/etc"
  : >"$apt/status"
  printf 'deb [signed-by=%s] %s %s main\n' "$keys" "$mirror" "$suite" >"$apt/etc/sources.list"
  # A mirror may lag. As root, apt downloads as a user without rights here.
  set -- -qq -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" -o Dir::Etc::sourcelist="$apt/etc/sources.list" \
    -o Dir::Etc::sourceparts=- -o Dir::Etc::preferencesparts=- -o Acquire::Languages=none \
    -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root
  say "fetching three header packages of Debian $suite"
  (cd "$apt/archives" && apt-get "$@" update && apt-get "$@" download $packages) >"$apt/log" 2>&1 || {
    tail -5 "$apt/log" >&2
    refuse "HEADERS_MISSING: $packages of Debian $suite could not be downloaded; see $apt/log." \
      'Or name the folders that have them: CPLUS_INCLUDE_PATH=A:B sh scripts/tools/images/ollama.sh FOLDER'
  }
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$headers_folder"; done
  # The package has this header without the folder that Ollama names.
  mkdir -p "$include/miniaudio"
  [ -e "$include/miniaudio/miniaudio.h" ] || cp "$include/miniaudio.h" "$include/miniaudio/miniaudio.h"
  rm -rf "$apt/lists" "$apt/archives" "$apt"/*.bin
}

headers_folder=$folder/headers
include=$headers_folder/usr/include
if ! found; then
  # /usr/include itself is not among them: its own headers keep their order.
  CPLUS_INCLUDE_PATH="$include:$include/stb${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}"
  export CPLUS_INCLUDE_PATH
  found || fetch_headers
  found || refuse "HEADERS_MISSING: expected $headers in $include, found other files there." "Type: rm -r '$headers_folder', then start again"
fi

export CGO_ENABLED=1 CGO_CFLAGS="${CGO_CFLAGS:--O3 -march=native}" CGO_CXXFLAGS="${CGO_CXXFLAGS:--O3 -march=native}"
say "building Ollama $version: some minutes"
GOBIN=$folder go install -trimpath -ldflags "-X github.com/ollama/ollama/version.Version=${version#v}" "github.com/ollama/ollama@$version"
"$folder/ollama" --version 2>&1 | tail -1
