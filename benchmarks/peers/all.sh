#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every scenario on every server in turn, interleaved over rounds on the same machine, the floors beside them, and one table
# of medians and ratios with their spread; a second one of how far above its floor each figure is; and a page with plots. Needs the
# built jars (./mvnw -DskipTests package); installs Debian's peers where they are missing. Says first about how long it takes.
# Leaves DIRECTORY/rows.tsv, table.md and plots.html.
#
#   benchmarks/peers/all.sh [ROUNDS] [DIRECTORY]
#   SERVERS="dunlin ejabberd" DURATION=3 SIZE=20 benchmarks/peers/all.sh 1 quick
#   ONLY='^(storm|idle)' SESSIONS=5000 IDLE=10000 benchmarks/peers/all.sh 1 many
#
# DURATION is of each measurement in seconds, its warm-up takes half of it; SIZE is how many contacts or files there are, and twice the pairs
# and half the conversations; SESSIONS how many a storm cuts off and IDLE how many do nothing; RATE the messages a second of
# chat at a rate; MESSAGES what an account has whose phone falls asleep. ONLY is a pattern of the names of the scenarios. A
# scenario that a server fails leaves no figures of it, and goes on with the next.
#
# Each server comes first in one round and last in another, and scenarios go the other way round in each second round: no server
# and no scenario is always measured on what the one before it has warmed up.
. "$(dirname "$0")/servers.sh"
rounds=${1:-3} into=${2:-.}
read -ra servers <<<"${SERVERS:-dunlin prosody prosody-sqlite ejabberd}"
base=${servers[0]} duration=${DURATION:-5} warmup=$(((${DURATION:-5} + 1) / 2)) size=${SIZE:-100} rate=${RATE:-200} messages=${MESSAGES:-10000}
sessions=${SESSIONS:-$size} idle_sessions=${IDLE:-$((size * 5))}
pairs=$((size / 2)) conversations=$((size * 2)) sleepers=$((size * 2 + 10)) writers=$((size / 10)) per_account=10
brief=$((duration < 4 ? duration : 4)) rows=$into/rows.tsv floors=$WORK/floors.tsv
names=(
    "chat" "chat, no archive" "chat, acks" "chat, acks, no archive" "chat, carbons" "chat, WebSocket" "chat at a rate"
    "login" "login, TLS resumed" "login, FAST" "idle" "idle, WebSocket"
    "fanout, presence" "fanout, events" "fanout, room"
    "storm, resumed" "storm, TLS resumed, too" "storm, new sessions"
    "wakes, archive" "wakes, best way" "mixed" "upload"
)

# any PATTERN: whether a scenario of such a name is to be run.
any() {
    local name
    for name in "${wanted[@]}"; do
        # shellcheck disable=SC2053 # a pattern
        [[ $name != $1 ]] || return 0
    done
    return 1
}

wanted=()
for name in "${names[@]}"; do
    [[ ! $name =~ ${ONLY:-.} ]] || wanted+=("$name")
done

accounts=$((size + 2))
more_accounts() { [ "$accounts" -ge "$1" ] || accounts=$1; }
any "storm*" && more_accounts $((sessions + writers))
any "idle*" && more_accounts $(((idle_sessions + per_account - 1) / per_account))

chat=(chat --accounts "$accounts" --pairs "$pairs" --seconds "$duration" --warmup "$warmup")
window=("${chat[@]}" --window 4)
login=(login --accounts "$size" --logins $((size * 3)) --warmup "$size")
idle=(idle --accounts "$accounts" --per-account $per_account --few $((idle_sessions / 5)) --many "$idle_sessions" --seconds "$duration")
fanout=(fanout --accounts $((size + 1)) --prefix f --receivers "$size" --rate 20 --seconds "$duration" --warmup "$warmup")
# Peers store some hundred messages a second, and that is not what a storm is about.
storm=(storm --accounts "$accounts" --sessions "$sessions" --writers "$writers" --messages $((sessions > 1000 ? 1 : 3)))
catchup=(catchup --prefix c --accounts "$sleepers" --reconnects "$size" --warmup $((size / 2)))

