# SPDX-License-Identifier: Apache-2.0
"""End-to-end encryption by slixmpp with the OMEMO of python-omemo, both generations. The argument is the STARTTLS port.

There is also romeo, who uses profanity: he is written to, and his answer is waited for.
"""

import asyncio
import logging
import os
import sys
from xml.etree import ElementTree as ET

import oldmemo
import oldmemo.etree
import omemo
import twomemo
import twomemo.etree
from slixmpp.exceptions import IqError

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import Client, befriend  # noqa: E402

PORT = int(sys.argv[1])
BODY = "canary7body"
OLD, NEW = oldmemo.oldmemo.NAMESPACE, twomemo.twomemo.NAMESPACE
XML = {OLD: oldmemo.etree, NEW: twomemo.etree}
DEVICES = {OLD: OLD + ".devicelist", NEW: NEW + ":devices"}
PLUGINS = ("xep_0004", "xep_0060", "xep_0115", "xep_0163")
EVENTS = ("pubsub_publish",)


def bundle_of(namespace, device):
    """The node and the item where a device keeps its keys."""
    return (f"{OLD}.bundles:{device}", "current") if namespace == OLD else (f"{NEW}:bundles", str(device))


def options(client, namespace):
    form = client["xep_0004"].make_form(ftype="submit")
    form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options")
    form.add_field(var="pubsub#access_model", value="open")
    if namespace == NEW:
        form.add_field(var="pubsub#max_items", value="max")
    return form

# It warns of each first login.
logging.getLogger(omemo.SessionManager.LOG_TAG).setLevel(logging.ERROR)


class Memory(omemo.Storage):
    def __init__(self):
        super().__init__(disable_cache=True)
        self.kept = {}

    async def _load(self, key):
        return omemo.Just(self.kept[key]) if key in self.kept else omemo.Nothing()

    async def _store(self, key, value):
        self.kept[key] = value

    async def _delete(self, key):
        self.kept.pop(key, None)


async def encrypting(jid, *stores):
    """A client that has published its keys in both generations, and the sessions of its device."""
    client = Client(jid, binding=b"", plugins=PLUGINS, events=EVENTS, sasl_mech="SCRAM-SHA-256")
    await client.starts(PORT)
    for node in DEVICES.values():
        client["xep_0030"].add_feature(f"{node}+notify")
    await client["xep_0115"].update_caps()
    pubsub = client["xep_0060"]

    class Sessions(omemo.SessionManager):
        @staticmethod
        async def _upload_bundle(bundle):
            node, item = bundle_of(bundle.namespace, bundle.device_id)
            payload = XML[bundle.namespace].serialize_bundle(bundle)
            await pubsub.publish(
                client.boundjid.bare, node, id=item, payload=payload, options=options(client, bundle.namespace)
            )

        @staticmethod
        async def _download_bundle(namespace, bare_jid, device_id):
            node, item = bundle_of(namespace, device_id)
            found = await pubsub.get_item(bare_jid, node, item)
            payload = found["pubsub"]["items"]["item"]["payload"]
            return XML[namespace].parse_bundle(payload, bare_jid, device_id)

        @staticmethod
        async def _delete_bundle(namespace, device_id):
            await pubsub.retract(client.boundjid.bare, *bundle_of(namespace, device_id))

        @staticmethod
        async def _upload_device_list(namespace, device_list):
            payload = XML[namespace].serialize_device_list(device_list)
            form = options(client, OLD)
            await pubsub.publish(client.boundjid.bare, DEVICES[namespace], id="current", payload=payload, options=form)

        @staticmethod
        async def _download_device_list(namespace, bare_jid):
            try:
                found = await pubsub.get_items(bare_jid, DEVICES[namespace])
            except IqError as error:
                assert error.condition == "item-not-found", error
                return {}
            items = list(found["pubsub"]["items"])
            return XML[namespace].parse_device_list(items[0]["payload"]) if items else {}

        async def _evaluate_custom_trust_level(self, device):
            return omemo.TrustLevel.TRUSTED

        async def _make_trust_decision(self, undecided, identifier):
            raise AssertionError("everybody is trusted")

        @staticmethod
        async def _send_message(message, bare_jid):
            send(client, message, bare_jid)

    storage = Memory()
    backends = [twomemo.Twomemo(storage), oldmemo.Oldmemo(storage)]
    sessions = await Sessions.create(backends, storage, client.boundjid.bare, None, "blind")
    await sessions.after_history_sync()

    def learns(event):
        node = event["pubsub_event"]["items"]["node"]
        for namespace, devices in DEVICES.items():
            if node == devices:
                payload = event["pubsub_event"]["items"]["item"]["payload"]
                known = XML[namespace].parse_device_list(payload)
                learning.append(asyncio.ensure_future(sessions.update_device_list(namespace, event["from"].bare, known)))

    learning = client.learning = []
    client.add_event_handler("pubsub_publish", learns)
    return client, sessions


