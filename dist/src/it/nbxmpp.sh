#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# nbxmpp, Gajim's library, from Debian: rosters, archive, avatars, bookmarks, keys, an upload, blocking and commands, one of two
# users over a WebSocket.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import nbxmpp.client"' python3-nbxmpp
export CONFIG='
hosts: { localhost: { admins: [ juliet@localhost ] } }
'
start_server
add_account juliet romeo
timeout 60 /usr/bin/python3 "$(dirname "$0")/nbxmpp_client.py" "$STARTTLS_PORT" "ws://localhost:$HTTP_PORT/ws"
stop_server
echo "nbxmpp: passed"
