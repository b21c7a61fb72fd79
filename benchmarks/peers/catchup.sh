#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A phone that slept wakes: what it costs to learn what it missed, by the archive on every server, and by Client
# Synchronization and the delta inside the login where there are such. Two phones of accounts with 200 conversations: one
# missed 100 messages in 5 of them, the other 2,000 in all. And a new device, which has nothing yet. Needs the built jars
# (./mvnw -DskipTests package); installs Debian's peers where they are missing.
#
#   benchmarks/peers/catchup.sh [ROUNDS] [RECONNECTS]
#   SERVERS="dunlin prosody" MESSAGES=1000 FEW=20 MISSED=2000 TSV=rows benchmarks/peers/catchup.sh 3 100
#
# MESSAGES is what each account has when its phone falls asleep, FEW and MISSED what the phones miss. prosody's archive in
# files is left out unless SERVERS names it: it reads the whole archive for each page, which takes minutes.
. "$(dirname "$0")/servers.sh"
rounds=${1:-3} reconnects=${2:-50} conversations=200
read -ra servers <<<"${SERVERS:-dunlin prosody-sqlite ejabberd}"
rows=${TSV:-$WORK/rows} messages=${MESSAGES:-10000} few=${FEW:-100} many=${MISSED:-2000}
accounts=$((conversations + 10))

for server in "${servers[@]}"; do
    start "$server"
    on "$server" accounts --accounts $accounts >/dev/null
    on "$server" prepare --accounts $accounts --state "$WORK/$server.few" --owner 0 --conversations $conversations \
        --messages "$messages" --changed 5 --missed "$few" >/dev/null
    on "$server" prepare --accounts $accounts --state "$WORK/$server.many" --owner 1 --conversations $conversations \
        --messages "$messages" --changed $conversations --missed "$many" >/dev/null
done

# wake SERVER STATE OWNER RECONNECTS ROUND WAY [OPTION]
wake() {
    local server=$1 state=$2 owner=$3 count=$4 round=$5 way=$6
    shift 6
    on "$server" catchup --label "$server $way${*:+ inline}" --accounts $accounts --state "$WORK/$server.$state" \
        --owner "$owner" --way "$way" --round "$round" --reconnects "$count" --warmup $((count / 2)) --tsv "$rows-$state" "$@" \
        || echo "$server $way: no figures" >&2
}
for round in $(seq "$rounds"); do
    for state in few many; do
        load disk --directory "$WORK" --label "this disk" --round "$round" --tsv "$rows-$state" >/dev/null
    done
    for server in "${servers[@]}"; do
        wake "$server" few 0 "$reconnects" "$round" login
        wake "$server" few 0 "$reconnects" "$round" mam
        wake "$server" few 0 $((reconnects / 4)) "$round" new_by_mam
        wake "$server" many 1 $((reconnects / 4)) "$round" mam
        [ "$server" = dunlin ] || continue
        wake "$server" few 0 "$reconnects" "$round" login --inline
        for way in sync sync_and_mam; do
            wake "$server" few 0 "$reconnects" "$round" $way
            wake "$server" few 0 "$reconnects" "$round" $way --inline
            wake "$server" many 1 $((reconnects / 4)) "$round" $way --inline
        done
        for way in delta delta_and_messages; do
            wake "$server" few 0 "$reconnects" "$round" $way --inline
            wake "$server" many 1 $((reconnects / 4)) "$round" $way --inline
        done
        wake "$server" few 0 $((reconnects / 4)) "$round" new_by_sync
        wake "$server" few 0 $((reconnects / 4)) "$round" new_by_delta --inline
    done
    servers=("${servers[@]:1}" "${servers[0]}")
done
for state in few many; do
    echo
    echo "$state missed:"
    load compare "$rows-$state" --base "${BASE:-dunlin mam}"
done
