#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One scenario on several servers in turn, interleaved over rounds on the same machine, and one table of medians and ratios
# with their spread. Needs the built jars (./mvnw -DskipTests package); installs Debian's peers where they are missing.
#
#   benchmarks/peers/compare.sh ROUNDS SCENARIO [OPTION...]
#   SERVERS="dunlin prosody relay" ACCOUNTS=400 TSV=rows.tsv benchmarks/peers/compare.sh 3 chat --pairs 20 --rate 300
#
# DUNLIN_JVM are options for Dunlin's JVM; -Xmx512m without it.
. "$(dirname "$0")/servers.sh"
rounds=$1 scenario=$2
shift 2
read -ra servers <<<"${SERVERS:-dunlin prosody prosody-sqlite ejabberd}"
base=${servers[0]} accounts=${ACCOUNTS:-100} rows=${TSV:-$WORK/rows.tsv}

for server in "${servers[@]}"; do
    start "$server"
    [[ "$server" = relay* ]] || on "$server" accounts --accounts "$accounts" >/dev/null
done
for round in $(seq "$rounds"); do
    load disk --directory "$WORK" --label "this disk" --round "$round" --tsv "$rows" >/dev/null
    for server in "${servers[@]}"; do
        on "$server" "$scenario" --accounts "$accounts" --round "$round" --tsv "$rows" "$@" || echo "$server: no figures" >&2
    done
    # Whoever came first comes last in the next round.
    servers=("${servers[@]:1}" "${servers[0]}")
done
echo
load compare "$rows" --base "$base"