# options SERVER NAME: sets what that server is asked for by that name; false if it has no such thing.
options() {
    local server=$1
    case $2 in
    "chat") options=("${window[@]}" --archive on) ;;
    "chat, no archive") options=("${window[@]}" --archive off) ;;
    "chat, acks") options=("${window[@]}" --archive on --acks) ;;
    "chat, acks, no archive") options=("${window[@]}" --archive off --acks) ;;
    "chat, carbons") options=("${window[@]}" --archive on --carbons) ;;
    "chat, WebSocket") options=("${window[@]}" --archive on --websocket /ws) ;;
    "chat at a rate") options=("${chat[@]}" --archive on --rate "$rate") ;;
    "login") options=("${login[@]}") ;;
    "login, TLS resumed") options=("${login[@]}" --resume-tls) ;;
    # Debian's peers have no SASL2 yet.
    "login, FAST") [ "$server" = dunlin ] && options=("${login[@]}" --inline --resume-tls) ;;
    "idle") options=("${idle[@]}") ;;
    "idle, WebSocket") options=("${idle[@]}" --websocket /ws) ;;
    "fanout, presence") options=("${fanout[@]}" --kind presence) ;;
    "fanout, events") options=("${fanout[@]}" --kind pep) ;;
    "fanout, room") options=("${fanout[@]}" --kind room) ;;
    "storm, resumed") options=("${storm[@]}") ;;
    "storm, TLS resumed, too") options=("${storm[@]}" --resume-tls) ;;
    "storm, new sessions") options=("${storm[@]}" --fresh) ;;
    "wakes, archive" | "wakes, best way")
        # prosody's archive in files is read whole for each page, which takes minutes.
        [ "$server" != prosody ] || return 1
        options=("${catchup[@]}" --state "$WORK/$server.state")
        if [[ $server = dunlin && $2 = *best* ]]; then
            options+=(--way delta_and_messages --inline)
        else
            options+=(--way mam)
        fi
        ;;
    "mixed") options=(mixed --accounts "$accounts" --pairs "$pairs" --seconds $((duration * 3)) --nap-seconds 3) ;;
    "upload") options=(upload --accounts "$accounts" --files "$size") ;;
    esac
}

# takes NAME: about how many seconds a server needs for it, the start of the generator and the logins included.
takes() {
    case $1 in
    chat*) echo $((duration + warmup + 4)) ;;
    login*) echo $((size / 25 + 3)) ;;
    idle*) echo $((idle_sessions / 150 + duration + 9)) ;;
    fanout*) echo $((duration + warmup + 5)) ;;
    storm*) echo $((sessions / 50 + 6)) ;;
    wakes*) echo $((size / 20 + 3)) ;;
    mixed) echo $((3 * duration + 5)) ;;
    upload) echo $((size / 25 + 4)) ;;
    esac
}

# run SERVER ROUND NAME. What others lose or double is a figure of theirs; of Dunlin it is a failure.
run() {
    local server=$1 round=$2 name=$3 options
    options "$server" "$name" || return 0
    [[ $server = dunlin || ${options[0]} != @(storm|fanout) ]] || options+=(--tolerate)
    # The JVM took its memory when it started: of a session, only the live heap and what is outside of it says something.
    [[ $server != dunlin || ${options[0]} != idle ]] || options+=(--heap)
    on "$server" "${options[@]}" --as "$name" --round "$round" --limit $((300 + 10 * $(takes "$name"))) --tsv "$rows" \
        2>"$WORK/errors" || {
        echo "$server, $name: no figures" >&2
        sed '/^\tat /d; 4q' "$WORK/errors" >&2
    }
}

# floor COMMAND...: measures one of this round.
floor() { "$@" --round "$round" --tsv "$floors" || echo "no figures of a floor: $*" >&2; }

# measure_floors: each once in this round, under a name of its own.
measure_floors() {
    local relay disk=(load disk --directory "$WORK" --label "this disk" --seconds "$brief")
    floor "${disk[@]}" --as sync
    if any "chat*"; then
        floor parts --as parts --seconds "$brief"
        for relay in relay relay-tcp; do
            floor on $relay relay --as relayed --pairs "$pairs" --window 4 --seconds "$brief" --warmup "$warmup"
        done
    fi
    if any "chat at a rate"; then
        floor on relay relay --as "relayed at a rate" --pairs "$pairs" --rate "$rate" --seconds "$duration" --warmup "$warmup"
    fi
    if any "login*" || any "storm*" || any "wakes*"; then
        floor on relay connect --as connected --logins $((size * 5)) --warmup $((size * 5))
    fi
    if any "fanout*"; then
        floor on relay relay --as "relayed to all" --receivers "$size" --rate 20 --seconds "$duration" --warmup "$warmup"
    fi
    ! any "idle*" || floor on relay hold --as held --few $((idle_sessions / 5)) --many "$idle_sessions"
    ! any upload || floor "${disk[@]}" --as uploaded --as-uploads --bytes 1048576
}

