#!/usr/bin/env bash
# Makes the secrets that compose.yaml mounts, unless they are there. Put the keys of providers into
# secrets/docsift.env afterwards. Another folder may be named.
set -euo pipefail
dir=${1:-$(dirname "$0")/secrets}
mkdir -p "$dir"
chmod 700 "$dir" # the files are for the users of the containers too, so the folder keeps others out
cd "$dir"
if [ -e docsift.env ]; then
	echo "$dir has secrets already: nothing is changed"
	exit 0
fi
random() { openssl rand -hex 24; }
database=$(random) redis=$(random)
printf '%s' "$database" >postgres_password
printf 'requirepass %s\n' "$redis" >redis.conf
random | tr -d '\n' >grafana_password
cat >docsift.env <<END
DATABASE_URL=postgres://docsift:$database@postgres:5432/docsift?sslmode=disable
REDIS_URL=redis://:$redis@redis:6379/0
DOCSIFT_SECRET_KEY=$(openssl rand -base64 32)

# Keys of providers: each brings its models into the cascade.
OPENAI_API_KEY=
GOOGLE_API_KEY=
ANTHROPIC_API_KEY=
END
chmod 444 ./*
chmod 644 docsift.env
echo "secrets are in $dir; put the keys of providers into docsift.env there"
