// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import im.dunlin.benchmarks.load.measure.DeliveryOracle;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a sleeping device knows, and what it has missed. Reading the archive changes nothing, so a device can wake in the same
 * state again and again.
 *
 * @param conversations how many the account has
 * @param after id of the newest archived message that the device knows
 * @param stamp what it would state in a query of Client Synchronization; empty where the server has none
 * @param flows the missed messages: by flow, number of the first and how many
 */
record Missed(int conversations, String after, String stamp, TreeMap<Integer, Span> flows) {
    record Span(int first, int count) {}

    /** Knows whether exactly the missed messages came. */
    final class Expected {
        private final DeliveryOracle oracle = new DeliveryOracle(conversations);
        private final TreeSet<Integer> conversationsSeen = new TreeSet<>();

        private Expected() {
            flows.forEach((flow, span) -> {
                for (int i = 0; i < span.count(); i++) {
                    oracle.sending(flow);
                }
            });
        }

        /** @return whether it was missed and comes for the first time */
        synchronized boolean message(int flow, int number) {
            Span span = flows.get(flow);
            return oracle.received(flow, span == null ? -1 : number - span.first());
        }

        /** A changed conversation came with this as its last message. */
        synchronized void conversation(int flow, int lastNumber) {
            Span span = flows.get(flow);
            if (span == null || lastNumber != span.first() + span.count() - 1 || !conversationsSeen.add(flow)) {
                throw new IllegalStateException(
                        "conversation " + flow + " came with message " + lastNumber + ", and not once with its last");
            }
        }

        boolean hasMessages() {
            return oracle.isSatisfied();
        }

        synchronized boolean hasConversations() {
            return conversationsSeen.equals(flows.keySet());
        }

        @Override
        public synchronized String toString() {
            return oracle + "; " + conversationsSeen.size() + " of " + flows.size() + " conversations";
        }
    }

    Expected expected() {
        return new Expected();
    }

    int messages() {
        return flows.values().stream().mapToInt(Span::count).sum();
    }

    void write(Path file) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("conversations", Integer.toString(conversations));
        properties.setProperty("after", after);
        properties.setProperty("stamp", stamp);
        flows.forEach((flow, span) -> properties.setProperty("flow." + flow, span.first() + " " + span.count()));
        try (Writer out = Files.newBufferedWriter(file)) {
            properties.store(out, "What a sleeping device knows, and what it has missed");
        }
    }

    static Missed read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        }
        TreeMap<Integer, Span> flows = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith("flow.")) {
                String[] span = properties.getProperty(name).split(" ");
                flows.put(
                        Integer.valueOf(name.substring("flow.".length())),
                        new Span(Integer.parseInt(span[0]), Integer.parseInt(span[1])));
            }
        }
        return new Missed(
                Integer.parseInt(properties.getProperty("conversations")),
                properties.getProperty("after"),
                properties.getProperty("stamp"),
                flows);
    }
}
