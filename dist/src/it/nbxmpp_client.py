# SPDX-License-Identifier: Apache-2.0
"""What Gajim asks of a server, by its library nbxmpp: the arguments are the STARTTLS port and the address of the WebSocket."""

import os
import sys
import urllib.request

from gi.repository import GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType
from nbxmpp.modules.dataforms import extend_form
from nbxmpp.modules.user_avatar import Avatar
from nbxmpp.modules.vcard4 import VCard
from nbxmpp.namespaces import Namespace
from nbxmpp.protocol import JID, Message, Node
from nbxmpp.structs import BookmarkData, DiscoIdentity, OMEMOBundle, StanzaHandler
from nbxmpp.util import generate_id

PORT, WEBSOCKET = sys.argv[1:]
PATIENCE = 20
BODY = "canary7body"
IMAGE = b"\x89PNG\r\n\x1a\n" + b"canary7" * 1000
ADD_USER = "http://jabber.org/protocol/admin#add-user"
INTERESTS = [Namespace.AVATAR_METADATA, Namespace.BOOKMARKS_1, Namespace.OMEMO_TEMP_DL]
JULIET = JID.from_string("juliet@localhost")
ROMEO = JID.from_string("romeo@localhost")
TYBALT = JID.from_string("tybalt@localhost")
context = GLib.MainContext.default()


def until(condition, what):
    """Lets the library work until the condition is true, and returns what it is."""
    late = []
    timer = GLib.timeout_add_seconds(PATIENCE, lambda: late.append(True))
    while not (found := condition()):
        assert not late, f"no {what}"
        context.iteration(True)
    GLib.source_remove(timer)
    return found


def result(task):
    """What a request of the library comes to; its errors are raised."""
    # The task forgets it right after.
    outcome = []
    task.add_done_callback(lambda done: outcome.append(done.get_result()), weak=False)
    until(lambda: outcome, "answer")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


class Person:
    """Somebody logged in, and all that came: pairs of a stanza and what the library read in it."""

    def __init__(self, jid, host, protocol, type_):
        self.came = []
        jid = JID.from_string(jid)
        self.client = Client(log_context=str(jid))
        self.client.set_domain(jid.domain)
        self.client.set_username(jid.localpart)
        self.client.set_resource(jid.resource)
        self.client.set_password(os.environ["PASSWORD"])
        self.client.set_ignore_tls_errors(True)
        self.client.set_custom_host(host, protocol, type_)
        connected = []
        for signal in ("connected", "connection-failed", "disconnected"):
            self.client.subscribe(signal, lambda _client, name: connected.append(name))
        for stanza in ("message", "presence", "iq"):
            self.client.register_handler(StanzaHandler(name=stanza, callback=self._keeps, priority=60))
        self.signals = connected
        self.client.connect()
        until(lambda: connected, "connection")
        assert connected == ["connected"], (connected, self.client.get_error())

    def _keeps(self, _client, stanza, properties):
        self.came.append((stanza, properties))

    def __getattr__(self, module):
        return self.client.get_module(module)

    def hears(self, check, what):
        """The first stanza that the check accepts; it is not found again."""
        found = until(lambda: [pair for pair in self.came if check(*pair)], what)[0]
        self.came.remove(found)
        return found

    def event(self, node):
        """What a node with this name says next."""
        _, properties = self.hears(
            lambda _, properties: getattr(properties, "pubsub_event", None) and properties.pubsub_event.node == node, node
        )
        return properties.pubsub_event

    def shows(self, **more):
        self.EntityCaps.set_caps(
            [DiscoIdentity(category="client", type="pc", name="nbxmpp")],
            [Namespace.DISCO_INFO, *(f"{interest}+notify" for interest in INTERESTS)],
            "https://gajim.org",
        )
        caps = self.EntityCaps.caps._asdict()
        self.BasePresence.send(caps=caps, **more)
        self.hears(lambda stanza, _: stanza.getFrom() == self.client.get_bound_jid(), "own presence")

    def leaves(self):
        self.client.disconnect()
        until(lambda: "disconnected" in self.signals, "end")


