# SPDX-License-Identifier: Apache-2.0
"""What two people do with slixmpp, against the server on the STARTTLS port of 127.0.0.1 given as the argument."""

import asyncio
import os
import sys

import slixmpp

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import Client, befriend  # noqa: E402

PORT = int(sys.argv[1])
BODY = "canary7body"


async def log_in_as_it_comes():
    """Whatever the client tries first: it gets in, even where its bindings are of the past."""
    client = await Client("juliet@localhost/default").starts(PORT)
    print(f"  logged in by {client.mechanism}")
    await client.leaves()


async def log_in_by(mechanism):
    client = await Client("juliet@localhost/scram", binding=b"", sasl_mech=mechanism).starts(PORT)
    assert client.mechanism == mechanism, client.mechanism
    print(f"  logged in by {client.mechanism}")
    await client.leaves()


def text(number):
    return f"{BODY} {number} <&'\"> \u2665 \U0001F600"


async def chat(juliet, romeo):
    for number in range(5):
        juliet.send_message("romeo@localhost", text(number), mtype="chat")
        await romeo.awaits("message", lambda message: message["body"] == text(number))
        romeo.send_message("juliet@localhost", text(number + 100), mtype="chat")
        await juliet.awaits("message", lambda message: message["body"] == text(number + 100))


async def copies(juliet, romeo):
    phone = await Client("juliet@localhost/phone", sasl_mech="PLAIN").starts(PORT)
    await phone["xep_0280"].enable()
    phone.send_presence()
    await phone.awaits("presence_available", lambda presence: presence["from"] == phone.boundjid)
    juliet.send_message("romeo@localhost", text(200), mtype="chat")
    await phone.awaits("carbon_sent", lambda carbon: carbon["carbon_sent"]["body"] == text(200))
    romeo.send_message(juliet.boundjid, text(201), mtype="chat")
    await phone.awaits("carbon_received", lambda carbon: carbon["carbon_received"]["body"] == text(201))
    await phone.leaves()
    await juliet.awaits("presence_unavailable", lambda presence: presence["from"] == "juliet@localhost/phone")


async def archive(juliet):
    bodies = []
    # Pages of three, so that there are several.
    async for result in juliet["xep_0313"].iterate(with_jid=slixmpp.JID("romeo@localhost"), rsm={"max": "3"}):
        bodies.append(result["mam_result"]["forwarded"]["stanza"]["body"])
    expected = [text(number) for pair in ((n, n + 100) for n in range(5)) for number in pair] + [text(200), text(201)]
    assert bodies == expected, bodies


async def resume(juliet, romeo):
    management = juliet["xep_0198"]
    assert management.enabled_in, "stream management is on"
    session = management.sm_id
    juliet.transport.abort()
    await juliet.awaits("disconnected")
    for number in range(300, 305):
        romeo.send_message("juliet@localhost", text(number), mtype="chat")
    juliet.connect(("127.0.0.1", PORT))
    await juliet.awaits("session_resumed")
    assert management.sm_id == session
    for number in range(300, 305):
        message = await juliet.awaits("message")
        assert message["body"] == text(number), message
    juliet.send_message("romeo@localhost", text(305), mtype="chat")
    await romeo.awaits("message", lambda message: message["body"] == text(305))


async def other_services(juliet):
    info = await juliet["xep_0030"].get_info("localhost")
    assert ("server", "im") in {identity[:2] for identity in info["disco_info"]["identities"]}, info
    assert "urn:xmpp:mam:2" in (await juliet["xep_0030"].get_info("juliet@localhost"))["disco_info"]["features"]
    await juliet["xep_0199"].ping("localhost")
    card = juliet["xep_0054"].stanza.VCardTemp()
    card["FN"] = "Juliet"
    await juliet["xep_0054"].publish_vcard(card)
    assert (await juliet["xep_0054"].get_vcard("juliet@localhost", local=False))["vcard_temp"]["FN"] == "Juliet"
    await juliet["xep_0191"].block("tybalt@localhost")
    assert "tybalt@localhost" in (await juliet["xep_0191"].get_blocked())["blocklist"]["items"]
    juliet["xep_0352"].send_inactive()
    juliet["xep_0352"].send_active()


async def main():
    await log_in_as_it_comes()
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"):
        await log_in_by(mechanism)
    juliet = await Client("juliet@localhost/balcony", binding=b"", sasl_mech="SCRAM-SHA-256").starts(PORT)
    romeo = await Client("romeo@localhost/orchard", binding=b"", sasl_mech="SCRAM-SHA-256").starts(PORT)
    for step in (befriend, chat, copies):
        await step(juliet, romeo)
        print(f"  {step.__name__}: done")
    await archive(juliet)
    print("  archive: done")
    await resume(juliet, romeo)
    print("  resume: done")
    await other_services(juliet)
    print("  other services: done")
    await juliet.leaves()
    await romeo.leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 180))
