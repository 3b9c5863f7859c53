#!/usr/bin/env bash
# Installs the S3 server of the tests, of a pinned version, among the user's caches.
set -euo pipefail
version=v1.8.0 # as in internal/s3test
to=${XDG_CACHE_HOME:-$HOME/.cache}/docsift/tools/versitygw-$version
[ -x "$to/versitygw" ] && exit 0
echo "installing versitygw $version"
GOBIN=$to CGO_ENABLED=0 go install "github.com/versity/versitygw/cmd/versitygw@$version"
