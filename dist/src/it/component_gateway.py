# SPDX-License-Identifier: Apache-2.0
"""A gateway and its user, against the ports of 127.0.0.1 for STARTTLS and components and the file of the secret."""

import asyncio
import os
import sys

import slixmpp
from slixmpp.exceptions import IqError

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import PATIENCE, Client  # noqa: E402

STARTTLS_PORT, COMPONENT_PORT = (int(port) for port in sys.argv[1:3])
with open(sys.argv[3], encoding="utf-8") as file:
    SECRET = file.read().strip()
DOMAIN = "gateway.localhost"
NURSE = "nurse@" + DOMAIN


class Gateway(slixmpp.ComponentXMPP):
    """Its contacts accept everybody and say back what they hear."""

    def __init__(self, secret=SECRET):
        super().__init__(DOMAIN, secret, "127.0.0.1", COMPONENT_PORT)
        self.started = asyncio.Event()
        self.ended = asyncio.Event()
        self.errors = []
        self.unavailable = asyncio.Queue()
        for plugin in ("xep_0030", "xep_0092", "xep_0199"):
            self.register_plugin(plugin)
        self["xep_0030"].add_identity(category="gateway", itype="sms", name="Verona")
        self.auto_authorize = None
        self.auto_subscribe = False
        self.add_event_handler("session_start", lambda data: self.started.set())
        self.add_event_handler("disconnected", lambda data: self.ended.set())
        self.add_event_handler("stream_error", lambda error: self.errors.append(error["condition"]))
        self.add_event_handler("message", self.hears)
        self.add_event_handler("presence_subscribe", self.accepts)
        self.add_event_handler("presence_unavailable", self.unavailable.put_nowait)

    def hears(self, message):
        if message["type"] in ("chat", "normal"):
            message.reply("You said: " + message["body"]).send()

    def accepts(self, presence):
        self.send_presence(pto=presence["from"], pfrom=presence["to"], ptype="subscribed")
        self.send_presence(pto=presence["from"], pfrom=f"{presence['to']}/verona", pstatus="in Verona")

    async def starts(self):
        self.connect()
        await asyncio.wait_for(self.started.wait(), PATIENCE)
        return self


async def found(juliet, expected):
    items = await juliet["xep_0030"].get_items(jid="localhost")
    assert (DOMAIN in [str(item[0]) for item in items["disco_items"]["items"]]) == expected, items


async def serves(juliet, gateway):
    await found(juliet, True)
    info = await juliet["xep_0030"].get_info(jid=DOMAIN)
    assert ("gateway", "sms", None, "Verona") in info["disco_info"]["identities"], info
    await gateway["xep_0199"].ping("localhost", ifrom=DOMAIN)
    juliet.send_presence()
    await juliet.get_roster()
    juliet.send_presence_subscription(NURSE, ptype="subscribe")
    await juliet.awaits("presence_subscribed", lambda presence: presence["from"] == NURSE)
    presence = await juliet.awaits("presence_available", lambda presence: presence["from"] == NURSE + "/verona")
    assert presence["status"] == "in Verona", presence
    for number in range(20):
        body = f"canary7body {number} <&'\">"
        juliet.send_message(NURSE, body, mtype="chat")
        await juliet.awaits("message", lambda message: message["body"] == "You said: " + body)


async def goes(juliet, gateway):
    await gateway.disconnect()
    await asyncio.wait_for(gateway.ended.wait(), PATIENCE)
    await found(juliet, False)
    try:
        await juliet["xep_0030"].get_info(jid=DOMAIN)
        raise AssertionError("nobody is there to answer")
    except IqError as error:
        assert error.condition == "remote-server-timeout", error


async def replaced(juliet):
    former = await Gateway().starts()
    latter = await Gateway().starts()
    await asyncio.wait_for(former.ended.wait(), PATIENCE)
    assert former.errors == ["conflict"], former.errors
    await serves_again(juliet)
    await latter.disconnect()


async def serves_again(juliet):
    juliet.send_message(NURSE, "canary7body again", mtype="chat")
    await juliet.awaits("message", lambda message: message["body"] == "You said: canary7body again")


async def refused():
    stranger = Gateway("canary7 not the secret")
    stranger.connect()
    await asyncio.wait_for(stranger.ended.wait(), PATIENCE)
    assert not stranger.started.is_set()


async def main():
    juliet = await Client("juliet@localhost/balcony", binding=b"", sasl_mech="SCRAM-SHA-256").starts(STARTTLS_PORT)
    await found(juliet, False)
    await refused()
    print("  refused without the secret: done")
    gateway = await Gateway().starts()
    await serves(juliet, gateway)
    print("  found, subscribed, chat: done")
    await goes(juliet, gateway)
    print("  away: done")
    await replaced(juliet)
    print("  replaced: done")
    await juliet.leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 120))
