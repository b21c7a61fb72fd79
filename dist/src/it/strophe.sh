#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two users of Strophe.js find BOSH by host-meta, log in over it and chat; then over the WebSocket, and one over each.
. "$(dirname "$0")/lib/server.sh"

need 'node -e "process.exit(Number(process.versions.node.split(\".\")[0]) < 20 ? 1 : 0)"' nodejs
need 'npm --version' npm
(cd "$WORK" && npm install --silent --no-audit --no-fund strophe.js@5.0.0 @xmldom/xmldom@0.9.8 saxes@6.0.0 ws@8.18.0 \
    >"$WORK/npm.log" 2>&1) || { tail -5 "$WORK/npm.log" >&2; unavailable "strophe.js cannot be installed"; }
start_server
add_account juliet romeo
cp "$(dirname "$0")/strophe_chat.mjs" "$WORK/"
for ways in "xbosh xbosh" "websocket websocket" "xbosh websocket"; do
    # shellcheck disable=SC2086 # two words
    (cd "$WORK" && NODE_NO_WARNINGS=1 node strophe_chat.mjs "http://localhost:$HTTP_PORT" $ways)
done
stop_server
echo "Strophe.js over BOSH and WebSocket: passed"
