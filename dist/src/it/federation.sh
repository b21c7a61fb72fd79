#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Users here and users of Debian's Prosody become contacts and chat: with one of its hosts by certificates, with the other
# by dialback.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need 'command -v prosody' prosody
need 'command -v openssl' openssl
PORT=25232
SERVER_PORT=25269
OTHER_SERVER_PORT=25270
OTHER=$WORK/prosody
mkdir -p "$OTHER/data" "$OTHER/modules"

# certificate NAME [AUTHORITY]: a certificate for this domain, signed by itself or by the authority.
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$1" -addext "subjectAltName=DNS:$1" \
        -keyout "$OTHER/$1.key" -out "$OTHER/$1.crt" ${2:+-CA "$OTHER/$2.crt" -CAkey "$OTHER/$2.key" -addext basicConstraints=CA:FALSE} \
        2>>"$WORK/openssl.log"
}
certificate authority
certificate capulet.example authority
certificate montague.example authority
certificate escalus.example

# There is no DNS: Prosody is told where the other server is by replacing what looks it up.
cat >"$OTHER/modules/mod_here.lua" <<END
local service, manual = require "net.resolvers.service", require "net.resolvers.manual";
service.new = function (_, name, conn_type, extra)
    return manual.new(name == "xmpp-server" and { { "tcp4", "127.0.0.1", $SERVER_PORT, extra } } or {}, conn_type, extra);
end
END
cat >"$OTHER/prosody.cfg.lua" <<END
pidfile = "$OTHER/prosody.pid"
data_path = "$OTHER/data"
certificates = "$OTHER"
plugin_paths = { "$OTHER/modules" }
run_as_root = true
interfaces = { "127.0.0.1" }
c2s_ports = { $PORT }
s2s_ports = { $OTHER_SERVER_PORT }
modules_enabled = { "here", "roster", "saslauth", "tls", "dialback", "disco", "ping", "posix" }
authentication = "internal_hashed"
log = { debug = "$OTHER/prosody.log" }
s2s_require_encryption = true
VirtualHost "montague.example"
    ssl = { certificate = "$OTHER/montague.example.crt", key = "$OTHER/montague.example.key", cafile = "$OTHER/authority.crt" }
    s2s_secure_auth = true
VirtualHost "escalus.example"
    ssl = { certificate = "$OTHER/escalus.example.crt", key = "$OTHER/escalus.example.key", cafile = "$OTHER/escalus.example.crt" }
    s2s_secure_auth = false
END
for host in montague.example escalus.example; do
    timeout 30 prosodyctl --config "$OTHER/prosody.cfg.lua" register romeo "$host" "$PASSWORD" </dev/null >>"$OTHER/out.log"
done
timeout 120 prosody -F --config "$OTHER/prosody.cfg.lua" >>"$OTHER/out.log" 2>&1 </dev/null &
await_port "$PORT"

LISTENERS="  - { kind: server, address: 127.0.0.1, port: $SERVER_PORT }"
CONFIG="hosts: { capulet.example: { tls: { certificate: $OTHER/capulet.example.crt, key: $OTHER/capulet.example.key } } }
federation:
  trust: $OTHER/authority.crt
  domains:
    montague.example: { address: \"127.0.0.1:$OTHER_SERVER_PORT\" }
    escalus.example: { address: \"127.0.0.1:$OTHER_SERVER_PORT\", authentication: dialback }"
start_server
dunlin user add juliet@capulet.example <<<"$PASSWORD"
/usr/bin/python3 "$(dirname "$0")/federation_chat.py" "$STARTTLS_PORT" "$PORT"
for opened in "capulet.example to montague.example (certificate)" "montague.example to capulet.example (certificate)" \
    "capulet.example to escalus.example (dialback)" "escalus.example to capulet.example (dialback)"; do
    grep -qF "Stream open from $opened" "$WORK/server.log" || { echo "no stream from $opened" >&2; exit 1; }
done
stop_server
echo "federation: passed"