def tcp(jid):
    return Person(jid, f"127.0.0.1:{PORT}", ConnectionProtocol.TCP, ConnectionType.START_TLS)


def websocket(jid):
    return Person(jid, WEBSOCKET, ConnectionProtocol.WEBSOCKET, ConnectionType.PLAIN)


def rosters(juliet, romeo):
    for person in (juliet, romeo):
        result(person.Roster.request_roster())
        person.shows()
    result(juliet.Roster.set_item(ROMEO, "Romeo", ["Verona"]))
    juliet.hears(lambda _, properties: getattr(properties, "roster", None), "roster push")
    for person, other in ((juliet, romeo), (romeo, juliet)):
        person.BasePresence.subscribe(other.client.get_bound_jid().bare)
        other.hears(lambda stanza, _: stanza.getType() == "subscribe", "request")
        other.BasePresence.subscribed(person.client.get_bound_jid().bare)
        person.hears(lambda stanza, _: stanza.getType() == "subscribed", "approval")
    (item,) = result(juliet.Roster.request_roster()).items
    assert (item.jid, item.name, item.subscription, item.groups) == (ROMEO, "Romeo", "both", {"Verona"}), item


def chat(juliet, romeo):
    for number in range(4):
        juliet.client.send_stanza(Message(to=ROMEO, body=f"{BODY} {number}", typ="chat"))
        _, properties = romeo.hears(lambda stanza, _: stanza.getTagData("body") == f"{BODY} {number}", "message")
        assert str(ROMEO) in [entry.by for entry in properties.stanza_ids], properties.stanza_ids


def archive(juliet, romeo):
    after = None
    found = []
    # Pages of three, so that there are two.
    for complete in (False, True):
        query = generate_id()
        page = result(romeo.MAM.make_query(ROMEO, queryid=query, after=after, max_=3))
        assert page.complete == complete, page
        after = page.rsm.last
        found += [
            (properties.mam.id, stanza.getBody())
            for stanza, properties in romeo.came
            if getattr(properties, "mam", None) and properties.mam.query_id == query
        ]
    assert [body for _, body in found] == [f"{BODY} {number}" for number in range(4)], found
    assert found[-1][0] == after
    result(romeo.MAM.set_preferences("roster", [JULIET], [TYBALT]))
    preferences = result(romeo.MAM.request_preferences())
    assert (preferences.default, preferences.never) == ("roster", [TYBALT]), preferences


def avatar(juliet, romeo):
    picture = Avatar()
    picture.add_image_source(IMAGE, "image/png", 64, 64)
    result(juliet.UserAvatar.set_avatar(picture))
    event = romeo.event(Namespace.AVATAR_METADATA)
    sha = event.data.default
    assert event.data.avatar_shas == [sha], event
    assert result(romeo.UserAvatar.request_avatar_data(sha, JULIET)).data == IMAGE
    card = result(romeo.VCardTemp.request_vcard(JULIET))
    assert card.get_avatar()[1] == sha, "the old card has the image"
    juliet.shows(status="on the balcony")
    _, properties = romeo.hears(lambda stanza, _: stanza.getTagData("status") == "on the balcony", "presence")
    assert properties.avatar_sha == sha, "the presence has its hash"
    card = VCard()
    card.add_property("fn", value="Juliet")
    result(juliet.VCard4.set_vcard(card, public=True))
    assert [prop.value for prop in result(romeo.VCard4.request_vcard(JULIET)).get_properties()] == ["Juliet"]


