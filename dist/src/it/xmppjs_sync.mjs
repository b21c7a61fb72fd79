// SPDX-License-Identifier: Apache-2.0
// Juliet's laptop and phone and Romeo's desk: what changes, what each is told, and what the phone has when it comes back. The
// first part ends when it has killed the server with messages on their way; the second begins with what was kept.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { xml } from "@xmpp/client";
import WebSocket from "ws";
import {
  CALLS,
  CHAT,
  DELIVERY,
  Device,
  JINGLE_MESSAGE,
  NOTIFY,
  RECONNECT,
  REWRITE,
  SYNC,
  metadata,
} from "./xmppjs_device.mjs";

// Node.js has none of its own before 22.
globalThis.WebSocket = WebSocket;

const [part] = process.argv.slice(2);
const { TLS_PORT, HTTP_PORT, SERVER_PID } = process.env;
const TLS = `xmpps://localhost:${TLS_PORT}`;
const KEPT = "kept.json";
const JULIET = "juliet@localhost";
const ROMEO = "romeo@localhost";

setTimeout(() => {
  console.error("no end within a minute");
  process.exit(1);
}, 60_000).unref();

const say = (what, { sent, received, roundTrips, millis, mechanisms }) =>
  console.log(
    `${what}: ${mechanisms.join(", ")}, ${roundTrips} round trips, ${sent} bytes sent, ${received} received, ${millis.toFixed(0)} ms`,
  );

// ---- words
// ---------------------------------------------------------------------------------------------------------------

const query = (stamp, set) =>
  xml("query", { xmlns: SYNC, ...(stamp && { stamp }) }, set && xml("set", "http://jabber.org/protocol/rsm", ...set));
const change = (jid, attributes) =>
  xml("query", { xmlns: SYNC }, xml("conversation", { jid, type: CHAT, ...attributes }));
const replace = (id, text) =>
  xml("replace", { xmlns: REWRITE, id, type: CHAT }, xml("message", {}, xml("body", {}, text)));
const retract = (id) => xml("retract-message", { xmlns: REWRITE, id, type: CHAT, symmetric: "true" });
const word = (to, name, id, more) =>
  xml("message", { to, type: "chat" }, xml(name, { xmlns: JINGLE_MESSAGE, id }, more));
const propose = (to, id) =>
  word(to, "propose", id, xml("description", { xmlns: "urn:xmpp:jingle:apps:rtp:1", media: "audio" }));
const saysOf = (name, id) => (stanza) => stanza.is("message") && stanza.getChild(name, JINGLE_MESSAGE)?.attrs.id === id;
const isText = (text) => (stanza) => stanza.is("message") && stanza.getChildText("body") === text;

const conversations = (answer) => answer.getChildren("conversation");
const jids = (answer) => conversations(answer).map(({ attrs }) => attrs.jid);
const liveCall = (conversation) => metadata(conversation, JINGLE_MESSAGE)?.getChild("call");

/** The push of a conversation, and its stamp. */
async function pushed(device, jid) {
  const iq = await device.takes(`a push of ${jid}`, (stanza) => {
    const conversation =
      stanza.is("iq") && stanza.attrs.type === "set" && stanza.getChild("query", SYNC)?.getChild("conversation");
    return conversation && conversation.attrs.jid === jid;
  });
  return iq.getChild("query").getChild("conversation");
}

/** The event of an edit or a retraction. */
async function event(device, name, version) {
  const message = await device.takes(`${name} ${version ?? ""}`, (stanza) => {
    const found = stanza.is("message") && stanza.attrs.type === "headline" && stanza.getChild(name, NOTIFY);
    return found && (!version || found.attrs.version === version);
  });
  return message.getChild(name, NOTIFY);
}

// ---- what happens
// ---------------------------------------------------------------------------------------------------------------

