// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.synchronization.SynchronizationView;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a client that follows docs/protocol/reconnect.xml keeps: the state of each conversation and its entries. Written from the
 * document, and shares no code with the server.
 */
public final class Phone {
    public static final String NS = "https://dunlin.im/protocol/reconnect/1";

    /**
     * @param changed an entry's last change
     * @param shown what of it can be shown
     * @param rewrites the entry of which it says that it was changed; 0 for none
     */
    public record Entry(long changed, String shown, long rewrites) {}

    public String stamp = "0";
    public final Map<String, String> conversations = new TreeMap<>();
    public final Map<String, TreeMap<Long, Entry>> entries = new TreeMap<>();
    public final Map<String, Element> contents = new TreeMap<>();

    /** Conversations of which it does not have everything. */
    public final Set<String> holes = new HashSet<>();

    final List<String> order = new ArrayList<>();

    /** Keeps all pages of one answer. */
    public void keep(List<Element> pages) {
        Set<String> named = new HashSet<>();
        order.clear();
        for (Element page : pages) {
            for (Element child : page.children()) {
                if (child.is(Name.of(NS, "messages"))) {
                    messages(child);
                } else {
                    named.add(conversation(child));
                }
            }
        }
        Element last = pages.get(pages.size() - 1);
        assertThat(last.attr("more")).isNull();
        if ("true".equals(pages.get(0).attr("snapshot"))) {
            conversations.keySet().retainAll(named);
            entries.keySet().retainAll(named);
        }
        stamp = String.valueOf(last.attr("stamp"));
    }

    private String conversation(Element conversation) {
        String key = conversation.attr("jid") + " " + conversation.attr("type");
        if ("deleted".equals(conversation.attr("status"))) {
            conversations.remove(key);
            contents.remove(key);
            entries.remove(key);
        } else {
            conversations.put(key, withoutLastMessage(conversation).toString());
            for (Element metadata : conversation.children(SynchronizationView.METADATA)) {
                if (NS.equals(metadata.attr("node"))) {
                    contents.put(key, metadata.children().get(0));
                }
            }
        }
        order.add(String.valueOf(conversation.attr("jid")).replace("@localhost", ""));
        return key;
    }

    /** Whether the last message comes depends on the room there was; what it contains is told apart. */
    private static Element withoutLastMessage(Element conversation) {
        Element without = Element.of(conversation.name());
        for (String attribute : List.of("jid", "type", "status", "stamp", "pinned", "mute")) {
            without = without.attrIfPresent(attribute, conversation.attr(attribute));
        }
        for (Element child : conversation.children()) {
            if (NS.equals(child.attr("node"))) {
                continue;
            }
            Element kept = Element.of(child.name()).attrIfPresent("node", child.attr("node"));
            for (Element part : child.children()) {
                kept = part.name().local().equals("last-message") ? kept : kept.child(part);
            }
            without = without.child(kept);
        }
        return without;
    }

    public void messages(Element messages) {
        String key = messages.attr("jid") + " " + messages.attr("type");
        TreeMap<Long, Entry> known = entries.computeIfAbsent(key, k -> new TreeMap<>());
        if (!"true".equals(messages.attr("complete"))) {
            holes.add(key);
        }
        for (Element child : messages.children()) {
            if (child.is(Name.of(NS, "cleared"))) {
                known.headMap(Long.parseLong(child.attr("before")), false).clear();
                continue;
            }
            long id = Long.parseLong(child.attr("id"));
            String changed = child.attr("changed");
            if (child.name().local().equals("rewrite")) {
                known.put(id, new Entry(id, "", Long.parseLong(child.attr("of"))));
                continue;
            }
            long current = changed == null ? Long.MAX_VALUE : Long.parseLong(changed);
            known.headMap(current, false).values().removeIf(entry -> entry.rewrites() == id);
            switch (child.name().local()) {
                case "entry" ->
                    known.put(id, new Entry(changed == null ? id : Long.parseLong(changed), body(child), 0));
                case "retracted" -> {
                    if (changed == null) {
                        known.remove(id);
                    } else {
                        known.put(id, new Entry(Long.parseLong(changed), "", 0));
                    }
                }
                default -> throw new AssertionError("unexpected " + child);
            }
        }
    }

    private static String body(Element entry) {
        Element message = entry.children().get(0).children().stream()
                .filter(child -> child.name().local().equals("message"))
                .findFirst()
                .orElseThrow();
        String body = message.text(Name.of("jabber:client", "body"));
        return body == null ? "" : body;
    }

    /** Count and digest of what it has from one id to another. */
    public String digest(String key, long from, long to) {
        long count = 0;
        long sum = 0;
        for (Map.Entry<Long, Entry> entry : entries.getOrDefault(key, new TreeMap<>())
                .subMap(from, true, to, true)
                .entrySet()) {
            count++;
            sum += hash(entry.getKey(), entry.getValue().changed());
        }
        return count + " " + String.format("%016x", sum);
    }

    /** What the server says of it. */
    public static @Nullable String digest(Element contents) {
        return contents.attr("count") + " " + contents.attr("digest");
    }

    private static long hash(long id, long changed) {
        try {
            ByteBuffer numbers = ByteBuffer.allocate(16).putLong(id).putLong(changed);
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(numbers.array()))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
