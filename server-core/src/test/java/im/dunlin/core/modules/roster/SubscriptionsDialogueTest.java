// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SubscriptionsDialogueTest {
    private static final String ROSTER = "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>";

    private final TestServer server = TestServer.with(ImModules.all());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    @BeforeEach
    void bothAreThere() {
        for (TestClient client : new TestClient[] {romeo, juliet}) {
            client.sends(ROSTER);
            client.sends("<presence/>");
            client.ignores();
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String push(String jid, String rest) {
        return "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='" + jid + "' " + rest + "/></query></iq>";
    }

    private SubscriptionState state(String account, String contact) {
        RosterView view = server.modules().provided(RosterView.class);
        SubscriptionState state = server.turn(BareJid.of(account), turn -> view.state(BareJid.of(contact), turn));
        assertThat(state).isNotNull();
        return state;
    }

    /** RFC 6121 §3.1, the walk through it. */
    @Test
    void requestIsAskedGrantedAndAnsweredWithPresence() {
        romeo.sends("<presence id='xk3h1v69' type='subscribe' to='juliet@localhost'/>");

        romeo.receives(push("juliet@localhost", "subscription='none' ask='subscribe'"));
        romeo.receivesNothing();
        juliet.receives("<presence type='subscribe' from='romeo@localhost' to='juliet@localhost'/>");
        juliet.receivesNothing();

        juliet.sends("<presence id='h4v1c4kj' type='subscribed' to='romeo@localhost'/>");

        juliet.receives(push("romeo@localhost", "subscription='from'"));
        romeo.receives("<presence id='h4v1c4kj' type='subscribed' from='juliet@localhost' to='romeo@localhost'/>");
        romeo.receives(push("juliet@localhost", "subscription='to'"));
        romeo.receives("<presence from='juliet@localhost/balcony'/>");
        romeo.receivesNothing();
        juliet.receivesNothing();
    }

    @Test
    void requestThatIsRefusedLeavesNothingBehind() {
        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");
        romeo.ignores();
        juliet.ignores();

        juliet.sends("<presence type='unsubscribed' to='romeo@localhost'/>");

        romeo.receives("<presence type='unsubscribed' from='juliet@localhost'/>");
        Element pushed = romeo.receives(push("juliet@localhost", "subscription='none'"));
        assertThat(pushed.toString()).doesNotContain("ask=");
        juliet.receivesNothing();
        assertThat(state("juliet@localhost", "romeo@localhost")).isEqualTo(SubscriptionState.NONE);
        assertThat(state("romeo@localhost", "juliet@localhost")).isEqualTo(SubscriptionState.NONE);
    }

    /** §3.1.3: an unanswered request is delivered again at each login. */
    @Test
    void requestWaitsForTheUserToBecomeAvailable() {
        juliet.leaves();
        romeo.sends("<presence type='subscribe' to='juliet@localhost'><status>It is I</status></presence>");

        for (String resource : new String[] {"balcony", "chamber"}) {
            TestClient later = server.connect("juliet@localhost/" + resource);
            later.receivesNothing();
            later.sends("<presence/>");
            later.receives("<presence from='juliet@localhost/" + resource + "'/>");
            later.receives("<presence type='subscribe' from='romeo@localhost'><status>It is I</status></presence>");
            later.receivesNothing();
            later.sends("<presence><show>away</show></presence>");
            later.receives("<presence from='juliet@localhost/" + resource + "'/>");
            later.receivesNothing();
            later.leaves();
        }
    }

    @Test
    void requestIsNotShownInTheRoster() {
        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");
        juliet.ignores();

        juliet.sends(ROSTER);

        assertThat(juliet.next().firstChild().children()).isEmpty();
    }

    /** Checklist: one pending request a contact, and a repeated one is not delivered again (Appendix A.3.1). */
    @Test
    void repeatedRequestIsDeliveredOnce() {
        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");
        juliet.ignores();

        romeo.sends("<presence type='subscribe' to='juliet@localhost'><status>Please!</status></presence>");

        juliet.receivesNothing();
        TestClient chamber = server.connect("juliet@localhost/chamber");
        chamber.sends("<presence/>");
        chamber.next();
        chamber.next();
        chamber.receives("<presence type='subscribe'><status>Please!</status></presence>");
        chamber.receivesNothing();
    }

    /** Threat S20: what a stranger says is bounded. */
    @Test
    void requestCarriesOnlyASmallGreeting() {
        String nick = "<nick xmlns='http://jabber.org/protocol/nick'>Romeo</nick>";
        romeo.sends("<presence type='subscribe' to='juliet@localhost'><status>" + "x".repeat(100_000) + "</status>"
                + nick + "<spam xmlns='urn:example:spam'/></presence>");

        Element shown = juliet.receives("<presence type='subscribe'>" + nick + "</presence>");

        assertThat(shown.children()).hasSize(1);
    }

    @Test
    void requestOfSomebodyWhoIsSubscribedIsAnsweredForTheUser() {
        ImModules.befriend(romeo, juliet);

        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");

        juliet.receivesNothing();
        assertThat(state("romeo@localhost", "juliet@localhost")).isEqualTo(SubscriptionState.BOTH);
    }

    /** §3.2.2: "While the user is still subscribed … the contact's server MUST send a presence stanza of type "unavailable"". */
    @Test
    void cancelledSubscriberSeesTheContactLeaveFirst() {
        ImModules.befriend(romeo, juliet);

        juliet.sends("<presence type='unsubscribed' to='romeo@localhost'/>");

        romeo.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
        romeo.receives("<presence type='unsubscribed' from='juliet@localhost'/>");
        romeo.receives(push("juliet@localhost", "subscription='from'"));
        juliet.receives(push("romeo@localhost", "subscription='to'"));
        romeo.receivesNothing();
    }

    @Test
    void unsubscribingEndsTheFlowOfPresence() {
        ImModules.befriend(romeo, juliet);

        romeo.sends("<presence type='unsubscribe' to='juliet@localhost'/>");

        romeo.receives(push("juliet@localhost", "subscription='from'"));
        juliet.receives("<presence type='unsubscribe' from='romeo@localhost'/>");
        juliet.receives(push("romeo@localhost", "subscription='to'"));
        romeo.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
        juliet.sends("<presence><show>dnd</show></presence>");
        romeo.receivesNothing();
    }

    /** §2.5.2: removing a contact ends the subscriptions in both directions. */
    @Test
    void removedContactIsUnsubscribedBothWays() {
        ImModules.befriend(romeo, juliet);

        romeo.sends("<iq type='set' id='x'><query xmlns='jabber:iq:roster'>"
                + "<item jid='juliet@localhost' subscription='remove'/></query></iq>");

        assertThat(state("romeo@localhost", "juliet@localhost")).isEqualTo(SubscriptionState.NONE);
        assertThat(state("juliet@localhost", "romeo@localhost")).isEqualTo(SubscriptionState.NONE);
        juliet.receives("<presence type='unavailable' from='romeo@localhost/orchard'/>");
        juliet.receives("<presence type='unsubscribed' from='romeo@localhost'/>");
        juliet.receives(push("romeo@localhost", "subscription='from'"));
        juliet.receives("<presence type='unsubscribe' from='romeo@localhost'/>");
        juliet.receives(push("romeo@localhost", "subscription='none'"));
        juliet.receivesNothing();
    }

    // ---- §3.4

    @Test
    void preApprovedRequestIsGrantedWithoutAsking() {
        juliet.sends("<presence type='subscribed' to='romeo@localhost'/>");
        juliet.receives(push("romeo@localhost", "subscription='none' approved='true'"));
        romeo.receivesNothing();

        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");

        juliet.receives(push("romeo@localhost", "subscription='from'"));
        juliet.receivesNothing();
        romeo.receives(push("juliet@localhost", "ask='subscribe'"));
        romeo.receives("<presence type='subscribed' from='juliet@localhost'/>");
        romeo.receives(push("juliet@localhost", "subscription='to'"));
        romeo.receives("<presence from='juliet@localhost/balcony'/>");
        romeo.receivesNothing();
    }

    @Test
    void cancelledPreApprovalIsAskedAgain() {
        juliet.sends("<presence type='subscribed' to='romeo@localhost'/>");
        juliet.sends("<presence type='unsubscribed' to='romeo@localhost'/>");
        juliet.ignores();
        romeo.receivesNothing();

        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");

        juliet.receives("<presence type='subscribe' from='romeo@localhost'/>");
        assertThat(state("juliet@localhost", "romeo@localhost")).isEqualTo(SubscriptionState.NONE_PENDING_IN);
    }

    // ---- limits and ends

    /** Who asks last is kept; the store does not grow with the number of strangers. */
    @Test
    void tooManyRequestsPushOutTheOldest() {
        BareJid account = juliet.jid().bare();
        juliet.leaves();
        int limit = im.dunlin.core.config.AccountLimits.defaults().pendingRequests();
        for (int i = 0; i < limit + 10; i++) {
            TestClient stranger = server.connect("stranger" + i + "@localhost/x");
            stranger.sends("<presence type='subscribe' to='juliet@localhost'/>");
            stranger.leaves();
        }

        TestClient back = server.connect(account + "/balcony");
        back.sends("<presence/>");

        assertThat(back.waiting()).isEqualTo(limit + 1);
        assertThat(state("juliet@localhost", "stranger9@localhost")).isEqualTo(SubscriptionState.NONE);
        assertThat(state("juliet@localhost", "stranger10@localhost")).isEqualTo(SubscriptionState.NONE_PENDING_IN);
    }

    @Test
    void subscriptionToOneselfIsRefused() {
        romeo.sends("<presence type='subscribe' to='romeo@localhost'/>");
        romeo.receivesError("not-allowed");
        romeo.sends("<presence type='subscribe'/>");
        romeo.receivesError("bad-request");
    }

    /** Threat S14: nobody learns whether an account exists by asking to see it. */
    @Test
    void requestToNobodyLooksLikeOneThatWaits() {
        romeo.sends("<presence type='subscribe' to='nobody@localhost'/>");

        romeo.receives(push("nobody@localhost", "ask='subscribe'"));
        romeo.receivesNothing();
    }

    @Test
    void removedAccountEndsItsSubscriptions() {
        ImModules.befriend(romeo, juliet);

        server.turn(juliet.jid().bare(), server.accounts()::remove);

        assertThat(state("romeo@localhost", "juliet@localhost")).isEqualTo(SubscriptionState.NONE);
        romeo.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
        romeo.receives("<presence type='unsubscribed' from='juliet@localhost'/>");
    }

    /** DESIGN D2: a subscription is half made at no time. */
    @Test
    void subscriptionIsCompletedAfterAKill() {
        MemoryStore store = new MemoryStore();
        TestServer.TestTime time = new TestServer.TestTime();
        TestServer first = TestServer.with(store, time, ImModules.all());
        first.account("juliet@localhost");
        TestClient before = first.connect("romeo@localhost/orchard");
        before.sends("<presence type='subscribe' to='juliet@localhost'/>");
        first.kill();

        try (TestServer second = TestServer.with(store, time, ImModules.all())) {
            TestClient later = second.connect("juliet@localhost/balcony");
            later.sends("<presence/>");
            later.next();
            later.receives("<presence type='subscribe' from='romeo@localhost'/>");
            later.receivesNothing();
        }
    }

    @Test
    void requestsThatComeTooFastAreRefused() {
        for (int i = 0; i < 20; i++) {
            romeo.sends("<presence type='subscribe' to='contact" + i + "@localhost'/>");
        }
        romeo.ignores();

        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");
        romeo.receivesError("policy-violation");
        juliet.receivesNothing();
        assertThat(state("romeo@localhost", "juliet@localhost")).isEqualTo(SubscriptionState.NONE);

        server.after(Duration.ofSeconds(3));
        romeo.sends("<presence type='subscribe' to='juliet@localhost'/>");
        juliet.receives("<presence type='subscribe' from='romeo@localhost'/>");
    }
}
