#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# xmpp.js logs in by SASL2 and Bind 2, again by its token (FAST), and falls back on the password when the token was taken
# back.
. "$(dirname "$0")/lib/server.sh"

need 'node -e "process.exit(Number(process.versions.node.split(\".\")[0]) < 20 ? 1 : 0)"' nodejs
need 'npm --version' npm
(cd "$WORK" && npm install --silent --no-audit --no-fund @xmpp/client@0.14.0 >"$WORK/npm.log" 2>&1) \
    || { tail -5 "$WORK/npm.log" >&2; unavailable "@xmpp/client cannot be installed"; }
start_server
add_account juliet
cp "$(dirname "$0")/xmppjs_login.mjs" "$WORK/"
login() {
    # The server's certificate is its own.
    (cd "$WORK" && NODE_NO_WARNINGS=1 NODE_TLS_REJECT_UNAUTHORIZED=0 node xmppjs_login.mjs "$TLS_PORT" "$1")
}
login password
login token
(cd "$WORK" && java -XX:TieredStopAtLevel=1 -jar "$JAR" user logout juliet@localhost)
login refused-token
stop_server
echo "xmpp.js: passed"
