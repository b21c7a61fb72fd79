// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import static im.dunlin.core.modules.muc.RoomFixture.ROOM;
import static im.dunlin.core.modules.muc.RoomFixture.asksToJoin;
import static im.dunlin.core.modules.muc.RoomFixture.codes;
import static im.dunlin.core.modules.muc.RoomFixture.configures;
import static im.dunlin.core.modules.muc.RoomFixture.item;
import static im.dunlin.core.modules.muc.RoomFixture.joins;
import static im.dunlin.core.modules.muc.RoomFixture.makes;
import static im.dunlin.core.modules.muc.RoomFixture.says;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** XEP-0045 §8 to §10: who may do what to whom. */
class RoomPowersDialogueTest {
    private final TestServer server = RoomFixture.server();
    private final TestClient crone = server.connect("crone@localhost/desktop");
    private final TestClient hag = server.connect("hag@localhost/pda");
    private final TestClient wiccarocks = server.connect("wiccarocks@localhost/laptop");

    @BeforeEach
    void start() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        joins(wiccarocks, "secondwitch");
        forget();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void forget() {
        List.of(crone, hag, wiccarocks).forEach(TestClient::ignores);
    }

    private static void set(TestClient client, String item) {
        admin(client, "set", item);
    }

    private static void admin(TestClient client, String type, String items) {
        client.sends("<iq type='" + type + "' id='a' to='" + ROOM
                + "'><query xmlns='http://jabber.org/protocol/muc#admin'>" + items + "</query></iq>");
    }

    private void becomes(String account, String affiliation) {
        set(crone, "<item jid='" + account + "@localhost' affiliation='" + affiliation + "'/>");
        forget();
    }

    // ---- roles
    // -------------------------------------------------------------------------------------------------------

