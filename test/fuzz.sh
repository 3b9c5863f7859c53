#!/usr/bin/env bash
# Fuzzes every Fuzz function of the module, each for the time given (default 30s).
set -euo pipefail
cd "$(dirname "$0")/.."
for dir in $(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do
	for f in $(grep -hoE '^func Fuzz[A-Za-z0-9_]+' "$dir"/*_test.go | sed 's/func //'); do
		echo "== $dir $f"
		go test -run '^$' -fuzz "^$f\$" -fuzztime "${1:-30s}" -fuzzminimizetime 10x "$dir"
	done
done
