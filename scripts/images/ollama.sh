#!/bin/sh
# Optional: an Ollama of one's own, CPU only, where neither its image nor its installer can be reached but the Go module proxy can.
#   sh scripts/images/ollama.sh FOLDER [VERSION]
# Needs Go, gcc and g++; a quarter of an hour on 2 cores. A Go module leaves out folders called `vendor`: three headers that Ollama keeps there come from the
# Debian packages nlohmann-json3-dev, libstb-dev and libminiaudio-dev (Debian 13 or later), named by CPLUS_INCLUDE_PATH where they are not installed.
# Releases after 0.17 keep their C++ sources outside the module.
set -eu
folder=${1:?expected the folder to build into}
version=${2:-v0.17.4}
mkdir -p "$folder"
CGO_ENABLED=1 GOBIN=$(cd "$folder" && pwd) go install -trimpath -ldflags "-X github.com/ollama/ollama/version.Version=${version#v}" "github.com/ollama/ollama@$version"
"$folder/ollama" --version 2>&1 | tail -1
