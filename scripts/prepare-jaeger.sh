#!/usr/bin/env bash
# Prints the path of a Jaeger: the one on the PATH, else one that is built from its Go module, once, into the cache folder. Where it is there
# already this takes no time; where there is neither, it says so and fails.
set -euo pipefail
cd "$(dirname "$0")/../test/support/jaeger"

if command -v jaeger; then exit 0; fi

cache="${BUS_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bus}"
sums="$( (sha256sum go.sum 2>/dev/null || shasum -a 256 go.sum) | cut -c1-16)"
binary="$cache/jaeger-$sums"
if [ -x "$binary" ]; then echo "$binary" && exit 0; fi

if ! command -v go >/dev/null; then
  echo "there is no jaeger on the PATH, and no Go (1.26 or newer) to build one" >&2
  exit 1
fi
echo "building Jaeger from its Go module to $binary (once: about 6 minutes of CPU, and several GB in Go's own caches) …" >&2
mkdir -p "$cache"
made="$(mktemp "$binary.XXXXXX")"
trap 'rm -f "$made"' EXIT
go build -mod=readonly -buildvcs=false -trimpath -ldflags "-s -w" -o "$made" github.com/jaegertracing/jaeger/cmd/jaeger >&2
chmod 755 "$made"
# whoever is last has built the same
mv "$made" "$binary"
echo "$binary"
