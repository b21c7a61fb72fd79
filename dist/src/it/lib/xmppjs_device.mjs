// SPDX-License-Identifier: Apache-2.0
// A device of an account: xmpp.js, and what it keeps of the account's conversations (docs/protocol/reconnect.xml).
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { client, xml } from "@xmpp/client";

export const SYNC = "https://xabber.com/protocol/synchronization";
export const REWRITE = "https://xabber.com/protocol/rewrite";
export const NOTIFY = "https://xabber.com/protocol/rewrite#notify";
export const DELIVERY = "https://xabber.com/protocol/delivery";
export const RECONNECT = "https://dunlin.im/protocol/reconnect/1";
export const CALLS = "https://dunlin.im/protocol/calls/1";
export const JINGLE_MESSAGE = "urn:xmpp:jingle-message:0";
export const CHAT = "urn:xabber:chat";
const SID = "urn:xmpp:sid:0";
const PATIENCE = 20_000;

const keyOf = (element) => `${element.attrs.jid} ${element.attrs.type}`;

/** The child of a conversation's metadata that a node names. */
export function metadata(conversation, node) {
  return conversation.getChildren("metadata").find((child) => child.attrs.node === node);
}

/** What a device keeps between two connections: the stamp, the conversations, and their entries by archive id. */
export class View {
  stamp = "0";
  #conversations = new Map();
  #entries = new Map();

  /** Read back from what {@link kept} gave. */
  constructor(kept = null) {
    if (!kept) return;
    this.stamp = kept.stamp;
    this.#conversations = new Map(kept.conversations);
    this.#entries = new Map(kept.entries.map(([key, entries]) => [key, new Map(entries)]));
  }

