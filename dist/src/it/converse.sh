#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two people find the page of the server, sign in to its chat in a headless Chromium, write to each other, send a picture and see an
# avatar. Screenshots are kept in dist/target/converse.
. "$(dirname "$0")/lib/server.sh"

need 'npm --version' npm
need 'chromium --version' chromium
(cd "$WORK" && npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 >"$WORK/npm.log" 2>&1) \
    || { tail -5 "$WORK/npm.log" >&2; unavailable "playwright-core cannot be installed"; }
start_server
[ "$(node -e 'fetch(process.argv[1]).then((answer) => console.log(answer.status))' "http://localhost:$HTTP_PORT/chat")" = 200 ] \
    || unavailable "this build has no web client"
add_account juliet romeo
cp "$(dirname "$0")/converse_chat.mjs" "$WORK/"
mkdir -p "$ROOT/dist/target/converse"
(cd "$WORK" && node converse_chat.mjs "http://localhost:$HTTP_PORT/" "$ROOT/dist/target/converse")
stop_server
echo "Converse.js: passed"
