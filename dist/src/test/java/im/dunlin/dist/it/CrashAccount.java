// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.testing.Endpoint;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One client of the crash test, and the journal of what it said, was promised and was told. It outlives every server.
 *
 * <p>One thread sends, one receives; what they share is guarded by this object.
 */
final class CrashAccount {
    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name STANZA_ID = Name.of("urn:xmpp:sid:0", "stanza-id");
    private static final Name MAM_RESULT = Name.of("urn:xmpp:mam:2", "result");
    private static final Name MAM_FIN = Name.of("urn:xmpp:mam:2", "fin");
    private static final Name FORWARDED = Name.of("urn:xmpp:forward:0", "forwarded");
    private static final Name SET = Name.of("http://jabber.org/protocol/rsm", "set");
    private static final Name ROSTER = Name.of("jabber:iq:roster", "query");

    private static final Element STOPPING = Element.of(Name.of("http://etherx.jabber.org/streams", "error"))
            .child(Element.of(Name.of(Ns.STREAM_ERRORS, "system-shutdown")));

    /** Sent and not acknowledged; more would only make a kill less interesting. */
    private static final int WINDOW = 60;

    private static final int PAGE = 200;

    /** A message or a roster set, and what became of it. */
    static final class Op {
        final String name;
        final String text;
        final @Nullable CrashAccount to;
        boolean promised;

        Op(String name, String text, @Nullable CrashAccount to) {
            this.name = name;
            this.text = text;
            this.to = to;
        }
    }

    /** What an archive holds at an id. */
    record Entry(String id, String from, String text) {}

    final String jid;
    private final Random random;
    private int numbers;

    /** All messages ever, in the order they were first sent. */
    final Map<String, Op> messages = new LinkedHashMap<>();

    final Map<String, Op> contacts = new LinkedHashMap<>();

    /** What the server ever said stands at an id of this archive, live or on a page. */
    final TreeMap<String, String> known = new TreeMap<>();

    // the stream
    private @Nullable RawClient client;
    private String resumption = "";
    private long received;
    private long sent;
    private long acknowledged;
    private long lastPromised;
    private final TreeMap<Long, Op> unacknowledged = new TreeMap<>();
    private final List<Op> toRepeat = new ArrayList<>();
    /** Of this stream and those that resumed it. */
    private final Set<String> delivered = new HashSet<>();

    private boolean counted;
    private boolean finishing;
    private boolean gone;
    private @Nullable Throwable failure;

    CrashAccount(String jid, long seed) {
        this.jid = jid;
        this.random = new Random(seed);
    }

    // ---- streams
    // -----------------------------------------------------------------------------------------------------

