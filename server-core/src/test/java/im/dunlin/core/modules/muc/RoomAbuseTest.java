// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import static im.dunlin.core.modules.muc.RoomFixture.JOIN;
import static im.dunlin.core.modules.muc.RoomFixture.ROOM;
import static im.dunlin.core.modules.muc.RoomFixture.asksToJoin;
import static im.dunlin.core.modules.muc.RoomFixture.configures;
import static im.dunlin.core.modules.muc.RoomFixture.joins;
import static im.dunlin.core.modules.muc.RoomFixture.makes;
import static im.dunlin.core.modules.muc.RoomFixture.says;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What occupants and strangers try to do to a room, to others in it, and to the server by it. */
class RoomAbuseTest {
    private static final String LARGE = "<status>" + "x".repeat(5_000) + "</status>";

    private final TestServer server = RoomFixture.server();
    private final TestClient crone = server.connect("crone@localhost/desktop");
    private final TestClient hag = server.connect("hag@localhost/pda");

    @BeforeEach
    void make() {
        makes(crone, "firstwitch");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private boolean isThere(TestClient client) {
        crone.ignores();
        client.ignores();
        says(crone, "who is there?");
        boolean hears = client.waiting() > 0;
        client.ignores();
        crone.ignores();
        return hears;
    }

    /** Its private messages come back as if nobody were there (XEP-0191 §3.2). */
    @Test
    void blockedOccupantDoesNotThrowOutWhoHasBlockedIt() {
        joins(hag, "thirdwitch");
        crone.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='" + ROOM
                + "/thirdwitch'/></block></iq>");

        hag.sends("<message type='chat' to='" + ROOM + "/firstwitch'><body>Boo</body></message>");

        assertThat(isThere(crone)).isTrue();
    }

    @Test
    void clientsUnderOneNicknameAreBounded() {
        for (int i = 0; i < 10; i++) {
            joins(server.connect("hag@localhost/" + i), "thirdwitch");
        }
        server.after(Duration.ofMinutes(5));

        asksToJoin(hag, "thirdwitch");

        hag.receivesError("resource-constraint");
    }

    @Test
    void nicknamesOfOneAccountAreBounded() {
        for (int i = 0; i < 5; i++) {
            joins(server.connect("hag@localhost/" + i), "witch" + i);
        }

        asksToJoin(hag, "thirdwitch");

        hag.receivesError("resource-constraint");
    }

    @Test
    void passwordIsNotGuessedWithoutEnd() {
        configures(crone, "passwordprotectedroom", "1", "roomsecret", "cauldronburn");
        for (int i = 0; i < 20; i++) {
            asksToJoin(hag, "thirdwitch");
            hag.receivesError("not-authorized");
        }

        asksToJoin(hag, "thirdwitch");

        hag.receivesError("resource-constraint");
    }

    /** Otherwise the room would never hear that the session has ended. */
    @Test
    void occupantWhosePresenceIsRefusedLeavesWithItsSession() {
        joins(hag, "thirdwitch");
        hag.sends("<presence to='" + ROOM + "/thirdwitch'>" + LARGE + "</presence>");
        hag.receivesError("policy-violation");
        crone.ignores();

        hag.leaves();

        crone.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
    }

    @Test
    void lastWordOfOneThatLeavesIsNotLarge() {
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<presence type='unavailable' to='" + ROOM + "/thirdwitch'>" + LARGE + "</presence>");

        Element gone = crone.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
        assertThat(gone.first(Name.of(Ns.CLIENT, "status"))).isNull();
    }

    @Test
    void roomThatCouldNotBeMadeIsNotCounted() {
        for (int i = 0; i < 60; i++) {
            hag.sends("<presence to='room" + i + "@rooms.localhost/hag'>" + JOIN + LARGE + "</presence>");
            hag.receivesError("policy-violation");
        }

        hag.sends("<presence to='coven@rooms.localhost/hag'>" + JOIN + "</presence>");

        hag.receives("<presence from='coven@rooms.localhost/hag'/>");
    }

    @Test
    void historySinceTheEndOfTimeIsNone() {
        says(crone, "thunder");
        server.after(Duration.ofSeconds(1));

        hag.sends("<presence to='" + ROOM + "/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'>"
                + "<history since='+999999999-12-31T23:59:59Z'/></x></presence>");

        hag.receives("<presence from='" + ROOM + "/firstwitch'/>");
        hag.receives("<presence from='" + ROOM + "/thirdwitch'/>");
        hag.receives("<message type='groupchat'><subject/></message>");
    }

    /** The Cyrillic capital looks like a Latin one; in lower case it does not. */
    @Test
    void nicknameThatLooksTheSameInCapitalsIsTaken() {
        joins(crone, "ADMIN");

        asksToJoin(hag, "AD\u041cIN");

        hag.receivesError("conflict");
    }

    @Test
    void wholeDomainIsNotInvited() {
        configures(crone, "membersonly", "1");
        crone.ignores();

        crone.sends("<message to='" + ROOM + "'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<invite to='evil.example'/></x></message>");

        crone.receivesError("jid-malformed");
    }

    @Test
    void messageTakesBackOneOtherOnly() {
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<message type='groupchat' to='" + ROOM + "'><retract xmlns='urn:xmpp:message-retract:1' id='1'/>"
                + "<retract xmlns='urn:xmpp:message-retract:1' id='2'/></message>");

        hag.receivesError("bad-request");
        crone.receivesNothing();
    }

    /** It may name whose error it is. */
    @Test
    void errorOfAnotherOccupantsClientComesWithoutItsWords() {
        joins(hag, "thirdwitch");
        crone.ignores();
        hag.sends("<iq type='get' id='v' to='" + ROOM + "/firstwitch'><query xmlns='jabber:iq:version'/></iq>");
        Element question = crone.receives("<iq type='get'/>");

        crone.sends("<iq type='error' id='" + question.attr("id") + "' to='" + question.attr("from")
                + "'><error type='cancel' by='crone@localhost'><service-unavailable xmlns='" + Ns.STANZA_ERRORS
                + "'/><text xmlns='" + Ns.STANZA_ERRORS + "'>crone@localhost is busy</text></error></iq>");

        Element answer = hag.receives("<iq type='error' id='v' from='" + ROOM + "/firstwitch'/>");
        assertThat(Objects.requireNonNull(answer.first(Name.of(Ns.CLIENT, "error")))
                        .toString())
                .doesNotContain("crone");
    }

    @Test
    void questionsThatNobodyAnswersAreBounded() {
        joins(hag, "thirdwitch");
        for (int i = 0; i < 20; i++) {
            hag.sends("<iq type='get' id='v" + i + "' to='" + ROOM
                    + "/firstwitch'><query xmlns='jabber:iq:version'/></iq>");
        }
        hag.ignores();

        hag.sends("<iq type='get' id='v' to='" + ROOM + "/firstwitch'><query xmlns='jabber:iq:version'/></iq>");

        hag.receivesError("resource-constraint");
    }
}
