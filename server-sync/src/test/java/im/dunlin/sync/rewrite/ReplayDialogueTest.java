// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.NOTIFY;
import static im.dunlin.sync.rewrite.RewriteFixture.REWRITE;
import static im.dunlin.sync.rewrite.RewriteFixture.id;
import static im.dunlin.sync.rewrite.RewriteFixture.replace;
import static im.dunlin.sync.rewrite.RewriteFixture.retract;
import static im.dunlin.sync.rewrite.RewriteFixture.retractAll;
import static im.dunlin.sync.rewrite.RewriteFixture.version;
import static im.dunlin.sync.rewrite.RewriteFixture.xabber;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was rewritten while a client was away. */
class ReplayDialogueTest {
    private static final BareJid BOB = BareJid.of("bob@localhost");
    private static final BareJid CAROL = BareJid.of("carol@localhost");

    private final TestServer server = TestServer.with(RewriteFixture.modules());
    private final TestClient alice = xabber(server, "alice@localhost/web");

    ReplayDialogueTest() {
        server.account("bob@localhost");
        server.account("carol@localhost");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private record Replayed(List<String> events, String version) {}

    /** What a query brings: events as name, conversation and id, in their order. */
    private Replayed query(String attributes) {
        alice.ignores();
        alice.sends("<iq type='get' id='q'><query xmlns='" + REWRITE + "' " + attributes + "/></iq>");
        List<String> events = new ArrayList<>();
        Element next = alice.next();
        while (next.name().local().equals("message")) {
            assertThat(next.attr("type")).isEqualTo("headline");
            assertThat(next.attr("from")).isEqualTo("alice@localhost");
            assertThat(next.attr("to")).isEqualTo("alice@localhost/web");
            Element event = next.firstChild();
            boolean isInvalidation = event.name().local().equals("invalidate");
            assertThat(next.children().size())
                    .as("a delay with all but invalidations")
                    .isEqualTo(isInvalidation ? 1 : 2);
            events.add(event.name().local() + " " + event.attr("conversation").replace("@localhost", "")
                    + (isInvalidation ? "" : " " + event.attr("id")));
            next = alice.next();
        }
        assertThat(next.attr("type")).as(next.toString()).isEqualTo("result");
        alice.receivesNothing();
        return new Replayed(events, next.firstChild().attr("version"));
    }

    private String says(BareJid to, String id) {
        RewriteFixture.says(server, alice, to.toString(), id, "<body>" + id + "</body>");
        return id(server, ALICE, id);
    }

    private void edit(String id, int times) {
        for (int i = 0; i < times; i++) {
            alice.sends(replace(id, "edit " + i));
        }
    }

    @Test
    void withoutAVersionTheCurrentOneIsTold() {
        assertThat(query("").version()).isEqualTo("0");
        edit(says(BOB, "b1"), 1);

        Replayed replayed = query("");

        assertThat(replayed.events()).isEmpty();
        assertThat(replayed.version()).hasSize(16);
    }

    @Test
    void eventsComeInTheOrderOfVersionsAcrossConversations() {
        String known = version(alice);
        String b1 = says(BOB, "b1");
        String c1 = says(CAROL, "c1");
        edit(b1, 1);
        edit(c1, 1);
        alice.sends(retract(b1, true));

        Replayed replayed = query("version='" + known + "'");

        // The message of the first edit is gone; that it was edited once is no news any more.
        assertThat(replayed.events()).containsExactly("replace carol " + c1, "retract-message bob " + b1);
        assertThat(query("version='" + replayed.version() + "'").events()).isEmpty();
        assertThat(query("version='" + replayed.version() + "'").version()).isEqualTo(replayed.version());
    }

    /** Vector 9.11. */
    @Test
    void moreThanFiftyInOneConversationInvalidateIt() {
        String b1 = says(BOB, "b1");
        String c1 = says(CAROL, "c1");
        edit(says(BOB, "b0"), 1);
        String known = version(alice);
        edit(b1, 50);
        edit(c1, 3);
        assertThat(query("version='" + known + "'").events()).hasSize(53);

        edit(b1, 1);

        Replayed replayed = query("version='" + known + "'");
        assertThat(replayed.events())
                .containsExactly("replace carol " + c1, "replace carol " + c1, "replace carol " + c1, "invalidate bob");
        assertThat(replayed.version()).isEqualTo(version(alice));
    }

    /** Vector 9.11, {@code less-than}. */
    @Test
    void clientMayWantFewerButNotMore() {
        String b1 = says(BOB, "b1");
        edit(says(BOB, "b0"), 1);
        String known = version(alice);
        edit(b1, 10);
        assertThat(query("version='" + known + "' less-than='10'").events()).hasSize(10);
        edit(b1, 1);
        assertThat(query("version='" + known + "' less-than='10'").events()).containsExactly("invalidate bob");
        edit(b1, 40);

        for (String most : List.of("0", "50", "51", "250")) {
            assertThat(query("version='" + known + "' less-than='" + most + "'").events())
                    .as(most)
                    .containsExactly("invalidate bob");
        }
    }

    /** Vector 9.27, a version greater than the current one. */
    @Test
    void versionFromTheFutureIsNoVersionOfThisArchive() {
        edit(says(BOB, "b1"), 2);
        says(CAROL, "c1");

        Replayed replayed = query("version='9999999999999999'");

        assertThat(replayed.events()).containsExactly("invalidate bob");
        assertThat(replayed.version()).isEqualTo(version(alice));
    }

    @Test
    void whatMakesNoSenseIsABadRequest() {
        for (String attributes :
                List.of("version='abc'", "version='-1'", "version='1.5'", "version='1' less-than='x'")) {
            alice.ignores();
            alice.sends("<iq type='get' id='q'><query xmlns='" + REWRITE + "' " + attributes + "/></iq>");
            alice.receivesError("bad-request");
            alice.receivesNothing();
        }
    }

    @Test
    void retractionOfEverythingOvertakesWhatWasBefore() {
        edit(says(BOB, "b1"), 60);
        String known = version(alice);
        edit(says(BOB, "b2"), 60);
        alice.sends(retractAll(BOB, "urn:xabber:chat"));

        assertThat(query("version='" + known + "'").events()).containsExactly("retract-all bob null");
    }

    @Test
    void replayedEditHasTheMessageAsItIsNow() {
        String known = version(alice);
        edit(says(BOB, "b1"), 2);
        alice.ignores();

        alice.sends("<iq type='get' id='q'><query xmlns='" + REWRITE + "' version='" + known + "'/></iq>");

        for (int i = 0; i < 2; i++) {
            alice.receives("<message><replace xmlns='" + NOTIFY + "' conversation='bob@localhost'>"
                    + "<message xmlns='jabber:client' id='b1'><body>edit 1</body></message></replace>"
                    + "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:01.000Z'/></message>");
        }
    }

    @Test
    void moreThanAClientCanTakeIsToldInParts() {
        String known = version(alice);
        List<String> ids = new ArrayList<>();
        for (int peer = 0; peer < 30; peer++) {
            server.account("peer" + peer + "@localhost");
            ids.add(says(BareJid.of("peer" + peer + "@localhost"), "p" + peer));
        }
        for (String id : ids) {
            edit(id, 40);
        }

        Replayed first = query("version='" + known + "'");
        Replayed rest = query("version='" + first.version() + "'");

        assertThat(first.events()).hasSizeLessThan(1_200);
        assertThat(first.version()).isLessThan(rest.version());
        assertThat(first.events().size() + rest.events().size()).isEqualTo(1_200);
        assertThat(rest.version()).isEqualTo(version(alice));
    }
}