    /**
     * A session with stream management.
     *
     * @param resumes whether the server must still have the former one, if there was one
     */
    void connect(Endpoint server, boolean resumes) {
        RawClient fresh = RawClient.connectTls(server).opensStream().logsIn(jid);
        synchronized (this) {
            client = fresh;
            gone = false;
        }
        if (!resumption.isEmpty()) {
            fresh.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + resumption + "' h='" + received() + "'/>");
            Element answer = fresh.next();
            String h = answer.attr("h");
            assertThat(answer.name().local()).as(jid + ": " + answer).isEqualTo(resumes ? "resumed" : "failed");
            if (resumes) {
                resumed(Long.parseLong(h));
                return;
            }
            failedAt(h == null ? null : Long.valueOf(h));
        }
        fresh.binds("crash");
        fresh.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        Element enabled = fresh.receives("<enabled xmlns='urn:xmpp:sm:3' resume='true'/>");
        synchronized (this) {
            resumption = enabled.requireAttr("id");
            received = 0;
            sent = 0;
            acknowledged = 0;
            lastPromised = 0;
            delivered.clear();
        }
        stanza("<presence/>", null);
    }

    /** Resumed: what the server has not handled is sent again, as XEP-0198 asks. */
    private synchronized void resumed(long h) {
        counted = true;
        acknowledge(h);
        List<Op> again = new ArrayList<>(unacknowledged.values());
        unacknowledged.clear();
        sent = h;
        toRepeat.addAll(again);
    }

    /**
     * Not resumed: with the server's count the client knows exactly which messages are kept. What is not is sent again.
     */
    private synchronized void failedAt(@Nullable Long h) {
        if (h == null) {
            assertThat(lastPromised).as(jid + ": the server forgot its count").isZero();
        } else {
            assertThat(h).as(jid + ": the count that was kept").isBetween(lastPromised, sent);
            for (Op op : unacknowledged.headMap(h, true).values()) {
                op.promised |= op.to != null;
            }
            unacknowledged.headMap(h, true).clear();
        }
        // Without a count a client must look into its archive.
        counted = h != null;
        toRepeat.addAll(unacknowledged.values());
        unacknowledged.clear();
        resumption = "";
    }

    /** What is about to be sent again is not in the archive, or the server's count was wrong. */
    synchronized void compareRepeats(List<Entry> archive) {
        Set<String> archived = new HashSet<>();
        archive.forEach(entry -> archived.add(entry.text()));
        if (counted) {
            assertThat(toRepeat)
                    .extracting(op -> op.text)
                    .as(jid + " would repeat")
                    .doesNotContainAnyElementsOf(archived.isEmpty() ? List.of("") : archived);
        } else {
            toRepeat.removeIf(op -> archived.contains(op.text));
        }
    }

    // ---- sending
    // -----------------------------------------------------------------------------------------------------

    /** Sends until the connection is gone. */
    void sendUntilGone(List<CrashAccount> all) {
        try {
            while (true) {
                if (isFull()) {
                    awaitRoom(WINDOW);
                } else if (isFinished()) {
                    awaitRoom(1);
                    client().close();
                    return;
                } else {
                    sendOne(all);
                }
            }
        } catch (UncheckedIOException e) {
            gone();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Sends no more than was begun, and leaves when everything is acknowledged. */
    synchronized void finish() {
        finishing = true;
    }

    private synchronized boolean isFinished() {
        return gone || finishing && toRepeat.isEmpty();
    }

    private synchronized boolean isFull() {
        return sent - acknowledged >= WINDOW;
    }

    /** Asks, and waits until fewer than so many stanzas are unacknowledged. */
    private void awaitRoom(int fewerThan) throws InterruptedException {
        client().sends("<r xmlns='urn:xmpp:sm:3'/>");
        synchronized (this) {
            while (!gone && sent - acknowledged >= fewerThan) {
                wait();
            }
        }
    }

    synchronized void assertAllPromised() {
        assertNoFailure();
        assertThat(messages.values()).as(jid + ": nothing is left to be sent").allMatch(op -> op.promised);
    }

    private void sendOne(List<CrashAccount> all) {
        Op op = null;
        synchronized (this) {
            if (!toRepeat.isEmpty()) {
                op = toRepeat.remove(0);
            }
        }
        if (op == null) {
            CrashAccount to = all.get(random.nextInt(all.size()));
            if (to == this) {
                // Whatever is not recorded still takes its place in the count.
                stanza("<iq type='get' id='ping' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>", null);
                return;
            }
            op = newOp(to);
        }
        if (op.to == null) {
            stanza(
                    "<iq type='set' id='" + op.name + "'><query xmlns='jabber:iq:roster'><item jid='" + op.name
                            + "@example.net' name='" + op.text + "'/></query></iq>",
                    null);
        } else {
            stanza(
                    "<message type='chat' id='" + op.name + "' to='" + op.to.jid + "'><body>" + op.text
                            + "</body></message>",
                    op);
        }
        if (random.nextInt(8) == 0) {
            client().sends("<r xmlns='urn:xmpp:sm:3'/>");
        }
    }

    private synchronized Op newOp(CrashAccount to) {
        numbers++;
        String name = jid.substring(0, jid.indexOf('@')) + "-" + numbers;
        Op op;
        if (random.nextInt(20) == 0) {
            op = new Op(name, name, null);
            contacts.put(name, op);
        } else {
            op = new Op(name, Secrets.BODY + " " + name + " " + "x".repeat(random.nextInt(1_500)), to);
            messages.put(op.text, op);
        }
        return op;
    }

    private void stanza(String xml, @Nullable Op op) {
        synchronized (this) {
            sent++;
            if (op != null) {
                unacknowledged.put(sent, op);
            }
        }
        client().sends(xml);
    }

    private synchronized RawClient client() {
        if (client == null) {
            throw new IllegalStateException(jid + " is not connected");
        }
        return client;
    }

    // ---- receiving
    // ---------------------------------------------------------------------------------------------------

    /** Receives until the connection is gone or the server stops. */
    void receiveUntilGone() {
        try {
            RawClient from = client();
            for (Element next = from.nextUnlessGone();
                    next != null && TestXml.difference(STOPPING, next) != null;
                    next = from.nextUnlessGone()) {
                receive(next);
            }
        } catch (Throwable e) {
            fail(e);
        } finally {
            gone();
        }
    }

    private void receive(Element element) {
        if (element.name().namespace().equals("urn:xmpp:sm:3")) {
            switch (element.name().local()) {
                case "r" -> answer();
                case "a" -> acknowledge(Long.parseLong(element.requireAttr("h")));
                default -> throw new AssertionError(element.toString());
            }
            return;
        }
        assertThat(element.name().namespace()).as(element.toString()).isEqualTo(Ns.CLIENT);
        synchronized (this) {
            received++;
            String id = element.attr("id");
            if (element.name().local().equals("message")) {
                live(element);
            } else if ("result".equals(element.attr("type")) && contacts.containsKey(id)) {
                contacts.get(id).promised = true;
            }
        }
        if (random.nextInt(10) == 0) {
            answer();
        }
    }

    private void answer() {
        try {
            client().sends("<a xmlns='urn:xmpp:sm:3' h='" + received() + "'/>");
        } catch (UncheckedIOException e) {
            gone();
        }
    }

    private synchronized long received() {
        return received;
    }

    private void live(Element message) {
        assertThat(message.attr("type")).as(message.toString()).isNotEqualTo("error");
        String text = message.text(BODY);
        if (text == null) {
            return;
        }
        for (Element stanzaId : message.children(STANZA_ID)) {
            if (jid.equals(stanzaId.attr("by"))) {
                learn(stanzaId.requireAttr("id"), text);
            }
        }
        assertThat(delivered.add(text))
                .as(jid + " was sent this twice on one stream: " + text)
                .isTrue();
    }

    private void learn(String id, String text) {
        String before = known.putIfAbsent(id, text);
        assertThat(text).as(jid + ": what stands at " + id).isEqualTo(before == null ? text : before);
    }

    private synchronized void acknowledge(long h) {
        assertThat(h).as(jid + ": acknowledged").isBetween(acknowledged, sent);
        acknowledged = h;
        Long last = unacknowledged.floorKey(h);
        lastPromised = last == null ? lastPromised : last;
        unacknowledged.headMap(h, true).values().forEach(op -> op.promised = true);
        unacknowledged.headMap(h, true).clear();
        notifyAll();
    }

    private synchronized void gone() {
        gone = true;
        notifyAll();
    }

    private synchronized void fail(Throwable cause) {
        failure = failure == null ? cause : failure;
        gone();
    }

    /** Breaks the connection. */
    void cut() {
        client().close();
    }

    synchronized void assertNoFailure() {
        if (failure != null) {
            throw new AssertionError(jid + ": " + failure.getMessage(), failure);
        }
    }

    synchronized long promisedMessages() {
        return messages.values().stream().filter(op -> op.promised).count();
    }

    // ---- looking back
    // ------------------------------------------------------------------------------------------------

    /** The whole archive, or what is behind an id of it, in a session of its own. */
    static List<Entry> archive(Endpoint server, String jid, @Nullable String after) {
        List<Entry> entries = new ArrayList<>();
        try (RawClient reader = RawClient.session(server, jid + "/reader")) {
            String from = after;
            while (true) {
                reader.sends("<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2'>"
                        + "<set xmlns='http://jabber.org/protocol/rsm'><max>" + PAGE + "</max>"
                        + (from == null ? "" : "<after>" + from + "</after>") + "</set></query></iq>");
                Element next = reader.next();
                while (next.name().local().equals("message")) {
                    Element result = next.requireChild(MAM_RESULT);
                    Element message = result.requireChild(FORWARDED).requireChild(Name.of(Ns.CLIENT, "message"));
                    entries.add(new Entry(
                            result.requireAttr("id"), message.requireAttr("from"), message.requireText(BODY)));
                    next = reader.next();
                }
                assertThat(next.attr("type")).as(next.toString()).isEqualTo("result");
                Element fin = next.requireChild(MAM_FIN);
                if ("true".equals(fin.attr("complete"))) {
                    return entries;
                }
                from = fin.requireChild(SET).requireText(Name.of("http://jabber.org/protocol/rsm", "last"));
            }
        }
    }

    private static Set<String> roster(Endpoint server, String jid) {
        try (RawClient reader = RawClient.session(server, jid + "/reader")) {
            reader.sends("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>");
            Set<String> names = new HashSet<>();
            reader.awaits("<iq type='result' id='roster'/>")
                    .requireChild(ROSTER)
                    .children()
                    .forEach(item -> names.add(item.requireAttr("name")));
            return names;
        }
    }

    /** Everything that was promised or told holds in what the server has now. Returns the archives by account. */
    static Map<CrashAccount, List<Entry>> verify(Endpoint server, List<CrashAccount> all) {
        Map<CrashAccount, List<Entry>> archives = new HashMap<>();
        Map<CrashAccount, Map<String, Integer>> places = new HashMap<>();
        for (CrashAccount account : all) {
            List<Entry> entries = archive(server, account.jid, null);
            archives.put(account, entries);
            places.put(account, account.verifyIds(entries));
            assertThat(roster(server, account.jid))
                    .as("contacts of " + account.jid)
                    .containsAll(account.contacts.values().stream()
                            .filter(op -> op.promised)
                            .map(op -> op.text)
                            .toList());
        }
        for (CrashAccount account : all) {
            account.verifyMessages(places);
        }
        return archives;
    }

    /** Ids increase, stand for what they ever stood for, and hold each text once. Returns the place of each text. */
    private Map<String, Integer> verifyIds(List<Entry> entries) {
        Map<String, Integer> places = new HashMap<>();
        Map<String, String> byId = new HashMap<>();
        String last = "";
        for (Entry entry : entries) {
            assertThat(entry.id()).as("ids of " + jid + " increase").isGreaterThan(last);
            last = entry.id();
            byId.put(entry.id(), entry.text());
            assertThat(places.put(entry.text(), places.size()))
                    .as(jid + " has this twice: " + entry.text())
                    .isNull();
        }
        assertThat(byId).as("what " + jid + " was told of its archive").containsAllEntriesOf(known);
        byId.forEach(this::learn);
        return places;
    }

    private void verifyMessages(Map<CrashAccount, Map<String, Integer>> places) {
        Map<CrashAccount, Integer> lastPlace = new HashMap<>();
        for (Op op : messages.values()) {
            Integer mine = places.get(this).get(op.text);
            Integer theirs = places.get(op.to).get(op.text);
            assertThat(mine == null)
                    .as(
                            "half a message: %s in the archive of %s, %s in that of %s: %s",
                            mine, jid, theirs, op.to.jid, op.text)
                    .isEqualTo(theirs == null);
            if (op.promised) {
                assertThat(mine).as(jid + " was promised " + op.text).isNotNull();
            }
            if (theirs != null && op.promised) {
                Integer before = lastPlace.put(op.to, theirs);
                assertThat(theirs)
                        .as("the order of " + jid + " at " + op.to.jid)
                        .isGreaterThan(before == null ? -1 : before);
            }
        }
    }

    /** What of this account's messages stands in its archive. */
    Set<String> archivedTexts(Map<CrashAccount, List<Entry>> archives) {
        Set<String> texts = new HashSet<>();
        archives.get(this).forEach(entry -> texts.add(entry.text()));
        return texts;
    }
}
