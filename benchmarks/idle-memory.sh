#!/usr/bin/env bash
# Heap and resident memory of an idle, bound TLS session: the slope between two numbers of sessions, the server and the
# load in two processes. Needs the built jars (./mvnw -DskipTests package) and about 3 open files a session.
#
#   benchmarks/idle-memory.sh [FEW] [MANY]
set -euo pipefail
cd "$(dirname "$0")/.."
few=${1:-1000} many=${2:-10000} accounts=$(( (${2:-10000} + 14) / 15 ))
work=$(mktemp -d)
dunlin=
finish() {
    [ -z "$dunlin" ] || kill "$dunlin" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
ulimit -n "$(ulimit -Hn)"
cat > "$work/dunlin.yaml" <<YAML
data: data
listeners:
  - {kind: direct-tls, address: 127.0.0.1, port: 5423}
authentication:
  scramIterations: 4096
limits:
  timeouts:
    idle: 1h
YAML
java -Xmx1g -jar dist/target/dunlin.jar -c "$work/dunlin.yaml" > "$work/log" 2>&1 &
dunlin=$!
for _ in $(seq 60); do grep -q 'Its data is' "$work/log" && break; sleep 0.5; done
java -cp "benchmarks/target/classes:dist/target/dunlin.jar:benchmarks/target/lib/*" \
    im.dunlin.benchmarks.load.Accounts "$work/data/control.sock" "$accounts"
java -Xmx1g -cp "benchmarks/target/classes:dist/target/dunlin.jar:benchmarks/target/lib/*" \
    im.dunlin.benchmarks.load.IdleMemory 5423 "$dunlin" "$few" "$many" "$accounts"
