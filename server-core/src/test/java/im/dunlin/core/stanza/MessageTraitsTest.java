// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.core.xml.Xml;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessageTraitsTest {

    private static MessageTraits of(String... children) {
        List<Element> elements = Stream.of(children).map(Xml::element).toList();
        return Message.of(Header.EMPTY, Message.Type.CHAT, Payload.of(elements)).traits();
    }

    @Test
    void eachElementHasItsMeaning() {
        Map<String, Predicate<MessageTraits>> meanings = Map.ofEntries(
                Map.entry("<body>hi</body>", t -> t.hasBody() && t.hasContent()),
                Map.entry(
                        "<encrypted xmlns='eu.siacs.conversations.axolotl'/>",
                        t -> t.isEncrypted() && t.hasContent() && !t.hasBody()),
                Map.entry("<encrypted xmlns='urn:xmpp:omemo:2'/>", t -> t.isEncrypted() && t.hasContent()),
                Map.entry("<openpgp xmlns='urn:xmpp:openpgp:0'/>", t -> t.isEncrypted() && t.hasContent()),
                Map.entry("<x xmlns='jabber:x:encrypted'/>", MessageTraits::isEncrypted),
                Map.entry("<file-sharing xmlns='urn:xmpp:sfs:0'/>", MessageTraits::hasContent),
                Map.entry("<subject/>", t -> t.hasSubject() && t.isSubjectChange() && !t.hasContent()),
                Map.entry(
                        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
                        t -> t.hasChatState() && t.isChatStateOnly()),
                Map.entry("<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>", t -> t.isMarker() && !t.isMarkable()),
                Map.entry("<markable xmlns='urn:xmpp:chat-markers:0'/>", t -> t.isMarkable() && !t.isMarker()),
                Map.entry("<received xmlns='urn:xmpp:receipts' id='1'/>", t -> t.isReceipt() && !t.requestsReceipt()),
                Map.entry("<request xmlns='urn:xmpp:receipts'/>", t -> t.requestsReceipt() && !t.isReceipt()),
                Map.entry("<propose xmlns='urn:xmpp:jingle-message:0' id='1'/>", MessageTraits::isCall),
                Map.entry("<propose xmlns='urn:xmpp:jingle-message:1' id='1'/>", MessageTraits::isCall),
                Map.entry("<replace xmlns='urn:xmpp:message-correct:0' id='1'/>", MessageTraits::isCorrection),
                Map.entry("<retract xmlns='urn:xmpp:message-retract:1' id='1'/>", MessageTraits::isRetraction),
                Map.entry("<reactions xmlns='urn:xmpp:reactions:0' id='1'/>", MessageTraits::isReaction),
                Map.entry("<store xmlns='urn:xmpp:hints'/>", t -> t.asksStore() && !t.forbidsStore()),
                Map.entry(
                        "<no-store xmlns='urn:xmpp:hints'/>",
                        t -> t.forbidsStore() && t.forbidsPermanentStore() && !t.forbidsCopy()),
                Map.entry(
                        "<no-permanent-store xmlns='urn:xmpp:hints'/>",
                        t -> !t.forbidsStore() && t.forbidsPermanentStore()),
                Map.entry("<no-copy xmlns='urn:xmpp:hints'/>", t -> t.forbidsCopy() && !t.isPrivate()),
                Map.entry("<private xmlns='urn:xmpp:carbons:2'/>", t -> t.forbidsCopy() && t.isPrivate()),
                Map.entry("<received xmlns='urn:xmpp:carbons:2'/>", t -> t.isWrapper() && !t.isPrivate()),
                Map.entry("<forwarded xmlns='urn:xmpp:forward:0'/>", MessageTraits::isWrapper),
                Map.entry("<result xmlns='urn:xmpp:mam:2'/>", MessageTraits::isWrapper),
                Map.entry("<x xmlns='http://jabber.org/protocol/muc#user'/>", t -> t.isMucUser() && !t.isInvite()),
                Map.entry(
                        "<x xmlns='http://jabber.org/protocol/muc#user'><invite to='a@b.example'/></x>",
                        t -> t.isMucUser() && t.isInvite() && t.isMediatedInvite()),
                Map.entry(
                        "<x xmlns='jabber:x:conference' jid='a@b.example'/>",
                        t -> t.isInvite() && !t.isMediatedInvite()),
                Map.entry("<event xmlns='http://jabber.org/protocol/pubsub#event'/>", MessageTraits::isPubsubEvent),
                Map.entry("<delay xmlns='urn:xmpp:delay'/>", MessageTraits::isDelayed));
        meanings.forEach(
                (xml, meaning) -> assertThat(meaning.test(of(xml))).as(xml).isTrue());
    }

    @Test
    void nothingMeansNothing() {
        assertThat(of()).isEqualTo(new MessageTraits(0));
        MessageTraits unknown = of("<x xmlns='urn:example'/>");
        assertThat(unknown.hasContent() || unknown.isChatStateOnly() || unknown.isWrapper())
                .isFalse();
    }

    @Test
    void chatStateIsAloneOnlyBesideHints() {
        String composing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
        assertThat(of(composing, "<no-store xmlns='urn:xmpp:hints'/>", "<thread>1</thread>")
                        .isChatStateOnly())
                .isTrue();
        assertThat(of(composing, "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>").isChatStateOnly())
                .isTrue();
        assertThat(of(composing, "<body/>").isChatStateOnly()).isFalse();
        assertThat(of(composing, "<x xmlns='urn:example'/>").isChatStateOnly()).isFalse();
        assertThat(of(composing, "<store xmlns='urn:xmpp:hints'/>").isChatStateOnly())
                .isFalse();
    }

    /** XEP-0045 section 8.1. */
    @Test
    void subjectWithABodyIsNoChangeOfSubject() {
        assertThat(of("<subject>x</subject>", "<body>y</body>").isSubjectChange())
                .isFalse();
    }
}
