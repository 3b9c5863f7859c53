#!/bin/sh
# Before docsift is removed, not when it is replaced by another version. What it keeps stays.
set -e
case "$1" in
remove | 0)
	if [ -d /run/systemd/system ]; then
		systemctl disable --now docsift.service docsift-worker.service
	fi
	;;
esac