    @Test
    void kickedOccupantIsOutAndMayComeBack() {
        set(crone, "<item nick='thirdwitch' role='none'><reason>Avaunt</reason></item>");

        Element gone = hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'>"
                + "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none' role='none'>"
                + "<actor nick='firstwitch'/><reason>Avaunt</reason></item></x></presence>");
        assertThat(codes(gone)).containsExactly("307", "110");
        assertThat(codes(wiccarocks.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("307");
        says(hag, "?");
        hag.receivesError("not-acceptable");
        asksToJoin(hag, "thirdwitch");
        hag.receives("<presence from='" + ROOM + "/firstwitch'/>");
    }

    @Test
    void participantHasNoPowers() {
        for (String item : List.of(
                "<item nick='secondwitch' role='none'/>",
                "<item nick='secondwitch' role='visitor'/>",
                "<item nick='thirdwitch' role='moderator'/>",
                "<item jid='hag@localhost' affiliation='owner'/>",
                "<item jid='wiccarocks@localhost' affiliation='outcast'/>")) {
            set(hag, item);
            hag.receivesError("forbidden");
        }
        crone.receivesNothing();
    }

    @Test
    void moderatorRulesNobodyAbove() {
        becomes("wiccarocks", "admin");
        set(crone, "<item nick='thirdwitch' role='moderator'/>");
        forget();

        for (String role : List.of("none", "participant", "visitor")) {
            set(hag, "<item nick='firstwitch' role='" + role + "'/>");
            hag.receivesError("not-allowed");
            set(hag, "<item nick='secondwitch' role='" + role + "'/>");
            hag.receivesError("not-allowed");
        }
        set(wiccarocks, "<item nick='firstwitch' role='none'/>");
        wiccarocks.receivesError("not-allowed");
        set(wiccarocks, "<item jid='crone@localhost' affiliation='none'/>");
        wiccarocks.receivesError("not-allowed");
        set(wiccarocks, "<item jid='hag@localhost' affiliation='admin'/>");
        wiccarocks.receivesError("not-allowed");
    }

    @Test
    void visitorListensUntilItIsGivenVoice() {
        set(crone, "<item nick='thirdwitch' role='visitor'/>");
        assertThat(item(hag.next()).attr("role")).isEqualTo("visitor");
        forget();
        says(hag, "hello");
        hag.receivesError("forbidden");

        hag.sends("<message to='" + ROOM + "'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
                + "<value>http://jabber.org/protocol/muc#request</value></field><field var='muc#role'>"
                + "<value>participant</value></field></x></message>");
        assertThat(crone.next().toString()).contains("<value>thirdwitch</value>", "<value>hag@localhost</value>");
        wiccarocks.receivesNothing();
        crone.sends(
                "<message to='" + ROOM + "'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
                        + "<value>http://jabber.org/protocol/muc#request</value></field><field var='muc#roomnick'>"
                        + "<value>thirdwitch</value></field><field var='muc#request_allow'><value>1</value></field></x></message>");

        assertThat(item(hag.next()).attr("role")).isEqualTo("participant");
        forget();
        says(hag, "hello");
        crone.receives("<message><body>hello</body></message>");
    }

    @Test
    void newcomerToAModeratedRoomListens() {
        configures(crone, "moderatedroom", "1");
        becomes("tybalt", "member");
        TestClient stranger = server.connect("stranger@localhost/a");
        TestClient tybalt = server.connect("tybalt@localhost/a");
        joins(stranger, "stranger");
        joins(tybalt, "tybalt");
        forget();
        stranger.ignores();

        says(stranger, "hm");
        stranger.receivesError("forbidden");
        tybalt.ignores();
        says(tybalt, "ho");
        crone.receives("<message><body>ho</body></message>");
    }

    // ---- affiliations
    // ------------------------------------------------------------------------------------------------

    @Test
    void bannedAccountIsOutAndStaysOut() {
        set(crone, "<item jid='hag@localhost' affiliation='outcast'><reason>Treason</reason></item>");

        Element gone = hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
        assertThat(codes(gone)).containsExactly("301", "110");
        assertThat(item(gone).attr("affiliation")).isEqualTo("outcast");
        asksToJoin(hag, "innocent");
        hag.receivesError("forbidden");
        forget();
        admin(crone, "get", "<item affiliation='outcast'/>");
        crone.receives("<iq type='result' id='a'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                + "<item affiliation='outcast' jid='hag@localhost'><reason>Treason</reason></item></query></iq>");
    }

    @Test
    void wholeDomainMayBeBannedAndMayNotRule() {
        set(crone, "<item jid='localhost' affiliation='owner'/>");
        crone.receivesError("not-acceptable");

        set(crone, "<item jid='localhost' affiliation='outcast'/>");

        hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
        assertThat(codes(wiccarocks.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("301");
        forget();
        says(crone, "alone");
        crone.receives("<message><body>alone</body></message>");
    }

    @Test
    void lastOwnerStaysOne() {
        for (String affiliation : List.of("admin", "member", "none", "outcast")) {
            set(crone, "<item jid='crone@localhost' affiliation='" + affiliation + "'/>");
            crone.receivesError("conflict");
        }
        becomes("hag", "owner");
        set(crone, "<item jid='crone@localhost' affiliation='none'/>");
        assertThat(item(crone.next()).attr("role")).isEqualTo("participant");
    }

    @Test
    void memberOfAMembersOnlyRoomWhoIsNoneAnyMoreIsOut() {
        becomes("hag", "member");
        configures(crone, "membersonly", "1");
        assertThat(codes(wiccarocks.receives("<presence type='unavailable' from='" + ROOM + "/secondwitch'/>")))
                .containsExactly("322", "110");
        forget();

        set(crone, "<item jid='hag@localhost' affiliation='none'/>");

        assertThat(codes(hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("321", "110");
        asksToJoin(hag, "thirdwitch");
        hag.receivesError("registration-required");
    }

    @Test
    void changeOfSomebodyWhoIsAwayIsToldToModerators() {
        set(crone, "<item jid='tybalt@localhost' affiliation='member'/>");

        crone.receives("<message from='" + ROOM + "'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<item affiliation='member' jid='tybalt@localhost' role='none'/></x></message>");
        hag.receivesNothing();
    }

    /** Threat S12, CVE-2021-37601. */
    @Test
    void listsAreForThoseWhoMayReadThem() {
        becomes("wiccarocks", "member");
        TestClient outsider = server.connect("outsider@localhost/a");
        for (String list : List.of("owner", "admin", "member", "outcast")) {
            for (TestClient client : List.of(outsider, hag, wiccarocks)) {
                admin(client, "get", "<item affiliation='" + list + "'/>");
                client.receivesError("forbidden");
            }
        }
        for (String list : List.of("moderator", "participant", "visitor")) {
            for (TestClient client : List.of(outsider, hag)) {
                admin(client, "get", "<item role='" + list + "'/>");
                client.receivesError("forbidden");
            }
        }
        hag.sends("<iq type='get' id='o' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        hag.receivesError("forbidden");

        configures(crone, "membersonly", "1", "whois", "anyone");
        wiccarocks.ignores();
        admin(wiccarocks, "get", "<item affiliation='owner'/>");
        wiccarocks.receives("<iq type='result'><query xmlns='http://jabber.org/protocol/muc#admin'>"
                + "<item jid='crone@localhost' affiliation='owner'/></query></iq>");
        admin(wiccarocks, "get", "<item affiliation='outcast'/>");
        wiccarocks.receivesError("forbidden");
    }

    @Test
    void affiliationsAreBounded() {
        try (TestServer small = RoomFixture.configured("affiliations: 10")) {
            TestClient owner = small.connect("crone@localhost/a");
            makes(owner, "firstwitch");
            for (int i = 1; i < 10; i++) {
                set(owner, "<item jid='u" + i + "@localhost' affiliation='member'/>");
                owner.ignores();
            }

            set(owner, "<item jid='toomany@localhost' affiliation='member'/>");

            owner.receivesError("resource-constraint");
        }
    }

    /** §7.10, §7.12. */
    @Test
    void memberKeepsItsNickname() {
        String form = "<iq type='set' id='r' to='" + ROOM + "'><query xmlns='jabber:iq:register'>"
                + "<x xmlns='jabber:x:data' type='submit'><field var='muc#register_roomnick'><value>%s</value></field></x>"
                + "</query></iq>";
        hag.sends(form.formatted("oldhag"));
        hag.receivesError("not-allowed");
        becomes("hag", "member");
        hag.sends(form.formatted("firstwitch"));
        hag.receivesError("conflict");

        hag.sends(form.formatted("oldhag"));

        hag.receives("<iq type='result' id='r'/>");
        asksToJoin(wiccarocks, "OldHag");
        wiccarocks.receivesError("conflict");
        hag.sends("<iq type='get' id='n' to='" + ROOM
                + "'><query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>");
        hag.receives("<iq type='result' id='n'><query xmlns='http://jabber.org/protocol/disco#info'>"
                + "<identity category='conference' name='oldhag' type='text'/></query></iq>");
        becomes("hag", "none");
        asksToJoin(wiccarocks, "OldHag");
        wiccarocks.receives("<presence type='unavailable' from='" + ROOM + "/secondwitch'/>");
    }

    // ---- owners
    // -------------------------------------------------------------------------------------------------------

    @Test
    void ownerSeesAndChangesTheConfiguration() {
        crone.sends(
                "<iq type='get' id='o' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        assertThat(crone.next().toString()).contains("muc#roomconfig_membersonly", "muc#roomconfig_persistentroom");

        configures(crone, "whois", "anyone");

        assertThat(codes(hag.receives("<message type='groupchat' from='" + ROOM + "'/>")))
                .containsExactly("104", "172");
    }

    @Test
    void passwordLetsIn() {
        configures(crone, "passwordprotectedroom", "1", "roomsecret", "cauldronburn");
        TestClient stranger = server.connect("stranger@localhost/a");
        asksToJoin(stranger, "stranger");
        stranger.receivesError("not-authorized");

        stranger.sends("<presence to='" + ROOM + "/stranger'><x xmlns='http://jabber.org/protocol/muc'>"
                + "<password>cauldronburn</password></x></presence>");

        stranger.receives("<presence from='" + ROOM + "/firstwitch'/>");
        forget();
        crone.sends(
                "<iq type='get' id='o' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>");
        assertThat(crone.next().toString()).doesNotContain("cauldronburn");
        configures(crone, "roomname", "Coven");
        joins(stranger, "stranger");
        TestClient other = server.connect("other@localhost/a");
        asksToJoin(other, "other");
        other.receivesError("not-authorized");
    }

    @Test
    void destroyedRoomSaysWhereToGo() {
        crone.sends("<iq type='set' id='d' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                + "<destroy jid='heath@rooms.localhost'><reason>Macbeth doth come</reason></destroy></query></iq>");

        hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'>"
                + "<x xmlns='http://jabber.org/protocol/muc#user'><destroy jid='heath@rooms.localhost'>"
                + "<reason>Macbeth doth come</reason></destroy></x></presence>");
        says(hag, "?");
        hag.receivesError("item-not-found");
        asksToJoin(hag, "thirdwitch");
        assertThat(item(hag.next()).attr("affiliation")).isEqualTo("owner");
    }

    // ---- invitations
    // --------------------------------------------------------------------------------------------------

    private static String invites(String account) {
        return "<message to='" + ROOM + "'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='" + account
                + "@localhost'><reason>Come</reason></invite></x></message>";
    }

    @Test
    void invitationComesFromTheRoom() {
        TestClient hecate = server.connect("hecate@localhost/broom");
        hecate.sends("<presence/>");
        hecate.ignores();

        hag.sends(invites("hecate"));

        hecate.receives("<message from='" + ROOM + "'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='"
                + ROOM + "/thirdwitch'><reason>Come</reason></invite></x></message>");
        hecate.sends("<message to='" + ROOM + "'><x xmlns='http://jabber.org/protocol/muc#user'><decline to='" + ROOM
                + "/thirdwitch'><reason>Busy</reason></decline></x></message>");
        hag.receives("<message from='" + ROOM + "'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<decline from='hecate@localhost'><reason>Busy</reason></decline></x></message>");
        hecate.sends(invites("romeo"));
        hecate.receivesError("not-acceptable");
    }

    @Test
    void invitationToAMembersOnlyRoomMakesAMember() {
        becomes("hag", "member");
        configures(crone, "membersonly", "1");
        forget();
        hag.sends(invites("hecate"));
        hag.receivesError("forbidden");

        configures(crone, "allowinvites", "1");
        forget();
        hag.sends(invites("hecate"));

        TestClient hecate = server.connect("hecate@localhost/broom");
        asksToJoin(hecate, "hecate");
        hecate.receives("<presence from='" + ROOM + "/firstwitch'/>");
    }

    @Test
    void invitationsInAFloodAreRefused() {
        for (int i = 0; i < 10; i++) {
            hag.sends(invites("u" + i));
        }
        hag.ignores();

        hag.sends(invites("hecate"));

        hag.receivesError("policy-violation");
    }
}
