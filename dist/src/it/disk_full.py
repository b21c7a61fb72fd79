# SPDX-License-Identifier: Apache-2.0
"""fill FILE: writes to oneself until the server is gone, and notes which messages were acknowledged. verify FILE: they are
in the archive, each once."""

import base64
import os
import re
import socket
import ssl
import sys

PORT, MODE, FILE = sys.argv[1:]
PASSWORD = os.environ["PASSWORD"]
HEADER = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
MESSAGE_BYTES = 60_000
MOST = 2_000


class Gone(Exception):
    pass


class Client:
    def __init__(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", int(PORT)), timeout=30)
        self.socket = context.wrap_socket(plain, server_hostname="localhost")
        self.heard = ""
        self.says(HEADER)
        self.awaits("</stream:features>")
        secret = base64.b64encode(f"\0juliet\0{PASSWORD}".encode()).decode()
        self.says(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>")
        self.awaits("<success[^>]*>")
        self.says(HEADER)
        self.awaits("</stream:features>")
        self.says("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        self.awaits("</iq>")

    def says(self, text):
        try:
            self.socket.sendall(text.encode())
        except OSError as e:
            raise Gone from e

    def awaits(self, pattern):
        while not (found := re.search(pattern, self.heard)):
            try:
                more = self.socket.recv(65536)
            except OSError as e:
                raise Gone from e
            if not more:
                raise Gone
            self.heard += more.decode("utf-8", "replace")
        self.heard = self.heard[found.end() :]
        return found


def fill():
    client = Client()
    client.says("<enable xmlns='urn:xmpp:sm:3'/>")
    client.awaits("<enabled[^>]*>")
    acknowledged = 0
    try:
        while acknowledged < MOST:
            # Nothing that the store could compress.
            body = base64.b64encode(os.urandom(MESSAGE_BYTES * 3 // 4)).decode()
            client.says(
                f"<message type='chat' to='juliet@localhost' id='m{acknowledged}'><body>[{acknowledged}]{body}</body>"
                "</message><r xmlns='urn:xmpp:sm:3'/>"
            )
            h = int(client.awaits("<a [^>]*h=['\"](\\d+)['\"]").group(1))
            if h == acknowledged:
                # It was not written, and the server is about to go.
                client.awaits("nothing more")
            acknowledged += 1
            assert h == acknowledged, f"{h} instead of {acknowledged}"
    except Gone:
        pass
    assert 10 < acknowledged < MOST, f"{acknowledged} messages were acknowledged"
    with open(FILE, "w", encoding="ascii") as file:
        file.write(str(acknowledged))


def verify():
    with open(FILE, encoding="ascii") as file:
        acknowledged = int(file.read())
    client = Client()
    found = []
    after = ""
    while True:
        client.says(
            f"<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>{after}"
            "</set></query></iq>"
        )
        page = []
        while True:
            part = client.awaits("<body>\\[(\\d+)\\]|<fin[^>]*>.*?</iq>")
            if part.group(1) is None:
                break
            page.append(int(part.group(1)))
        found += page
        if "complete=" in part.group(0).split(">", 1)[0]:
            break
        after = "<after>" + re.search("<last>([^<]*)</last>", part.group(0)).group(1) + "</after>"
    # One more may have been written whose acknowledgement did not come.
    assert found in (list(range(acknowledged)), list(range(acknowledged + 1))), f"{acknowledged} acknowledged, found {found}"


{"fill": fill, "verify": verify}[MODE]()
