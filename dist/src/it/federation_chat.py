# SPDX-License-Identifier: Apache-2.0
"""juliet is here, romeo is on two hosts of another server: with each of them she does what contacts do. Ports of both servers."""

import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import Client, befriend  # noqa: E402

HERE = int(sys.argv[1])
THERE = int(sys.argv[2])


async def chat(juliet, romeo):
    for number in range(3):
        juliet.send_message(romeo.boundjid.bare, f"to you {number} <&'\"> \u2665", mtype="chat")
        message = await romeo.awaits("message")
        assert message["body"] == f"to you {number} <&'\"> \u2665", message
        assert message["from"] == juliet.boundjid, message
        romeo.send_message(juliet.boundjid, f"to me {number}", mtype="chat")
        message = await juliet.awaits("message")
        assert message["body"] == f"to me {number}", message


async def questions(juliet, romeo):
    info = await juliet["xep_0030"].get_info(jid=romeo.boundjid.domain)
    assert info["disco_info"]["identities"], info
    info = await romeo["xep_0030"].get_info(jid=juliet.boundjid.domain)
    assert info["disco_info"]["identities"], info
    await juliet["xep_0199"].ping(romeo.boundjid)
    await romeo["xep_0199"].ping(juliet.boundjid)


async def presence(juliet, romeo):
    romeo.send_presence(pstatus="in exile")
    await juliet.awaits("presence_available", lambda shown: shown["from"] == romeo.boundjid and shown["status"] == "in exile")
    later = await Client("juliet@capulet.example/later", sasl_mech="PLAIN").starts(HERE)
    later.send_presence()
    await later.awaits("presence_available", lambda shown: shown["from"] == romeo.boundjid and shown["status"] == "in exile")
    await later.leaves()
    await romeo.awaits("presence_unavailable", lambda shown: shown["from"] == "juliet@capulet.example/later")


async def main():
    for host in ("montague.example", "escalus.example"):
        juliet = await Client("juliet@capulet.example/balcony", sasl_mech="PLAIN").starts(HERE)
        romeo = await Client(f"romeo@{host}/orchard", sasl_mech="PLAIN").starts(THERE)
        await befriend(juliet, romeo)
        await chat(juliet, romeo)
        await questions(juliet, romeo)
        await presence(juliet, romeo)
        await romeo.leaves()
        await juliet.awaits("presence_unavailable", lambda shown: shown["from"] == romeo.boundjid)
        await juliet.leaves()
        print(f"  contacts and chats with {host}")


asyncio.run(main())
