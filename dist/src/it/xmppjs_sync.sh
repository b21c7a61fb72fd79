#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# xmpp.js as a client of Client Synchronization, Rewrite, Delivery, calls and the reconnect in one round trip; the server is
# killed in the middle, and nothing is missing or there twice.
. "$(dirname "$0")/lib/server.sh"

need 'node -e "process.exit(Number(process.versions.node.split(\".\")[0]) < 20 ? 1 : 0)"' nodejs
need 'npm --version' npm
(cd "$WORK" && npm install --silent --no-audit --no-fund @xmpp/client@0.14.0 ws@8.18.0 >"$WORK/npm.log" 2>&1) \
    || { tail -5 "$WORK/npm.log" >&2; unavailable "@xmpp/client and ws cannot be installed"; }
# xmpp.js derives keys in JavaScript, and slowly.
CONFIG='authentication:
  scramIterations: 4096'
start_server
add_account juliet romeo
cp "$(dirname "$0")/xmppjs_sync.mjs" "$(dirname "$0")/lib/xmppjs_device.mjs" "$WORK/"
export SERVER_PID
run() {
    # The server's certificate is its own.
    (cd "$WORK" && NODE_NO_WARNINGS=1 NODE_TLS_REJECT_UNAUTHORIZED=0 node xmppjs_sync.mjs "$1")
}
run first
wait "$SERVER_PID" 2>/dev/null || true
start_server
run second
stop_server
echo "xmpp.js, synchronization: passed"
