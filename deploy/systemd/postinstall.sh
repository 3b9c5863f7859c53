#!/bin/sh
# After docsift was installed: its user, who may read the settings, and the units as they are now.
set -e
systemd-sysusers docsift.conf
if [ -e /etc/docsift/docsift.env ]; then
	chgrp docsift /etc/docsift/docsift.env
	chmod 0640 /etc/docsift/docsift.env
fi
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
	systemctl try-restart docsift.service docsift-worker.service
fi
