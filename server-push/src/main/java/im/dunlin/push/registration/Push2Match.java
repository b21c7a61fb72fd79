// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.util.List;

/**
 * Of what a client of {@code urn:xmpp:push2:0} wants to be woken, and how its service is told. What is important is decided here
 * as for all other clients, so that one profile of matching is understood, and what is not understood is refused.
 */
final class Push2Match {
    static final Name MATCH = Name.of(PushNames.PUSH2, "match");

    private static final String SEND = "send";
    private static final Name GRACE = Name.of(PushNames.PUSH2, "grace");
    private static final Duration LONGEST_GRACE = Duration.ofDays(1);

    private Push2Match() {}

    /** @throws im.dunlin.core.stanza.StanzaException if it asks for what is not done here */
    static void check(Element enable) {
        List<Element> matches = enable.children(MATCH);
        if (matches.size() != 1) {
            throw StanzaError.badRequest("there is one match").toException();
        }
        Element match = matches.get(0);
        if (!PushNames.PUSH2_IMPORTANT.equals(match.requireAttr("profile"))) {
            throw StanzaError.featureNotImplemented()
                    .withText("the profile is " + PushNames.PUSH2_IMPORTANT)
                    .toException();
        }
        boolean isToldHow = match.children().stream().anyMatch(Push2Match::isKnownSend);
        if (!isToldHow) {
            throw StanzaError.featureNotImplemented()
                    .withText("no such way to send")
                    .toException();
        }
        if (match.has(GRACE) && grace(match).isZero()) {
            throw StanzaError.badRequest("grace is a number of seconds, a day at the most")
                    .toException();
        }
    }

    private static boolean isKnownSend(Element child) {
        return child.is(Name.of(PushNames.PUSH2_NOTIFY_ONLY, SEND))
                || child.is(Name.of(PushNames.PUSH2_SEND_ENCRYPTED, SEND));
    }

    /** How long the device is left alone after its user did something elsewhere; zero if it is not, or if that makes no sense. */
    static Duration grace(Element match) {
        String text = match.text(GRACE);
        if (text == null || !text.strip().matches("[0-9]{1,5}")) {
            return Duration.ZERO;
        }
        Duration grace = Duration.ofSeconds(Long.parseLong(text.strip()));
        return grace.compareTo(LONGEST_GRACE) > 0 ? Duration.ZERO : grace;
    }
}
