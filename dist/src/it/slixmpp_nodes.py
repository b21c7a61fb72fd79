# SPDX-License-Identifier: Apache-2.0
"""Avatars, bookmarks, keys, tunes and files with slixmpp, against the server on the STARTTLS port given as the argument."""

import asyncio
import io
import os
import sys
import urllib.request
from xml.etree import ElementTree as ET

from slixmpp.exceptions import IqError

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import Client, befriend  # noqa: E402

PORT = int(sys.argv[1])
IMAGE = b"\x89PNG\r\n\x1a\n" + b"canary7" * 2000
DEVICES = "urn:xmpp:omemo:2:devices"
BUNDLES = "urn:xmpp:omemo:2:bundles"
BOOKMARKS = "urn:xmpp:bookmarks:1"
PLUGINS = ("xep_0004", "xep_0049", "xep_0048", "xep_0060", "xep_0084", "xep_0115", "xep_0118", "xep_0163", "xep_0363")
EVENTS = ("message_error", "avatar_metadata_publish", "user_tune_publish", "pubsub_publish", "pubsub_retract")


async def log_in(jid, *interests):
    client = Client(jid, binding=b"", plugins=PLUGINS, events=EVENTS, sasl_mech="SCRAM-SHA-256")
    await client.starts(PORT)
    for interest in interests:
        client["xep_0030"].add_feature(f"{interest}+notify")
    await client["xep_0115"].update_caps()
    return client


def options(client, **fields):
    form = client["xep_0004"].make_form(ftype="submit")
    form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options")
    for name, value in fields.items():
        form.add_field(var=f"pubsub#{name}", value=value)
    return form


async def avatar(hamlet, ophelia):
    hash_ = hamlet["xep_0084"].generate_id(IMAGE)
    await hamlet["xep_0084"].publish_avatar(IMAGE)
    await hamlet["xep_0084"].publish_avatar_metadata([{"id": hash_, "type": "image/png", "bytes": len(IMAGE)}])
    event = await ophelia.awaits("avatar_metadata_publish")
    info = event["pubsub_event"]["items"]["item"]["avatar_metadata"]["items"][0]
    assert info["id"] == hash_, event
    found = await ophelia["xep_0084"].retrieve_avatar("hamlet@localhost", info["id"])
    assert found["pubsub"]["items"]["item"]["avatar_data"]["value"] == IMAGE
    card = await ophelia["xep_0054"].get_vcard("hamlet@localhost", local=False)
    assert card["vcard_temp"]["PHOTO"]["BINVAL"] == IMAGE, "the card has the image"
    hamlet.send_presence()
    presence = await ophelia.awaits("presence_available", lambda stanza: stanza["from"] == hamlet.boundjid)
    assert hash_ in str(presence), presence


async def tune(hamlet, ophelia):
    await hamlet["xep_0118"].publish_tune(artist="Yes", title="Roundabout")
    event = await ophelia.awaits("user_tune_publish")
    assert event["pubsub_event"]["items"]["item"]["tune"]["title"] == "Roundabout", event


async def bookmarks(hamlet, phone):
    room = ET.fromstring(f"<conference xmlns='{BOOKMARKS}' name='The Coven' autojoin='true'><nick>J</nick></conference>")
    private = {"persist_items": "true", "max_items": "max", "send_last_published_item": "never", "access_model": "whitelist"}
    await hamlet["xep_0060"].publish(
        "hamlet@localhost", BOOKMARKS, id="coven@rooms.localhost", payload=room, options=options(hamlet, **private)
    )
    event = await phone.awaits("pubsub_publish", lambda stanza: BOOKMARKS in str(stanza))
    assert event["pubsub_event"]["items"]["item"]["id"] == "coven@rooms.localhost", event
    old = await phone["xep_0048"].get_bookmarks(method="xep_0049")
    assert "coven@rooms.localhost" in str(old) and "<nick>J</nick>" in str(old), old
    await hamlet["xep_0060"].retract("hamlet@localhost", BOOKMARKS, "coven@rooms.localhost", notify=True)
    await phone.awaits("pubsub_retract", lambda stanza: BOOKMARKS in str(stanza))


