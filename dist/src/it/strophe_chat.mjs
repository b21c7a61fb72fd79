// SPDX-License-Identifier: Apache-2.0
// Two people chat by Strophe.js, in the ways (xbosh or websocket) that the server at the first argument says it has.
import assert from "node:assert/strict";
import { Strophe, $iq, $msg, $pres } from "strophe.js";

const [server, ...ways] = process.argv.slice(2);
Strophe.setLogLevel(Strophe.LogLevel.WARN);
const BODY = "canary7body";

setTimeout(() => {
  console.error("no end within a minute");
  process.exit(1);
}, 60_000).unref();

/** What a browser has: as much of it as Strophe.js asks for, over fetch. */
globalThis.XMLHttpRequest = class {
  readyState = 0;
  status = 0;
  responseText = "";
  responseXML = null;
  #stop = new AbortController();

  open(method, url) {
    Object.assign(this, { method, url });
    this.#becomes(1);
  }

  setRequestHeader() {}

  getAllResponseHeaders() {
    return "";
  }

  async send(body) {
    const headers = { "Content-Type": "text/xml; charset=utf-8" };
    try {
      const answer = await fetch(this.url, { method: this.method, body, headers, signal: this.#stop.signal });
      this.responseText = await answer.text();
      this.responseXML = new DOMParser().parseFromString(this.responseText, "text/xml");
      this.status = answer.status;
    } catch {
      this.status = 0;
    }
    this.#becomes(4);
  }

  abort() {
    this.#stop.abort();
  }

  #becomes(state) {
    this.readyState = state;
    this.onreadystatechange?.();
  }
};

const meta = await (await fetch(`${server}/.well-known/host-meta.json`)).json();

/** Where streams of this kind are. */
function address(way) {
  const { href } = meta.links.find((link) => link.rel === `urn:xmpp:alt-connections:${way}`);
  assert.match(href, way === "xbosh" ? /^http:\/\/localhost:\d+\/bosh$/ : /^ws:\/\/localhost:\d+\/ws$/);
  return href;
}

function person(name, way) {
  const connection = new Strophe.Connection(address(way));
  return new Promise((resolve, reject) => {
    connection.connect(`${name}@localhost/web`, process.env.PASSWORD, (status, condition) => {
      if (status === Strophe.Status.DISCONNECTED) connection.left?.();
      if (status === Strophe.Status.CONNECTED) resolve(connection);
      if ([Strophe.Status.CONNFAIL, Strophe.Status.AUTHFAIL, Strophe.Status.ERROR].includes(status)) {
        reject(new Error(`${name}: ${status} ${condition}`));
      }
    });
  });
}

function leaves(connection) {
  return new Promise((resolve) => {
    connection.left = resolve;
    connection.disconnect("done");
  });
}

/** The next message with this body. */
function hears(connection, body) {
  return new Promise((resolve) => {
    const handler = (message) => {
      if (Strophe.getText(message.getElementsByTagName("body")[0]) === Strophe.xmlescape(body)) resolve(message);
      return true;
    };
    connection.addHandler(handler, null, "message");
  });
}

const juliet = await person("juliet", ways[0]);
const romeo = await person("romeo", ways[1]);
console.log(`  logged in by ${ways.join(" and ")}: done`);
for (const connection of [juliet, romeo]) {
  connection.send($pres().tree());
}
for (let number = 0; number < 20; number++) {
  for (const [from, to] of [
    [juliet, romeo],
    [romeo, juliet],
  ]) {
    const text = `${BODY} ${number} <&'"> \u2665`;
    const heard = hears(to, text);
    from.send($msg({ type: "chat", to: to.jid }).c("body").t(text).tree());
    assert.equal((await heard).getAttribute("from"), from.jid);
  }
}
console.log("  chat: done");
const items = await new Promise((resolve, reject) => {
  juliet.sendIQ($iq({ type: "get" }).c("query", { xmlns: "jabber:iq:roster" }).tree(), resolve, reject, 10_000);
});
assert.equal(items.getAttribute("type"), "result");
const present = new Promise((resolve) => romeo.addHandler(() => resolve(), null, "presence", null, null, juliet.jid));
juliet.send($pres({ to: romeo.jid }).tree());
await present;
await Promise.all([juliet, romeo].map(leaves));
console.log("  left: done");
process.exit(0);
