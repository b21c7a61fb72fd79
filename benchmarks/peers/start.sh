#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long Dunlin takes to start, and how much CPU: jars in turn, each time on the data that the start before has left. A jar may be
# followed by options of Java, with commas between. Prints a line a start: jar, milliseconds until it listens, its CPU until then.
#
#   benchmarks/peers/start.sh [ROUNDS] [JAR[,OPTION...]...]
#   benchmarks/peers/start.sh 7 before.jar dist/target/dunlin.jar dist/target/dunlin.jar,-XX:SharedArchiveFile=dunlin.jsa
set -euo pipefail
rounds=${1:-7} port=${PORT:-5599}
shift || true
[ $# -gt 0 ] || set -- "$(dirname "$0")/../../dist/target/dunlin.jar"
work=$(mktemp -d) ticks=$(getconf CLK_TCK) server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
cat >"$work/dunlin.yaml" <<YAML
data: data
hosts: { localhost: {} }
listeners: [ { kind: direct-tls, address: 127.0.0.1, port: $port } ]
YAML
listens=$(printf ':%04X [0-9A-F]*:[0-9A-F]* 0A' "$port")

for ((round = 0; round <= rounds; round++)); do
    for jar in "$@"; do
        IFS=, read -ra parts <<<"$jar"
        begun=$(date +%s%N)
        java "${parts[@]:1}" -jar "${parts[0]}" -c "$work/dunlin.yaml" >"$work/out" 2>&1 &
        server=$!
        until grep -q "$listens" /proc/net/tcp /proc/net/tcp6; do
            kill -0 "$server" 2>/dev/null || { cat "$work/out"; exit 1; }
            sleep 0.01
        done
        took=$((($(date +%s%N) - begun) / 1000000))
        cpu=$(awk -v ticks="$ticks" '{print ($14 + $15) * 1000 / ticks}' "/proc/$server/stat")
        # The first round makes data and certificate.
        [ "$round" = 0 ] || printf '%s\t%s\t%s\n' "$jar" "$took" "$cpu"
        kill "$server"
        wait "$server" || true
        server=
    done
done
