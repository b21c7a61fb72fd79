#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A user of slixmpp gets credentials from the server, and Debian's coturn allocates relays for them, and for no others.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need 'command -v turnserver && command -v turnutils_uclient' coturn
SECRET="canary7$(openssl rand -hex 20)"
echo "$SECRET" >"$WORK/turn.secret"
RELAY_PORT=$((20000 + RANDOM % 10000))
CONFIG="hosts:
  localhost:
    modules:
      external-services:
        secretFile: turn.secret
        services:
          - { type: stun, host: 127.0.0.1, port: $RELAY_PORT }
          - { type: turn, host: 127.0.0.1, port: $RELAY_PORT }"
turnserver -n -c /dev/null --use-auth-secret --static-auth-secret="$SECRET" --realm=localhost \
    --listening-ip=127.0.0.1 --relay-ip=127.0.0.1 --listening-port="$RELAY_PORT" --allow-loopback-peers \
    --no-tls --no-dtls --no-cli --userdb="$WORK/turndb" --pidfile="$WORK/turn.pid" --log-file=stdout >"$WORK/turn.log" 2>&1 &
RELAY_PID=$!
trap 'kill $RELAY_PID 2>/dev/null || true; clean_up' EXIT
start_server
add_account juliet

# allocates USERNAME PASSWORD: two clients of the relay send each other messages.
allocates() {
    timeout 60 turnutils_uclient -y -n 5 -m 1 -p "$RELAY_PORT" -u "$1" -w "$2" 127.0.0.1 >"$WORK/uclient.log" 2>&1 \
        && grep -q 'tot_send_msgs=20, tot_recv_msgs=20' "$WORK/uclient.log"
}

/usr/bin/python3 "$(dirname "$0")/coturn_credentials.py" "$STARTTLS_PORT" 127.0.0.1 "$RELAY_PORT" >"$WORK/credentials"
{ read -r username; read -r password; } <"$WORK/credentials"
allocates "$username" "$password" || { cat "$WORK/uclient.log" "$WORK/turn.log" >&2; exit 1; }
echo "  a relay for $(cut -d: -f2 <<<"$username"): done"
if allocates "$(($(cut -d: -f1 <<<"$username") + 1)):juliet" "$password"; then
    echo "credentials can be made to last longer" >&2
    exit 1
fi
echo "  none for what was changed: done"
stop_server
echo "coturn: passed"