  /** All of it, in an order of its own, for a file or to be compared with another's. */
  kept() {
    const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      stamp: this.stamp,
      conversations: sorted(this.#conversations),
      entries: sorted(this.#entries).map(([key, entries]) => [key, sorted(entries)]),
    };
  }

  get size() {
    return this.#conversations.size;
  }

  /** Answers to one question, in their order; the stamp is kept last. */
  take(pages) {
    if (pages[0].attrs.snapshot === "true") {
      const named = new Set(pages.flatMap((page) => page.getChildren("conversation", SYNC).map(keyOf)));
      for (const key of [...this.#conversations.keys()]) if (!named.has(key)) this.#remove(key);
    }
    for (const page of pages) {
      for (const child of page.getChildElements()) {
        if (child.is("conversation", SYNC)) this.#conversation(child);
        else if (child.is("messages", RECONNECT)) this.messages(child);
      }
    }
    this.stamp = pages.at(-1).attrs.stamp;
  }

  #conversation(element) {
    if (element.attrs.status === "deleted") {
      this.#remove(keyOf(element));
      return;
    }
    const { count, digest } = metadata(element, RECONNECT).getChild("contents", RECONNECT).attrs;
    this.#conversations.set(keyOf(element), { contents: { count, digest }, element: element.toString() });
  }

  #remove(key) {
    this.#conversations.delete(key);
    this.#entries.delete(key);
  }

  messages(messages) {
    const key = keyOf(messages);
    const entries = this.#entries.get(key) ?? new Map();
    this.#entries.set(key, entries);
    for (const child of messages.getChildElements()) {
      const { id, changed, of, before } = child.attrs;
      if (child.name === "cleared") {
        for (const known of [...entries.keys()]) if (BigInt(known) < BigInt(before)) entries.delete(known);
        continue;
      }
      if (changed || child.name === "retracted") {
        const isOld = (known) => !changed || BigInt(known) < BigInt(changed);
        for (const [known, entry] of [...entries]) if (entry.rewrites === id && isOld(known)) entries.delete(known);
      }
      if (child.name === "rewrite") entries.set(id, { changed: id, rewrites: of });
      else if (child.name === "entry") {
        const message = child.getChild("forwarded", "urn:xmpp:forward:0").getChild("message", "jabber:client");
        entries.set(id, { changed: changed ?? id, text: message.getChildText("body"), message: message.toString() });
      } else if (changed) entries.set(id, { changed });
      else entries.delete(id);
    }
  }

  /** What there is from one id to another takes the place of what was known of it. */
  range(messages, to) {
    const entries = this.#entries.get(keyOf(messages)) ?? new Map();
    for (const id of [...entries.keys()]) {
      if (BigInt(id) >= BigInt(messages.attrs.from) && BigInt(id) <= BigInt(to)) entries.delete(id);
    }
    this.messages(messages);
  }

  /** How many entries there are from one id to another, and the digest by which the server tells that these are all. */
  contents(key, from = 0n, to = 1n << 63n) {
    let count = 0;
    let sum = 0n;
    for (const [id, { changed }] of this.#entries.get(key) ?? []) {
      if (BigInt(id) < from || BigInt(id) > to) continue;
      count += 1;
      const numbers = Buffer.alloc(16);
      numbers.writeBigUInt64BE(BigInt(id), 0);
      numbers.writeBigUInt64BE(BigInt(changed), 8);
      sum += createHash("sha256").update(numbers).digest().readBigUInt64BE(0);
    }
    return { count: String(count), digest: BigInt.asUintN(64, sum).toString(16).padStart(16, "0") };
  }

  /** Fails unless each conversation is here as the server says that it is there. */
  proves() {
    for (const [key, { contents }] of this.#conversations) {
      assert.deepEqual(this.contents(key), contents, `${key} is whole`);
    }
  }

  /** The texts that there are to read, oldest first. */
  texts(jid) {
    const entries = [...(this.#entries.get(`${jid} ${CHAT}`) ?? [])].sort(([a], [b]) =>
      BigInt(a) < BigInt(b) ? -1 : 1,
    );
    return entries.map(([, { text }]) => text).filter((text) => text);
  }
}

export class Device {
  #heard = [];
  #waits = [];
  #id;
  #token;

  /** @param kept what an earlier process left of this device */
  constructor(username, name, kept = { id: randomUUID(), token: null, view: null }) {
    this.username = username;
    this.name = name;
    this.#id = kept.id;
    this.#token = kept.token;
    this.view = new View(kept.view);
  }

  kept() {
    return { id: this.#id, token: this.#token, view: this.view.kept() };
  }

  /**
   * Logs in, by a token if it has one. Resolves to <bound/>, and what it took from TLS to <success/>.
   * @param inline what goes into <bind/> if the server has the feature
   */
  async connects(service, inline = {}) {
    const xmpp = client({
      service,
      domain: "localhost",
      username: this.username,
      password: process.env.PASSWORD,
      resource: this.name,
      timeout: PATIENCE,
      userAgent: xml("user-agent", { id: this.#id }),
    });
    this.xmpp = xmpp;
    this.#heard = [];
    xmpp.reconnect.stop();
    xmpp.fast.fetchToken = async () => this.#token;
    xmpp.fast.saveToken = async (token) => {
      this.#token = token;
    };
    xmpp.fast.deleteToken = async () => {
      this.#token = null;
    };
    for (const [feature, element] of Object.entries(inline)) xmpp.bind2.use(feature, () => element);
    xmpp.iqCallee.set(SYNC, "query", () => ({}));
    xmpp.on("error", (error) => this.onError(error));
    const cost = { sent: 0, received: 0, roundTrips: 0, millis: 0, mechanisms: [] };
    let bound;
    let loggedIn;
    let begun;
    let isAnswered = true;
    xmpp.on("connect", () => {
      begun = performance.now();
      const { socket } = xmpp;
      const write = socket.write.bind(socket);
      socket.write = (data, done) => {
        cost.sent += Buffer.byteLength(data);
        if (isAnswered) cost.roundTrips += 1;
        isAnswered = false;
        write(data, done);
      };
      // Before xmpp.js reads it.
      socket.prependListener("data", (data) => {
        cost.received += Buffer.byteLength(data);
        isAnswered = true;
      });
    });
    xmpp.on("send", (element) => {
      if (element.is("authenticate", "urn:xmpp:sasl:2")) cost.mechanisms.push(element.attrs.mechanism);
    });
    xmpp.on("nonza", (element) => {
      if (element.is("success", "urn:xmpp:sasl:2")) {
        bound = element.getChild("bound", "urn:xmpp:bind:0");
        loggedIn = { ...cost, millis: performance.now() - begun };
      }
    });
    xmpp.on("stanza", (stanza) => this.#hears(stanza));
    this.jid = (await xmpp.start()).toString();
    assert.ok(bound, "SASL2 and Bind 2 were used");
    return { bound, cost: loggedIn };
  }

  /** What goes wrong on the stream, unless somebody expects it. */
  onError(error) {
    throw error;
  }

  /** Comes back with what it has, in one answer; what it then has is whole. */
  async comesBack(service, more = {}) {
    const { conversations = "50", ...others } = more;
    const question = { stamp: this.view.stamp, conversations, bytes: "500000", each: "100" };
    const login = await this.connects(service, {
      [CALLS]: xml("enable", { xmlns: CALLS }),
      [RECONNECT]: xml("reconnect", { xmlns: RECONNECT, ...question }),
      ...others,
    });
    const pages = [login.bound.getChild("delta", RECONNECT)];
    assert.ok(pages[0], "the answer to the login has the delta");
    while (pages.at(-1).attrs.more) {
      const after = pages.at(-1).attrs.more;
      pages.push(await this.asks("get", xml("reconnect", { xmlns: RECONNECT, ...question, after }), "delta"));
    }
    this.view.take(pages);
    for (const messages of pages.flatMap((page) => page.getChildren("messages"))) {
      if (messages.attrs.complete === "false") await this.#repairs(messages.attrs.jid, messages.attrs.type);
    }
    this.view.proves();
    return { ...login, pages };
  }

  /** Asks for the entries of those ranges of a conversation that differ. */
  async #repairs(jid, type) {
    const conversation = { xmlns: RECONNECT, jid, type };
    const contents = await this.asks("get", xml("contents", conversation));
    for (const { attrs: range } of contents.getChildren("range")) {
      const { count, digest } = this.view.contents(`${jid} ${type}`, BigInt(range.from), BigInt(range.to));
      if (count === range.count && digest === range.digest) continue;
      let { to } = range;
      let isWhole = false;
      while (!isWhole) {
        const question = xml("range", { ...conversation, from: range.from, to, bytes: "500000", each: "100" });
        const messages = await this.asks("get", question, "messages");
        this.view.range(messages, to);
        isWhole = messages.attrs.complete === "true";
        to = String(BigInt(messages.attrs.from) - 1n);
      }
    }
  }

  #hears(stanza) {
    const wait = this.#waits.findIndex(({ isIt }) => isIt(stanza));
    if (wait < 0) this.#heard.push(stanza);
    else this.#waits.splice(wait, 1)[0].resolve(stanza);
  }

  /** The first stanza that is it, of those that were not taken yet. */
  takes(what, isIt) {
    const index = this.#heard.findIndex(isIt);
    if (index >= 0) return Promise.resolve(this.#heard.splice(index, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.username}'s ${this.name} waits for ${what}; heard ${this.#heard.join("\n")}`)),
        PATIENCE,
      );
      this.#waits.push({
        isIt,
        resolve: (stanza) => {
          clearTimeout(timer);
          resolve(stanza);
        },
      });
    });
  }

