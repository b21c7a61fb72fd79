// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import java.util.List;

/** How the elements of a stream go over its connection. */
enum Framing {
    /** All in one document (RFC 6120). */
    DOCUMENT {
        @Override
        String opening(String domain) {
            return "<?xml version='1.0'?><stream:stream to='" + domain
                    + "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
        }

        @Override
        String closing() {
            return "</stream:stream>";
        }

        @Override
        String element(String xml) {
            return xml;
        }
    },
    /** Each in a WebSocket message of its own (RFC 7395). */
    MESSAGES {
        @Override
        String opening(String domain) {
            return "<open xmlns='" + NS + "' to='" + domain + "' version='1.0'/>";
        }

        @Override
        String closing() {
            return "<close xmlns='" + NS + "'/>";
        }

        @Override
        String element(String xml) {
            for (String stanza : STANZAS) {
                if (xml.startsWith(stanza)) {
                    return stanza + " xmlns='jabber:client'" + xml.substring(stanza.length());
                }
            }
            return xml;
        }
    };

    private static final String NS = "urn:ietf:params:xml:ns:xmpp-framing";
    private static final List<String> STANZAS = List.of("<message", "<presence", "<iq");

    abstract String opening(String domain);

    abstract String closing();

    /** An element as it goes out; stanzas come here without their namespace. */
    abstract String element(String xml);

    /** How deep in a document an element is that comes first. */
    int depth() {
        return this == DOCUMENT ? 0 : 1;
    }
}
