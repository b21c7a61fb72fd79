// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FramingTest {
    @Test
    void aStanzaAloneSaysItsNamespace() {
        assertThat(Framing.MESSAGES.element("<message to='a'/>")).isEqualTo("<message xmlns='jabber:client' to='a'/>");
        assertThat(Framing.MESSAGES.element("<presence/>")).isEqualTo("<presence xmlns='jabber:client'/>");
        assertThat(Framing.MESSAGES.element("<iq/>")).isEqualTo("<iq xmlns='jabber:client'/>");
    }

    @Test
    void whatIsNoStanzaSaysItAlready() {
        assertThat(Framing.MESSAGES.element("<r xmlns='urn:xmpp:sm:3'/>")).isEqualTo("<r xmlns='urn:xmpp:sm:3'/>");
        assertThat(Framing.MESSAGES.closing()).isEqualTo("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    }
}