# under NAME FLOOR [SED]: rows of that floor also stand under the name of the scenario, with figures that are called alike.
under() { sed -n "s/^$2\t/$1\t/p" "$floors" | sed "${3:-}" >>"$rows"; }

# floors_under NAME
floors_under() {
    local name=$1 unstored=""
    [[ $name != *"no archive" ]] || unstored='/\trocksdb\t/d'
    case $name in
    chat*)
        if [ "$name" = "chat at a rate" ]; then
            under "$name" "relayed at a rate"
        else
            under "$name" relayed
        fi
        under "$name" parts "$unstored"
        [ -n "$unstored" ] || under "$name" sync 's/\tdisk sync/\tdelivery/'
        ;;
    login*) under "$name" connected ;;
    storm*) under "$name" connected 's/\tlogin/\treturn/; s/per login/per return/' ;;
    wakes*) under "$name" connected 's/\tlogin/\ttime to synced/; s/per login/per reconnect/' ;;
    fanout*) under "$name" "relayed to all" ;;
    idle*) under "$name" held ;;
    upload) under "$name" uploaded ;;
    esac
}

# estimate: about how many minutes everything takes.
estimate() {
    local name server options seconds=0
    for server in "${servers[@]}"; do
        seconds=$((seconds + 3 + accounts / 80 + duration * 4))
        any "fanout*" && seconds=$((seconds + size / 80))
        any "wakes*" && [ "$server" != prosody ] && seconds=$((seconds + sleepers / 80 + messages / 400))
        for name in "${wanted[@]}"; do
            ! options "$server" "$name" || seconds=$((seconds + rounds * $(takes "$name")))
        done
    done
    any "chat*" && seconds=$((seconds + rounds * (8 * brief + 2 * duration)))
    echo $((seconds / 60 + 1))
}
[ "$(ulimit -n)" -gt $(((sessions > idle_sessions ? sessions : idle_sessions) + 500)) ] || {
    echo "no more than $(ulimit -n) files may be open (ulimit -n): take fewer SESSIONS or IDLE" >&2
    exit 2
}
echo "about $(estimate) minutes on a quiet machine: ${#wanted[@]} scenarios, ${#servers[@]} servers, $rounds rounds; $(date +%T)"

mkdir -p "$into"
rm -f "$rows"
for server in "${servers[@]}"; do
    start "$server"
    on "$server" accounts --accounts "$accounts" >/dev/null
    ! any "fanout*" || on "$server" accounts --accounts $((size + 1)) --prefix f >/dev/null
    if any "wakes*" && options "$server" "wakes, archive"; then
        on "$server" accounts --accounts "$sleepers" --prefix c >/dev/null
        on "$server" prepare --prefix c --accounts "$sleepers" --state "$WORK/$server.state" --messages "$messages" \
            --conversations "$conversations" --changed 5 --missed "$size" >/dev/null
    fi
    # So that the first scenario is not the one that pays for cold code.
    on "$server" chat --accounts "$accounts" --pairs "$pairs" --window 4 --warmup 0 --seconds $((duration * 4)) >/dev/null || true
done
for relay in relay relay-tcp; do
    start $relay
done

for round in $(seq "$rounds"); do
    rm -f "$floors"
    measure_floors
    [ -e "$rows" ] || head -n 1 "$floors" >"$rows"
    done=0
    for name in "${wanted[@]}"; do
        echo "$(date +%T) round $round of $rounds, $((done += 1)) of ${#wanted[@]}: $name"
        for server in "${servers[@]}"; do
            run "$server" "$round" "$name"
        done
        floors_under "$name"
    done
    # Whoever came first comes last in the next round; and what came last, first.
    servers=("${servers[@]:1}" "${servers[0]}")
    mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | tac)
done
echo
load compare "$rows" --base "$base" --html "$into/plots.html" --floor relay --floor relay-tcp --floor aalto --floor rocksdb \
    --floor "this disk" | tee "$into/table.md"
echo "done at $(date +%T)"
