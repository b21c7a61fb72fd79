#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two users of xmpp.js find the WebSocket by host-meta, log in over it and chat.
. "$(dirname "$0")/lib/server.sh"

need 'node -e "process.exit(Number(process.versions.node.split(\".\")[0]) < 20 ? 1 : 0)"' nodejs
need 'npm --version' npm
(cd "$WORK" && npm install --silent --no-audit --no-fund @xmpp/client@0.14.0 ws@8.18.0 >"$WORK/npm.log" 2>&1) \
    || { tail -5 "$WORK/npm.log" >&2; unavailable "@xmpp/client and ws cannot be installed"; }
start_server
add_account juliet romeo
cp "$(dirname "$0")/websocket_chat.mjs" "$WORK/"
(cd "$WORK" && NODE_NO_WARNINGS=1 node websocket_chat.mjs "http://localhost:$HTTP_PORT")
stop_server
echo "xmpp.js over WebSocket: passed"
