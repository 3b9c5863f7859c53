#!/usr/bin/env bash
# Installs what the tests need and a new machine lacks. The race detector needs a C compiler.
set -euo pipefail
need=()
command -v git >/dev/null || need+=(git)
command -v curl >/dev/null || need+=(curl)
command -v gcc >/dev/null || need+=(gcc libc6-dev)
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "install these first: ${need[*]}" >&2
	exit 1
fi
echo "installing ${need[*]}"
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${need[@]}"