def bookmarks(juliet, _):
    phone = tcp("juliet@localhost/phone")
    phone.shows()
    room = JID.from_string("coven@rooms.localhost")
    extensions = Node("extensions", attrs={"xmlns": Namespace.BOOKMARKS_1})
    extensions.addChild("mine", namespace="urn:example", attrs={"it": "stays"})
    juliet.NativeBookmarks.store_bookmarks([BookmarkData(room, "The Coven", "J", True, None, extensions)])
    assert phone.event(Namespace.BOOKMARKS_1).data.jid == room
    (kept,) = result(phone.NativeBookmarks.request_bookmarks())
    assert kept[:4] == (room, "The Coven", "J", True) and "urn:example" in str(kept.extensions), kept
    assert [old.jid for old in result(phone.PrivateBookmarks.request_bookmarks())] == [room], "the old storage has it"
    result(juliet.NativeBookmarks.retract_bookmark(room))
    assert phone.event(Namespace.BOOKMARKS_1).retracted
    assert result(phone.NativeBookmarks.request_bookmarks()) == []
    phone.leaves()


def keys(juliet, romeo):
    """Whoever encrypts finds the devices of a contact, hears of new ones, and gets the keys of each."""
    result(juliet.OMEMO.set_devicelist([31415]))
    assert romeo.event(Namespace.OMEMO_TEMP_DL).data == [31415]
    bundle = OMEMOBundle(
        spk={"key": b"spk", "id": 1}, spk_signature=b"signature", ik=b"ik", otpks=[{"key": b"prekey", "id": 7}]
    )
    result(juliet.OMEMO.set_bundle(bundle, 31415))
    assert result(romeo.OMEMO.request_bundle(JULIET, 31415)) == bundle


def upload(juliet, _):
    services = [item.jid for item in result(juliet.Discovery.disco_items(JID.from_string("localhost"))).items]
    found = [result(juliet.Discovery.disco_info(jid)) for jid in services]
    (service,) = [info for info in found if info.supports(Namespace.HTTPUPLOAD_0)]
    assert service.httpupload_max_file_size > len(IMAGE), service
    slot = result(juliet.HTTPUpload.request_slot(service.jid, "a rose.png", len(IMAGE), "image/png"))
    headers = {"Content-Type": "image/png", **slot.headers}
    with urllib.request.urlopen(urllib.request.Request(slot.put_uri, IMAGE, headers, method="PUT")) as answer:
        assert answer.status == 201, answer
    with urllib.request.urlopen(slot.get_uri) as answer:
        assert answer.read() == IMAGE and answer.headers["Content-Type"] == "image/png", answer.headers


def blocking(juliet, _):
    # Who asked for the list is told of its changes.
    assert result(juliet.Blocking.request_blocking_list()) == set()
    result(juliet.Blocking.block([TYBALT], report="spam"))
    _, properties = juliet.hears(lambda _, properties: getattr(properties, "blocking", None), "push")
    assert properties.blocking.block == {TYBALT}, properties.blocking
    assert result(juliet.Blocking.request_blocking_list()) == {TYBALT}
    result(juliet.Blocking.unblock([TYBALT]))
    assert result(juliet.Blocking.request_blocking_list()) == set()


def commands(juliet, romeo):
    server = JID.from_string("localhost")
    offered = result(juliet.AdHoc.request_command_list(server))
    (command,) = [command for command in offered if command.node == ADD_USER]
    assert ADD_USER not in [command.node for command in result(romeo.AdHoc.request_command_list(server))]
    asked = result(juliet.AdHoc.execute_command(command))
    form = extend_form(asked.data)
    password = os.environ["PASSWORD"]
    for name, value in {"accountjid": "rosaline@localhost", "password": password, "password-verify": password}.items():
        form[name].value = value
    form.type_ = "submit"
    done = result(juliet.AdHoc.execute_command(asked, asked.default, form))
    assert done.is_completed, done
    websocket("rosaline@localhost/street").leaves()


juliet = tcp("juliet@localhost/balcony")
romeo = websocket("romeo@localhost/orchard")
for step in (rosters, chat, archive, avatar, bookmarks, keys, upload, blocking, commands):
    step(juliet, romeo)
    print(f"  {step.__name__}: done", flush=True)
for person in (juliet, romeo):
    person.leaves()
