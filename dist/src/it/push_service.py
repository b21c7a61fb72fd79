# SPDX-License-Identifier: Apache-2.0
"""XEP-0357 by slixmpp: a push service, two devices that it wakes, and who writes and calls; against the ports of 127.0.0.1 for
STARTTLS and components and the file of the secret."""

import asyncio
import os
import sys
import xml.etree.ElementTree as ET

import slixmpp
from slixmpp.plugins.xep_0004.stanza import Form
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import PATIENCE, Client  # noqa: E402

STARTTLS_PORT, COMPONENT_PORT = (int(port) for port in sys.argv[1:3])
with open(sys.argv[3], encoding="utf-8") as file:
    SECRET = file.read().strip()
SERVICE = "push.capulet.example"
PUSH = "urn:xmpp:push:0"
SUMMARY = "urn:xmpp:push:summary"
FORM = "{jabber:x:data}x"
RTP = "urn:xmpp:jingle:apps:rtp:1"
SAID = "canary7body Wherefore art thou?"
TOLD = {"last-message-body": "New message"}

# Answers in a row that the node is unknown, after which nothing is published to it any more.
ENOUGH = 5


class Service(slixmpp.ComponentXMPP):
    """Answers each publish, and keeps it until the script looks."""

    def __init__(self):
        super().__init__(SERVICE, SECRET, "127.0.0.1", COMPONENT_PORT)
        self.started = asyncio.Event()
        self.published = asyncio.Queue()
        self.unknown = set()
        for plugin in ("xep_0004", "xep_0030", "xep_0060", "xep_0199"):
            self.register_plugin(plugin)
        self["xep_0030"].add_identity(category="pubsub", itype="push", name="Capulet's app")
        self["xep_0030"].add_feature(PUSH)
        self.add_event_handler("session_start", lambda data: self.started.set())
        self.register_handler(Callback("publish", StanzaPath("iq@type=set/pubsub/publish"), self.publishes))

    def publishes(self, iq):
        node = iq["pubsub"]["publish"]["node"]
        if node in self.unknown:
            answer = iq.reply()
            answer["error"]["type"] = "cancel"
            answer["error"]["condition"] = "item-not-found"
        else:
            answer = iq.reply(clear=True)
        answer.send()
        self.published.put_nowait((node, iq))

    async def is_told(self, *nodes):
        """The summaries of the next publishes, which are for these nodes, and their answers have been handled."""
        told = {}
        while len(told) < len(nodes):
            try:
                node, iq = await asyncio.wait_for(self.published.get(), PATIENCE)
            except asyncio.TimeoutError:
                raise AssertionError(f"of {nodes} only {list(told)} was published to") from None
            assert node in nodes and node not in told, node
            told[node] = summary(node, iq)
        await self["xep_0199"].ping("localhost", ifrom=SERVICE)
        return [told[node] for node in nodes]


def summary(node, iq):
    """What stands in the form of a publish that is as XEP-0357 has it, and says nothing that its service need not know."""
    assert iq["from"] == "localhost" and iq["to"] == SERVICE, iq
    text = str(iq)
    assert not [word for word in ("canary7body", "romeo", "juliet") if word in text], text
    (item,) = iq["pubsub"]["publish"]
    notification = item["payload"]
    assert notification.tag == "{%s}notification" % PUSH, text
    (form,) = notification.findall(FORM)
    fields = Form(xml=form).get_values()
    assert fields.pop("FORM_TYPE") == SUMMARY, text
    options = iq["pubsub"]["publish_options"].get_values()
    assert options["secret"] == "secret of " + node, text
    return fields


async def enables(resource):
    """A device of Juliet's registers and goes away."""
    device = await Client("juliet@localhost/" + resource, sasl_mech="PLAIN").starts(STARTTLS_PORT)
    info = await device["xep_0030"].get_info(jid="juliet@localhost")
    assert PUSH in info["disco_info"]["features"], info
    info = await device["xep_0030"].get_info(jid=SERVICE)
    assert ("pubsub", "push", None, "Capulet's app") in info["disco_info"]["identities"], info
    # Calls of strangers do not ring.
    await device.update_roster("romeo@localhost")
    form = device["xep_0004"].make_form("submit")
    form.add_field("FORM_TYPE", "hidden", value="http://jabber.org/protocol/pubsub#publish-options")
    form.add_field("secret", value="secret of " + resource)
    enable = ET.Element("{%s}enable" % PUSH, {"jid": SERVICE, "node": resource})
    enable.append(form.xml)
    iq = device.make_iq_set()
    iq.xml.append(enable)
    await iq.send(timeout=PATIENCE)
    await device.leaves()


def writes(romeo):
    romeo.send_message("juliet@localhost", SAID, mtype="chat")


def calls(romeo, sid):
    romeo["xep_0353"].propose("juliet@localhost", sid, [(RTP, "audio")])


async def woken(service, romeo):
    writes(romeo)
    told = await service.is_told("phone", "tablet")
    assert told == [dict(TOLD, **{"message-count": "1"})] * 2, told
    calls(romeo, "call1")
    told = await service.is_told("phone", "tablet")
    assert told == [TOLD] * 2, told


async def given_up(service, romeo):
    service.unknown.add("phone")
    for _ in range(ENOUGH - 1):
        writes(romeo)
        await service.is_told("phone", "tablet")
    calls(romeo, "call2")
    await service.is_told("phone", "tablet")
    calls(romeo, "call3")
    await service.is_told("tablet")
    assert service.published.empty()


async def main():
    service = Service()
    service.connect()
    await asyncio.wait_for(service.started.wait(), PATIENCE)
    await enables("phone")
    await enables("tablet")
    romeo = await Client("romeo@localhost/orchard", plugins=("xep_0353",), sasl_mech="PLAIN").starts(STARTTLS_PORT)
    await woken(service, romeo)
    print("  a message and a call, each published to both devices: done")
    await given_up(service, romeo)
    print("  given up when its service does not know it: done")
    await romeo.leaves()
    await service.disconnect()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 60))