/** A question, its pages, what changed since, changes of state, and the pushes of these. */
async function synchronization(laptop) {
  const peers = ["p1", "p2", "p3", "p4", "p5"].map((name) => `${name}@localhost`);
  for (const peer of peers) await laptop.says(peer, `to ${peer}`);
  const first = await laptop.asks("get", query());
  assert.deepEqual(jids(first), [...peers].reverse(), "the newest first");

  const walked = [];
  let after = null;
  do {
    const page = await laptop.asks("get", query(null, [xml("max", {}, "2"), after && xml("after", {}, after)]));
    assert.equal(page.attrs.stamp, first.attrs.stamp, "the stamp stands still while it walks");
    const set = page.getChild("set");
    if (jids(page).length > 0) assert.equal(set.getChildText("count"), "5");
    walked.push(...jids(page));
    after = set.getChildText("last");
  } while (after);
  assert.deepEqual(walked, jids(first), "each once");
  assert.deepEqual(jids(await laptop.asks("get", query(first.attrs.stamp))), [], "nothing changed");

  await laptop.asks("set", change(peers[0], { pinned: "1760000000000" }));
  assert.equal((await pushed(laptop, peers[0])).attrs.pinned, "1760000000000");
  await laptop.asks("set", change(peers[1], { mute: "3600" }));
  const mute = Number((await pushed(laptop, peers[1])).attrs.mute);
  assert.ok(Math.abs(mute - Date.now() / 1000 - 3600) < 60, `muted for an hour, until ${mute}`);
  await laptop.asks("set", change(peers[2], { status: "archived" }));
  assert.equal((await pushed(laptop, peers[2])).attrs.status, "archived");
  await laptop.asks("set", change(peers[3], { status: "deleted" }));
  const tombstone = await pushed(laptop, peers[3]);
  assert.equal(tombstone.attrs.status, "deleted");
  assert.equal(tombstone.getChildElements().length, 0);
  await laptop.refused("set", change(peers[4], {}), "bad-request");
  await laptop.refused("set", change("nobody@localhost", { pinned: "1" }), "item-not-found");
  await laptop.refused("get", query("abc"), "bad-request");

  const delta = await laptop.asks("get", query(first.attrs.stamp));
  assert.deepEqual(new Set(jids(delta)), new Set(peers.slice(0, 4)), "what changed and nothing else");
  const again = await laptop.asks("get", query());
  assert.deepEqual(new Set(jids(again)), new Set(peers.filter((peer) => peer !== peers[3])), "no tombstones");
  assert.equal(again.attrs.stamp, delta.attrs.stamp);
  console.log(
    `synchronization: ${String(first).length} bytes for 5 conversations, ${String(delta).length} for the 4 that changed, ` +
      `${String(await laptop.asks("get", query(delta.attrs.stamp))).length} for none`,
  );
}

/** Receipts, a message that is sent again, edits and retractions by who wrote it, and their replay. */
async function rewriting(laptop, desk) {
  const { version } = (await laptop.asks("get", xml("query", { xmlns: REWRITE }))).attrs;
  const ids = [];
  for (const text of ["wherefore", "art thou", "not sent twice"])
    ids.push(await desk.says(JULIET, text, `o-${text.replace(/ /g, "-")}`));
  const hers = [];
  for (const text of ["wherefore", "art thou", "not sent twice"]) {
    const message = await laptop.takes(text, isText(text));
    hers.push(message.getChildren("stanza-id").find(({ attrs }) => attrs.by === JULIET).attrs.id);
  }
  const again = await desk.says(JULIET, "not sent twice", "o-not-sent-twice", xml("retry", { xmlns: DELIVERY }));
  assert.equal(again, ids[2], "the receipt again");

  await desk.asks("set", replace(ids[0], "edited"));
  await desk.asks("set", retract(ids[1]));
  assert.equal((await event(desk, "replace")).attrs.id, ids[0]);
  assert.equal((await event(desk, "retract-message")).attrs.id, ids[1]);
  const edit = await event(laptop, "replace");
  assert.deepEqual(
    [edit.attrs.id, edit.attrs.conversation, edit.getChild("message").getChildText("body")],
    [hers[0], ROMEO, "edited"],
  );
  const retraction = await event(laptop, "retract-message");
  assert.equal(retraction.attrs.id, hers[1]);
  const versions = [];
  for (let push = 0; push < 2; push++) {
    versions.push(metadata(await pushed(laptop, ROMEO), REWRITE).getChild("retract").attrs.version);
  }
  assert.deepEqual(versions, [edit.attrs.version, retraction.attrs.version], "pushed after each");
  await laptop.refused("set", replace(hers[0], "not hers"), "not-allowed");
  assert.equal(await laptop.counts(isText("not sent twice")), 0, "a message that was sent again comes once");

  const now = await laptop.asks("get", xml("query", { xmlns: REWRITE, version }));
  assert.equal(now.attrs.version, retraction.attrs.version);
  assert.equal((await event(laptop, "replace", edit.attrs.version)).attrs.id, hers[0]);
  assert.equal((await event(laptop, "retract-message", retraction.attrs.version)).attrs.id, hers[1]);
}

