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
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0045 §6 and §7: what occupants see and say. */
class RoomDialogueTest {
    private static final Name OCCUPANT_ID = Name.of("urn:xmpp:occupant-id:0", "occupant-id");
    private static final Name STANZA_ID = Name.of(Ns.STANZA_ID, "stanza-id");
    private static final Name DELAY = Name.of(Ns.DELAY, "delay");
    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name SUBJECT = Name.of(Ns.CLIENT, "subject");

    private final TestServer server = RoomFixture.server();
    private final TestClient crone = server.connect("crone@localhost/desktop");
    private final TestClient hag = server.connect("hag@localhost/pda");

    @AfterEach
    void close() {
        server.close();
    }

    // ---- making a room
    // -----------------------------------------------------------------------------------------------

    @Test
    void whoeverComesFirstMakesTheRoomAndOwnsIt() {
        asksToJoin(crone, "firstwitch");

        Element own = crone.receives("<presence from='" + ROOM + "/firstwitch'/>");
        assertThat(codes(own)).containsExactly("110", "201");
        assertThat(item(own).attr("affiliation")).isEqualTo("owner");
        assertThat(item(own).attr("role")).isEqualTo("moderator");
        crone.receives("<message type='groupchat' from='" + ROOM + "'><subject/></message>");
        crone.receivesNothing();
    }

    @Test
    void roomIsLockedUntilItsOwnerHasConfiguredIt() {
        asksToJoin(crone, "firstwitch");
        asksToJoin(hag, "thirdwitch");
        hag.receivesError("item-not-found");
        hag.sends(
                "<iq type='get' id='d' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        hag.receivesError("item-not-found");

        crone.ignores();
        configures(crone);
        crone.receives("<iq type='result' id='cfg' from='" + ROOM + "'/>");

        asksToJoin(hag, "thirdwitch");
        hag.receives("<presence from='" + ROOM + "/firstwitch'/>");
    }

    @Test
    void ownerWhoCancelsDoesNotWantTheRoom() {
        asksToJoin(crone, "firstwitch");
        crone.ignores();

        crone.sends("<iq type='set' id='c' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/muc#owner'>"
                + "<x xmlns='jabber:x:data' type='cancel'/></query></iq>");

        crone.receives("<presence type='unavailable' from='" + ROOM + "/firstwitch'/>");
        crone.receives("<iq type='result' id='c'/>");
        asksToJoin(hag, "thirdwitch");
        assertThat(codes(hag.next())).contains("201");
    }

    /** Whoever makes it next finds nothing of it. */
    @Test
    void roomThatWentHasLeftNothing() {
        makes(crone, "firstwitch");
        for (int i = 0; i < 150; i++) {
            says(crone, "m" + i);
        }
        crone.ignores();
        crone.sends("<presence type='unavailable' to='" + ROOM + "/firstwitch'/>");
        crone.ignores();

        asksToJoin(hag, "thirdwitch");

        assertThat(codes(hag.next())).containsExactly("110", "201");
        assertThat(hag.next().text(SUBJECT)).isEmpty();
        hag.receivesNothing();
    }

    @Test
    void roomGoesWithItsLastOccupantUnlessItIsToStay() {
        makes(crone, "firstwitch");
        crone.sends("<presence type='unavailable' to='" + ROOM + "/firstwitch'/>");
        crone.ignores();

        makes(crone, "firstwitch");
        configures(crone, "persistentroom", "1");
        crone.sends("<presence type='unavailable' to='" + ROOM + "/firstwitch'/>");
        crone.ignores();

        asksToJoin(hag, "thirdwitch");
        assertThat(codes(hag.next())).containsExactly("110");
    }

    // ---- coming and going
    // --------------------------------------------------------------------------------------------

    /** §7.1: others' presence, one's own, history, subject, in this order. */
    @Test
    void newcomerIsToldOfOthersThenOfItselfThenWhatWasSaidThenTheSubject() {
        makes(crone, "firstwitch");
        says(crone, "Thrice");
        crone.sends("<message type='groupchat' to='" + ROOM + "'><subject>Fire Burn</subject></message>");
        crone.ignores();

        asksToJoin(hag, "thirdwitch");

        Element other = hag.receives("<presence from='" + ROOM + "/firstwitch' to='hag@localhost/pda'/>");
        assertThat(item(other).attr("affiliation")).isEqualTo("owner");
        assertThat(codes(other)).isEmpty();
        Element own = hag.receives("<presence from='" + ROOM + "/thirdwitch'/>");
        assertThat(codes(own)).containsExactly("110");
        assertThat(item(own).attr("role")).isEqualTo("participant");
        hag.receives("<message type='groupchat' id='Thrice' from='" + ROOM + "/firstwitch'><body>Thrice</body>"
                + "<delay xmlns='urn:xmpp:delay' from='" + ROOM + "' stamp='2026-01-01T00:00:00.000Z'/></message>");
        hag.receives("<message type='groupchat' from='" + ROOM + "/firstwitch'><subject>Fire Burn</subject></message>");
        hag.receivesNothing();
        crone.receives("<presence from='" + ROOM + "/thirdwitch' to='crone@localhost/desktop'/>");
        crone.receivesNothing();
    }

    /** §7.2.3: in a semi-anonymous room only moderators see who somebody is. */
    @Test
    void onlyModeratorsSeeAddresses() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        assertThat(item(crone.next()).attr("jid")).isEqualTo("hag@localhost/pda");

        TestClient wiccarocks = server.connect("wiccarocks@localhost/laptop");
        asksToJoin(wiccarocks, "secondwitch");

        assertThat(item(wiccarocks.next()).attr("jid")).isNull();
        assertThat(item(wiccarocks.next()).attr("jid")).isNull();
        assertThat(item(hag.next()).attr("jid")).isNull();
        assertThat(item(crone.next()).attr("jid")).isEqualTo("wiccarocks@localhost/laptop");
    }

