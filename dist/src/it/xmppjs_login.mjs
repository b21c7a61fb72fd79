// SPDX-License-Identifier: Apache-2.0
// One login of a client that keeps its token in a file; says what has to happen as its second argument.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { client, xml } from "@xmpp/client";

const [port, expected] = process.argv.slice(2);
const FILE = "token.json";

const xmpp = client({
  service: `xmpps://localhost:${port}`,
  domain: "localhost",
  username: "juliet",
  password: process.env.PASSWORD,
  resource: "xmppjs",
  userAgent: xml("user-agent", { id: "d4565fa7-4d72-4749-b3d3-740edbf87770" }, [
    xml("software", {}, "xmpp.js"),
  ]),
});
xmpp.reconnect.stop();
xmpp.fast.fetchToken = async () =>
  existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")).token : null;
xmpp.fast.saveToken = async (token) => {
  const before = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
  writeFileSync(FILE, JSON.stringify({ ...before, token }));
};
xmpp.fast.deleteToken = async () => {};

const mechanisms = [];
let success;
xmpp.on("send", (element) => {
  if (element.is("authenticate", "urn:xmpp:sasl:2")) mechanisms.push(element.attrs.mechanism);
  assert.ok(!element.is("auth"), "the old framing is not needed");
});
xmpp.on("nonza", (element) => {
  if (element.is("success", "urn:xmpp:sasl:2")) success = element;
});
xmpp.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
setTimeout(() => {
  console.error(`no login within a minute (${expected})`);
  process.exit(1);
}, 60_000).unref();

const jid = await xmpp.start();
await xmpp.iqCaller.request(
  xml("iq", { type: "get", to: "localhost" }, xml("ping", "urn:xmpp:ping")),
  10_000,
);
assert.ok(success, "SASL2 was used");
const bound = success.getChild("bound", "urn:xmpp:bind:0");
assert.ok(bound, "the session was bound in the same answer");
assert.ok(bound.getChild("enabled", "urn:xmpp:sm:3"), "with stream management");
assert.match(jid.toString(), /^juliet@localhost\/xmppjs\/.+/);

const kept = JSON.parse(readFileSync(FILE, "utf8"));
if (expected === "password") {
  assert.deepEqual(mechanisms, ["SCRAM-SHA-1"]);
  writeFileSync(FILE, JSON.stringify({ ...kept, jid: jid.toString() }));
} else if (expected === "token") {
  assert.deepEqual(mechanisms, ["HT-SHA-256-NONE"]);
  assert.equal(jid.toString(), kept.jid, "a device has the same address each time");
} else {
  assert.deepEqual(mechanisms, ["HT-SHA-256-NONE", "SCRAM-SHA-1"]);
  assert.ok(success.getChild("token", "urn:xmpp:fast:0"), "a new token was given");
}
await xmpp.stop();
console.log(`xmpp.js: ${expected}`);
