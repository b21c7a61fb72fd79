#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every scenario on every server in turn, interleaved over rounds on the same machine, the floors beside them, and one table
# of medians and ratios with their spread; a page with plots, too. Needs the built jars (./mvnw -DskipTests package);
# installs Debian's peers where they are missing. Leaves DIRECTORY/rows.tsv, table.md and plots.html.
#
#   benchmarks/peers/all.sh [ROUNDS] [DIRECTORY]
#   SERVERS="dunlin ejabberd" DURATION=3 SIZE=20 benchmarks/peers/all.sh 1 quick
#
# DURATION is of each measurement in seconds, and its warm-up; SIZE is how many contacts, sessions or files there are; RATE
# the messages a second of chat; MESSAGES what an account has whose phone falls asleep. ONLY is a pattern of the names of the
# scenarios. A scenario that a server fails leaves no figures of it, and goes on with the next.
. "$(dirname "$0")/servers.sh"
rounds=${1:-3} into=${2:-.}
read -ra servers <<<"${SERVERS:-dunlin prosody prosody-sqlite ejabberd}"
base=${servers[0]} duration=${DURATION:-10} size=${SIZE:-100} rate=${RATE:-200} messages=${MESSAGES:-2000}
pairs=$((size / 5)) rows=$into/rows.tsv
mkdir -p "$into"
rm -f "$rows"

# wanted NAME: whether the scenario of that name is to be run.
wanted() { [[ $1 =~ ${ONLY:-.} ]]; }

# one SERVER ROUND NAME SCENARIO [OPTION...]. What others lose or double is a figure of theirs; of Dunlin it is a failure.
one() {
    local server=$1 round=$2 name=$3
    shift 3
    [[ $server = dunlin || $1 != @(storm|fanout) ]] || set -- "$@" --tolerate
    # The JVM took its memory when it started: of a session, only the live heap and what is outside of it says something.
    [[ $server != dunlin || $1 != idle ]] || set -- "$@" --heap
    on "$server" "$@" --as "$name" --round "$round" --limit $((300 + 6 * duration)) --tsv "$rows" 2>"$WORK/errors" || {
        echo "$server, $name: no figures" >&2
        sed '/^\tat /d; 4q' "$WORK/errors" >&2
    }
}

# each ROUND NAME SCENARIO [OPTION...]: on all servers, in their order of this round.
each() {
    local server name=$2
    wanted "$name" || return 0
    for server in "${servers[@]}"; do
        one "$server" "$@"
    done
}

# wakes ROUND NAME PEERS-WAY [OPTION...]: a phone that slept, on all servers that can be asked often; Dunlin's by --way of the
# options.
wakes() {
    local round=$1 name=$2 server
    shift 2
    wanted "$name" || return 0
    for server in "${servers[@]}"; do
        [ -e "$WORK/$server.state" ] || continue
        local way=("--way" mam)
        [ "$server" != dunlin ] || way=("$@")
        one "$server" "$round" "$name" catchup --prefix c --accounts "$sleepers" --state "$WORK/$server.state" \
            --reconnects "$size" --warmup $((size / 2)) "${way[@]}"
    done
}

accounts=$((size + size / 10 + 2)) conversations=$((size * 2)) sleepers=$((size * 2 + 10))
for server in "${servers[@]}"; do
    start "$server"
    on "$server" accounts --accounts "$accounts" >/dev/null
    on "$server" accounts --accounts "$accounts" --prefix f >/dev/null
    # prosody's archive in files is read whole for each page, which takes minutes.
    if [ "$server" != prosody ] && { wanted "wakes, archive" || wanted "wakes, best way"; }; then
        on "$server" accounts --accounts "$sleepers" --prefix c >/dev/null
        on "$server" prepare --prefix c --accounts "$sleepers" --state "$WORK/$server.state" --messages "$messages" \
            --conversations "$conversations" --changed 5 --missed 20 >/dev/null
    fi
done
for relay in relay relay-tcp; do
    start $relay
done

chat=(chat --accounts "$accounts" --pairs "$pairs" --seconds "$duration" --warmup "$duration")
at_rate=("${chat[@]}" --rate "$rate")
login=(login --accounts "$accounts" --logins $((size * 3)) --warmup "$size")
idle=(idle --accounts "$accounts" --few "$size" --many $((size * 5)) --seconds "$duration")
fanout=(fanout --accounts "$accounts" --prefix f --receivers "$size" --seconds "$duration" --warmup $((duration / 2)))
storm=(storm --accounts "$accounts" --sessions "$size" --writers $((size / 10)))
for round in $(seq "$rounds"); do
    load disk --directory "$WORK" --label "this disk" --round "$round" --tsv "$rows"
    if wanted chat; then
        floors "$round" --as chat --tsv "$rows"
        for relay in relay relay-tcp; do
            one $relay "$round" chat "${at_rate[@]}"
        done
    fi
    each "$round" chat "${at_rate[@]}" --archive on
    each "$round" "chat, no archive" "${at_rate[@]}" --archive off
    each "$round" "chat, acks" "${at_rate[@]}" --archive on --acks
    each "$round" "chat, carbons" "${at_rate[@]}" --archive on --carbons
    each "$round" "chat, WebSocket" "${at_rate[@]}" --archive on --websocket /ws
    each "$round" "chat, window of 4" "${chat[@]}" --window 4 --archive on
    each "$round" "chat, window of 4, no archive" "${chat[@]}" --window 4 --archive off
    each "$round" login "${login[@]}"
    each "$round" "login, TLS resumed" "${login[@]}" --resume-tls
    # Debian's peers have no SASL2 yet.
    [[ " ${servers[*]} " != *" dunlin "* ]] || ! wanted "login, FAST" \
        || one dunlin "$round" "login, FAST" "${login[@]}" --inline --resume-tls
    each "$round" idle "${idle[@]}"
    each "$round" "idle, WebSocket" "${idle[@]}" --websocket /ws
    each "$round" "fanout, presence" "${fanout[@]}" --kind presence
    each "$round" "fanout, events" "${fanout[@]}" --kind pep
    for server in "${servers[@]}"; do
        # Dunlin has no rooms yet.
        [ "$server" = dunlin ] || ! wanted "fanout, room" || one "$server" "$round" "fanout, room" "${fanout[@]}" --kind room
    done
    each "$round" "storm, resumed" "${storm[@]}"
    each "$round" "storm, TLS resumed, too" "${storm[@]}" --resume-tls
    each "$round" "storm, new sessions" "${storm[@]}" --fresh
    wakes "$round" "wakes, archive" --way mam
    wakes "$round" "wakes, best way" --way delta_and_messages --inline
    each "$round" mixed mixed --accounts "$accounts" --pairs $((size / 2)) --seconds $((duration * 3)) --nap-seconds 3
    if wanted upload; then
        load disk --directory "$WORK" --label "this disk" --as upload --as-uploads --bytes 1048576 --round "$round" --tsv "$rows"
    fi
    each "$round" upload upload --accounts "$accounts" --files "$size"
    # Whoever came first comes last in the next round.
    servers=("${servers[@]:1}" "${servers[0]}")
done
echo
load compare "$rows" --base "$base" --html "$into/plots.html" | tee "$into/table.md"
