// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PayloadTest {
    private static final Name BODY = Name.of(Ns.CLIENT, "body");
    private static final Name ID = Name.of(Ns.STANZA_ID, "stanza-id");
    private static final String XML =
            "<body>a</body><stanza-id xmlns='urn:xmpp:sid:0' id='1'/><body xml:lang='de'>b</body>";

    private static Payload payload() {
        return Payload.parse(XML.getBytes(UTF_8));
    }

    private static String xml(Payload payload) {
        return new String(payload.bytes(), UTF_8);
    }

    @Test
    void tableOfContentsIsReadWithoutOpening() {
        assertThat(payload().names()).containsExactly(BODY, ID, BODY);
        assertThat(payload().has(ID)).isTrue();
        assertThat(payload().has(Name.of(Ns.CLIENT, "stanza-id"))).isFalse();
    }

    @Test
    void childrenAreOpenedByName() {
        assertThat(payload().first(ID).attr("id")).isEqualTo("1");
        assertThat(payload().first(Name.of("", "x"))).isNull();
        assertThat(payload().all(BODY)).extracting(Element::text).containsExactly("a", "b");
        assertThat(payload().text(BODY)).isEqualTo("a");
        assertThat(payload().children()).hasSize(3);
    }

    @Test
    void childIsAdded() {
        Payload more = payload().with(Element.of(ID).attr("id", "2"));
        assertThat(xml(more)).isEqualTo(XML + "<stanza-id xmlns='urn:xmpp:sid:0' id='2'/>");
        assertThat(more.names()).containsExactly(BODY, ID, BODY, ID);
        assertThat(more.children().get(3).attr("id")).isEqualTo("2");
        assertThat(payload()).isEqualTo(payload()).isNotEqualTo(more);
    }

    @Test
    void childrenAreLeftOut() {
        assertThat(xml(payload().without(ID::equals))).isEqualTo("<body>a</body><body xml:lang='de'>b</body>");
        assertThat(xml(payload().without(BODY, body -> body.lang() == null)))
                .isEqualTo("<stanza-id xmlns='urn:xmpp:sid:0' id='1'/><body xml:lang='de'>b</body>");
        assertThat(payload().without(BODY, body -> body.lang() == null).text(BODY))
                .isEqualTo("b");
        assertThat(payload().without(name -> true)).isSameAs(Payload.EMPTY);
        Payload same = payload();
        assertThat(same.without(name -> false)).isSameAs(same);
    }

    @Test
    void emptyPayloadHasNothing() {
        assertThat(Payload.EMPTY.isEmpty()).isTrue();
        assertThat(Payload.EMPTY.size()).isZero();
        assertThat(Payload.parse(new byte[0])).isSameAs(Payload.EMPTY);
        assertThat(xml(Payload.EMPTY.with(Element.of(BODY)))).isEqualTo("<body/>");
    }

    @Test
    void bytesThatAreNoPayloadAreRefused() {
        for (String xml : new String[] {"x", "<a", "<a>", "</a>", "<a/>x", "<a><b></a>", "<a><b>"}) {
            assertThatThrownBy(() -> Payload.parse(xml.getBytes(UTF_8)))
                    .as(xml)
                    .isInstanceOf(CanonicalFormException.class);
        }
    }

    @Test
    void textOfAPayloadDoesNotGetIntoLogs() {
        assertThat(payload().toString()).doesNotContain(">a<").contains("{jabber:client}body");
    }
}
