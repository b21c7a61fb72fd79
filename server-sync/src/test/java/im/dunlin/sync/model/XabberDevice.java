// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A client of Xabber's protocols: conversations by deltas and pushes, changes of messages by events and versions. */
final class XabberDevice extends Device {
    static final String SYNC = "https://xabber.com/protocol/synchronization";
    static final String REWRITE = "https://xabber.com/protocol/rewrite";
    static final String DELIVERY = "https://xabber.com/protocol/delivery";
    private static final String NOTIFY = REWRITE + "#notify";
    private static final Name CONVERSATION = Name.of(SYNC, "conversation");
    private static final Name RECEIVED = Name.of(DELIVERY, "received");
    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");
    private static final Set<Name> ADDED = Set.of(
            StanzaId.NAME,
            Delay.NAME,
            Name.of(DELIVERY, "time"),
            Name.of(DELIVERY, "retry"),
            Name.of("urn:xmpp:mam:tmp", "archived"));

    /** So small that walks have pages. */
    private static final int PAGE = 2;

    /** So few that some conversations have more to replay. */
    private static final int REPLAYED = 3;

    private record Message(ConversationKey conversation, String content) {}

    private record Memory(
            String stamp,
            String version,
            Map<ConversationKey, Element> conversations,
            Set<ConversationKey> toldByStanzas,
            Map<Long, Message> messages,
            long newest) {}

    /** Whether it takes what it is pushed; otherwise it believes deltas alone. */
    private final boolean takesPushes;

    private final List<Memory> copies = new ArrayList<>();
    private final Map<String, Element> unconfirmed = new HashMap<>();
    private final Set<ConversationKey> toldByStanzas = new HashSet<>();
    private final Set<ConversationKey> invalid = new HashSet<>();
    private String stamp = "";
    private String version = "";
    private Map<ConversationKey, Element> conversations = new HashMap<>();
    private TreeMap<Long, Message> messages = new TreeMap<>();

    XabberDevice(BareJid account, String resource, boolean takesPushes) {
        super(account, resource);
        this.takesPushes = takesPushes;
    }

    Map<ConversationKey, Element> conversations() {
        return conversations;
    }

    /** Messages by their ids in the archive. */
    Map<Long, String> messages() {
        Map<Long, String> contents = new TreeMap<>();
        messages.forEach((id, message) -> contents.put(id, message.content));
        return contents;
    }

    /** Whether the device was last told of the conversation by a stanza, so that it has an older element of it. */
    boolean isToldByStanzas(ConversationKey key) {
        return takesPushes && toldByStanzas.contains(key);
    }

    @Override
    void sends(String xml) {
        Element message = TestXml.parse(xml);
        unconfirmed.put(message.requireChild(OriginId.NAME).requireAttr("id"), message);
        toldByStanzas(peer(message));
        super.sends(xml);
        look();
    }

    @Override
    void sendsAgain(String xml) {
        super.sendsAgain(xml.replace("</message>", "<retry xmlns='" + DELIVERY + "'/></message>"));
    }

    // ---- catching up
    // -------------------------------------------------------------------------------------------------

    @Override
    void catchUp() {
        look();
        askForDelta();
        askForRewrites();
        readArchive();
        for (ConversationKey key : Set.copyOf(invalid)) {
            messages.values().removeIf(message -> message.conversation.equals(key));
            readArchive(
                    "<x xmlns='jabber:x:data' type='submit'>" + field("FORM_TYPE", Ns.MAM)
                            + field("with", key.peer().toString())
                            + field("conversation-type", key.type().wire()) + "</x>",
                    0);
        }
        invalid.clear();
    }

    private static String field(String name, String value) {
        return "<field var='" + name + "'><value>" + value + "</value></field>";
    }

    /** All pages of what changed since its stamp. */
    void askForDelta() {
        String frozen = null;
        String cursor = "";
        while (true) {
            Element query = Objects.requireNonNull(ask(
                            "get",
                            "<query xmlns='" + SYNC + "' stamp='" + stamp
                                    + "'><set xmlns='http://jabber.org/protocol/rsm'><max>" + PAGE + "</max>" + cursor
                                    + "</set></query>")
                    .firstChild());
            frozen = frozen == null ? query.requireAttr("stamp") : frozen;
            assertThat(query.attr("stamp")).as("the stamp of a walk").isEqualTo(frozen);
            List<Element> page = query.children(CONVERSATION);
            page.forEach(this::shown);
            if (page.size() < PAGE) {
                stamp = frozen;
                return;
            }
            cursor = "<after>" + page.get(page.size() - 1).requireAttr("stamp") + "</after>";
        }
    }

