# SPDX-License-Identifier: Apache-2.0
"""Client Synchronization, Rewrite, calls and the login with everything in it, by slixmpp and by bytes; the ports of 127.0.0.1 for
STARTTLS and TLS are the arguments."""

import asyncio
import base64
import os
import ssl
import sys
import xml.etree.ElementTree as ET

from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import MatchXPath

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import PASSWORD, PATIENCE, Client  # noqa: E402

STARTTLS_PORT, TLS_PORT = (int(port) for port in sys.argv[1:])
SYNC = "https://xabber.com/protocol/synchronization"
REWRITE = "https://xabber.com/protocol/rewrite"
NOTIFY = REWRITE + "#notify"
DELIVERY = "https://xabber.com/protocol/delivery"
JINGLE = "urn:xmpp:jingle-message:0"
CALLS = "https://dunlin.im/protocol/calls/1"
RECONNECT = "https://dunlin.im/protocol/reconnect/1"
SID = "urn:xmpp:sid:0"
CHAT = "urn:xabber:chat"
BODY = "{jabber:client}body"


class Device(Client):
    """Sees every message and every push as the elements that they are."""

    def __init__(self, jid):
        super().__init__(jid, sasl_mech="PLAIN")
        for name in ("message", "iq/{%s}query" % SYNC):
            path = MatchXPath("{jabber:client}" + name)
            self.register_handler(
                Callback(name, path, lambda stanza: self.events.put_nowait(("stanza", stanza.xml)))
            )

    async def asks(self, kind, payload):
        iq = self.make_iq_get() if kind == "get" else self.make_iq_set()
        iq.xml.append(ET.fromstring(payload))
        answer = await iq.send(timeout=PATIENCE)
        return next(iter(answer.xml), None)

    async def sees(self, what, find):
        """What is found in the next stanza in which anything is."""
        seen = await self.awaits("stanza", lambda stanza: find(stanza) is not None)
        assert seen is not None, what
        return find(seen)

    async def says(self, text):
        """Sends a message with an id of its own. Gives the archive's, of which the server tells."""
        origin = "o-" + text
        self.send_raw(
            f"<message type='chat' id='{origin}' to='juliet@localhost'><body>{text}</body>"
            f"<origin-id xmlns='{SID}' id='{origin}'/></message>"
        )
        receipt = await self.sees("a receipt", lambda stanza: received(stanza, origin))
        return receipt.find("{%s}stanza-id" % SID).get("id")


def received(stanza, origin):
    receipt = stanza.find("{%s}received" % DELIVERY)
    return receipt if receipt is not None and receipt.find("{%s}origin-id" % SID).get("id") == origin else None


def conversations(query):
    return {item.get("jid"): item for item in query.iter("{%s}conversation" % SYNC)}


def part(conversation, name):
    return conversation.find("{%s}metadata/{%s}%s" % (SYNC, SYNC, name))


async def synchronization(laptop, desk):
    for text in ("wherefore", "art", "thou"):
        await desk.says(text)
        await laptop.sees(text, lambda stanza: stanza if stanza.findtext(BODY) == text else None)
    query = await laptop.asks("get", f"<query xmlns='{SYNC}'/>")
    romeo = conversations(query)["romeo@localhost"]
    assert part(romeo, "unread").get("count") == "3", ET.tostring(romeo)
    stamp = query.get("stamp")
    assert not conversations(await laptop.asks("get", f"<query xmlns='{SYNC}' stamp='{stamp}'/>"))
    await laptop.asks(
        "set",
        f"<query xmlns='{SYNC}'><conversation jid='romeo@localhost' type='{CHAT}' pinned='1760000000000'/></query>",
    )
    delta = conversations(await laptop.asks("get", f"<query xmlns='{SYNC}' stamp='{stamp}'/>"))
    assert delta["romeo@localhost"].get("pinned") == "1760000000000"


