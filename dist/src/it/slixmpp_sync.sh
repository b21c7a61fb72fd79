#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian's slixmpp as a client of Client Synchronization, Rewrite and calls; and a login with everything in it, by its bytes.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
start_server
add_account juliet romeo
/usr/bin/python3 "$(dirname "$0")/slixmpp_sync.py" "$STARTTLS_PORT" "$TLS_PORT"
stop_server
echo "slixmpp, synchronization: passed"
