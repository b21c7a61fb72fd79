// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import im.dunlin.benchmarks.load.Tagged;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Comes up to date by docs/protocol/reconnect.xml: what changed since a stamp, with the messages as far as there is room, and
 * the rest of them by range.
 */
final class Delta {
    private static final String NS = "https://dunlin.im/protocol/reconnect/1";
    private static final String CALLS = "<enable xmlns='https://dunlin.im/protocol/calls/1'/>";
    private static final String CONVERSATION = "<conversation ";
    private static final String MESSAGES = "<messages ";
    private static final String ENTRY = "<entry ";
    private static final int CONVERSATIONS = 250;
    private static final int EACH = 100;
    private static final int RANGE_BYTES = 1 << 20;

    private final Asker asker;
    private final String stamp;
    private final int bytes;
    private final Missed.Expected expected;
    private final Deque<Hole> holes = new ArrayDeque<>();

    /** By id: holes are filled behind what is newer. */
    private final TreeMap<Long, Tagged> messages = new TreeMap<>();

    private int queries;

    /** Gets the answer to a question. */
    @FunctionalInterface
    interface Asker {
        Received ask(Query query) throws Exception;
    }

    /** Where messages are missing: up to this id, or up to the newest. */
    private record Hole(String jid, String type, @Nullable Long to) {}

    /** @param bytes of messages that are wanted with an answer; 0: none at all */
    Delta(Asker asker, String stamp, int bytes, Missed.Expected expected) {
        this.asker = asker;
        this.stamp = stamp;
        this.bytes = bytes;
        this.expected = expected;
    }

    /** What stands in a login's {@code <bind/>}. */
    static String inline(String stamp, int bytes) {
        return CALLS + request(stamp, bytes, "");
    }

    /** Takes what came with the login, and asks until all is there. */
    void read(Received login) throws Exception {
        String more = page(login.has("<delta") ? login : ask(request(stamp, bytes, "")));
        while (more != null) {
            more = page(ask(request(stamp, bytes, " after='" + more + "'")));
        }
        while (!holes.isEmpty()) {
            fill(holes.remove());
        }
        messages.values().forEach(message -> expected.message(message.flow(), message.number()));
    }

    /** @return the cursor of the next page; null behind the last */
    private @Nullable String page(Received page) {
        int delta = page.find("<delta", 0);
        if (delta < 0 || !page.has("stamp=")) {
            throw new IllegalStateException("no delta: " + page);
        }
        for (int at = page.find(CONVERSATION, delta); at >= 0; ) {
            int next = page.find(CONVERSATION, at + 1);
            int end = next < 0 ? page.length() : next;
            conversation(page, at, end);
            at = next;
        }
        return page.attributeAfter(delta, "more");
    }

    private void conversation(Received page, int at, int end) {
        int part = page.find(MESSAGES, at);
        boolean hasMessages = part >= 0 && part < end;
        Tagged last = Tagged.after(page, at);
        Long oldest = hasMessages ? entries(page, part, end) : null;
        for (int entry = page.find(ENTRY, at); entry >= 0 && entry < end; entry = page.find(ENTRY, entry + 1)) {
            last = Tagged.after(page, entry);
        }
        if (last == null) {
            throw new IllegalStateException("a conversation without its last message: " + page);
        }
        expected.conversation(last.flow(), last.number());
        boolean isComplete = hasMessages && "true".equals(page.attributeAfter(part, "complete"));
        if (bytes > 0 && !isComplete) {
            holes.add(new Hole(value(page, at, "jid"), value(page, at, "type"), oldest == null ? null : oldest - 1));
        }
    }

    /** @return the id of the first; null if there is none */
    private @Nullable Long entries(Received page, int from, int end) {
        Long oldest = null;
        for (int at = page.find(ENTRY, from); at >= 0 && at < end; at = page.find(ENTRY, at + 1)) {
            Tagged message = Tagged.after(page, at);
            Long id = Long.valueOf(value(page, at, "id"));
            if (message == null || messages.put(id, message) != null) {
                throw new IllegalStateException("an entry that came already, or without its message: " + page);
            }
            oldest = oldest == null ? id : oldest;
        }
        return oldest;
    }

    private void fill(Hole hole) throws Exception {
        String to = hole.to() == null ? "" : " to='" + hole.to() + "'";
        Received range = ask("<range xmlns='" + NS + "' jid='" + hole.jid() + "' type='" + hole.type() + "' from='"
                + (Long.parseLong(stamp) + 1) + "'" + to + " bytes='" + RANGE_BYTES + "' each='" + EACH + "'/>");
        int part = range.find(MESSAGES, 0);
        if (part < 0) {
            throw new IllegalStateException("no range: " + range);
        }
        entries(range, part, range.length());
        if (!"true".equals(range.attributeAfter(part, "complete"))) {
            holes.add(new Hole(hole.jid(), hole.type(), Long.parseLong(value(range, part, "from")) - 1));
        }
    }

    private Received ask(String request) throws Exception {
        String id = "delta" + ++queries;
        return asker.ask(new Query(id, "<iq type='get' id='" + id + "'>" + request + "</iq>"));
    }

    private static String request(String stamp, int bytes, String after) {
        return "<reconnect xmlns='" + NS + "' stamp='" + stamp + "' conversations='" + CONVERSATIONS + "' bytes='"
                + bytes + "' each='" + EACH + "'" + after + "/>";
    }

    private static String value(Received page, int at, String attribute) {
        String value = page.attributeAfter(at, attribute);
        if (value == null) {
            throw new IllegalStateException("without " + attribute + ": " + page);
        }
        return value;
    }
}
