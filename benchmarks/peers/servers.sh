# SPDX-License-Identifier: Apache-2.0
# Servers to compare, each started for the purpose with a store of its own, on loopback, and ended by its process id.
# `. servers.sh`, then `start NAME`; PORT[NAME], WEB[NAME] (HTTPS) and PID[NAME] say where it is. What is configured, and why:
#
# - All: direct TLS 1.3 with the same P-256 certificate, SCRAM, archive of everything on both sides, roster, offline
#   messages, carbons, stream management, client state, PEP, WebSocket at /ws, uploads, and rooms where they exist: what a
#   user expects today. No limits that would bound the load instead of the server. Registration by clients, to make the
#   accounts.
# - dunlin: its defaults, so durability sync: a message is on the disk before it is acknowledged or delivered.
# - prosody: Debian's, archive in files, which it does not sync. prosody-sqlite: the same with its archive in SQLite.
# - ejabberd: Debian's, archive in SQLite, since Mnesia keeps archives in memory. Its schedulers do not spin: that would be
#   counted as CPU although nothing is done.
# - relay: no server; what one client sends another gets, over the same TLS. The floor, for the scenario chat at a rate.
#   relay-tcp: the same without TLS.
# shellcheck shell=bash

set -euo pipefail

# A connection is an open file, and many systems begin with 1,024.
ulimit -n "$(ulimit -Hn)"

PEERS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$PEERS/../.." && pwd)
WORK=$(mktemp -d)
declare -A PORT=() WEB=() PID=()
NEXT_PORT=${FIRST_PORT:-5470}

finish() {
    local status=$? name
    for name in "${!PID[@]}"; do
        kill "${PID[$name]}" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$WORK"
    exit $status
}
trap finish EXIT

load() { java -Xmx1g -XX:+UseSerialGC -jar "$ROOT/benchmarks/target/dunlin-load.jar" "$@"; }

# on NAME SCENARIO [OPTION...]: runs a scenario on that server; it is called NAME unless --label says otherwise.
on() {
    local name=$1 scenario=$2
    shift 2
    [[ "$name$scenario" != relay*chat ]] || scenario=relay
    [ "$name" != relay-tcp ] || set -- --tls none "$@"
    [[ " $* " = *" --label "* ]] || set -- --label "$name" "$@"
    local port=${PORT[$name]}
    [[ " $* " != *" --websocket "* ]] || port=${WEB[$name]}
    load "$scenario" --port "$port" --pid "${PID[$name]}" "$@"
}

# parts [OPTION...]: rows of what parsing and storing a message take at least, to stand beside the servers.
parts() {
    java -Xmx1g -cp "$ROOT/benchmarks/target/classes:$ROOT/dist/target/dunlin.jar:$ROOT/benchmarks/target/lib/*" \
        im.dunlin.benchmarks.Floors --directory "$WORK" "$@"
}

# need COMMAND PACKAGE...: installs Debian's packages unless the command is there, without starting their services.
need() {
    local command=$1
    shift
    sh -c "$command" >/dev/null 2>&1 && return
    printf '#!/bin/sh\nexit 101\n' >"$WORK/policy"
    chmod +x "$WORK/policy"
    [ -e /usr/sbin/policy-rc.d ] || { cp "$WORK/policy" /usr/sbin/policy-rc.d; local ours=1; }
    apt-get update -qq >"$WORK/apt.log" 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >>"$WORK/apt.log" 2>&1 || { tail -n 5 "$WORK/apt.log" >&2; exit 1; }
    [ -z "${ours:-}" ] || rm /usr/sbin/policy-rc.d
}

