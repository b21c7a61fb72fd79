#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Users of Debian's Prosody chat there, are brought in while this server serves, and go on here with their passwords.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need 'command -v prosody' prosody
PORT=25222
OTHER=$WORK/prosody
mkdir -p "$OTHER/data"
cat >"$OTHER/prosody.cfg.lua" <<END
pidfile = "$OTHER/prosody.pid"
data_path = "$OTHER/data"
certificates = "$OTHER"
run_as_root = true
interfaces = { "127.0.0.1" }
c2s_ports = { $PORT }
modules_enabled = { "roster", "saslauth", "disco", "private", "vcard_legacy", "pep", "mam", "blocklist", "offline", "posix" }
modules_disabled = { "s2s", "tls" }
c2s_require_encryption = false
authentication = "internal_hashed"
log = { info = "$OTHER/prosody.log" }
VirtualHost "localhost"
END
for user in juliet romeo tybalt; do
    timeout 30 prosodyctl --config "$OTHER/prosody.cfg.lua" register "$user" localhost "$PASSWORD" </dev/null
done
timeout 120 prosody -F --config "$OTHER/prosody.cfg.lua" >"$OTHER/out.log" 2>&1 </dev/null &
PROSODY=$!
await_port "$PORT"
/usr/bin/python3 "$(dirname "$0")/moving.py" fill "$PORT" "$WORK/had.json"
kill "$PROSODY"
wait "$PROSODY" || true

start_server
import_twice --from prosody "$OTHER/data"
/usr/bin/python3 "$(dirname "$0")/moving.py" check "$STARTTLS_PORT" "$WORK/had.json"
stop_server
echo "prosody: passed"
