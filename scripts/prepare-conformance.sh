#!/usr/bin/env bash
# Google's conformance runner for Protobuf needs glibc 2.38. Where the system's own is older, this lays down that of Debian 13 in the cache
# folder: three packages, from the mirror and with the keys that this machine's apt uses. Nothing of the system is changed.
set -euo pipefail

cache="${BUS_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/bus}"
folder="$cache/conformance-glibc"
needed=2.38
suite=trixie
packages="libc6 libstdc++6 libgcc-s1"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

own="$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2 || true)"
if [ -n "$own" ] && [ "$(printf '%s\n' "$needed" "$own" | sort -V | head -n 1)" = "$needed" ]; then exit 0; fi
if [ -d "$folder" ]; then exit 0; fi

mirror="$(apt-get indextargets 'Created-By: Packages' 'Component: main' --format '$(SITE)' 2>/dev/null | grep '/debian/\?$' | head -n 1 || true)"
if [ -z "$mirror" ] || [ ! -e "$keyring" ]; then
  echo "*** no glibc $needed for Google's conformance tests: this system has ${own:-none}, and its apt knows no mirror of Debian to take one from ***" >&2
  exit 1
fi

mkdir -p "$cache"
work="$(mktemp -d "$cache/download-XXXXXX")"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/unpacked"
: >"$work/status"
echo "deb [signed-by=$keyring target=Packages] $mirror $suite main" >"$work/sources.list"
# lists, cache and state of its own, so that the machine's apt neither sees this nor is locked by it
apt=(apt-get -q=2 -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
  -o "Dir::State::status=$work/status" -o "Dir::Cache=$work" -o Acquire::Languages=none -o "APT::Sandbox::User=$(id -un)")

echo "downloading glibc of Debian 13 for Google's conformance tests to $folder (once, about 4 MB, and 10 MB of package lists)" >&2
"${apt[@]}" update >&2
# word splitting is meant
(cd "$work" && "${apt[@]}" download $packages >&2)
for package in "$work"/*.deb; do dpkg -x "$package" "$work/unpacked"; done
mv -T "$work/unpacked" "$folder" 2>/dev/null || [ -d "$folder" ]
