#!/usr/bin/env bash
# What docsift costs between a client and its provider, beside @portkey-ai/gateway and a client that
# asks the provider itself. Flags go to the program: -rate 500 -rounds 5.
set -euo pipefail
cd "$(dirname "$0")/.."
gateway=@portkey-ai/gateway@1.15.2 # of npm, MIT; it wants Node 20
cache=${XDG_CACHE_HOME:-$HOME/.cache}/docsift/bench-gateway
./test/tools.sh node nodejs npm npm
if [ ! -f "$cache/${gateway##*@}" ]; then
	rm -rf "$cache"
	mkdir -p "$cache"
	npm install --prefix "$cache" --no-audit --no-fund --silent "$gateway"
	touch "$cache/${gateway##*@}"
fi
go run ./test/benchgateway -portkey "$cache/node_modules/@portkey-ai/gateway/build/start-server.js" "$@"
