#!/usr/bin/env bash
# Measures what a Go benchmark cannot: whole processes. Prints figures; passes no judgement.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -trimpath -ldflags='-s -w' -o "$work/docsift" ./cmd/docsift
echo "binary: $(stat -c %s "$work/docsift" | numfmt --to=iec) stripped"

cp samples/legal/patent_document-*.txt "$work/a.txt"
cp samples/finance/invoice-*.pdf "$work/a.pdf"
"$work/docsift" classify -q "$work/a.pdf" > /dev/null # fills the compilation cache

# wall prints the median of 11 runs of a command, in milliseconds.
wall() {
	for _ in $(seq 11); do
		local start end
		start=$(date +%s%N)
		"$@" > /dev/null 2>&1
		end=$(date +%s%N)
		echo $(((end - start) / 1000000))
	done | sort -n | sed -n 6p
}
echo "classify one text file, cold process: $(wall "$work/docsift" classify -q "$work/a.txt") ms wall (median of 11)"
echo "classify one PDF, cold process, warm cache: $(wall "$work/docsift" classify -q "$work/a.pdf") ms wall (median of 11)"

"$work/docsift" serve --addr 127.0.0.1:0 2> "$work/log" &
server=$!
until grep -q listening "$work/log"; do sleep 0.05; done
sleep 1
echo "idle server: $(awk '/VmRSS/ {print $2}' /proc/$server/status) kB resident"
kill $server
wait $server || true
