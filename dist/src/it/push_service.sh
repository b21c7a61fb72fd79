#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A push service made with Debian's slixmpp wakes the devices of an account, and one of them until the service knows it no more.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
echo 'canary7 secret of the service' >"$WORK/service.secret"
LISTENERS='  - { kind: component, port: 0 }'
CONFIG='components: { push.capulet.example: { secretFile: service.secret } }'
start_server
add_account juliet romeo
/usr/bin/python3 "$(dirname "$0")/push_service.py" "$STARTTLS_PORT" "$COMPONENT_PORT" "$WORK/service.secret"
dunlin push devices juliet@localhost >"$WORK/devices"
grep -A2 '^device phone' "$WORK/devices" | grep -q 'disabled since .*: item-not-found'
grep -A2 '^device tablet' "$WORK/devices" | grep -qx ' *good'
stop_server
echo "slixmpp as a push service: passed"