    @Test
    void nonAnonymousRoomSaysSo() {
        makes(crone, "firstwitch");
        configures(crone, "whois", "anyone");
        crone.ignores();

        asksToJoin(hag, "thirdwitch");

        assertThat(item(hag.next()).attr("jid")).isEqualTo("crone@localhost/desktop");
        assertThat(codes(hag.next())).containsExactly("110", "100");
    }

    @Test
    void nicknameBelongsToWhoHasIt() {
        makes(crone, "firstwitch");

        asksToJoin(hag, "firstwitch");

        hag.receives("<presence type='error' from='" + ROOM + "/firstwitch'/>");
        crone.receivesNothing();
    }

    /** Threat S13: other cases, widths and alphabets are the same name to people. */
    @Test
    void nicknameThatLooksLikeAnotherIsTaken() {
        makes(crone, "Alice");
        for (String lookalike : List.of("alice", "ａｌｉｃｅ", "Аlice", "Alice ")) {
            asksToJoin(hag, lookalike);
            hag.receivesError("conflict");
        }
        asksToJoin(hag, "Alicia");
        assertThat(hag.next().attr("type")).isNull();
    }

    @Test
    void addressWithoutNicknameIsNoneOfAnOccupant() {
        makes(crone, "firstwitch");

        hag.sends("<presence to='" + ROOM + "'>" + RoomFixture.JOIN + "</presence>");

        hag.receivesError("jid-malformed");
    }

    @Test
    void changeOfNicknameIsALeaveAndAComing() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<presence to='" + ROOM + "/oldhag'/>");

        Element leaving = hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
        assertThat(codes(leaving)).containsExactly("303", "110");
        assertThat(item(leaving).attr("nick")).isEqualTo("oldhag");
        assertThat(codes(hag.receives("<presence from='" + ROOM + "/oldhag'/>")))
                .containsExactly("110");
        assertThat(codes(crone.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("303");
        crone.receives("<presence from='" + ROOM + "/oldhag'/>");
        hag.sends("<presence to='" + ROOM + "/firstwitch'/>");
        hag.receivesError("conflict");
        says(hag, "still here");
        crone.receives("<message from='" + ROOM + "/oldhag'/>");
    }

    @Test
    void changesInAFloodAreRefused() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        for (int i = 0; i < 100; i++) {
            hag.sends("<presence to='" + ROOM + "/witch" + i + "'/>");
        }

        assertThat(crone.waiting()).isEqualTo(2 * 20);
        server.after(Duration.ofMinutes(1));
        crone.ignores();
        hag.sends("<presence to='" + ROOM + "/later'/>");
        crone.receives("<presence type='unavailable'/>");
    }

