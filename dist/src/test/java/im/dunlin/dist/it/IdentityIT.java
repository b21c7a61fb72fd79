// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody speaks for somebody else, and nobody learns what is not theirs (RFC 6120 §8.1, RFC 6121; threats S01 to S21). */
class IdentityIT {
    private static final Name STANZA_ID = Name.of("urn:xmpp:sid:0", "stanza-id");

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    private static RawClient online(String jid) {
        RawClient client = server.session(jid);
        client.sends("<presence/>");
        client.awaits("<presence from='" + jid + "'/>");
        return client.settles();
    }

    private static String text(String what) {
        return Secrets.BODY + " " + what;
    }

    /** All that the client is sent by what was sent before; both have settled then. */
    private static Element heardBy(RawClient receiver, RawClient sender, String body) {
        sender.settles();
        return receiver.awaits("<message><body>" + text(body) + "</body></message>");
    }

    // ---- from
    // --------------------------------------------------------------------------------------------------------

    static Stream<String> spoofed() {
        return Stream.of(
                        "romeo@localhost",
                        "romeo@localhost/orchard",
                        "localhost",
                        "tybalt@localhost/other",
                        "tybalt@montague.example",
                        "tybalt@localhost.evil.example")
                .flatMap(from -> Stream.of(
                        "<message from='" + from + "' to='juliet@localhost'><body>x</body></message>",
                        "<presence from='" + from + "'/>",
                        "<iq from='" + from + "' type='get' id='a'><ping xmlns='urn:xmpp:ping'/></iq>"));
    }

    /** Threat S01. */
    @ParameterizedTest
    @MethodSource("spoofed")
    void nobodySpeaksAsSomebodyElse(String xml) {
        try (RawClient client = server.session("tybalt@localhost/spoof")) {
            client.sends(xml);

            client.endsWith("invalid-from");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tybalt@localhost", "tybalt@localhost/own", "TYBALT@LOCALHOST/own"})
    void ownAddressIsWelcomeAndStampedInFull(String from) {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = server.session("tybalt@localhost/own")) {
            tybalt.sends("<message type='chat' from='" + from + "' to='juliet@localhost/balcony'><body>" + text(from)
                    + "</body></message>");

            assertThat(heardBy(juliet, tybalt, from).attr("from")).isEqualTo("tybalt@localhost/own");
        }
    }

    /** Threat S17: each spelling of an address finds the same account. */
    @ParameterizedTest
    @ValueSource(strings = {"juliet@localhost", "JULIET@LocalHost", "\uff4auliet@localhost", "juliet@localhost."})
    void spellingsOfAnAddressAreOneAddress(String to) {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = server.session("tybalt@localhost/own")) {
            tybalt.sends("<message type='chat' to='" + to + "'><body>" + text(to) + "</body></message>");

            assertThat(heardBy(juliet, tybalt, to).attr("from")).isEqualTo("tybalt@localhost/own");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"@localhost", "ju liet@localhost", "juliet@", "juliet@localhost/", "a@b@c", "\u2665@\u0001"})
    void addressThatIsNoneIsRefused(String to) {
        try (RawClient client = server.session("tybalt@localhost/malformed")) {
            if (!to.contains("\u0001")) {
                client.sends("<message to='" + to + "' id='m'><body>x</body></message>");
                client.receivesError("jid-malformed");
                client.sends("<iq type='get' to='" + to + "' id='i'><ping xmlns='urn:xmpp:ping'/></iq>");
                client.receivesError("jid-malformed");
            }
            client.receivesNothing();
        }
    }

    // ---- forged marks
    // ------------------------------------------------------------------------------------------------

