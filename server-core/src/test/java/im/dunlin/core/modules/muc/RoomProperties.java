// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import static im.dunlin.core.modules.muc.RoomFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever people do in a room: all of them see the same messages in the same order, and just those who are there. */
class RoomProperties {
    private static final int SEQUENCES = Integer.getInteger("dunlin.rooms.sequences", 20);
    private static final int STEPS = 60;
    private static final int CLIENTS = 5;
    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name STATUS = Name.of(Ns.CLIENT, "status");

    /** What a client makes of what it is sent, as XEP-0045 has it. */
    private static final class View {
        final TestClient client;
        final Map<String, String> occupants = new TreeMap<>();
        final List<String> messages = new ArrayList<>();
        String nick = "";

        View(TestClient client) {
            this.client = client;
        }

        void look() {
            while (client.waiting() > 0) {
                Element next = client.next();
                String from = String.valueOf(next.attr("from"));
                String of = from.substring(from.indexOf('/') + 1);
                if (next.name().local().equals("presence") && next.attr("type") == null) {
                    occupants.put(of, String.valueOf(next.text(STATUS)));
                    if (RoomFixture.codes(next).contains("110")) {
                        nick = of;
                    }
                } else if (next.name().local().equals("presence") && "unavailable".equals(next.attr("type"))) {
                    occupants.remove(of);
                    boolean isSelf = RoomFixture.codes(next).contains("110");
                    if (isSelf && !RoomFixture.codes(next).contains("303")) {
                        occupants.clear();
                        nick = "";
                    }
                } else if (next.has(BODY)) {
                    messages.add(of + ": " + next.text(BODY));
                }
            }
        }
    }

    @Test
    void everybodySeesTheSame() {
        long seed = Seed.next();
        for (int i = 0; i < SEQUENCES; i++) {
            sequence(seed + i);
        }
    }

    private static void sequence(long seed) {
        Random random = new Random(seed);
        String as = "seed " + seed;
        try (TestServer server = RoomFixture.server()) {
            List<View> views = new ArrayList<>();
            Map<View, Integer> since = new HashMap<>();
            for (int i = 0; i < CLIENTS; i++) {
                // Two of them are sessions of one account.
                views.add(new View(server.connect("u" + i / 2 + "@localhost/r" + i)));
            }
            RoomFixture.makes(views.get(0).client, "n0");
            RoomFixture.configures(views.get(0).client, "persistentroom", "1");
            views.get(0).client.sends("<presence type='unavailable' to='" + ROOM + "/n0'/>");
            views.get(0).client.ignores();
            List<String> said = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                server.time().advance(Duration.ofMinutes(1));
                View actor = views.get(random.nextInt(CLIENTS));
                boolean wasIn = !actor.nick.isEmpty();
                String nick = "n" + random.nextInt(4);
                switch (random.nextInt(6)) {
                    case 0, 1 ->
                        actor.client.sends(
                                "<presence to='" + ROOM + "/" + nick
                                        + "'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>");
                    case 2 ->
                        actor.client.sends(
                                "<presence to='" + ROOM + "/" + nick + "'><status>s" + step + "</status></presence>");
                    case 3 ->
                        actor.client.sends(
                                "<presence type='unavailable' to='" + ROOM + "/" + (wasIn ? actor.nick : nick) + "'/>");
                    default -> {
                        actor.client.sends(
                                "<message type='groupchat' to='" + ROOM + "'><body>" + step + "</body></message>");
                        if (wasIn) {
                            said.add(actor.nick + ": " + step);
                        }
                    }
                }
                views.forEach(View::look);
                if (!wasIn && !actor.nick.isEmpty()) {
                    since.put(actor, said.size());
                    actor.messages.clear();
                }
            }
            Map<String, String> there = new TreeMap<>();
            for (View view : views) {
                if (!view.nick.isEmpty()) {
                    there.put(view.nick, "");
                }
            }
            for (View view : views) {
                if (!view.nick.isEmpty()) {
                    assertThat(view.occupants.keySet()).as(as).isEqualTo(there.keySet());
                    assertThat(view.messages).as(as).isEqualTo(said.subList(since.get(view), said.size()));
                    for (View other : views) {
                        if (!other.nick.isEmpty()) {
                            assertThat(view.occupants).as(as).isEqualTo(other.occupants);
                        }
                    }
                }
            }
        }
    }
}
