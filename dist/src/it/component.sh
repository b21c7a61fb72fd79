#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A gateway made with Debian's slixmpp serves a domain: a user finds it, subscribes to one of its contacts, writes and hears back.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
echo 'canary7 secret of the gateway' >"$WORK/gateway.secret"
LISTENERS='  - { kind: component, port: 0 }'
CONFIG='components: { gateway.localhost: { secretFile: gateway.secret } }'
start_server
add_account juliet
/usr/bin/python3 "$(dirname "$0")/component_gateway.py" "$STARTTLS_PORT" "$COMPONENT_PORT" "$WORK/gateway.secret"
stop_server
echo "slixmpp as a component: passed"
