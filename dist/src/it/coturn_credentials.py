# SPDX-License-Identifier: Apache-2.0
"""Asks the server on the STARTTLS port for the relay of this address and port, and prints username and password."""

import asyncio
import os
import sys
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))
from slixmpp_client import PATIENCE, Client  # noqa: E402

STARTTLS_PORT, HOST, PORT = int(sys.argv[1]), sys.argv[2], sys.argv[3]
NS = "urn:xmpp:extdisco:2"


async def main():
    juliet = await Client("juliet@localhost/balcony", binding=b"", sasl_mech="SCRAM-SHA-256").starts(STARTTLS_PORT)
    info = await juliet["xep_0030"].get_info(jid="localhost")
    assert NS in info["disco_info"]["features"], info
    iq = juliet.make_iq_get(ito="localhost")
    iq.xml.append(ET.fromstring(f"<services xmlns='{NS}' type='turn'/>"))
    answer = await iq.send(timeout=PATIENCE)
    service = answer.xml.find("{%s}services/{%s}service" % (NS, NS))
    assert (service.get("host"), service.get("port"), service.get("transport")) == (HOST, PORT, "udp"), answer
    print(service.get("username"))
    print(service.get("password"))
    await juliet.leaves()


asyncio.get_event_loop().run_until_complete(asyncio.wait_for(main(), 60))
