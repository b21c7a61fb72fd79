# SPDX-License-Identifier: Apache-2.0
"""A client of slixmpp for scripts: it keeps what it is sent until the script waits for it."""

import asyncio
import os
import ssl
import sys

import slixmpp

PASSWORD = os.environ["PASSWORD"]
PATIENCE = 20

PLUGINS = ("xep_0030", "xep_0054", "xep_0059", "xep_0191", "xep_0198", "xep_0199", "xep_0280", "xep_0313", "xep_0352")
EVENTS = (
    "message",
    "presence_available",
    "presence_unavailable",
    "presence_subscribe",
    "presence_subscribed",
    "carbon_sent",
    "carbon_received",
    "session_start",
    "session_resumed",
    "disconnected",
    "failed_auth",
)


class Client(slixmpp.ClientXMPP):
    """For the server on a STARTTLS port of 127.0.0.1."""

    def __init__(self, jid, binding="as it is", plugins=(), events=(), **options):
        super().__init__(jid, PASSWORD, **options)
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.auto_authorize = None
        self.auto_subscribe = False
        self.events = asyncio.Queue()
        self.binding = binding
        self.mechanism = None
        for plugin in PLUGINS + tuple(plugins):
            self.register_plugin(plugin)
        for event in EVENTS + tuple(events):
            self.add_event_handler(event, lambda data, event=event: self.events.put_nowait((event, data)))
        if binding != "as it is":
            mechanisms = self.plugin["feature_mechanisms"]
            usual = mechanisms._default_credentials

            def without_binding(required, optional):
                found = usual(required, optional)
                found["channel_binding"] = binding
                return found

            mechanisms.sasl_callback = without_binding

    async def awaits(self, event, check=lambda data: True):
        """The next event of this kind that the check accepts; what comes before is passed over."""
        while True:
            try:
                kind, data = await asyncio.wait_for(self.events.get(), PATIENCE)
            except asyncio.TimeoutError:
                raise AssertionError(f"{self.boundjid}: no {event}") from None
            if kind == event and check(data):
                return data
            if kind == "failed_auth" and event == "session_start":
                print(f"  {self.boundjid.bare}: one mechanism failed", file=sys.stderr)

    async def starts(self, port):
        self.connect(("127.0.0.1", port))
        await self.awaits("session_start")
        self.mechanism = self.plugin["feature_mechanisms"].mech.name
        return self

    async def leaves(self):
        await self.disconnect(wait=1)


async def befriend(juliet, romeo):
    """Both subscribe to each other's presence, as people do."""
    juliet.send_presence()
    romeo.send_presence()
    await juliet.get_roster()
    await romeo.get_roster()
    juliet.send_presence_subscription(romeo.boundjid.bare, ptype="subscribe")
    await romeo.awaits("presence_subscribe", lambda presence: presence["from"] == juliet.boundjid.bare)
    romeo.send_presence_subscription(juliet.boundjid.bare, ptype="subscribed")
    await juliet.awaits("presence_subscribed", lambda presence: presence["from"] == romeo.boundjid.bare)
    await juliet.awaits("presence_available", lambda presence: presence["from"] == romeo.boundjid)
    romeo.send_presence_subscription(juliet.boundjid.bare, ptype="subscribe")
    await juliet.awaits("presence_subscribe", lambda presence: presence["from"] == romeo.boundjid.bare)
    juliet.send_presence_subscription(romeo.boundjid.bare, ptype="subscribed")
    await romeo.awaits("presence_available", lambda presence: presence["from"] == juliet.boundjid)
    # The answer is empty, since the version is that of the pushes.
    await juliet.get_roster()
    assert juliet.client_roster[romeo.boundjid.bare]["subscription"] == "both", juliet.client_roster
