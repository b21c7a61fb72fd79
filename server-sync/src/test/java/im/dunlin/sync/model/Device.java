// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.sync.log.ArchiveId;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A client with a memory: what it knows survives its connections. */
abstract class Device {
    private static final Name RESULT = Name.of(Ns.MAM, "result");
    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");
    private static final Name SENT = Name.of(Ns.CARBONS, "sent");
    private static final Name RECEIVED = Name.of(Ns.CARBONS, "received");

    enum State {
        ONLINE,
        CUT,
        OFFLINE
    }

    final BareJid account;
    final String resource;
    private final Map<String, Element> answers = new HashMap<>();
    private State state = State.OFFLINE;
    private @Nullable TestClient client;
    private String resumption = "";
    private long handled;
    private int asked;

    /** The newest id of the archive that it has seen. */
    protected long newest;

    /** A message to send again if the connection breaks, and its id. */
    @Nullable
    String lastSent;

    @Nullable
    String lastId;

    Device(BareJid account, String resource) {
        this.account = account;
        this.resource = resource;
    }

    State state() {
        return state;
    }

    private TestClient client() {
        return Objects.requireNonNull(client);
    }

    // ---- connections
    // -------------------------------------------------------------------------------------------------

    /** Begins a session and learns what it missed. */
    void connect(TestServer server) {
        bind(server);
        client().sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        Element enabled = client().receives("<enabled xmlns='urn:xmpp:sm:3'/>");
        resumption = enabled.requireAttr("id");
        handled = 0;
        ask("set", "<enable xmlns='" + Ns.CARBONS + "'/>");
        ask("set", "<enable xmlns='" + Ns.CALLS + "'/>");
        client().sends("<presence/>");
        catchUp();
    }

    /** A session that nobody sees. */
    void bind(TestServer server) {
        client = server.connect(account + "/" + resource);
        state = State.ONLINE;
    }

    /** Goes on with its session, if the server still has it. */
    void resume(TestServer server) {
        client = server.login(account.toString());
        client().sends("<resume xmlns='urn:xmpp:sm:3' previd='" + resumption + "' h='" + handled + "'/>");
        if (client().next().name().local().equals("resumed")) {
            state = State.ONLINE;
            look();
        } else {
            connect(server);
        }
    }

    /** Its connection breaks when it has seen so much of what is on its way to it. */
    void cut(int seen) {
        for (int i = 0; i < seen && client().waiting() > 0; i++) {
            see(client().next());
        }
        client().loses();
        state = State.CUT;
    }

    void leave() {
        client().leaves();
        state = State.OFFLINE;
    }

    /** The server is gone. */
    void isLeft(boolean resumable) {
        state = resumable && state != State.OFFLINE ? State.CUT : State.OFFLINE;
    }

    // ---- stanzas
    // -----------------------------------------------------------------------------------------------------

    void sends(String xml) {
        client().sends(xml);
    }

    /** Sends a message of which it does not know whether the server has it. */
    void sendsAgain(String xml) {
        client().sends(xml);
    }

    Element ask(String type, String content) {
        String id = "q" + ++asked;
        client().sends("<iq type='" + type + "' id='" + id + "'>" + content + "</iq>");
        look();
        Element answer = answers.remove(id);
        assertThat(answer).as("the answer to " + content).isNotNull();
        return Objects.requireNonNull(answer);
    }

    /** Reads everything that it was sent. */
    final void look() {
        while (client().waiting() > 0) {
            see(client().next());
        }
    }

    private void see(Element element) {
        switch (element.name().local()) {
            case "r" -> client().sends("<a xmlns='urn:xmpp:sm:3' h='" + handled + "'/>");
            case "iq" -> {
                handled++;
                if ("set".equals(element.attr("type"))) {
                    pushed(Objects.requireNonNull(element.firstChild()));
                } else {
                    answers.put(element.requireAttr("id"), element);
                }
            }
            case "message" -> {
                handled++;
                unwrap(element);
            }
            case "presence" -> handled++;
            default -> {
                // Nothing that this client knows.
            }
        }
    }

    private void unwrap(Element message) {
        Element result = message.first(RESULT);
        if (result != null) {
            heard(forwarded(result), number(result.requireAttr("id")), false);
            return;
        }
        Element copy = message.has(SENT) ? message.first(SENT) : message.first(RECEIVED);
        Element heard = copy == null ? message : forwarded(copy);
        if ("headline".equals(heard.attr("type"))) {
            told(heard);
            return;
        }
        Long id = null;
        for (Element child : heard.children(StanzaId.NAME)) {
            if (account.toString().equals(child.attr("by"))) {
                id = number(child.requireAttr("id"));
            }
        }
        heard(heard, id, true);
        if (id != null) {
            newest = Math.max(newest, id);
        }
    }

    private static Element forwarded(Element wrapper) {
        return wrapper.requireChild(Forwarded.NAME).requireChild(MESSAGE);
    }

    static long number(String id) {
        return Objects.requireNonNull(ArchiveId.parse(id));
    }

    /** Reads the archive from the newest message on that it knows. */
    void readArchive() {
        newest = Math.max(newest, readArchive("", newest));
    }

    /** @return the id of the last message */
    long readArchive(String form, long after) {
        long last = after;
        while (true) {
            String cursor = last == 0 ? "" : "<after>" + ArchiveId.format(last) + "</after>";
            Element answer = ask(
                    "set",
                    "<query xmlns='" + Ns.MAM + "'>" + form + "<set xmlns='http://jabber.org/protocol/rsm'>"
                            + "<max>10</max>" + cursor + "</set></query>");
            if ("error".equals(answer.attr("type")) && last != 0) {
                assertThat(answer.toString()).contains("item-not-found");
                // What it has seen last is too old to be there: it begins at the beginning.
                last = 0;
                continue;
            }
            Element fin = answer.firstChild();
            assertThat(fin).isNotNull();
            String end = fin.requireChild(PageRequest.SET).text(PageRequest.LAST);
            last = end == null ? last : number(end);
            if ("true".equals(fin.attr("complete"))) {
                return last;
            }
        }
    }

    BareJid peer(Element message) {
        String from = message.attr("from");
        BareJid author = from == null ? account : bare(from);
        return author.equals(account) && message.attr("to") != null ? bare(message.requireAttr("to")) : author;
    }

    private static BareJid bare(String jid) {
        return BareJid.of(jid.split("/", 2)[0]);
    }

    /** Brings its memory up to date. */
    abstract void catchUp();

    /** A message, live or from the archive, with the account's id for it if there is one. */
    abstract void heard(Element message, @Nullable Long id, boolean isLive);

    /** The server says something. */
    abstract void told(Element headline);

    abstract void pushed(Element query);

    /** Keeps a copy of its memory. */
    abstract void backUp();

    /** Takes an old copy for its memory, or the last one. */
    abstract void restore(int which);

    abstract void restoreLast();

    /** The same client without a memory and on a session of its own, when it has read everything. */
    abstract Device fresh(TestServer server);
}
