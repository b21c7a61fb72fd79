// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ConversationLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArchiveDialogueTest {
    private static final Name RESULT = Name.of("urn:xmpp:mam:2", "result");
    private static final Name MESSAGE = Name.of("jabber:client", "message");

    private final TestServer server = TestServer.with(ArchiveFixture.modules());
    private final TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
    private final TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    /** What a query gave: bodies and ids of the results in the order they came, then the fin. */
    private record Answer(List<String> bodies, List<String> ids, Element fin) {
        boolean complete() {
            return "true".equals(fin.attr("complete"));
        }

        String set(Name name) {
            return fin.first(PageRequest.SET).text(name);
        }
    }

    private Answer query(TestClient client, String... content) {
        client.ignores();
        client.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2' queryid='f27'>" + String.join("", content)
                + "</query></iq>");
        List<String> bodies = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        while (true) {
            Element next = client.next();
            if (next.name().local().equals("iq")) {
                assertThat(next.attr("type")).as(next.toString()).isEqualTo("result");
                return new Answer(bodies, ids, next.firstChild());
            }
            assertThat(next.attr("from")).isEqualTo(client.jid().bare().toString());
            Element result = next.first(RESULT);
            assertThat(result.attr("queryid")).isEqualTo("f27");
            ids.add(result.attr("id"));
            bodies.add(result.first(Forwarded.NAME).first(MESSAGE).text(Message.BODY));
        }
    }

    private void fails(String condition, String... content) {
        juliet.ignores();
        juliet.sends(
                "<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'>" + String.join("", content) + "</query></iq>");
        juliet.receivesError(condition);
        juliet.receivesNothing();
    }

    private static String rsm(String content) {
        return "<set xmlns='http://jabber.org/protocol/rsm'>" + content + "</set>";
    }

    private static String form(String... fields) {
        return "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>"
                + String.join("", fields) + "</x>";
    }

    private static String field(String name, String... values) {
        StringBuilder field = new StringBuilder("<field var='" + name + "'>");
        for (String value : values) {
            field.append("<value>").append(value).append("</value>");
        }
        return field.append("</field>").toString();
    }

    private void says(TestClient from, String to, String body) {
        server.time().advance(Duration.ofSeconds(1));
        from.sends("<message type='chat' to='" + to + "'><body>" + body + "</body></message>");
    }

    /** One to ten, a second apart, from romeo. */
    private Answer ten() {
        for (int i = 1; i <= 10; i++) {
            says(romeo, "juliet@localhost", Integer.toString(i));
        }
        return query(juliet);
    }

    @Test
    void emptyArchiveAnswersWithNothingAndComplete() {
        Answer answer = query(juliet);

        assertThat(answer.bodies()).isEmpty();
        assertThat(answer.complete()).isTrue();
        assertThat(answer.set(PageRequest.FIRST)).isNull();
    }

    @Test
    void resultsAreTheMessagesWithTheirTimesInOrder() {
        says(romeo, "juliet@localhost", "Neither, fair saint");
        says(juliet, "romeo@localhost", "How camest thou hither?");
        juliet.ignores();

        juliet.sends("<iq type='set' id='q' to='juliet@localhost'><query xmlns='urn:xmpp:mam:2'/></iq>");

        juliet.receives("<message from='juliet@localhost' to='juliet@localhost/balcony'><result xmlns='urn:xmpp:mam:2'>"
                + "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:01.000Z'/>"
                + "<message xmlns='jabber:client' type='chat' from='romeo@localhost/orchard' to='juliet@localhost'>"
                + "<body>Neither, fair saint</body></message></forwarded></result></message>");
        juliet.receives("<message><result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                + "<message xmlns='jabber:client' from='juliet@localhost/balcony' to='romeo@localhost'>"
                + "<body>How camest thou hither?</body></message></forwarded></result></message>");
        juliet.receives(
                "<iq type='result' id='q' from='juliet@localhost'><fin xmlns='urn:xmpp:mam:2' complete='true'/></iq>");
        juliet.receivesNothing();
    }

    @Test
    void pagesForwardMeetEveryMessageOnce() {
        ten();

        Answer first = query(juliet, rsm("<max>4</max>"));
        assertThat(first.bodies()).containsExactly("1", "2", "3", "4");
        assertThat(first.complete()).isFalse();
        assertThat(first.set(PageRequest.FIRST)).isEqualTo(first.ids().get(0));
        assertThat(first.set(PageRequest.LAST)).isEqualTo(first.ids().get(3));
        Answer second = query(juliet, rsm("<max>4</max><after>" + first.set(PageRequest.LAST) + "</after>"));
        assertThat(second.bodies()).containsExactly("5", "6", "7", "8");
        Answer third = query(juliet, rsm("<max>4</max><after>" + second.set(PageRequest.LAST) + "</after>"));
        assertThat(third.bodies()).containsExactly("9", "10");
        assertThat(third.complete()).isTrue();
    }

    @Test
    void pagesBackwardAreInArchiveOrderToo() {
        ten();

        Answer last = query(juliet, rsm("<max>4</max><before/>"));
        assertThat(last.bodies()).containsExactly("7", "8", "9", "10");
        assertThat(last.complete()).isFalse();
        Answer middle = query(juliet, rsm("<max>6</max><before>" + last.set(PageRequest.FIRST) + "</before>"));
        assertThat(middle.bodies()).containsExactly("1", "2", "3", "4", "5", "6");
        assertThat(middle.complete()).isTrue();
    }

    @Test
    void flippedPageHasTheSameResultsTheOtherWayRound() {
        ten();

        Answer flipped = query(juliet, rsm("<max>3</max>"), "<flip-page/>");

        assertThat(flipped.bodies()).containsExactly("3", "2", "1");
        assertThat(flipped.set(PageRequest.FIRST)).isEqualTo(flipped.ids().get(2));
        assertThat(flipped.set(PageRequest.LAST)).isEqualTo(flipped.ids().get(0));
    }

    @Test
    void withABareJidIsForAllResources() {
        TestClient tomb = ArchiveFixture.online(server, "romeo@localhost/tomb");
        says(romeo, "juliet@localhost", "orchard");
        says(ArchiveFixture.online(server, "nurse@localhost/house"), "juliet@localhost", "nurse");
        says(tomb, "juliet@localhost", "tomb");
        says(juliet, "romeo@localhost/tomb", "answer");

        assertThat(query(juliet, form(field("with", "romeo@localhost"))).bodies())
                .containsExactly("orchard", "tomb", "answer");
        assertThat(query(juliet, form(field("with", "romeo@localhost/tomb"))).bodies())
                .containsExactly("tomb", "answer");
        assertThat(query(juliet, form(field("with", "mercutio@localhost"))).bodies())
                .isEmpty();
    }

    @Test
    void withOneselfIsForNotesToOneself() {
        says(romeo, "juliet@localhost", "not this");
        says(juliet, "juliet@localhost", "note");

        assertThat(query(juliet, form(field("with", "juliet@localhost"))).bodies())
                .containsExactly("note");
    }

    @Test
    void withMergesPlainAndEncryptedConversationsInOrder() {
        says(romeo, "juliet@localhost", "one");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>two</body>"
                + "<encrypted xmlns='eu.siacs.conversations.axolotl'/></message>");
        says(romeo, "juliet@localhost", "three");

        assertThat(query(juliet, form(field("with", "romeo@localhost"))).bodies())
                .containsExactly("one", "two", "three");
        assertThat(query(juliet, form(field("with", "romeo@localhost")), rsm("<max>2</max><before/>"))
                        .bodies())
                .containsExactly("two", "three");
        assertThat(query(juliet, form(field("with", "romeo@localhost")), rsm("<max>2</max>"))
                        .set(PageRequest.COUNT))
                .isEqualTo("3");
    }

    @Test
    void conversationTypeIsOneOfAPeersConversations() {
        says(romeo, "juliet@localhost", "one");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>two</body>"
                + "<encrypted xmlns='urn:xmpp:omemo:2'/></message>");
        says(romeo, "juliet@localhost", "three");

        String with = field("with", "romeo@localhost");
        assertThat(query(juliet, form(with, field("conversation-type", "urn:xabber:chat")))
                        .bodies())
                .containsExactly("one", "three");
        assertThat(query(juliet, form(with, field("conversation-type", "urn:xmpp:omemo:2")))
                        .bodies())
                .containsExactly("two");
        assertThat(query(juliet, form(field("conversation-type", "urn:xmpp:omemo:2")))
                        .bodies())
                .containsExactly("two");
        assertThat(query(juliet, form(with, field("conversation-type", "urn:xmpp:omemo:1")))
                        .bodies())
                .isEmpty();
        fails("bad-request", form(field("conversation-type", "urn:example:none")));
    }

    @Test
    void tagsAreWhatMessagesAre() {
        says(romeo, "juliet@localhost", "one");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>come</body>"
                + "<x xmlns='jabber:x:conference' jid='ball@rooms.localhost'/></message>");

        assertThat(query(juliet, form(field("with-tags", "voip", "invite"))).bodies())
                .containsExactly("come");
        assertThat(query(juliet, form(field("with-tags", "voip"))).bodies()).isEmpty();
        fails("feature-not-implemented", form(field("with-tags", "smell")));
    }

    @Test
    void startAndEndAreInclusive() {
        ten();

        assertThat(query(
                                juliet,
                                form(
                                        field("start", "2026-01-01T00:00:03Z"),
                                        field("end", "2026-01-01T01:00:05.000+01:00")))
                        .bodies())
                .containsExactly("3", "4", "5");
        assertThat(query(juliet, form(field("end", "2026-01-01T00:00:02Z")), rsm("<before/>"))
                        .bodies())
                .containsExactly("1", "2");
        assertThat(query(juliet, form(field("start", "2026-01-01T00:00:11Z"))).complete())
                .isTrue();
    }

    @Test
    void timesHoldWhenTheClockWasSetBack() {
        says(romeo, "juliet@localhost", "before");
        server.time().advance(Duration.ofHours(-1));
        says(romeo, "juliet@localhost", "after the step");

        assertThat(query(juliet).bodies()).containsExactly("before", "after the step");
        assertThat(query(juliet, form(field("end", "2025-12-31T23:30:00Z"))).bodies())
                .containsExactly("after the step");
        assertThat(query(juliet, form(field("start", "2025-12-31T23:30:00Z"))).bodies())
                .containsExactly("before");
    }

    @Test
    void idsBoundTheResult() {
        List<String> ids = ten().ids();

        assertThat(query(juliet, form(field("after-id", ids.get(2)), field("before-id", ids.get(6))))
                        .bodies())
                .containsExactly("4", "5", "6");
        assertThat(query(
                                juliet,
                                form(field("after-id", ids.get(2)), field("before-id", ids.get(6))),
                                rsm("<max>2</max><before/>"))
                        .bodies())
                .containsExactly("5", "6");
    }

    @Test
    void namedIdsAreFetched() {
        List<String> ids = ten().ids();

        Answer answer = query(juliet, form(field("ids", ids.get(8), ids.get(1), ids.get(1))));

        assertThat(answer.bodies()).containsExactly("2", "9");
        assertThat(answer.complete()).isTrue();
        assertThat(query(juliet, form(field("ids", ids.get(8), ids.get(1))), rsm("<max>1</max>"))
                        .bodies())
                .containsExactly("2");
    }

    @Test
    void unknownIdsAreNotFound() {
        ten();
        for (String id : List.of("1", "9999999999999999", "0000000000000000", "'; DROP TABLE archive; --", "-1")) {
            String escaped = id.replace("'", "&apos;");
            fails("item-not-found", rsm("<after>" + escaped + "</after>"));
            fails("item-not-found", rsm("<before>" + escaped + "</before>"));
            fails("item-not-found", form(field("after-id", escaped)));
            fails("item-not-found", form(field("before-id", escaped)));
            fails("item-not-found", form(field("ids", escaped)));
        }
    }

    @Test
    void junkIsABadRequest() {
        for (String max : List.of("", "-1", "many", "1e3", "0x10", "\u0661")) {
            fails("bad-request", rsm("<max>" + max + "</max>"));
        }
        for (String time : List.of(
                "", "yesterday", "0000-01-01T00:00:00Z", "+10000000000-01-01T00:00:00Z", "2026-01-01", "1760000000")) {
            fails("bad-request", form(field("start", time)));
            fails("bad-request", form(field("end", time)));
        }
        fails("bad-request", form(field("start", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")));
        fails("bad-request", form(field("start", "2026-01-01T00:00:00Z"), field("start", "2026-01-01T00:00:00Z")));
        fails("bad-request", "<x xmlns='jabber:x:data' type='submit'/>");
        fails("bad-request", form().replace(">urn:xmpp:mam:2<", ">urn:xmpp:mam:1<"));
        fails("jid-malformed", form(field("with", "@nobody")));
        fails("bad-request", form(field("rsm-counter", "many")));
        fails("bad-request", form(field("withtext", "x".repeat(257))));
        fails("feature-not-implemented", rsm("<index>3</index>"));
    }

    @Test
    void pageOfLargeMessagesIsCutByItsBytes() {
        for (int i = 1; i <= 8; i++) {
            says(romeo, "juliet@localhost", i + "x".repeat(65_000));
        }

        Answer first = query(juliet);

        assertThat(first.bodies()).hasSize(3);
        assertThat(first.complete()).isFalse();
        assertThat(query(juliet, rsm("<after>" + first.set(PageRequest.LAST) + "</after>"))
                        .bodies())
                .hasSize(3)
                .allMatch(body -> "456".contains(body.substring(0, 1)));
    }

    @Test
    void hugeNumberAsksForTheLargestPage() {
        ten();

        assertThat(query(juliet, rsm("<max>99999999999999999999</max>")).bodies())
                .hasSize(10);
    }

    @Test
    void nothingIsAskedForWithMaxZeroButTheCount() {
        ten();

        Answer answer = query(juliet, rsm("<max>0</max>"));

        assertThat(answer.bodies()).isEmpty();
        assertThat(answer.set(PageRequest.COUNT)).isEqualTo("10");
    }

    @Test
    void queryRightAfterASendSeesIt() {
        romeo.sends("<message type='chat' to='juliet@localhost'><body>now</body></message>");

        assertThat(query(romeo).bodies()).containsExactly("now");
    }

    @Test
    void archiveOfSomebodyElseIsRefused() {
        ten();
        for (String request : List.of(
                "<iq type='set' id='q' to='juliet@localhost'><query xmlns='urn:xmpp:mam:2'/></iq>",
                "<iq type='get' id='q' to='juliet@localhost'><query xmlns='urn:xmpp:mam:2'/></iq>",
                "<iq type='get' id='q' to='juliet@localhost'><metadata xmlns='urn:xmpp:mam:2'/></iq>",
                "<iq type='get' id='q' to='juliet@localhost'><prefs xmlns='urn:xmpp:mam:2'/></iq>",
                "<iq type='set' id='q' to='juliet@localhost'><prefs xmlns='urn:xmpp:mam:2' default='never'/></iq>",
                "<iq type='set' id='q' to='localhost'><query xmlns='urn:xmpp:mam:2'/></iq>")) {
            romeo.ignores();
            romeo.sends(request);
            romeo.receivesError("service-unavailable");
        }
    }

    @Test
    void formNamesWhatCanBeAskedFor() {
        juliet.sends("<iq type='get' id='f'><query xmlns='urn:xmpp:mam:2'/></iq>");

        juliet.receives("<iq type='result' id='f'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='form'>"
                + "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>"
                + "<field type='jid-single' var='with'/><field type='text-single' var='start'/>"
                + "<field type='text-single' var='end'/><field type='text-single' var='before-id'/>"
                + "<field type='text-single' var='after-id'/><field type='list-multi' var='ids'/>"
                + "<field type='boolean' var='include-groupchat'/>"
                + "<field type='text-single' var='withtext'/><field type='boolean' var='rsm-counter'/>"
                + "</x></query></iq>");
    }

    @Test
    void mediaAreFoundByTheirTypes() {
        String reference = "<reference xmlns='https://xabber.com/protocol/references' type='mutable'>";
        String file = reference + "<file-sharing xmlns='https://xabber.com/protocol/files'><file><media-type>";
        String end = "</media-type></file></file-sharing></reference>";
        for (String type : List.of("image/png", "video/mp4", "audio/ogg", "application/pdf")) {
            sends("<body>" + type + "</body>" + file + type + end);
        }
        sends("<body>voice</body>" + reference + "<voice-message xmlns='https://xabber.com/protocol/voice-messages'>"
                + "<file-sharing xmlns='https://xabber.com/protocol/files'><file><media-type>audio/ogg</media-type></file>"
                + "</file-sharing></voice-message></reference>");
        sends("<body>geo</body>" + reference + "<geoloc xmlns='http://jabber.org/protocol/geoloc'><lat>1</lat></geoloc>"
                + "</reference>");
        sends("<body>sticker</body><sticker xmlns='urn:xmpp:stickers:0' pack='p'/>");
        sends("<body>standard</body><file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'>"
                + "<media-type>IMAGE/webp</media-type></file></file-sharing>");
        sends("<body>none</body>");

        assertThat(query(juliet, form(field("with-tags", "image"))).bodies()).containsExactly("image/png", "standard");
        assertThat(query(juliet, form(field("with-tags", "video"))).bodies()).containsExactly("video/mp4");
        assertThat(query(juliet, form(field("with-tags", "audio"))).bodies()).containsExactly("audio/ogg");
        assertThat(query(juliet, form(field("with-tags", "document"))).bodies()).containsExactly("application/pdf");
        assertThat(query(juliet, form(field("with-tags", "voice", "geo", "voip")))
                        .bodies())
                .containsExactly("voice", "geo");
        assertThat(query(juliet, form(field("with-tags", "sticker"))).bodies()).containsExactly("sticker");
    }

    private void sends(String content) {
        server.time().advance(Duration.ofSeconds(1));
        romeo.sends("<message type='chat' to='juliet@localhost'>" + content + "</message>");
    }

    @Test
    void textIsFoundByAllItsWordsInAnyOrder() {
        says(romeo, "juliet@localhost", "But soft, what LIGHT through yonder window breaks?");
        says(romeo, "juliet@localhost", "It is the east");
        says(juliet, "romeo@localhost", "What man art thou");

        assertThat(query(juliet, form(field("withtext", "light What"))).bodies())
                .containsExactly("But soft, what LIGHT through yonder window breaks?");
        assertThat(query(juliet, form(field("withtext", "what"))).bodies()).hasSize(2);
        assertThat(query(juliet, form(field("withtext", "what"), field("with", "romeo@localhost")))
                        .bodies())
                .hasSize(2);
        assertThat(query(juliet, form(field("withtext", "west"))).bodies()).isEmpty();
        assertThat(query(juliet, form(field("withtext", ""))).bodies()).hasSize(3);
    }

    @Test
    void whoAsksIsToldHowManyMatchWhereverThePageIs() {
        List<String> ids = ten().ids();
        String counted = field("rsm-counter", "1");

        assertThat(query(juliet, form(counted), rsm("<max>2</max>")).set(PageRequest.COUNT))
                .isEqualTo("10");
        assertThat(query(juliet, form(counted), rsm("<max>2</max><after>" + ids.get(5) + "</after>"))
                        .set(PageRequest.COUNT))
                .isEqualTo("10");
        assertThat(query(juliet, form(counted, field("after-id", ids.get(6)))).set(PageRequest.COUNT))
                .isEqualTo("3");
        assertThat(query(juliet, form(counted, field("conversation-type", "urn:xabber:chat")), rsm("<max>0</max>"))
                        .set(PageRequest.COUNT))
                .isEqualTo("10");
        assertThat(query(juliet, form(counted, field("withtext", "1"))).set(PageRequest.COUNT))
                .isEqualTo("2");
        assertThat(query(juliet, form(field("withtext", "1"))).set(PageRequest.COUNT))
                .isNull();
    }

    @Test
    void numberOfALargeArchiveIsTheLeastThatItCanBe() {
        for (int i = 0; i < ArchivePage.MAX_COUNTED + 1; i += 501) {
            server.turn(juliet.jid().bare(), turn -> {
                for (int j = 0; j < 501; j++) {
                    Message message = TestStanzas.message(
                            "<message type='chat' from='romeo@localhost/x' to='juliet@localhost'><body>a</body></message>");
                    server.modules()
                            .provided(ConversationLog.class)
                            .append(turn, Way.INBOUND, message, message.traits());
                }
                return null;
            });
        }

        assertThat(query(juliet, form(field("rsm-counter", "true"), field("withtext", "a")), rsm("<max>1</max>"))
                        .set(PageRequest.COUNT))
                .isEqualTo(Integer.toString(ArchivePage.MAX_COUNTED));
    }

    /** The question that failed is over, and the next may be asked. */
    @Test
    void pageThatCannotBeReadIsAnErrorEachTime() {
        ten();
        BareJid account = juliet.jid().bare();
        TableSpec<Long, byte[]> rows = new TableSpec<>("log", Shape.LOG, Keys.NUMBER, Values.BYTES);
        server.turn(account, turn -> {
            turn.put(server.store().open(rows), 5L, new byte[] {1, 2, 3});
            return null;
        });

        for (int i = 0; i < 10; i++) {
            fails("internal-server-error");
        }
    }

    @Test
    void metadataNamesTheEnds() {
        juliet.sends("<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>");
        assertThat(juliet.next().firstChild().isEmpty()).isTrue();
        List<String> ids = ten().ids();

        juliet.sends("<iq type='get' id='m'><metadata xmlns='urn:xmpp:mam:2'/></iq>");

        juliet.receives("<iq type='result' id='m'><metadata xmlns='urn:xmpp:mam:2'>"
                + "<start id='" + ids.get(0) + "' timestamp='2026-01-01T00:00:01.000Z'/>"
                + "<end id='" + ids.get(9) + "' timestamp='2026-01-01T00:00:10.000Z'/></metadata></iq>");
    }

    @Test
    void groupchatFieldIsUnderstood() {
        ten();

        assertThat(query(juliet, form(field("include-groupchat", "true"))).bodies())
                .hasSize(10);
        assertThat(server.modules().features(Addressee.OWN_ACCOUNT, "localhost"))
                .contains(
                        "urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:mam:2#groupchat-field", "urn:xmpp:sid:0")
                .doesNotContain("urn:xmpp:mam:2#groupchat-available");
    }

    @Test
    void allPagesThatMayBeAskedForAtATimeFitAClientThatAcknowledgesNothingYet() {
        try (TestServer small = ArchiveFixture.configured("limits: { resumption: { unackedStanzas: 50 } }")) {
            TestClient sender = ArchiveFixture.online(small, "romeo@localhost/orchard");
            TestClient reader = ArchiveFixture.online(small, "juliet@localhost/balcony");
            for (int i = 0; i < 60; i++) {
                sender.sends("<message type='chat' to='juliet@localhost'><body>" + i + "</body></message>");
            }
            reader.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            for (int i = 0; i < 4; i++) {
                assertThat(query(reader).ids()).hasSize(9);
            }
            sender.sends("<message type='chat' to='juliet@localhost'><body>and more</body></message>");

            assertThat(reader.isClosed()).isFalse();
            reader.receives("<message><body>and more</body></message>");
        }
    }
}
