# SPDX-License-Identifier: Apache-2.0
"""Logs in by SCRAM-*-PLUS over `openssl s_client`, bound by tls-exporter to the keying material that OpenSSL prints."""

import base64
import hashlib
import hmac
import os
import re
import select
import subprocess
import sys

STARTTLS_PORT, TLS_PORT = sys.argv[1:]
PASSWORD = os.environ["PASSWORD"].encode()
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
HEADER = (
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
)
PATIENCE = 20


class Connection:
    """XMPP through the standard input and output of s_client, which tells about TLS there first."""

    def __init__(self, port, options):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost"]
        command += ["-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"] + options
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.heard = ""
        self.exported = bytes.fromhex(self.awaits(r"Keying material: ([0-9A-F]{64})").group(1))
        self.awaits(r"---\n(?=$|<)|Verify return code: .*\n(?:.*\n)*?---\n")

    def awaits(self, pattern):
        """What the pattern matches in what is heard; it and what was before it are then forgotten."""
        while True:
            found = re.search(pattern, self.heard)
            if found:
                self.heard = self.heard[found.end() :]
                return found
            if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
                raise AssertionError(f"no {pattern} in {self.heard!r}")
            more = os.read(self.process.stdout.fileno(), 65536)
            assert more, f"the connection ended without {pattern}: {self.heard!r}"
            self.heard += more.decode()

    def says(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def close(self):
        self.process.kill()
        self.process.wait()


def log_in(connection, name, binding):
    """A whole exchange; None, or the condition of the failure."""
    hash_name = {"1": "sha1", "256": "sha256", "512": "sha512"}[name.split("-")[2]]

    def keyed(key, data):
        return hmac.new(key, data, hash_name).digest()

    def encoded(data):
        return base64.b64encode(data).decode()

    nonce = encoded(os.urandom(18))
    gs2 = b"p=tls-exporter,,"
    bare = f"n=juliet,r={nonce}"
    connection.says(f"<auth xmlns='{SASL}' mechanism='{name}'>{encoded(gs2 + bare.encode())}</auth>")
    first = base64.b64decode(connection.awaits(r"<challenge[^>]*>([^<]*)</challenge>").group(1)).decode()
    server = dict(part.split("=", 1) for part in first.split(","))
    assert server["r"].startswith(nonce) and len(server["r"]) > len(nonce) + 20
    salted = hashlib.pbkdf2_hmac(hash_name, PASSWORD, base64.b64decode(server["s"]), int(server["i"]))
    final = f"c={encoded(gs2 + binding)},r={server['r']}"
    message = f"{bare},{first},{final}".encode()
    client_key = keyed(salted, b"Client Key")
    signature = keyed(hashlib.new(hash_name, client_key).digest(), message)
    proof = bytes(a ^ b for a, b in zip(client_key, signature))
    connection.says(f"<response xmlns='{SASL}'>{encoded(f'{final},p={encoded(proof)}'.encode())}</response>")
    answer = connection.awaits(r"<success[^>]*>([^<]*)</success>|<failure[^>]*><([a-z-]+)")
    if answer.group(2):
        return answer.group(2)
    expected = "v=" + encoded(keyed(keyed(salted, b"Server Key"), message))
    assert base64.b64decode(answer.group(1)).decode() == expected, "the server knows the account"
    return None


def prove(port, options, name):
    connection = Connection(port, options)
    try:
        connection.says(HEADER)
        features = connection.awaits(r"<stream:features.*?</stream:features>").group(0)
        assert "tls-exporter" in features and f">{name}<" in features, features
        wrong = bytes([connection.exported[0] ^ 1]) + connection.exported[1:]
        assert log_in(connection, name, wrong) == "not-authorized"
        assert log_in(connection, name, connection.exported) is None
        connection.says(HEADER)
        connection.awaits(r"<stream:features.*?</stream:features>")
        connection.says("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        connection.awaits(r"<jid>juliet@localhost/[^<]+</jid>")
        print(f"  {name} over {' '.join(options) or 'direct TLS'}: bound to {connection.exported.hex()[:16]}...")
    finally:
        connection.close()


STARTTLS = ["-starttls", "xmpp", "-xmpphost", "localhost"]
for mechanism in ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS"):
    prove(STARTTLS_PORT, STARTTLS + ["-tls1_3"], mechanism)
prove(TLS_PORT, ["-tls1_3", "-alpn", "xmpp-client"], "SCRAM-SHA-256-PLUS")
