#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether a phone that wakes pays for what its account has archived long ago: accounts with more and more messages on the same
# server, 20 missed in 5 of 200 conversations of each. One column for each way and size. Filling a million messages takes Dunlin
# some minutes; peers store some hundred a second, so they get no accounts above PEERS_UP_TO.
#
#   benchmarks/peers/growth.sh [ROUNDS] [MESSAGES...]
#   SERVERS="dunlin ejabberd" PEERS_UP_TO=100000 RECONNECTS=50 TSV=rows benchmarks/peers/growth.sh 3 10000 100000 1000000
. "$(dirname "$0")/servers.sh"
rounds=${1:-3} conversations=200 reconnects=${RECONNECTS:-50} rows=${TSV:-$WORK/rows} most=${PEERS_UP_TO:-100000}
shift || true
[ $# -gt 0 ] || set -- 10000 100000 1000000
read -ra servers <<<"${SERVERS:-dunlin}"
accounts=$((conversations + 10))

# has SERVER MESSAGES: whether it has an account of that size.
has() { [ "$1" = dunlin ] || [ "$2" -le "$most" ]; }

for server in "${servers[@]}"; do
    start "$server"
    on "$server" accounts --accounts $accounts >/dev/null
    owner=0
    for messages in "$@"; do
        echo "$(date +%T) $server: $messages messages"
        ! has "$server" "$messages" || on "$server" prepare --accounts $accounts --state "$WORK/$server.$messages" \
            --owner $owner --conversations $conversations --messages "$messages" --limit $((600 + messages / 50)) >/dev/null
        owner=$((owner + 1))
    done
done
for round in $(seq "$rounds"); do
    for server in "${servers[@]}"; do
        ways=(mam)
        [ "$server" != dunlin ] || ways=(mam delta delta_and_messages)
        for way in "${ways[@]}"; do
            owner=0
            for messages in "$@"; do
                inline=()
                [ "$way" = mam ] || inline=(--inline)
                ! has "$server" "$messages" || on "$server" catchup --as "wakes by $way" --label "$server, $messages" \
                    --accounts $accounts --state "$WORK/$server.$messages" --owner $owner --way "$way" --round "$round" \
                    --reconnects "$reconnects" --warmup "$((reconnects / 2))" --tsv "$rows" "${inline[@]}"
                owner=$((owner + 1))
            done
        done
    done
done
echo
load compare "$rows" --base "${servers[0]}, $1"
