// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever two users do, both sides agree on it. */
class SubscriptionsProperties {
    private static final List<String> ACTS = List.of(
            "<presence type='subscribe' to='%s'/>",
            "<presence type='subscribed' to='%s'/>",
            "<presence type='unsubscribe' to='%s'/>",
            "<presence type='unsubscribed' to='%s'/>",
            "<iq type='set' id='a'><query xmlns='jabber:iq:roster'><item jid='%s' name='x'/></query></iq>",
            "<iq type='set' id='b'><query xmlns='jabber:iq:roster'><item jid='%s' subscription='remove'/></query></iq>",
            "<iq type='get' id='c'><query xmlns='jabber:iq:roster'/></iq>",
            "<presence/>",
            "<presence type='unavailable'/>");

    @Test
    void bothSidesOfASubscriptionAgree() {
        long seed = Seed.next();
        Random random = new Random(seed);
        try (TestServer server = TestServer.with(ImModules.all())) {
            TestClient romeo = server.connect("romeo@localhost/orchard");
            TestClient juliet = server.connect("juliet@localhost/balcony");
            for (int i = 0; i < 600; i++) {
                boolean his = random.nextBoolean();
                TestClient actor = his ? romeo : juliet;
                String other = his ? "juliet@localhost" : "romeo@localhost";
                String act = ACTS.get(random.nextInt(ACTS.size())).formatted(other);

                server.time().advance(Duration.ofSeconds(10));
                actor.sends(act);

                SubscriptionState one = state(server, romeo, juliet);
                SubscriptionState two = state(server, juliet, romeo);
                String what = "seed " + seed + ", step " + i + ", " + (his ? "romeo " : "juliet ") + act;
                assertThat(one.isTo()).as(what).isEqualTo(two.isFrom());
                assertThat(one.isFrom()).as(what).isEqualTo(two.isTo());
                assertThat(one.isPendingOut()).as(what).isEqualTo(two.isPendingIn());
                assertThat(one.isPendingIn()).as(what).isEqualTo(two.isPendingOut());
                romeo.ignores();
                juliet.ignores();
            }
        }
    }

    private static SubscriptionState state(TestServer server, TestClient of, TestClient with) {
        RosterView view = server.modules().provided(RosterView.class);
        BareJid contact = with.jid().bare();
        return Objects.requireNonNull(server.turn(of.jid().bare(), turn -> view.state(contact, turn)));
    }
}
