// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.model;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client of the standard documents: archive, copies, corrections, retractions. */
final class StandardDevice extends Device {
    static final String RETRACTED = "RETRACTED";
    private static final Name REPLACE = Name.of(Ns.CORRECTION, "replace");
    private static final Name RETRACT = Name.of(Ns.RETRACTION, "retract");
    private static final Name TOMBSTONE = Name.of(Ns.RETRACTION, "retracted");
    static final Name ENCRYPTED = Name.of("eu.siacs.conversations.axolotl", "encrypted");

    private record Memory(Map<String, String> texts, long newest) {}

    private final List<Memory> copies = new ArrayList<>();

    /** What its user sees, by the id of the message. */
    private Map<String, String> texts = new TreeMap<>();

    StandardDevice(BareJid account, String resource) {
        super(account, resource);
    }

    Map<String, String> texts() {
        return texts;
    }

    @Override
    void sends(String xml) {
        super.sends(xml);
        heard(TestXml.parse(xml), null, true);
    }

    @Override
    void catchUp() {
        readArchive();
        look();
    }

    @Override
    void heard(Element message, @Nullable Long id, boolean isLive) {
        String own = message.attr("id");
        Element retract = message.first(RETRACT);
        Element replace = message.first(REPLACE);
        String text = text(message);
        if (retract != null) {
            texts.computeIfPresent(retract.requireAttr("id"), (target, old) -> RETRACTED);
        } else if (replace != null && texts.containsKey(replace.requireAttr("id"))) {
            texts.computeIfPresent(
                    replace.requireAttr("id"), (target, old) -> old.equals(RETRACTED) ? RETRACTED : text);
        } else if (own != null && message.has(TOMBSTONE)) {
            texts.put(own, RETRACTED);
        } else if (own != null && text != null) {
            texts.put(own, text);
        }
    }

    static @Nullable String text(Element message) {
        String body = message.text(Message.BODY);
        return body != null ? body : message.text(ENCRYPTED);
    }

    @Override
    void told(Element headline) {
        // Reports of calls, which change nothing that it keeps.
    }

    @Override
    void pushed(Element query) {
        throw new AssertionError("not for a standard client: " + query);
    }

    @Override
    void backUp() {
        copies.add(new Memory(new TreeMap<>(texts), newest));
    }

    @Override
    void restoreLast() {
        restore(copies.size() - 1);
    }

    @Override
    void restore(int which) {
        Memory memory = copies.isEmpty() ? new Memory(Map.of(), 0) : copies.get(which % copies.size());
        texts = new TreeMap<>(memory.texts);
        newest = memory.newest;
    }

    @Override
    StandardDevice fresh(TestServer server) {
        StandardDevice fresh = new StandardDevice(account, "fresh");
        fresh.bind(server);
        fresh.catchUp();
        fresh.leave();
        return fresh;
    }
}
