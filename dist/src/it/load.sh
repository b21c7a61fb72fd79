#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The load generator on this server, a second for each kind of load: that all of them work and every message comes once and in
# order. How long things take is nobody's business here.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
ONLY='^(chat(, (WebSocket|carbons)| at a rate)?|login, FAST|idle|fanout, .*|storm, resumed|wakes, best way|mixed|upload)$' \
    SERVERS=dunlin DURATION=1 SIZE=10 RATE=20 MESSAGES=60 "$(dirname "$0")/../../../benchmarks/peers/all.sh" 1 "$directory" \
    >"$directory/log" 2>&1 || { cat "$directory/log" >&2; exit 1; }
for scenario in chat "chat at a rate" "chat, WebSocket" "login, FAST" idle "fanout, events" "storm, resumed" "wakes, best way" mixed upload; do
    grep -q "^$scenario"$'\t'dunlin$'\t' "$directory/rows.tsv" || { echo "no figures of $scenario" >&2; exit 1; }
done
grep -q '<polyline' "$directory/plots.html"
echo "load: every scenario passed"