    private void askForRewrites() {
        String before;
        do {
            before = version;
            String since =
                    version.isEmpty() ? "" : " version='" + Long.parseLong(version) + "' less-than='" + REPLAYED + "'";
            version = Objects.requireNonNull(ask("get", "<query xmlns='" + REWRITE + "'" + since + "/>")
                            .firstChild())
                    .requireAttr("version");
        } while (!before.equals(version));
    }

    private void shown(Element conversation) {
        ConversationKey key = key(conversation.requireAttr("jid"), conversation.requireAttr("type"));
        if ("deleted".equals(conversation.attr("status"))) {
            conversations.remove(key);
        } else {
            conversations.put(key, conversation);
        }
        toldByStanzas.remove(key);
    }

    private static ConversationKey key(String jid, String type) {
        return new ConversationKey(BareJid.of(jid), Objects.requireNonNull(ConversationType.parse(type)));
    }

    // ---- what it is told
    // ---------------------------------------------------------------------------------------------

    @Override
    void pushed(Element query) {
        if (takesPushes) {
            query.children(CONVERSATION).forEach(this::shown);
            stamp = query.requireAttr("stamp");
        }
    }

    @Override
    void heard(Element message, @Nullable Long id, boolean isLive) {
        if (isLive) {
            toldByStanzas(peer(message));
        }
        if (id != null) {
            messages.put(id, new Message(new ConversationKey(peer(message), type(message)), content(message)));
        }
    }

    @Override
    void told(Element headline) {
        Element received = headline.first(RECEIVED);
        if (received != null) {
            long id = number(received.requireChild(StanzaId.NAME).requireAttr("id"));
            Element sent =
                    unconfirmed.remove(received.requireChild(OriginId.NAME).requireAttr("id"));
            if (sent != null) {
                heard(sent, id, true);
            }
            newest = Math.max(newest, id);
            return;
        }
        for (Element event : headline.children()) {
            if (event.name().namespace().equals(NOTIFY)) {
                changed(event);
            } else if (event.name().namespace().equals(Ns.CALLS)) {
                event.children()
                        .forEach(call -> toldByStanzas(
                                BareJid.of(call.requireAttr("peer").split("/", 2)[0])));
            }
        }
    }

    private void changed(Element event) {
        ConversationKey key = key(event.requireAttr("conversation"), event.requireAttr("type"));
        long at = number(event.requireAttr("version"));
        switch (event.name().local()) {
            case "replace" ->
                messages.put(number(event.requireAttr("id")), new Message(key, content(event.requireChild(MESSAGE))));
            case "retract-message" -> messages.remove(number(event.requireAttr("id")));
            case "retract-all" ->
                messages.entrySet()
                        .removeIf(each -> each.getKey() < at
                                && each.getValue().conversation.equals(key));
            case "invalidate" -> {
                invalid.add(key);
                return;
            }
            default -> throw new AssertionError(event);
        }
        version = event.requireAttr("version");
    }

    private void toldByStanzas(BareJid peer) {
        toldByStanzas.add(new ConversationKey(peer, ConversationType.CHAT));
        toldByStanzas.add(new ConversationKey(peer, ConversationType.OMEMO));
    }

    private static ConversationType type(Element message) {
        return message.has(StandardDevice.ENCRYPTED) ? ConversationType.OMEMO : ConversationType.CHAT;
    }

    private static String content(Element message) {
        return message.children().stream()
                .filter(child -> !ADDED.contains(child.name()))
                .map(Element::toString)
                .collect(Collectors.joining());
    }

    // ---- memory
    // ------------------------------------------------------------------------------------------------------

    @Override
    void backUp() {
        copies.add(new Memory(
                stamp, version, Map.copyOf(conversations), Set.copyOf(toldByStanzas), Map.copyOf(messages), newest));
    }

    @Override
    void restoreLast() {
        restore(copies.size() - 1);
    }

    @Override
    void restore(int which) {
        Memory memory = copies.isEmpty()
                ? new Memory("", "", Map.of(), Set.of(), Map.of(), 0)
                : copies.get(which % copies.size());
        stamp = memory.stamp;
        version = memory.version;
        conversations = new HashMap<>(memory.conversations);
        toldByStanzas.clear();
        toldByStanzas.addAll(memory.toldByStanzas);
        messages = new TreeMap<>(memory.messages);
        newest = memory.newest;
    }

    @Override
    XabberDevice fresh(TestServer server) {
        XabberDevice fresh = new XabberDevice(account, "fresh", false);
        fresh.bind(server);
        fresh.catchUp();
        fresh.leave();
        return fresh;
    }
}
