// SPDX-License-Identifier: Apache-2.0
// Two people chat over the WebSocket that the server at the first argument says it has.
import assert from "node:assert/strict";
import { client, xml } from "@xmpp/client";
import WebSocket from "ws";

// Node.js has none of its own before 22.
globalThis.WebSocket = WebSocket;

const [server] = process.argv.slice(2);
const BODY = "canary7body";

setTimeout(() => {
  console.error("no end within a minute");
  process.exit(1);
}, 60_000).unref();

const meta = await (await fetch(`${server}/.well-known/host-meta.json`)).json();
const { href } = meta.links.find((link) => link.rel === "urn:xmpp:alt-connections:websocket");
assert.match(href, /^ws:\/\/localhost:\d+\/ws$/);

async function person(username) {
  const xmpp = client({ service: href, domain: "localhost", username, password: process.env.PASSWORD, resource: "web" });
  xmpp.reconnect.stop();
  xmpp.on("error", (error) => {
    console.error(error);
    process.exit(1);
  });
  const jid = await xmpp.start();
  return { xmpp, jid };
}

/** The next message with this body. */
function hears({ xmpp }, body) {
  return new Promise((resolve) => {
    xmpp.on("stanza", (stanza) => {
      if (stanza.is("message") && stanza.getChildText("body") === body) resolve(stanza);
    });
  });
}

const juliet = await person("juliet");
const romeo = await person("romeo");
const text = `${BODY} <&'"> \u2665 \u{1F600}`;
for (const [from, to] of [
  [juliet, romeo],
  [romeo, juliet],
]) {
  const heard = hears(to, text);
  await from.xmpp.send(xml("message", { type: "chat", to: to.jid }, xml("body", {}, text)));
  assert.equal((await heard).attrs.from, from.jid.toString());
}
await juliet.xmpp.stop();
await romeo.xmpp.stop();
process.exit(0);