certificate() {
    [ -e "$WORK/localhost.crt" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$WORK/localhost.key" \
        -out "$WORK/localhost.crt" 2>/dev/null
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
    while listens "$NEXT_PORT"; do
        NEXT_PORT=$((NEXT_PORT + 1))
    done
    FREE=$NEXT_PORT
    NEXT_PORT=$((NEXT_PORT + 1))
}

# start NAME: starts it and waits until it listens.
start() {
    local name=$1 tries=0
    certificate
    mkdir -p "$WORK/$name"
    free_port
    PORT[$name]=$FREE
    free_port
    WEB[$name]=$FREE
    "start_${name//-/_}" "$WORK/$name" "${PORT[$name]}" "${WEB[$name]}"
    until listens "${PORT[$name]}"; do
        kill -0 "${PID[$name]}" 2>/dev/null && [ $((tries += 1)) -lt 300 ] || {
            echo "$name does not start:" >&2
            tail -n 20 "$WORK/$name"/*.log >&2
            exit 1
        }
        sleep 0.2
    done
}

start_dunlin() {
    cat >"$1/dunlin.yaml" <<YAML
data: data
hosts:
  localhost:
    tls: {certificate: $WORK/localhost.crt, key: $WORK/localhost.key}
    registration: {enabled: true, perAddress: 0s, perHour: 1000000}
    modules: {upload: {accountBytes: 1024GiB, dayBytes: 1024GiB, files: 1000000}}
listeners:
  - {kind: direct-tls, address: 127.0.0.1, port: $2}
  - {kind: https, address: 127.0.0.1, port: $3}
authentication:
  scramIterations: 10000
limits:
  rate: {bytesPerSecond: 64MiB, bytesBurst: 64MiB, stanzasPerSecond: 100000, stanzasBurst: 100000,
         subscriptionsPerMinute: 1000000, presencesPerMinute: 1000000, presencesBurst: 1000000}
  timeouts: {idle: 1h}
YAML
    # shellcheck disable=SC2086
    (cd "$1" && exec java ${DUNLIN_JVM:--Xmx512m} -jar "$ROOT/dist/target/dunlin.jar" -c dunlin.yaml >out.log 2>server.log) &
    PID[$name]=$!
}

start_relay() {
    (exec java -Xmx256m -XX:+UseSerialGC -jar "$ROOT/benchmarks/target/dunlin-load.jar" relay-server --port "$2" \
        --certificate "$WORK/localhost.crt" --key "$WORK/localhost.key" >"$1/out.log" 2>&1) &
    PID[$name]=$!
}

start_relay_tcp() {
    (exec java -Xmx256m -XX:+UseSerialGC -jar "$ROOT/benchmarks/target/dunlin-load.jar" relay-server --port "$2" \
        >"$1/out.log" 2>&1) &
    PID[$name]=$!
}

start_prosody() { prosody_with "$1" "$2" "$3" internal; }

start_prosody_sqlite() {
    need 'ls /usr/lib/*/lua/5.4/dbd/sqlite3.so' lua-dbi-sqlite3
    prosody_with "$1" "$2" "$3" sql
}

prosody_with() {
    need 'command -v prosody' prosody
    mkdir -p "$1/data" "$1/certs"
    cp "$WORK/localhost.crt" "$WORK/localhost.key" "$1/certs"
    cat >"$1/prosody.cfg.lua" <<LUA
data_path = "$1/data"
certificates = "$1/certs"
run_as_root = true
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "mam", "carbons", "smacks", "csi_simple", "pep",
    "blocklist", "vcard4", "vcard_legacy", "private", "register_ibr",
    "http", "websocket" }
modules_disabled = { "s2s" }
c2s_ports = {}
c2s_direct_tls_ports = { $2 }
http_ports = {}
https_ports = { $3 }
https_interfaces = { "127.0.0.1" }
https_certificate = "$1/certs/localhost.crt"
http_paths = { websocket = "/ws" }
interfaces = { "127.0.0.1" }
authentication = "internal_hashed"
allow_registration = true
storage = { archive = "$4" }
sql = { driver = "SQLite3", database = "$1/prosody.sqlite" }
archive_expires_after = "never"
max_archive_query_results = 250
log = { error = "$1/error.log" }
VirtualHost "localhost"
Component "rooms.localhost" "muc"
Component "upload.localhost" "http_file_share"
http_host = "localhost"
http_external_url = "https://localhost:$3/"
http_file_share_size_limit = 64*1024*1024
http_file_share_daily_quota = 1024*1024*1024*1024
LUA
    (cd "$1" && exec prosody --root --config "$1/prosody.cfg.lua" -F >out.log 2>&1) &
    PID[$name]=$!
}

start_ejabberd() {
    need 'command -v ejabberdctl' ejabberd
    need 'dpkg -s erlang-p1-sqlite3' erlang-p1-sqlite3
    cat "$WORK/localhost.crt" "$WORK/localhost.key" >"$1/localhost.pem"
    cat >"$1/ejabberd.yml" <<YAML
loglevel: error
hosts: [localhost]
certfiles: [$1/localhost.pem]
listen:
  - {port: $2, ip: 127.0.0.1, module: ejabberd_c2s, max_stanza_size: 262144, access: c2s, tls: true, backlog: 1024}
  - {port: $3, ip: 127.0.0.1, module: ejabberd_http, tls: true, backlog: 1024,
     request_handlers: {/ws: ejabberd_http_ws, /upload: mod_http_upload}}
auth_password_format: scram
disable_sasl_mechanisms: [digest-md5, X-OAUTH2]
sql_type: sqlite
sql_database: $1/ejabberd.sqlite
acl: {local: {user_regexp: ""}}
access_rules:
  c2s: {allow: all}
shaper_rules: {max_user_sessions: 20, max_user_offline_messages: 10000}
registration_timeout: infinity
modules:
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_http_upload: {access: all, max_size: 67108864, docroot: $1/files, put_url: "https://localhost:$3/upload", file_mode: "0600", dir_mode: "0700"}
  mod_mam: {db_type: sql, default: always}
  mod_muc: {host: "rooms.@HOST@", access_create: all, access_persistent: all}
  mod_offline: {access_max_user_messages: max_user_offline_messages}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: {plugins: [flat, pep]}
  mod_register: {access: all, ip_access: all}
  mod_roster: {versioning: true}
  mod_stream_mgmt: {resend_on_timeout: if_offline}
  mod_vcard: {search: false}
YAML
    (cd "$1" && export HOME=$1 EJABBERD_CONFIG_PATH=$1/ejabberd.yml EJABBERD_LOG_PATH=$1/ejabberd.log ERL_MAX_PORTS=32000 \
        ERL_CRASH_DUMP=$1/crash.dump ERL_LIBS=$(dirname "$(ls -d /usr/lib/*/ejabberd-*/ebin | head -1)")/.. \
        && exec erl -noinput +K true +P 250000 +sbwt none +sbwtdcpu none +sbwtdio none \
            -mnesia dir "\"$1/mnesia\"" -s ejabberd >out.log 2>&1) &
    PID[$name]=$!
}
