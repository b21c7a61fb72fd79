// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import java.util.concurrent.TimeUnit;

/** Reads a message archive as clients do: pages after the last id that they know (XEP-0313). */
final class Archive {
    private static final int PATIENCE_SECONDS = 60;

    private final Client client;
    private final int page;
    private int queries;

    Archive(Client client, int page) {
        this.client = client;
        this.page = page;
    }

    /** All that is behind this id; the client's listener gets the messages. */
    void readAfter(String id) throws Exception {
        String after = id;
        boolean complete;
        do {
            Received fin = ask("", "<after>" + after + "</after>", page);
            complete = "true".equals(fin.attributeAfter(Math.max(0, fin.find("<fin", 0)), "complete"));
            String last = fin.between("<last>", "</last>");
            if (!complete && last == null) {
                throw new IllegalStateException("neither complete nor more to ask for: " + fin);
            }
            after = last == null ? after : last;
        } while (!complete);
    }

    /** The newest message of everything, or of one peer. @return its id, or empty if there is none */
    String newest(String with) throws Exception {
        String last = ask(with, "<before/>", 1).between("<last>", "</last>");
        return last == null ? "" : last;
    }

    /** What {@link #readAfter} asks first, for a login that asks it already. */
    static Query first(String after, int page) {
        return query(1, "", "<after>" + after + "</after>", page);
    }

    private Received ask(String with, String position, int max) throws Exception {
        Received answer =
                Received.of(client.ask(query(++queries, with, position, max)).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        if (!"result".equals(answer.attribute("type"))) {
            throw new IllegalStateException("no page of the archive: " + answer);
        }
        return answer;
    }

    private static Query query(int number, String with, String position, int max) {
        String id = "mam" + number;
        String field = with.isEmpty() ? "" : "<field var='with'><value>" + with + "</value></field>";
        return new Query(
                id,
                "<iq type='set' id='" + id + "'><query xmlns='urn:xmpp:mam:2' queryid='" + id + "'>"
                        + "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
                        + "<value>urn:xmpp:mam:2</value></field>" + field
                        + "</x><set xmlns='http://jabber.org/protocol/rsm'><max>" + max + "</max>" + position
                        + "</set></query></iq>");
    }
}