/** Calls that begin while the phone sleeps: one that the laptop answers, one that is taken back. */
async function calls(phone, laptop, desk) {
  await desk.send(propose(JULIET, "call-1"));
  await laptop.takes("the offer", saysOf("propose", "call-1"));
  await laptop.says("p5@localhost", "newer than the call");
  const back = await phone.comesBack(TLS);
  say("back by its token, with a call that rings", back.cost);
  const [ringing] = firstIsCalls(back.bound).getChildren("call");
  assert.deepEqual([ringing.attrs.sid, ringing.attrs.state, ringing.attrs.peer], ["call-1", "proposed", desk.jid]);
  assert.ok(Number(ringing.attrs.ttl) > 0 && ringing.getChild("propose", JINGLE_MESSAGE));
  const caller = conversations(back.pages[0])[0];
  assert.equal(caller.attrs.jid, ROMEO, "who calls comes first");
  assert.equal(liveCall(caller).getChild("message").attrs.from, desk.jid);
  const listed = conversations(await laptop.asks("get", query())).find(({ attrs }) => attrs.jid === ROMEO);
  assert.ok(liveCall(listed), "and is in the synchronization too");

  await laptop.send(word(desk.jid, "proceed", "call-1"));
  await desk.takes("the answer", saysOf("proceed", "call-1"));
  const report = await phone.takes("that another device answered", (stanza) => stanza.getChild("calls", CALLS));
  const [answered] = report.getChild("calls").getChildren("call");
  assert.deepEqual([answered.attrs.state, laptop.jid.endsWith(`/${answered.attrs.device}`)], ["answered", true]);
  const after = conversations(await laptop.asks("get", query())).find(({ attrs }) => attrs.jid === ROMEO);
  assert.ok(!liveCall(after), "no device that comes now rings");
  await desk.send(word(laptop.jid, "finish", "call-1"));
  await laptop.takes("the end", saysOf("finish", "call-1"));

  await phone.isCut();
  await desk.send(propose(JULIET, "call-2"));
  await laptop.takes("the second offer", saysOf("propose", "call-2"));
  await desk.send(word(JULIET, "retract", "call-2"));
  await laptop.takes("that it is taken back", saysOf("retract", "call-2"));
  const late = await phone.comesBack(TLS);
  const states = firstIsCalls(late.bound)
    .getChildren("call")
    .map(({ attrs }) => [attrs.sid, attrs.state, attrs.reason]);
  assert.deepEqual(
    new Map(states.map(([sid, ...end]) => [sid, end])),
    new Map([
      ["call-1", ["ended", "finished"]],
      ["call-2", ["ended", "retracted"]],
    ]),
  );
  assert.ok(!late.pages.flatMap(conversations).some(liveCall));
}

function firstIsCalls(bound) {
  const [first] = bound.getChildElements();
  assert.ok(first.is("calls", CALLS) && first.attrs.complete === "true", `calls come first: ${first}`);
  return first;
}

/** A device that begins now sees what the one sees that came back again and again. */
async function isTheSame(device) {
  const fresh = new Device(device.username, "tablet");
  const { cost, pages } = await fresh.comesBack(`ws://localhost:${HTTP_PORT}/ws`, { conversations: "3" });
  assert.ok(pages.length > 1, "in pages");
  assert.deepEqual(device.view.kept(), fresh.view.kept());
  await fresh.stops();
  return cost;
}

// ---- both parts
// ---------------------------------------------------------------------------------------------------------------

/** Messages that wait for their receipts at a time, and what is acknowledged when the server is killed. */
const AT_A_TIME = 16;
const MESSAGES = 50;
const EDITS = 2;

/** What is left of Romeo's messages before the storm. */
const BEFORE = ["edited", "not sent twice"];