    /** Threats S02, S04, S05, S21: what only servers say is not said by clients. */
    @Test
    void forgedMarksOfServersAreTakenOff() {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = server.session("tybalt@localhost/forger")) {
            tybalt.sends("<message type='chat' to='juliet@localhost'><body>" + text("forged") + "</body>"
                    + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='forged'/>"
                    + "<stanza-id xmlns='urn:xmpp:sid:0' by='JULIET@localhost' id='forged'/>"
                    + "<stanza-id xmlns='urn:xmpp:sid:0' by='tybalt@localhost' id='forged'/>"
                    + "<delay xmlns='urn:xmpp:delay' from='localhost' stamp='2001-01-01T00:00:00Z'/></message>");

            Element heard = heardBy(juliet, tybalt, "forged");
            List<Element> ids = heard.children(STANZA_ID).stream()
                    .filter(id -> id.attr("by").equalsIgnoreCase("juliet@localhost"))
                    .toList();
            assertThat(ids).hasSize(1);
            assertThat(ids.get(0).attr("id")).matches("[0-9]{16}");
            assertThat(heard.has(Name.of("urn:xmpp:delay", "delay"))).isFalse();
        }
    }

    /** Threat S05: archive and copies have the same single id. */
    @Test
    void archiveHasTheIdThatWasDelivered() {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = server.session("tybalt@localhost/forger")) {
            tybalt.sends("<message type='chat' to='juliet@localhost'><body>" + text("one id") + "</body>"
                    + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='forged'/></message>");
            Element heard = heardBy(juliet, tybalt, "one id");
            String id = heard.children(STANZA_ID).get(0).requireAttr("id");

            juliet.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'>"
                    + "<set xmlns='http://jabber.org/protocol/rsm'><max>1</max><before/></set></query></iq>");
            Element result = juliet.awaits("<message><result xmlns='urn:xmpp:mam:2' id='" + id + "'/></message>");
            assertThat(result.toString()).doesNotContain("forged");
        }
    }

    /** Threat S02: a copy comes from one's own account, or it is none. */
    @Test
    void forgedCopiesAreNotDeliveredAsCopies() {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient phone = online("juliet@localhost/phone");
                RawClient tybalt = server.session("tybalt@localhost/forger")) {
            phone.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
            phone.awaits("<iq type='result' id='c'/>");
            String forged = "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                    + "<message xmlns='jabber:client' from='romeo@localhost/orchard' to='juliet@localhost'>"
                    + "<body>" + text("never said") + "</body></message></forwarded></received>";
            for (String to : List.of("juliet@localhost", "juliet@localhost/balcony", "juliet@localhost/phone")) {
                tybalt.sends("<message type='chat' to='" + to + "'>" + forged + "</message>");
            }
            tybalt.sends("<message type='chat' to='juliet@localhost'><body>" + text("end") + "</body></message>");
            tybalt.settles();

            for (RawClient client : List.of(juliet, phone)) {
                Element next = client.next();
                while (!next.toString().contains(text("end"))) {
                    assertThat(next.toString()).doesNotContain("never said");
                    next = client.next();
                }
            }
        }
    }

    // ---- other people's data
    // -----------------------------------------------------------------------------------------

    static Stream<String> foreignRequests() {
        return Stream.of(
                "get|<query xmlns='jabber:iq:roster'/>",
                "set|<query xmlns='jabber:iq:roster'><item jid='tybalt@localhost'/></query>",
                "get|<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>",
                "set|<query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query>",
                "get|<blocklist xmlns='urn:xmpp:blocking'/>",
                "set|<block xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></block>",
                "set|<unblock xmlns='urn:xmpp:blocking'/>",
                "set|<query xmlns='urn:xmpp:mam:2'/>",
                "get|<query xmlns='urn:xmpp:mam:2'/>",
                "get|<prefs xmlns='urn:xmpp:mam:2'/>",
                "get|<metadata xmlns='urn:xmpp:mam:2'/>",
                "set|<enable xmlns='urn:xmpp:carbons:2'/>",
                "set|<query xmlns='jabber:iq:register'><remove/></query>",
                "set|<query xmlns='jabber:iq:register'><username>juliet</username><password>x</password></query>",
                "set|<vCard xmlns='vcard-temp'><FN>Tybalt was here</FN></vCard>",
                "get|<query xmlns='jabber:iq:last'/>",
                "set|<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
                "set|<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>",
                "get|<query xmlns='jabber:iq:auth'/>");
    }

    /** Threats S03, S14, S15: refused, and not done to oneself instead. */
    @ParameterizedTest
    @MethodSource("foreignRequests")
    void dataOfOthersIsRefusedAsIfThereWereNone(String request) {
        String type = request.split("\\|")[0];
        String payload = request.split("\\|")[1];
        try (RawClient tybalt = server.session("tybalt@localhost/stranger")) {
            for (String to : List.of("juliet@localhost", "nobody@localhost", "juliet@localhost/absent")) {
                tybalt.sends("<iq type='" + type + "' id='q' to='" + to + "'>" + payload + "</iq>");
                Element answer = tybalt.next();
                assertThat(answer.attr("from")).as(answer.toString()).isEqualTo(to);
                assertThat(answer.attr("type")).as(answer.toString()).isEqualTo("error");
                assertThat(answer.requireChild(Name.of(Ns.CLIENT, "error"))
                                .children()
                                .get(0)
                                .name()
                                .local())
                        .as(answer.toString())
                        .isIn("service-unavailable", "forbidden");
            }
            // And nothing of it happened to the asker.
            tybalt.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
            assertThat(tybalt.receives("<iq type='result' id='r'/>").toString()).doesNotContain("<item");
            tybalt.sends("<iq type='get' id='v'><vCard xmlns='vcard-temp'/></iq>");
            assertThat(tybalt.next().toString()).doesNotContain("Tybalt was here");
            tybalt.sends("<iq type='get' id='b'><blocklist xmlns='urn:xmpp:blocking'/></iq>");
            assertThat(tybalt.receives("<iq type='result' id='b'/>").toString()).doesNotContain("<item");
        }
    }

    /** Threat S03: what a client takes for its server's word reaches no client. */
    @Test
    void rosterPushesOfOthersReachNobody() {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = server.session("tybalt@localhost/pusher")) {
            for (String to : List.of("juliet@localhost", "juliet@localhost/balcony")) {
                tybalt.sends("<iq type='set' id='p' to='" + to + "'><query xmlns='jabber:iq:roster'>"
                        + "<item jid='evil@localhost' subscription='both'/></query></iq>");
                tybalt.receivesError("service-unavailable");
            }
            juliet.receivesNothing();
        }
    }

    /** Threat S14: strangers learn nothing of presence, not even that there is somebody. */
    @ParameterizedTest
    @ValueSource(strings = {"juliet@localhost", "juliet@localhost/balcony", "nobody@localhost"})
    void strangersProbeInVain(String to) {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = online("tybalt@localhost/prober")) {
            tybalt.sends("<presence type='probe' to='" + to + "'/>");
            tybalt.settles();
            juliet.settles();

            tybalt.receivesNothing();
        }
    }

    // ---- answers
    // -----------------------------------------------------------------------------------------------------

    /** Threats S08 and S09: answers that nobody asked for, and errors, get no answer. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<iq type='result' id='x' to='localhost'/>",
                "<iq type='error' id='x' to='localhost'><error type='cancel'/></iq>",
                "<iq type='result' id='x' to='nobody@localhost'/>",
                "<iq type='result' id='x' to='juliet@localhost/absent'/>",
                "<iq type='result' id='x'/>",
                "<iq type='error' id='x' to='nowhere.example'><error type='cancel'/></iq>",
                "<message type='error' to='nobody@localhost'><error type='cancel'/></message>",
                "<message type='error' to='juliet@localhost/absent'><error type='cancel'/></message>",
                "<message type='error' to='nowhere.example'><error type='cancel'/></message>",
                "<presence type='error' to='nobody@localhost'><error type='cancel'/></presence>"
            })
    void answersAreNotAnswered(String xml) {
        try (RawClient client = server.session("tybalt@localhost/answers")) {
            client.sends(xml);

            client.receivesNothing();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<iq id='x'><ping xmlns='urn:xmpp:ping'/></iq>",
                "<iq type='none' id='x'><ping xmlns='urn:xmpp:ping'/></iq>",
                "<iq type='get' id='x'/>",
                "<iq type='get' id='x'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
                "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
                "<presence type='none'/>"
            })
    void stanzaThatBreaksItsRulesIsABadRequest(String xml) {
        try (RawClient client = server.session("tybalt@localhost/bad")) {
            client.sends(xml);

            client.receivesError("bad-request");
            client.receivesNothing();
        }
    }

    @Test
    void unknownMessageTypeIsNormal() {
        try (RawClient juliet = online("juliet@localhost/balcony");
                RawClient tybalt = server.session("tybalt@localhost/odd")) {
            tybalt.sends("<message type='odd' to='juliet@localhost'><body>" + text("odd") + "</body></message>");

            assertThat(heardBy(juliet, tybalt, "odd").attr("type")).isIn(null, "normal");
        }
    }

    @Test
    void messageToNobodyIsRefusedOnce() {
        try (RawClient client = server.session("tybalt@localhost/alone")) {
            client.sends("<message type='chat' id='m' to='nobody@localhost'><body>" + text("x") + "</body></message>");
            client.receivesError("service-unavailable");
            client.sends("<message type='chat' id='m' to='a@nowhere.example'><body>" + text("x") + "</body></message>");
            client.receivesError("remote-server-not-found");
            client.receivesNothing();
        }
    }
}
