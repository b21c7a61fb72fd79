# SPDX-License-Identifier: Apache-2.0
# For scripts with real clients: `. lib/server.sh` installs what they need and runs a server of their own.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
JAR=$ROOT/dist/target/dunlin.jar
WORK=$(mktemp -d)
SERVER_PID=
export PASSWORD=canary7password

# In CI something that is missing is a failure; elsewhere the script says so and ends.
unavailable() {
    echo "$1" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

# need COMMAND PACKAGE: installs the Debian package unless the command works.
need() {
    if ! sh -c "$1" >/dev/null 2>&1; then
        local sudo=
        [ "$(id -u)" = 0 ] || sudo=sudo
        { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2"; } >"$WORK/apt.log" 2>&1 \
            || { tail -5 "$WORK/apt.log" >&2; unavailable "$2 cannot be installed"; }
        sh -c "$1" >/dev/null 2>&1 || unavailable "$2 is installed, but this fails: $1"
    fi
}

# start_server [JAVA_OPTION...]: serves localhost; sets STARTTLS_PORT, TLS_PORT and HTTP_PORT, and
# COMPONENT_PORT where there is one. With LISTENERS and CONFIG, these listeners and settings besides.
start_server() {
    [ -e "$JAR" ] || { echo "$JAR is not there: build first" >&2; exit 1; }
    cat >"$WORK/dunlin.yaml" <<END
data: data
listeners:
  - { kind: starttls, address: 127.0.0.1, port: 0 }
  - { kind: direct-tls, address: 127.0.0.1, port: 0 }
  - { kind: http, address: localhost, port: 0 }
${LISTENERS:-}
${CONFIG:-}
END
    : >"$WORK/server.out"
    (cd "$WORK" && exec java "$@" -Dim.dunlin.log="${LOG:-INFO}" -jar "$JAR" serve >server.out 2>>server.log) &
    SERVER_PID=$!
    local ports= tries=0
    until ports=$(grep -oE 'port [0-9]+ \((STARTTLS|TLS|HTTP|components)\)' "$WORK/server.out"); do
        kill -0 "$SERVER_PID" 2>/dev/null || { cat "$WORK/server.log" >&2; exit 1; }
        [ $((tries += 1)) -lt 600 ] || { echo "the server does not serve" >&2; exit 1; }
        sleep 0.1
    done
    STARTTLS_PORT=$(sed -n 's/^port \([0-9]*\) (STARTTLS)$/\1/p' <<<"$ports")
    TLS_PORT=$(sed -n 's/^port \([0-9]*\) (TLS)$/\1/p' <<<"$ports")
    HTTP_PORT=$(sed -n 's/^port \([0-9]*\) (HTTP)$/\1/p' <<<"$ports")
    COMPONENT_PORT=$(sed -n 's/^port \([0-9]*\) (components)$/\1/p' <<<"$ports")
    export STARTTLS_PORT TLS_PORT HTTP_PORT COMPONENT_PORT
}

# add_account NAME...: accounts of localhost with $PASSWORD.
add_account() {
    local name
    for name; do
        (cd "$WORK" && java -XX:TieredStopAtLevel=1 -jar "$JAR" user add "$name@localhost" <<<"$PASSWORD")
    done
}

# stop_server: as an operator does; what it exits with.
stop_server() {
    kill "$SERVER_PID"
    local pid=$SERVER_PID
    SERVER_PID=
    wait "$pid"
}

# await_port PORT: until something listens there.
await_port() {
    local tries=0
    until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
        [ $((tries += 1)) -lt 300 ] || { echo "nothing listens on port $1" >&2; exit 1; }
        sleep 0.1
    done
}

# dunlin ARGUMENT...: a command, for the server that serves or its data.
dunlin() {
    (cd "$WORK" && java -XX:TieredStopAtLevel=1 -jar "$JAR" "$@")
}

# import_twice ARGUMENT...: accounts come in; the second time nothing changes.
import_twice() {
    dunlin import "$@"
    dunlin export -o "$WORK/first.xml" >"$WORK/exported"
    dunlin import "$@" | tee "$WORK/again"
    grep -q '^0 accounts brought in' "$WORK/again"
    dunlin export -o "$WORK/second.xml" >>"$WORK/exported"
    cmp "$WORK/first.xml" "$WORK/second.xml"
    dunlin check
}

clean_up() {
    local status=$?
    if [ -n "$SERVER_PID" ]; then
        kill -9 "$SERVER_PID" 2>/dev/null || true
    fi
    if [ $status != 0 ] && [ -e "$WORK/server.log" ]; then
        tail -20 "$WORK/server.log" >&2
    fi
    umount -l "$WORK/data" 2>/dev/null || true
    jobs -p | xargs -r kill 2>/dev/null || true
    # shellcheck disable=SC2086 # several words, if any
    rm -rf "$WORK" ${OTHERS:-}
    exit $status
}
trap clean_up EXIT
