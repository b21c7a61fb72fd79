#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A phone that slept wakes: what it costs to learn what it missed, by the archive on every server and by Client
# Synchronization where there is one. Two phones: one missed 20 messages in 5 of 200 conversations, the other 2,000 in all.
# Needs the built jars (./mvnw -DskipTests package); installs Debian's peers where they are missing.
#
#   benchmarks/peers/catchup.sh [ROUNDS] [RECONNECTS]
#   SERVERS="dunlin prosody" MESSAGES=10000 MISSED=2000 TSV=rows.tsv benchmarks/peers/catchup.sh 3 100
#
# MESSAGES is what each account has when its phone falls asleep.
. "$(dirname "$0")/servers.sh"
rounds=${1:-3} reconnects=${2:-50} conversations=200
read -ra servers <<<"${SERVERS:-dunlin prosody prosody-sqlite ejabberd}"
rows=${TSV:-$WORK/rows.tsv} messages=${MESSAGES:-2000} many=${MISSED:-2000}
accounts=$((conversations + 10))

for server in "${servers[@]}"; do
    start "$server"
    on "$server" accounts --accounts $accounts >/dev/null
    on "$server" prepare --accounts $accounts --state "$WORK/$server.few" --owner 0 --conversations $conversations \
        --messages "$messages" --changed 5 --missed 20 >/dev/null
    on "$server" prepare --accounts $accounts --state "$WORK/$server.many" --owner 1 --conversations $conversations \
        --messages "$messages" --changed $conversations --missed "$many" >/dev/null
done

# wake SERVER STATE OWNER WAY ROUND
wake() {
    on "$1" catchup --label "$1 $4" --accounts $accounts --state "$WORK/$1.$2" --owner "$3" --way "$4" --round "$5" \
        --reconnects "$reconnects" --tsv "$rows-$2" || echo "$1 $4: no figures" >&2
}
for round in $(seq "$rounds"); do
    for server in "${servers[@]}"; do
        ways="login mam new_by_mam"
        [ "$server" != dunlin ] || ways="$ways ${DUNLIN_WAYS:-sync sync_and_mam new_by_sync}"
        for way in $ways; do
            wake "$server" few 0 "$way" "$round"
            case $way in mam | sync | sync_and_mam) wake "$server" many 1 "$way" "$round" ;; esac
        done
    done
    servers=("${servers[@]:1}" "${servers[0]}")
done
for state in few many; do
    echo
    echo "$state missed:"
    load compare "$rows-$state" --base "${BASE:-prosody mam}"
done