    @Test
    void whoLeavesSaysGoodbyeToAll() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<presence type='unavailable' to='" + ROOM + "/thirdwitch'><status>gone</status></presence>");

        Element seen = crone.receives(
                "<presence type='unavailable' from='" + ROOM + "/thirdwitch'><status>gone</status></presence>");
        assertThat(item(seen).attr("role")).isEqualTo("none");
        assertThat(codes(hag.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("110");
        says(hag, "anybody?");
        hag.receivesError("not-acceptable");
    }

    @Test
    void sessionThatEndsLeavesItsRooms() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.loses();

        crone.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
    }

    /** §7.2.14: other clients of the same account are the same occupant. */
    @Test
    void twoSessionsShareANickname() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        TestClient broom = server.connect("hag@localhost/broom");
        joins(broom, "ThirdWitch");
        crone.ignores();
        hag.ignores();

        says(broom, "both of us");

        hag.receives("<message from='" + ROOM + "/thirdwitch'><body>both of us</body></message>");
        broom.receives("<message from='" + ROOM + "/thirdwitch'><body>both of us</body></message>");
        crone.ignores();
        broom.sends("<presence type='unavailable' to='" + ROOM + "/thirdwitch'/>");
        broom.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
        crone.receivesNothing();
        hag.receivesNothing();
        hag.loses();
        crone.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>");
    }

    /** A client that forgot that it is in the room is told everything again. */
    @Test
    void joiningTwiceIsOneOccupant() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        asksToJoin(hag, "thirdwitch");

        hag.receives("<presence from='" + ROOM + "/firstwitch'/>");
        assertThat(codes(hag.receives("<presence from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("110");
        hag.receives("<message><subject/></message>");
        hag.receivesNothing();
        says(crone, "once");
        hag.receives("<message><body>once</body></message>");
        hag.receivesNothing();
    }

    @Test
    void roomHasAsManyOccupantsAsItMay() {
        try (TestServer small = RoomFixture.configured("occupants: 2")) {
            makes(small.connect("crone@localhost/a"), "firstwitch");
            joins(small.connect("hag@localhost/a"), "secondwitch");
            TestClient third = small.connect("wiccarocks@localhost/a");

            asksToJoin(third, "thirdwitch");

            third.receivesError("service-unavailable");
        }
    }

    @Test
    void accountMakesAsManyRoomsAsItMay() {
        try (TestServer small = RoomFixture.configured("roomsOfUser: 1")) {
            TestClient owner = small.connect("crone@localhost/a");
            makes(owner, "firstwitch");

            owner.sends("<presence to='second@rooms.localhost/a'>" + RoomFixture.JOIN + "</presence>");

            owner.receivesError("resource-constraint");
        }
    }

    /** Nor does it count what was refused. */
    @Test
    void roomThatCouldNotBeEnteredIsNotMade() {
        try (TestServer small = RoomFixture.configured("roomsOfUser: 1")) {
            TestClient owner = small.connect("crone@localhost/a");
            for (String bad : List.of("/a'><status>" + "x".repeat(5_000) + "</status>", "/" + "n".repeat(300) + "'>")) {
                owner.sends("<presence to='other@rooms.localhost" + bad + RoomFixture.JOIN + "</presence>");
                assertThat(owner.next().attr("type")).isEqualTo("error");
            }

            asksToJoin(owner, "firstwitch");

            assertThat(codes(owner.next())).contains("201");
        }
    }

    @Test
    void serviceHasTheNameThatIsConfigured() {
        try (TestServer other = RoomFixture.configured("subdomain: conference")) {
            TestClient owner = other.connect("crone@localhost/a");

            owner.sends("<presence to='chat@conference.localhost/a'>" + RoomFixture.JOIN + "</presence>");

            assertThat(codes(owner.next())).contains("201");
        }
    }

    @Test
    void hugePresenceIsRefused() {
        makes(crone, "firstwitch");

        hag.sends("<presence to='" + ROOM + "/thirdwitch'>" + RoomFixture.JOIN + "<status>" + "x".repeat(5_000)
                + "</status></presence>");

        hag.receivesError("policy-violation");
        crone.receivesNothing();
    }

    // ---- what is said
    // ------------------------------------------------------------------------------------------------

    @Test
    void messageGoesToAllAndBackToItsSender() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<message type='groupchat' id='m1' to='" + ROOM + "'><body>Harpier cries</body></message>");

        Element seen = crone.receives("<message type='groupchat' id='m1' from='" + ROOM
                + "/thirdwitch' to='crone@localhost/desktop'><body>Harpier cries</body></message>");
        Element echo = hag.receives("<message type='groupchat' id='m1' from='" + ROOM
                + "/thirdwitch' to='hag@localhost/pda'><body>Harpier cries</body></message>");
        assertThat(seen.first(STANZA_ID)).isEqualTo(echo.first(STANZA_ID));
        assertThat(Objects.requireNonNull(seen.first(STANZA_ID)).attr("by")).isEqualTo(ROOM);
    }

    @Test
    void outsiderSaysNothing() {
        makes(crone, "firstwitch");

        says(hag, "hello?");

        hag.receivesError("not-acceptable");
        crone.receivesNothing();
        hag.sends("<message type='chat' to='" + ROOM + "/firstwitch'><body>psst</body></message>");
        hag.receivesError("not-acceptable");
        crone.receivesNothing();
    }

    /** Threats S06 and S21. */
    @Test
    void nobodySpeaksForTheRoom() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        Element presence = crone.next();
        String genuine = Objects.requireNonNull(presence.first(OCCUPANT_ID)).requireAttr("id");
        String forged = "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/>";

        hag.sends("<message type='groupchat' to='" + ROOM + "'><body>x</body>" + forged + forged
                + "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='" + ROOM + "'/>"
                + "<delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z' from='" + ROOM + "'/>"
                + "<x xmlns='http://jabber.org/protocol/muc#user'><status code='307'/></x></message>");

        Element seen = crone.next();
        assertThat(seen.children(OCCUPANT_ID)).hasSize(1);
        assertThat(Objects.requireNonNull(seen.first(OCCUPANT_ID)).attr("id")).isEqualTo(genuine);
        assertThat(seen.children(STANZA_ID)).hasSize(1);
        assertThat(Objects.requireNonNull(seen.first(STANZA_ID)).attr("id")).isNotEqualTo("1");
        assertThat(seen.has(DELAY)).isFalse();
        assertThat(seen.has(Name.of(Ns.MUC_USER, "x"))).isFalse();

        hag.sends("<presence to='" + ROOM + "/thirdwitch'>" + forged + forged
                + "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='owner'/></x></presence>");
        Element changed = crone.next();
        assertThat(changed.children(OCCUPANT_ID)).hasSize(1);
        assertThat(changed.children(Name.of(Ns.MUC_USER, "x"))).hasSize(1);
        assertThat(item(changed).attr("affiliation")).isEqualTo("none");
    }

    @Test
    void occupantIdIsTheSameUnderAnotherNameAndAnotherInAnotherRoom() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        String before = Objects.requireNonNull(crone.next().first(OCCUPANT_ID)).requireAttr("id");
        hag.sends("<presence to='" + ROOM + "/oldhag'/>");
        crone.next();
        assertThat(Objects.requireNonNull(crone.next().first(OCCUPANT_ID)).attr("id"))
                .isEqualTo(before);

        hag.ignores();
        hag.sends("<presence to='other@rooms.localhost/thirdwitch'>" + RoomFixture.JOIN + "</presence>");
        assertThat(Objects.requireNonNull(hag.next().first(OCCUPANT_ID)).attr("id"))
                .isNotEqualTo(before);
    }

    @Test
    void historyIsAsShortAsTheNewcomerWants() {
        makes(crone, "firstwitch");
        for (int i = 0; i < 30; i++) {
            server.after(Duration.ofSeconds(1));
            says(crone, "m" + i);
        }
        assertThat(historyWith("")).hasSize(20).endsWith("m29").startsWith("m10");
        assertThat(historyWith("maxstanzas='3'")).containsExactly("m27", "m28", "m29");
        assertThat(historyWith("maxstanzas='0'")).isEmpty();
        assertThat(historyWith("seconds='1'")).containsExactly("m28", "m29");
        assertThat(historyWith("since='2026-01-01T00:00:29Z'")).containsExactly("m28", "m29");
        assertThat(historyWith("maxchars='0'")).isEmpty();
    }

    private List<String> historyWith(String wish) {
        hag.sends("<presence to='" + ROOM + "/thirdwitch'><x xmlns='http://jabber.org/protocol/muc'><history " + wish
                + "/></x></presence>");
        List<String> bodies = new ArrayList<>();
        while (hag.waiting() > 0) {
            Element next = hag.next();
            if (next.has(BODY)) {
                bodies.add(next.text(BODY));
            }
        }
        hag.sends("<presence type='unavailable' to='" + ROOM + "/thirdwitch'/>");
        hag.ignores();
        return bodies;
    }

    @Test
    void onlyTheNewestMessagesAreKept() {
        try (TestServer small = RoomFixture.configured("messages: 10")) {
            TestClient owner = small.connect("crone@localhost/a");
            makes(owner, "firstwitch");
            for (int i = 0; i < 15; i++) {
                says(owner, "m" + i);
            }
            owner.ignores();

            asksToJoin(owner, "firstwitch");

            assertThat(owner.waiting()).isEqualTo(12);
            owner.next();
            assertThat(owner.next().text(BODY)).isEqualTo("m5");
        }
    }

    @Test
    void whatIsNotToBeStoredIsNotShownToThoseWhoComeLater() {
        makes(crone, "firstwitch");
        crone.sends("<message type='groupchat' to='" + ROOM
                + "'><body>secret</body><no-store xmlns='urn:xmpp:hints'/></message>");

        asksToJoin(hag, "thirdwitch");

        hag.next();
        hag.next();
        assertThat(hag.next().has(SUBJECT)).isTrue();
    }

    @Test
    void participantMayNotChangeTheSubjectUnlessAllMay() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();
        String subject = "<message type='groupchat' to='" + ROOM + "'><subject>mine</subject></message>";

        hag.sends(subject);
        hag.receivesError("forbidden");
        crone.receivesNothing();

        configures(crone, "changesubject", "1");
        crone.ignores();
        hag.ignores();
        hag.sends(subject);
        crone.receives("<message type='groupchat' from='" + ROOM + "/thirdwitch'><subject>mine</subject></message>");
    }

    @Test
    void hugeSubjectIsRefused() {
        makes(crone, "firstwitch");

        crone.sends(
                "<message type='groupchat' to='" + ROOM + "'><subject>" + "x".repeat(5_000) + "</subject></message>");

        crone.receivesError("not-acceptable");
    }

    @Test
    void privateMessageGoesToOneOccupantUnderTheOthersNickname() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<message type='chat' id='p' to='" + ROOM
                + "/firstwitch'><body>I'll give thee a wind</body></message>");

        crone.receives("<message type='chat' id='p' from='" + ROOM + "/thirdwitch' to='crone@localhost/desktop'>"
                + "<body>I'll give thee a wind</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>");
        hag.receivesNothing();
        hag.sends("<message type='chat' to='" + ROOM + "/nobody'><body>?</body></message>");
        hag.receivesError("item-not-found");
        hag.sends("<message type='groupchat' to='" + ROOM + "/firstwitch'><body>?</body></message>");
        hag.receivesError("bad-request");
    }

    // ---- ghosts
    // ------------------------------------------------------------------------------------------------------

    /** XEP-0045 §11.1. */
    @Test
    void occupantWhoseServerIsGoneIsRemoved() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<message type='error' to='" + ROOM + "/firstwitch'><error type='cancel'>"
                + "<remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");

        assertThat(codes(crone.receives("<presence type='unavailable' from='" + ROOM + "/thirdwitch'/>")))
                .containsExactly("333");
    }

    @Test
    void otherErrorsRemoveNobody() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<message type='error' to='" + ROOM + "/firstwitch'><error type='modify'>"
                + "<not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");

        crone.receivesNothing();
    }

    /** XEP-0410: neither a session that is not in the room nor one that is, elsewhere, may take itself for an occupant. */
    @Test
    void occupantFindsOutWhetherItIsStillThere() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        String ping = "<iq type='get' id='p' to='" + ROOM + "/thirdwitch'><ping xmlns='urn:xmpp:ping'/></iq>";

        hag.sends(ping);
        hag.receives("<iq type='result' id='p' from='" + ROOM + "/thirdwitch'/>");

        server.connect("hag@localhost/broom").ignores();
        hag.sends("<presence type='unavailable' to='" + ROOM + "/thirdwitch'/>");
        hag.ignores();
        hag.sends(ping);
        hag.receivesError("not-acceptable");
    }

    /** What the server forgot in its sleep the client finds out; the room is still there. */
    @Test
    void restartLeavesRoomsThatAreToStayAndNobodyInThem() {
        MemoryStore store = new MemoryStore();
        try (TestServer first = RoomFixture.server(store)) {
            TestClient owner = first.connect("crone@localhost/a");
            makes(owner, "firstwitch");
            configures(owner, "persistentroom", "1", "roomname", "Coven");
            owner.sends("<message type='groupchat' to='" + ROOM + "'><subject>Fire Burn</subject></message>");
            says(owner, "before");
            owner.sends("<presence to='fleeting@rooms.localhost/a'>" + RoomFixture.JOIN + "</presence>");
            first.kill();
        }
        try (TestServer second = RoomFixture.server(store)) {
            TestClient owner = second.connect("crone@localhost/a");
            says(owner, "lost");
            owner.receivesError("not-acceptable");
            owner.sends("<iq type='get' id='i' to='fleeting@rooms.localhost'>"
                    + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
            owner.receivesError("item-not-found");

            asksToJoin(owner, "firstwitch");

            assertThat(item(owner.next()).attr("affiliation")).isEqualTo("owner");
            owner.receives("<message><body>before</body></message>");
            owner.receives("<message><subject>Fire Burn</subject></message>");
        }
    }

    // ---- asking
    // ------------------------------------------------------------------------------------------------------

    @Test
    void serviceListsRoomsThatArePublic() {
        makes(crone, "firstwitch");
        configures(crone, "roomname", "Coven");
        hag.sends("<presence to='hidden@rooms.localhost/a'>" + RoomFixture.JOIN + "</presence>");
        hag.ignores();

        hag.sends(
                "<iq type='get' id='d' to='rooms.localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");

        Element answer = hag.receives("<iq type='result' id='d'><query xmlns='http://jabber.org/protocol/disco#items'>"
                + "<item jid='" + ROOM + "' name='Coven'/></query></iq>");
        assertThat(answer.toString()).doesNotContain("hidden@");
    }

    @Test
    void roomSaysWhatItIs() {
        makes(crone, "firstwitch");
        configures(crone, "persistentroom", "1", "membersonly", "1", "publicroom", "0");

        hag.sends(
                "<iq type='get' id='d' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");

        String answer = hag.next().toString();
        for (String feature : List.of(
                "http://jabber.org/protocol/muc",
                "http://jabber.org/protocol/muc#stable_id",
                "urn:xmpp:occupant-id:0",
                "muc_persistent",
                "muc_membersonly",
                "muc_hidden",
                "muc_semianonymous",
                "muc_unsecured")) {
            assertThat(answer).contains("<feature var='" + feature + "'/>");
        }
    }

    @Test
    void occupantsAreListedForOccupantsOnly() {
        makes(crone, "firstwitch");
        String question =
                "<iq type='get' id='d' to='" + ROOM + "'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>";

        crone.sends(question);
        assertThat(crone.next().toString()).contains(ROOM + "/firstwitch");
        hag.sends(question);
        assertThat(hag.next().toString()).doesNotContain("firstwitch");
    }

    /** §17.4: a client asks another one through the room, and neither learns the other's address. */
    @Test
    void questionAndAnswerPassThroughTheRoom() {
        makes(crone, "firstwitch");
        joins(hag, "thirdwitch");
        crone.ignores();

        hag.sends("<iq type='get' id='v' to='" + ROOM + "/firstwitch'><query xmlns='jabber:iq:version'/></iq>");
        Element question =
                crone.receives("<iq type='get' from='" + ROOM + "/thirdwitch' to='crone@localhost/desktop'/>");
        crone.sends("<iq type='result' id='" + question.attr("id") + "' to='" + ROOM
                + "/thirdwitch'><query xmlns='jabber:iq:version'><name>Cauldron</name></query></iq>");

        hag.receives("<iq type='result' id='v' from='" + ROOM + "/firstwitch' to='hag@localhost/pda'>"
                + "<query xmlns='jabber:iq:version'><name>Cauldron</name></query></iq>");
    }
}
