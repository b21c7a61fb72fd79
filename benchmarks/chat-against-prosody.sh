#!/usr/bin/env bash
# Server CPU for one chat message between two local users, archived on both sides, over TLS: Dunlin and Debian's prosody
# in one run, each in a process of its own, under the same load from a third. Needs the built jars (./mvnw -DskipTests
# package), and installs prosody where it is missing. Everything stays on loopback and ends by itself.
#
#   benchmarks/chat-against-prosody.sh [PAIRS] [RATE] [WARMUP] [SECONDS] [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
pairs=${1:-20} rate=${2:-30} warmup=${3:-30} seconds=${4:-30} rounds=${5:-3}
command -v prosodyctl >/dev/null || { apt-get update -qq && apt-get install -y -qq prosody >/dev/null; }

work=$(mktemp -d)
dunlin= prosody=
finish() {
    [ -z "$dunlin" ] || kill "$dunlin" 2>/dev/null || true
    [ -z "$prosody" ] || kill "$prosody" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

classpath="benchmarks/target/classes:dist/target/dunlin.jar:benchmarks/target/lib/*"
load() { java -cp "$classpath" im.dunlin.benchmarks.load.ChatLoad "$@"; }

# Dunlin, with the defaults that matter left alone: durability sync, archive on.
mkdir -p "$work/dunlin"
cat > "$work/dunlin/dunlin.yaml" <<YAML
data: data
listeners:
  - {kind: direct-tls, address: 127.0.0.1, port: 5423}
authentication:
  scramIterations: 4096
YAML
java -Xmx512m -jar dist/target/dunlin.jar -c "$work/dunlin/dunlin.yaml" > "$work/dunlin/log" 2>&1 &
dunlin=$!
for _ in $(seq 60); do grep -q 'Its data is' "$work/dunlin/log" && break; sleep 0.5; done
java -cp "$classpath" im.dunlin.benchmarks.load.Accounts "$work/dunlin/data/control.sock" $((2 * pairs))

# prosody 0.12 with mod_mam on its default storage.
mkdir -p "$work/prosody/data" "$work/prosody/certs"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/prosody/certs/localhost.key" \
    -out "$work/prosody/certs/localhost.crt" 2>/dev/null
cat > "$work/prosody/prosody.cfg.lua" <<LUA
pidfile = "$work/prosody/pid"
data_path = "$work/prosody/data"
certificates = "$work/prosody/certs"
run_as_root = true
modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "mam", "carbons", "smacks", "csi_simple" }
modules_disabled = { "s2s" }
c2s_ports = {}
c2s_direct_tls_ports = { 5424 }
interfaces = { "127.0.0.1" }
authentication = "internal_hashed"
archive_expires_after = "never"
log = { error = "$work/prosody/log" }
VirtualHost "localhost"
LUA
chmod -R a+rX "$work"
prosodyctl() { command prosodyctl --root --config "$work/prosody/prosody.cfg.lua" "$@"; }
for i in $(seq 0 $((2 * pairs - 1))); do
    prosodyctl register "u$i" localhost pw > /dev/null
done
command prosody --root --config "$work/prosody/prosody.cfg.lua" -F > "$work/prosody/out" 2>&1 &
prosody=$!
sleep 3

for round in $(seq "$rounds"); do
    echo "round $round"
    echo -n "dunlin:  "; load 5423 "$dunlin" "$pairs" "$rate" "$warmup" "$seconds"
    echo -n "prosody: "; load 5424 "$prosody" "$pairs" "$rate" "$warmup" "$seconds"
done
