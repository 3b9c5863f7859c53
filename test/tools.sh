#!/usr/bin/env bash
# Installs commands that a new machine lacks: tools.sh COMMAND PACKAGE [COMMAND PACKAGE ...].
set -euo pipefail
need=()
while [ $# -gt 1 ]; do
	command -v "$1" >/dev/null || read -ra need <<<"${need[*]} $2"
	shift 2
done
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
	echo "install these first: ${need[*]}" >&2
	exit 1
fi
echo "installing ${need[*]}"
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${need[@]}"