  /** How many such stanzas came and were not taken, once everything sent before has been answered. */
  async counts(isIt) {
    await this.asks("get", xml("ping", "urn:xmpp:ping"));
    return this.#heard.filter(isIt).length;
  }

  /** The payload of the answer of the own account. */
  async asks(type, payload, answer = payload.name) {
    const iq = await this.xmpp.iqCaller.request(xml("iq", { type }, payload), PATIENCE);
    return iq.getChild(answer);
  }

  /** Fails unless the answer is this error. */
  async refused(type, payload, condition) {
    const answer = await this.asks(type, payload).then(
      () => "result",
      (error) => error.condition,
    );
    assert.equal(answer, condition, payload.toString());
  }

  send(stanza) {
    return this.xmpp.send(stanza);
  }

  /** Sends a text and resolves to the id that it has in the archive. */
  async says(to, text, id = randomUUID(), ...more) {
    const receipt = this.receipt(id);
    await this.send(
      xml("message", { type: "chat", to, id }, xml("body", {}, text), xml("origin-id", { xmlns: SID, id }), ...more),
    );
    return receipt;
  }

  /** The archive id that the server's receipt for an origin id names. */
  async receipt(id) {
    const message = await this.takes(`the receipt of ${id}`, (stanza) => {
      const received = stanza.getChild("received", DELIVERY);
      return received?.getChild("origin-id", SID).attrs.id === id;
    });
    return message.getChild("received", DELIVERY).getChild("stanza-id", SID).attrs.id;
  }

  /** Goes without a word, as out of a tunnel's mouth. */
  async isCut() {
    const gone = new Promise((resolve) => this.xmpp.once("disconnect", resolve));
    this.xmpp.socket.socket.destroy();
    await gone;
  }

  stops() {
    return this.xmpp.stop();
  }
}
