// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whom a message mentions, as its client says: by XEP-0372, by XEP-0513, or as Xabber's clients mark it. */
public final class Mentions {
    private static final Name REFERENCE = Name.of("urn:xmpp:reference:0", "reference");
    private static final Name EXPLICIT = Name.of("urn:xmpp:mentions:0", "mention");
    private static final Name NO_PING = Name.of("urn:xmpp:mentions:0", "noping");
    private static final Name XABBER_REFERENCE = Name.of("https://xabber.com/protocol/references", "reference");
    private static final Name XABBER_MENTION = Name.of("https://xabber.com/protocol/markup", "mention");

    /** Whoever mentions more people means nobody (XEP-0513 §6). */
    static final int MOST = 50;

    private static final String SCHEME = "xmpp:";

    private Mentions() {}

    /** Whether the message names the account. */
    public static boolean has(Payload payload, BareJid account) {
        return any(payload, mentioned -> account.equals(address(mentioned)));
    }

    /** Whether the message names this member of the group that it is from. */
    public static boolean hasMember(Payload payload, String member) {
        String query = "?id=" + member;
        return any(payload, mentioned -> mentioned.endsWith(query));
    }

    private static boolean any(Payload payload, Predicate<String> who) {
        List<String> mentioned = new ArrayList<>(0);
        for (Element reference : payload.all(REFERENCE)) {
            if ("mention".equals(reference.attr("type"))) {
                add(mentioned, reference.attr("uri"));
            }
        }
        for (Element mention : payload.all(EXPLICIT)) {
            if (!mention.has(NO_PING)) {
                String jid = mention.attr("jid");
                add(mentioned, jid == null ? mention.attr("uri") : SCHEME + jid);
            }
        }
        for (Element reference : payload.all(XABBER_REFERENCE)) {
            reference.children(XABBER_MENTION).forEach(each -> add(mentioned, each.text()));
        }
        return mentioned.size() <= MOST && mentioned.stream().anyMatch(who);
    }

    private static void add(List<String> mentioned, @Nullable String uri) {
        if (uri != null) {
            mentioned.add(uri.strip());
        }
    }

    /** What a URI of RFC 5122 names; null if it is none, or names no person. */
    private static @Nullable BareJid address(String uri) {
        if (!uri.startsWith(SCHEME)) {
            return null;
        }
        int query = uri.indexOf('?');
        String path = uri.substring(SCHEME.length(), query < 0 ? uri.length() : query);
        try {
            return Jid.parse(
                            path.indexOf('%') < 0
                                    ? path
                                    : URI.create(SCHEME + path).getSchemeSpecificPart())
                    .bare();
        } catch (JidException | IllegalArgumentException e) {
            return null;
        }
    }
}
