// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks which conversations have changed since a stamp, as Xabber's clients do: pages of 60, until one is not full. */
final class Synchronization {
    static final String NS = "https://xabber.com/protocol/synchronization";

    private static final int PAGE = 60;
    private static final int PATIENCE_SECONDS = 60;
    private static final String CONVERSATION = "<conversation ";

    private final Client client;
    private int queries;

    Synchronization(Client client) {
        this.client = client;
    }

    /**
     * Reads all that changed.
     *
     * @param stamp empty: everything
     * @param conversations told of each page
     * @return the stamp to state next time
     */
    String changedSince(String stamp, Consumer<Received> conversations) throws Exception {
        String after = "";
        String first = "";
        while (true) {
            Received page = ask(stamp, after);
            int query = page.find("<query", 0);
            String current = page.attributeAfter(Math.max(0, query), "stamp");
            if (query < 0 || current == null) {
                throw new IllegalStateException("no page of conversations: " + page);
            }
            first = first.isEmpty() ? current : first;
            conversations.accept(page);
            String last = page.between("<last>", "</last>");
            if (last == null || page.count(CONVERSATION) < PAGE) {
                return first;
            }
            after = "<after>" + last + "</after>";
        }
    }

    /** What {@link #changedSince} asks first, for a login that asks it already. */
    static Query first(String stamp) {
        return query(1, stamp, "");
    }

    private Received ask(String stamp, String position) throws Exception {
        return Received.of(client.ask(query(++queries, stamp, position)).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    private static Query query(int number, String stamp, String position) {
        String id = "sync" + number;
        String since = stamp.isEmpty() ? "" : " stamp='" + stamp + "'";
        return new Query(
                id,
                "<iq type='get' id='" + id + "'><query xmlns='" + NS + "'" + since
                        + "><set xmlns='http://jabber.org/protocol/rsm'><max>" + PAGE + "</max>" + position
                        + "</set></query></iq>");
    }
}
