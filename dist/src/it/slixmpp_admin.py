# SPDX-License-Identifier: Apache-2.0
"""Administration and invitations with slixmpp, against the server on the STARTTLS port given as the first argument."""

import asyncio
import html
import os
import re
import ssl
import subprocess
import sys
from xml.etree import ElementTree as ET

from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import Client, PASSWORD  # noqa: E402

PORT = int(sys.argv[1])
ADMIN = "http://jabber.org/protocol/admin#"
PLUGINS = ("xep_0004", "xep_0030", "xep_0050")


async def log_in(jid):
    client = Client(jid, binding=b"", plugins=PLUGINS, events=("roster_update",), sasl_mech="SCRAM-SHA-256")
    await client.starts(PORT)
    return client


async def command(client, node, **fields):
    """Runs a command to its end as a generic client does: shows its form, fills it in, sends it."""
    answer = await client["xep_0050"].send_command("localhost", node)
    if answer["command"]["status"] == "executing":
        form = client["xep_0004"].make_form(ftype="submit")
        for name, value in fields.items():
            form.add_field(var=name.replace("__", "-"), value=value)
        answer = await client["xep_0050"].send_command(
            "localhost", node, action="complete", sessionid=answer["command"]["sessionid"], payload=form
        )
    assert answer["command"]["status"] == "completed", answer
    fields = answer["command"]["form"].get_fields()
    return {name: field["value"] for name, field in fields.items()}


async def register(uri, name):
    """Registers as XEP-0445 says: shows the token of a link, gets the form, fills it in."""
    token = re.search(r"preauth=(\w+)", html.unescape(uri)).group(1)
    done = asyncio.get_event_loop().create_future()
    client = ClientXMPP(f"{name}@localhost", PASSWORD)
    client.ssl_context.check_hostname = False
    client.ssl_context.verify_mode = ssl.CERT_NONE
    # Otherwise slixmpp keeps what it does not know until there is a session.
    client._always_send_everything = True
    client.register_plugin("xep_0077")
    plugin = client["xep_0077"]
    plugin.create_account = True
    get_form = plugin.get_registration

    async def show_token_first():
        preauth = client.Iq()
        preauth["type"] = "set"
        preauth["to"] = "localhost"
        preauth.append(ET.Element("{urn:xmpp:pars:0}preauth", token=token))
        try:
            await preauth.send(timeout=10)
        except IqError as error:
            done.set_exception(error)
            raise
        return await get_form()

    async def fill_in(form):
        assert {"username", "password"} <= set(form["register"]["fields"]), form
        answer = client.Iq()
        answer["type"] = "set"
        answer["register"]["username"] = name
        answer["register"]["password"] = PASSWORD
        try:
            done.set_result(await answer.send(timeout=10))
        except IqError as error:
            done.set_exception(error)

    plugin.get_registration = show_token_first
    client.add_event_handler("register", fill_in)
    client.connect(("127.0.0.1", PORT))
    try:
        await asyncio.wait_for(done, 30)
    finally:
        await client.disconnect(wait=1)


async def administration(escalus):
    names = [item[1] for item in (await escalus["xep_0050"].get_commands("localhost"))["disco_items"]["items"]]
    assert ADMIN + "add-user" in names, names
    await command(
        escalus, ADMIN + "add-user", accountjid="tybalt@localhost", password=PASSWORD, password__verify=PASSWORD
    )
    tybalt = await log_in("tybalt@localhost/street")
    assert "tybalt@localhost" in (await command(escalus, ADMIN + "get-online-users-list"))["onlineuserjids"]
    names = [item[1] for item in (await tybalt["xep_0050"].get_commands("localhost"))["disco_items"]["items"]]
    assert not [name for name in names if name.startswith(ADMIN)], names
    await command(escalus, ADMIN + "disable-user", accountjids=["tybalt@localhost"])
    await tybalt.awaits("disconnected")
    assert (await command(escalus, ADMIN + "get-disabled-users-num"))["disabledusersnum"] == "1"


async def invitation(escalus):
    link = await command(escalus, "urn:xmpp:invite#invite")
    page = subprocess.run(["curl", "-sSf", link["landing-url"]], check=True, capture_output=True, text=True).stdout
    uri = re.search(r'href="(xmpp:[^"]+)"', page).group(1)
    assert html.unescape(uri) == link["uri"] and uri.endswith(";ibr=y") and "<svg" in page, page
    await register(uri, "juliet")
    juliet = await log_in("juliet@localhost/balcony")
    roster = await juliet.get_roster()
    item = roster["roster"]["items"]
    assert [entry["subscription"] for jid, entry in item.items() if jid == "escalus@localhost"] == ["both"], item
    used = subprocess.run(["curl", "-sS", link["landing-url"]], check=True, capture_output=True, text=True).stdout
    assert "No invitation" in used, used
    try:
        await register(uri, "paris")
    except IqError as error:
        assert error.condition == "item-not-found", error
    else:
        raise AssertionError("a token was used twice")
    await juliet.leaves()


async def main():
    if sys.argv[2:] == ["stopped"]:
        await register(os.environ["STOPPED"], "benvolio")
        await (await log_in("benvolio@localhost/x")).leaves()
        print("  invitation of a stopped server: done")
        return
    escalus = await log_in("escalus@localhost/court")
    await administration(escalus)
    print("  administration: done")
    await invitation(escalus)
    print("  invitation: done")
    await register(os.environ["LINKS"], "rosaline")
    await (await log_in("rosaline@localhost/x")).leaves()
    print("  invitation of the command line: done")
    await escalus.leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 120))