async def rewriting(laptop, desk):
    edited = await desk.says("writen")
    retracted = await desk.says("regretted")
    await desk.asks(
        "set",
        f"<replace xmlns='{REWRITE}' id='{edited}' type='{CHAT}'><message xmlns='jabber:client'>"
        "<body>written</body></message></replace>",
    )
    await desk.asks(
        "set", f"<retract-message xmlns='{REWRITE}' id='{retracted}' type='{CHAT}' symmetric='true'/>"
    )
    event = await laptop.sees("the edit", lambda stanza: stanza.find("{%s}replace" % NOTIFY))
    assert event.findtext("{jabber:client}message/" + BODY) == "written", ET.tostring(event)
    await laptop.sees("the retraction", lambda stanza: stanza.find("{%s}retract-message" % NOTIFY))
    romeo = conversations(await laptop.asks("get", f"<query xmlns='{SYNC}'/>"))["romeo@localhost"]
    assert part(romeo, "last-message").findtext("{jabber:client}message/" + BODY) == "written"


async def log_in_with_everything(stamp):
    """One flight of bytes, and what the one answer to it says was bound."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", TLS_PORT, ssl=context)
    plain = base64.b64encode(f"\0juliet\0{PASSWORD}".encode()).decode()
    writer.write(
        (
            "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>"
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'>"
            f"<initial-response>{plain}</initial-response><bind xmlns='urn:xmpp:bind:0'><tag>phone</tag>"
            f"<enable xmlns='{CALLS}'/><reconnect xmlns='{RECONNECT}' stamp='{stamp}' bytes='50000'/>"
            "</bind></authenticate>"
        ).encode()
    )
    received = b""
    while b"</success>" not in received:
        more = await asyncio.wait_for(reader.read(65536), PATIENCE)
        assert more, received
        received += more
    writer.close()
    success = received[received.index(b"<success") : received.index(b"</success>") + len(b"</success>")]
    return ET.fromstring(success).find("{urn:xmpp:bind:0}bound")


def calls_of(bound):
    first = bound[0]
    assert first.tag == "{%s}calls" % CALLS, "calls come first"
    return {call.get("sid"): call for call in first}


def word(name, to, content=""):
    return (
        f"<message type='chat' to='{to}'><{name} xmlns='{JINGLE}' id='c1'>{content}</{name}>"
        "<store xmlns='urn:xmpp:hints'/></message>"
    )


async def call_and_inline_login(laptop, desk):
    stamp = (await laptop.asks("get", f"<query xmlns='{SYNC}'/>")).get("stamp")
    desk.send_raw(
        word("propose", "juliet@localhost", "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>")
    )
    await laptop.sees("the offer", lambda stanza: stanza.find("{%s}propose" % JINGLE))
    bound = await log_in_with_everything(stamp)
    assert calls_of(bound)["c1"].get("state") == "proposed"
    romeo = conversations(bound)["romeo@localhost"]
    assert romeo.find("{%s}metadata/{%s}call" % (SYNC, SYNC)) is not None, ET.tostring(romeo)
    laptop.send_raw(word("proceed", desk.boundjid.full))
    await desk.sees("the answer", lambda stanza: stanza.find("{%s}proceed" % JINGLE))
    bound = await log_in_with_everything(stamp)
    assert calls_of(bound)["c1"].get("state") == "answered"
    romeo = conversations(bound)["romeo@localhost"]
    assert romeo.find("{%s}metadata/{%s}call" % (SYNC, SYNC)) is None, ET.tostring(romeo)
    assert len(conversations(await log_in_with_everything(0))) == 1


async def main():
    laptop = await Device("juliet@localhost/laptop").starts(STARTTLS_PORT)
    desk = await Device("romeo@localhost/desk").starts(STARTTLS_PORT)
    for device in (laptop, desk):
        await device.asks("get", f"<query xmlns='{REWRITE}'/>")
        device.send_presence()
    for step in (synchronization, rewriting, call_and_inline_login):
        await step(laptop, desk)
        print(f"  {step.__name__}: done")
    await laptop.leaves()
    await desk.leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 60))
