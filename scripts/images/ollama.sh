#!/bin/sh
# Optional: an Ollama of one's own, CPU only, where neither its image nor its installer can be reached but the Go module proxy can.
#   sh scripts/images/ollama.sh FOLDER [VERSION]
# Needs Go, gcc and g++; five minutes of CPU time. A Go module leaves out folders called `vendor`: three headers that Ollama keeps there come from the
# Debian packages nlohmann-json3-dev, libstb-dev and libminiaudio-dev (Debian 13 or later), named by CPLUS_INCLUDE_PATH where they are not installed.
# Releases after 0.17 keep their C++ sources outside the module.
# Ollama's own builds choose among libraries for each kind of CPU, which CMake makes; Go alone makes one for any CPU, without SIMD. So it is built for the CPU
# that it is built on, and runs on no older one: SmolLM2 135M on two cores with AVX-512 decodes 95 tokens/s (25 without)
# and reads 256 (23 without).
# For any CPU: CGO_CFLAGS=-O3 CGO_CXXFLAGS=-O3.
set -eu
folder=${1:?expected the folder to build into}
version=${2:-v0.17.4}
mkdir -p "$folder"
export CGO_ENABLED=1 CGO_CFLAGS="${CGO_CFLAGS:--O3 -march=native}" CGO_CXXFLAGS="${CGO_CXXFLAGS:--O3 -march=native}"
GOBIN=$(cd "$folder" && pwd) go install -trimpath -ldflags "-X github.com/ollama/ollama/version.Version=${version#v}" "github.com/ollama/ollama@$version"
"$folder/ollama" --version 2>&1 | tail -1