def send(client, message, jid):
    stanza = client.make_message(mto=jid, mtype="chat", mbody="Your client does not decrypt this.")
    stanza.append(XML[message.namespace].serialize_message(message))
    stanza.append(ET.Element("{urn:xmpp:hints}store"))
    stanza.send()


async def says(who, jid, text, namespace):
    client, sessions = who
    await asyncio.gather(*client.learning)
    plaintext = {namespace: text.encode()}
    messages, errors = await sessions.encrypt(frozenset({jid}), plaintext, [namespace])
    assert not errors, errors
    for message in messages:
        send(client, message, jid)


async def read(who, stanza, namespace):
    """The text of a message, or nothing where there is none for this device."""
    client, sessions = who
    encrypted = stanza.xml.find(f"{{{namespace}}}encrypted")
    sender = stanza["from"].bare
    if namespace == OLD:
        message = await oldmemo.etree.parse_message(encrypted, sender, client.boundjid.bare, sessions)
    else:
        message = twomemo.etree.parse_message(encrypted, sender)
    text, _, _ = await sessions.decrypt(message)
    return text and text.decode()


def encrypted(namespace):
    return lambda stanza: stanza.xml.find(f"{{{namespace}}}encrypted") is not None


async def hears(who, text, namespace):
    heard = None
    while heard != text:
        # Between there may be messages that only carry keys.
        heard = await read(who, await who[0].awaits("message", encrypted(namespace)), namespace)


async def generation(namespace, hamlet, ophelia):
    await says(hamlet, "ophelia@localhost", f"{BODY} get thee to a nunnery", namespace)
    await hears(ophelia, f"{BODY} get thee to a nunnery", namespace)
    await says(ophelia, "hamlet@localhost", f"{BODY} my lord", namespace)
    await hears(hamlet, f"{BODY} my lord", namespace)


async def main():
    hamlet = await encrypting("hamlet@localhost/castle")
    ophelia = await encrypting("ophelia@localhost/garden")
    await befriend(hamlet[0], ophelia[0])
    for namespace in (OLD, NEW):
        await generation(namespace, hamlet, ophelia)
        print(f"  {namespace}: done", flush=True)

    # A device that comes later is known to the others without a question, and reads what is sent from then on.
    phone = await encrypting("ophelia@localhost/phone")
    phone[0].send_presence()
    number = str((await phone[1].get_own_device_information())[0].device_id)
    for node in (DEVICES[NEW], DEVICES[OLD]):
        await hamlet[0].awaits("pubsub_publish", lambda event: node in str(event) and number in str(event))
    await says(hamlet, "ophelia@localhost", f"{BODY} words, words, words", NEW)
    for device in (ophelia, phone):
        await hears(device, f"{BODY} words, words, words", NEW)
    print("  a new device: done", flush=True)

    # Who is away reads it later, and the archive has nothing else to read.
    for person, _ in (ophelia, phone):
        person.transport.abort()
        await person.awaits("disconnected")
    await says(hamlet, "ophelia@localhost", f"{BODY} the rest is silence", NEW)
    archived = [entry async for entry in hamlet[0]["xep_0313"].iterate(rsm={"max": "50"})]
    assert len(archived) >= 6 and BODY not in str(archived), archived
    ophelia[0].connect(("127.0.0.1", PORT))
    await hears(ophelia, f"{BODY} the rest is silence", NEW)
    print("  read later: done", flush=True)

    # Not a contact: its devices are asked for.
    await hamlet[1].refresh_device_list(OLD, "romeo@localhost")
    await says(hamlet, "romeo@localhost", f"{BODY} from Elsinore", OLD)
    await hears(hamlet, f"{BODY} from Verona", OLD)
    print("  with profanity: done", flush=True)
    await hamlet[0].leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 60))
