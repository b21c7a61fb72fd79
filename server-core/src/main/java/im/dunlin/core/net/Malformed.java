// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.Payload;

/** Answers to stanzas that could not be made into one. */
final class Malformed {
    private Malformed() {}

    static Stanza answer(StreamEvent.MalformedStanza malformed) {
        Header header = new Header(malformed.from(), malformed.to(), malformed.id(), null);
        Payload error = Payload.of(malformed.error().element());
        return switch (malformed.kind()) {
            case "message" -> Message.of(header, Message.Type.ERROR, error);
            case "presence" -> Presence.of(header, Presence.Type.ERROR, error);
            default -> Iq.of(header, Iq.Type.ERROR, error);
        };
    }
}
