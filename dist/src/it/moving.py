# SPDX-License-Identifier: Apache-2.0
"""Users of another server with slixmpp: `fill PORT FILE` writes down what they have there, `check PORT FILE [LOST...]` finds
it here, with the passwords that they have always had."""

import asyncio
import json
import os
import sys
from xml.etree import ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import Client, befriend  # noqa: E402

PUBSUB = "http://jabber.org/protocol/pubsub"
BOOKMARKS = "urn:xmpp:bookmarks:1"
NICK = "http://jabber.org/protocol/nick"
MAM = "urn:xmpp:mam:2"


class Elsewhere(Client):
    """For a server without TLS."""

    async def starts(self, port):
        self.connect(("127.0.0.1", port), disable_starttls=True, force_starttls=False)
        await self.awaits("session_start")
        return self


async def ask(client, kind, xml, to=None):
    iq = client.make_iq(itype=kind, ito=to)
    iq.append(ET.fromstring(xml))
    return (await iq.send(timeout=20)).xml


def publish(node, item, payload):
    return f"<pubsub xmlns='{PUBSUB}'><publish node='{node}'><item id='{item}'>{payload}</item></publish></pubsub>"


def create(node, **fields):
    form = "".join(f"<field var='pubsub#{name}'><value>{value}</value></field>" for name, value in fields.items())
    return (
        f"<pubsub xmlns='{PUBSUB}'><create node='{node}'/><configure><x xmlns='jabber:x:data' type='submit'>"
        f"<field var='FORM_TYPE' type='hidden'><value>{PUBSUB}#node_config</value></field>{form}</x></configure></pubsub>"
    )


async def fill(port):
    juliet = await Elsewhere("juliet@localhost/balcony").starts(port)
    romeo = await Elsewhere("romeo@localhost/orchard").starts(port)
    await befriend(juliet, romeo)
    tybalt = await Elsewhere("tybalt@localhost/street").starts(port)
    tybalt.send_presence()
    await juliet.update_roster("romeo@localhost", name="R\u00f6meo & <co>", groups=["M\u00f6ntague"])
    await ask(juliet, "set", "<vCard xmlns='vcard-temp'><FN>J\u00fcliet</FN></vCard>")
    await ask(juliet, "set", "<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'><nick>Hamlet</nick></exodus></query>")
    await ask(juliet, "set", "<block xmlns='urn:xmpp:blocking'><item jid='paris@localhost'/></block>")
    await ask(juliet, "set", create(NICK, access_model="open"))
    await ask(juliet, "set", publish(NICK, "current", f"<nick xmlns='{NICK}'>Jule</nick>"))
    await ask(juliet, "set", create(BOOKMARKS, access_model="whitelist", max_items="10", send_last_published_item="never"))
    for room in ("coven", "orchard"):
        payload = f"<conference xmlns='{BOOKMARKS}' name='{room}'><nick>J</nick></conference>"
        await ask(juliet, "set", publish(BOOKMARKS, f"{room}@rooms.localhost", payload))
    for i in range(3):
        juliet.send_message("romeo@localhost", f"to him {i} \u2764", mtype="chat")
        await romeo.awaits("message", lambda message, i=i: message["body"].startswith(f"to him {i}"))
        romeo.send_message("juliet@localhost", f"to her {i}", mtype="chat")
        await juliet.awaits("message", lambda message, i=i: message["body"] == f"to her {i}")
    has = await seen(juliet)
    await juliet.leaves()
    tybalt.send_presence_subscription("juliet@localhost", ptype="subscribe")
    romeo.send_message("juliet@localhost", "while you are away", mtype="chat")
    await romeo.get_roster()
    await tybalt.get_roster()
    await asyncio.sleep(1)
    await romeo.leaves()
    await tybalt.leaves()
    return has


async def seen(client, nodes_too=True):
    """What the user has, in a form that does not depend on the server."""
    roster = await ask(client, "get", "<query xmlns='jabber:iq:roster'/>")
    items = [
        [item.get("jid"), item.get("name"), item.get("subscription"), sorted(group.text for group in item)]
        for item in roster[0]
    ]
    card = await ask(client, "get", "<vCard xmlns='vcard-temp'/>")
    private = await ask(client, "get", "<query xmlns='jabber:iq:private'><exodus xmlns='exodus:prefs'/></query>")
    blocked = await ask(client, "get", "<blocklist xmlns='urn:xmpp:blocking'/>")
    nodes = {}
    for node in (NICK, BOOKMARKS) if nodes_too else ():
        found = await ask(client, "get", f"<pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub>")
        nodes[node] = sorted(
            [item.get("id"), item[0].get("name"), "".join(item[0].itertext())] for item in found.iter(f"{{{PUBSUB}}}item")
        )
    results = []
    archive = await client["xep_0313"].retrieve()
    for result in archive["mam"]["results"]:
        forwarded = result["mam_result"]["forwarded"]
        message = forwarded["stanza"]
        stamp = forwarded["delay"]["stamp"].replace(microsecond=0, tzinfo=None)
        results.append([message["from"].bare, message["to"].bare, message["id"], message["body"], str(stamp)])
    return {
        "roster": sorted(items),
        "card": [text for text in card.itertext() if text.strip()],
        "private": "".join(private.itertext()),
        "blocked": sorted(item.get("jid") for item in blocked[0]),
        "nodes": nodes,
        "archive": results,
    }


async def check(port, had, lost):
    juliet = Client("juliet@localhost/balcony", binding=b"", sasl_mech="SCRAM-SHA-1")
    await juliet.starts(port)
    assert juliet.mechanism == "SCRAM-SHA-1", juliet.mechanism
    has = await seen(juliet, "nodes" not in lost)
    away = has["archive"].pop()
    assert away[3] == "while you are away", away
    # What the other server does not export, it cannot bring.
    for what in set(had) - set(lost):
        assert has[what] == had[what], f"{what}: {has[what]}\nwas: {had[what]}"
    romeo = await Client("romeo@localhost/orchard", binding=b"", sasl_mech="SCRAM-SHA-1").starts(port)
    romeo.send_presence()
    juliet.send_presence()
    await juliet.awaits("presence_available", lambda presence: presence["from"] == romeo.boundjid)
    juliet.send_presence_subscription("tybalt@localhost", ptype="subscribed")
    await juliet.get_roster()
    state = juliet.client_roster["tybalt@localhost"]["subscription"]
    assert state in ("from", "both"), f"the request waited for an answer: {state}"
    juliet.send_message("romeo@localhost", "here I am", mtype="chat")
    await romeo.awaits("message", lambda message: message["body"] == "here I am")
    await juliet.leaves()
    await romeo.leaves()


async def main(what, port, file, *lost):
    if what == "fill":
        had = await fill(int(port))
        with open(file, "w") as out:
            json.dump(had, out)
    else:
        with open(file) as kept:
            await check(int(port), json.load(kept), lost)


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(*sys.argv[1:]), 120))
