#!/usr/bin/env bash
# Unpacks Debian's Prometheus and promtool among the user's caches. No service is installed or started.
set -euo pipefail
to=${XDG_CACHE_HOME:-$HOME/.cache}/docsift/tools/prometheus # as in internal/promtest
[ -x "$to/usr/bin/promtool" ] && exit 0
if command -v prometheus >/dev/null && command -v promtool >/dev/null; then exit 0; fi
if ! command -v apt-get >/dev/null; then
	echo "install prometheus and promtool first" >&2
	exit 1
fi
echo "unpacking prometheus"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q prometheus 2>/dev/null || { apt-get update -q && apt-get download -q prometheus; }
mkdir -p "$to.new"
dpkg-deb -x prometheus_*.deb "$to.new"
rm -rf "$to"
mv "$to.new" "$to"
