#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Users of Debian's ejabberd chat there, are exported and brought in while this server serves, and go on here with their passwords.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need 'command -v ejabberdctl || test -x /usr/sbin/ejabberdctl' ejabberd
PORT=25322
OTHER=$(mktemp -d)
OTHERS="$OTHER"
mkdir "$OTHER/log" "$OTHER/spool" "$OTHER/out"
cat >"$OTHER/ejabberd.yml" <<END
hosts: [ localhost ]
loglevel: warning
auth_method: internal
auth_password_format: scram
acme: { auto: false }
listen:
  - { port: $PORT, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: none, access: all }
modules:
  mod_roster: {}
  mod_private: {}
  mod_vcard: { search: false }
  mod_privacy: {}
  mod_blocking: {}
  mod_offline: {}
  mod_mam: { default: always }
  mod_pubsub: { plugins: [ flat, pep ] }
  mod_disco: {}
  mod_caps: {}
END
: >"$OTHER/ejabberdctl.cfg"
chmod 755 "$OTHER"
chown -R ejabberd "$OTHER" 2>/dev/null || unavailable "ejabberd wants a user of its own, which only root can use"
ctl() {
    ERL_DIST_PORT=25399 INET_DIST_INTERFACE=127.0.0.1 timeout "${PATIENCE:-60}" /usr/sbin/ejabberdctl \
        --ctl-config "$OTHER/ejabberdctl.cfg" --config "$OTHER/ejabberd.yml" --logs "$OTHER/log" --spool "$OTHER/spool" \
        --node moving@localhost "$@"
}
PATIENCE=180 ctl foreground >"$OTHER/out.log" 2>&1 </dev/null &
EJABBERD=$!
await_port "$PORT"
for user in juliet romeo tybalt; do
    ctl register "$user" localhost "$PASSWORD"
done
/usr/bin/python3 "$(dirname "$0")/moving.py" fill "$PORT" "$WORK/had.json"
ctl export_piefxis "$OTHER/out"
ctl stop
wait "$EJABBERD" || true

start_server
import_twice --from ejabberd "$(ls "$OTHER"/out/*[0-9].xml)"
# Debian's version exports neither archives nor nodes.
/usr/bin/python3 "$(dirname "$0")/moving.py" check "$STARTTLS_PORT" "$WORK/had.json" archive nodes
stop_server
echo "ejabberd: passed"
