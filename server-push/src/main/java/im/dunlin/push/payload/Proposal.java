// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;

/** The call offer (XEP-0353) of a notice, for clients that read stanzas in pushes. */
final class Proposal {
    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");
    private static final Name PROPOSE = Name.of(Ns.JINGLE_MESSAGE, "propose");
    private static final Name DESCRIPTION = Name.of("urn:xmpp:jingle:apps:rtp:1", "description");

    private Proposal() {}

    /** The message as the caller sent it, as far as it matters. */
    static Element message(Notice.Call call) {
        return Element.of(MESSAGE)
                .attr("from", call.caller().toString())
                .attr("type", "chat")
                .child(element(call));
    }

    private static Element element(Notice.Call call) {
        String offer = call.offer();
        if (offer != null) {
            return Element.parse(offer.getBytes(StandardCharsets.UTF_8));
        }
        ElementBuilder propose = Element.builder(PROPOSE).attr("id", call.sid());
        call.media().forEach(media -> propose.child(Element.of(DESCRIPTION).attr("media", media)));
        return propose.build();
    }
}