async function first() {
  const laptop = new Device("juliet", "laptop");
  const desk = new Device("romeo", "desk");
  const phone = new Device("juliet", "phone");
  await laptop.connects(TLS);
  await laptop.asks("get", query());
  await laptop.send(xml("presence"));
  await desk.connects(TLS);
  await desk.asks("get", query());
  await desk.send(xml("presence"));

  const begun = await phone.comesBack(TLS);
  say("the phone, first", begun.cost);
  await phone.isCut();
  await synchronization(laptop);
  const slept = await phone.comesBack(TLS);
  say("back by its token", slept.cost);
  assert.deepEqual(slept.cost.mechanisms, ["HT-SHA-256-NONE"]);
  assert.equal(slept.cost.roundTrips, 2, "the stream's features, and all the rest");
  await phone.isCut();
  const idle = await phone.comesBack(TLS);
  say("back, and nothing happened", idle.cost);
  assert.equal(idle.pages[0].getChildElements().length, 0);
  await phone.isCut();

  await rewriting(laptop, desk);
  await calls(phone, laptop, desk);
  assert.deepEqual(phone.view.texts(ROMEO), BEFORE);
  say("everything, over the WebSocket", await isTheSame(phone));
  await phone.isCut();

  // The server is killed in mid-sentence and in mid-ring.
  await desk.send(propose(JULIET, "call-3"));
  await laptop.takes("the third offer", saysOf("propose", "call-3"));
  const first = await desk.says(JULIET, "edit 0");
  laptop.onError = desk.onError = () => {};
  const gone = new Promise((resolve) => desk.xmpp.once("disconnect", resolve));
  const received = [];
  let sent = 0;
  let edit = 0;
  let edits = 0;
  const speaks = async () => {
    for (;;) {
      sent += 1;
      const i = sent;
      const said = desk.says(JULIET, `storm ${i}`, `storm-${i}`);
      if (i % 4 === 0) {
        const edited = desk.asks("set", replace(first, `edit ${i}`));
        edited.then(
          () => {
            edit = i;
            edits += 1;
          },
          () => {},
        );
      }
      received.push([i, await said]);
      if (received.length >= MESSAGES && edits >= EDITS) process.kill(Number(SERVER_PID), "SIGKILL");
    }
  };
  // Each ends with the connection.
  for (let i = 0; i < AT_A_TIME; i++) speaks().catch(() => {});
  await gone;
  writeFileSync(KEPT, JSON.stringify({ phone: phone.kept(), desk: desk.kept(), sent, received, edit }));
}

/** What was acknowledged is there, the rest is sent again, and nothing is there twice. */
async function second() {
  const kept = JSON.parse(readFileSync(KEPT, "utf8"));
  const ids = new Map(kept.received);
  const phone = new Device("juliet", "phone", kept.phone);
  const back = await phone.comesBack(TLS);
  say("back after the kill", back.cost);
  assert.deepEqual(back.cost.mechanisms, ["HT-SHA-256-NONE"], "the token holds");
  const ringing = firstIsCalls(back.bound)
    .getChildren("call")
    .find(({ attrs }) => attrs.sid === "call-3");
  assert.equal(ringing.attrs.state, "proposed", "it rings on");
  assert.equal(conversations(back.pages[0])[0].attrs.jid, ROMEO);
  const stored = phone.view.texts(ROMEO).slice(BEFORE.length + 1);
  const all = Array.from({ length: kept.sent }, (_, i) => `storm ${i + 1}`);
  assert.deepEqual(stored, all.slice(0, stored.length), "each once, in their order");
  console.log(
    `killed with ${ids.size} of ${kept.sent} acknowledged, ${stored.length} arrived, edit ${kept.edit} acknowledged`,
  );
  assert.ok(stored.length >= ids.size, "what was acknowledged is there");
  await phone.isCut();

  const desk = new Device("romeo", "desk", kept.desk);
  await desk.connects(TLS);
  const retry = xml("retry", { xmlns: DELIVERY });
  for (let i = 1; i <= kept.sent; i++) {
    if (i > 1 && ids.has(i)) continue;
    const id = await desk.says(JULIET, `storm ${i}`, `storm-${i}`, retry);
    assert.equal(id, ids.get(i) ?? id, "an acknowledged message keeps its id");
  }
  const again = await phone.comesBack(TLS);
  say("back after everything was sent again", again.cost);
  const texts = phone.view.texts(ROMEO);
  assert.deepEqual(texts.toSpliced(BEFORE.length, 1), [...BEFORE, ...all], "each once, in their order");
  const edit = Number(/^edit (\d+)$/.exec(texts[BEFORE.length])[1]);
  assert.ok(edit >= kept.edit, `edit ${kept.edit} was acknowledged, edit ${edit} is there`);

  await desk.send(word(JULIET, "retract", "call-3"));
  const report = await phone.takes("that the call is over", (stanza) => stanza.getChild("calls", CALLS));
  const [over] = report.getChild("calls").getChildren("call");
  assert.deepEqual([over.attrs.sid, over.attrs.state, over.attrs.reason], ["call-3", "ended", "retracted"]);
  await phone.isCut();
  await phone.comesBack(TLS);
  say("everything, over the WebSocket", await isTheSame(phone));
  const romeo = new Device("romeo", "tablet");
  await romeo.comesBack(TLS);
  assert.deepEqual(romeo.view.texts(JULIET), texts, "he sees what she sees");
}

await { first, second }[part]();
process.exit(0);
