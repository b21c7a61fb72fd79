// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A contact's request that waits for the user's answer (RFC 6121 §3.1.3).
 *
 * @param stamp when it came, by the account's clock
 */
record SubscriptionRequest(long stamp, @Nullable String lang, Payload payload) {
    static final ValueCodec<SubscriptionRequest> CODEC =
            Values.versioned(1, SubscriptionRequest::write, SubscriptionRequest::read);

    /** A stranger decides what is in it, and it is shown again and again (threat S20). */
    static final int MAX_BYTES = 1_024;

    /** What a request may say: a greeting, a nickname (XEP-0172), an invitation's token (XEP-0379), that it is a group. */
    private static final Set<Name> SAID = Set.of(
            Presence.STATUS,
            Name.of("http://jabber.org/protocol/nick", "nick"),
            Name.of("urn:xmpp:pars:0", "preauth"),
            Name.of("https://xabber.com/protocol/groups", "x"));

    /** What of a subscription stanza's content goes on to the other side. */
    static Payload bounded(Payload payload) {
        Payload said = payload.without(name -> !SAID.contains(name));
        if (said.size() > MAX_BYTES) {
            said = said.without(Presence.STATUS::equals);
        }
        return said.size() > MAX_BYTES ? Payload.EMPTY : said;
    }

    Presence presence(BareJid contact, BareJid account) {
        return Presence.of(new Header(account, contact, null, lang), Presence.Type.SUBSCRIBE, payload);
    }

    private static void write(ValueWriter out, SubscriptionRequest request) {
        out.fixed64(request.stamp).nullableText(request.lang).bytes(request.payload.bytes());
    }

    private static SubscriptionRequest read(ValueReader in) {
        return new SubscriptionRequest(in.fixed64(), in.nullableText(), Payload.parse(in.bytes()));
    }
}