async def keys(hamlet, ophelia):
    devices = ET.fromstring("<devices xmlns='urn:xmpp:omemo:2'><device id='31415'/></devices>")
    bundle = ET.fromstring("<bundle xmlns='urn:xmpp:omemo:2'><spk id='0'>cGs=</spk></bundle>")
    await hamlet["xep_0060"].publish(
        "hamlet@localhost", DEVICES, id="current", payload=devices, options=options(hamlet, access_model="open")
    )
    await ophelia.awaits("pubsub_publish", lambda stanza: DEVICES in str(stanza))
    many = options(hamlet, access_model="open", max_items="max")
    await hamlet["xep_0060"].publish("hamlet@localhost", BUNDLES, id="31415", payload=bundle, options=many)
    stranger = await log_in("horatio@localhost/street")
    found = await stranger["xep_0060"].get_item("hamlet@localhost", BUNDLES, "31415")
    assert "cGs=" in str(found), found
    await stranger.leaves()


async def last_items(hamlet):
    """Who comes later gets the last items of what it is interested in."""
    tavern = await log_in("ophelia@localhost/tavern", DEVICES)
    tavern.send_presence()
    await tavern.awaits("pubsub_publish", lambda stanza: DEVICES in str(stanza) and "31415" in str(stanza))
    await tavern.leaves()


async def service(hamlet, ophelia):
    news = ET.fromstring("<news xmlns='urn:news'>canary7</news>")
    await hamlet["xep_0060"].create_node("pubsub.localhost", "news")
    await ophelia["xep_0060"].subscribe("pubsub.localhost", "news")
    await hamlet["xep_0060"].publish("pubsub.localhost", "news", id="1", payload=news)
    event = await ophelia.awaits("pubsub_publish", lambda stanza: stanza["from"] == "pubsub.localhost")
    assert "canary7" in str(event), event
    nodes = await ophelia["xep_0060"].get_nodes("pubsub.localhost")
    assert "news" in str(nodes), nodes


async def upload(hamlet, ophelia):
    share = hamlet["xep_0363"]
    # Its own search for the service fails with Python 3.11.
    for item in (await hamlet["xep_0030"].get_items("localhost"))["disco_items"]["items"]:
        info = (await hamlet["xep_0030"].get_info(item[0]))["disco_info"]
        if "urn:xmpp:http:upload:0" in info["features"]:
            share.upload_service = item[0]
            share.max_file_size = int(info["form"].get_fields()["max-file-size"]["value"])
    assert len(IMAGE) < share.max_file_size
    url = await share.upload_file("a skull.png", len(IMAGE), "image/png", input_file=io.BytesIO(IMAGE))
    hamlet.send_message("ophelia@localhost", url, mtype="chat")
    message = await ophelia.awaits("message", lambda stanza: stanza["body"] == url)
    with urllib.request.urlopen(message["body"]) as answer:
        assert answer.read() == IMAGE and answer.headers["Content-Type"] == "image/png", answer.headers
    try:
        await share.request_slot(share.upload_service, "a kingdom.png", share.max_file_size + 1)
    except IqError as error:
        assert error.condition == "not-acceptable", error
    else:
        raise AssertionError("the limit is none")


async def blocking(hamlet, ophelia):
    await hamlet["xep_0191"].block("ophelia@localhost")
    await ophelia.awaits("presence_unavailable", lambda presence: presence["from"] == hamlet.boundjid)
    ophelia.send_message("hamlet@localhost", "My lord?", mtype="chat")
    refused = await ophelia.awaits("message_error")
    assert refused["error"]["condition"] == "service-unavailable", refused
    await hamlet["xep_0191"].unblock("ophelia@localhost")
    await ophelia.awaits("presence_available", lambda presence: presence["from"] == hamlet.boundjid)
    assert not (await hamlet["xep_0191"].get_blocked())["blocklist"]["items"]


async def main():
    hamlet = await log_in("hamlet@localhost/balcony")
    phone = await log_in("hamlet@localhost/phone", BOOKMARKS)
    ophelia = await log_in(
        "ophelia@localhost/orchard", DEVICES, "urn:xmpp:avatar:metadata", "http://jabber.org/protocol/tune"
    )
    phone.send_presence()
    await befriend(hamlet, ophelia)
    for step in (avatar, tune, bookmarks, keys, service, upload, blocking):
        await step(hamlet, phone if step is bookmarks else ophelia)
        print(f"  {step.__name__}: done")
    await last_items(hamlet)
    print("  last items: done")
    for client in (hamlet, phone, ophelia):
        await client.leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 180))
