// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The record of a call that nobody answered, where no client's last word is archived (docs/protocol/calls.md). */
final class MissedCall {
    private static final Name MISSED = Name.of(Ns.CALLS, "missed");

    private MissedCall() {}

    /** @param before the call while it rang; null if it never did */
    static Message message(Call call, @Nullable Call before, BareJid account) {
        String reason = Objects.requireNonNull(call.reason()).wire();
        Element missed = Element.of(MISSED)
                .attr("sid", call.sid())
                .attr("reason", reason)
                .attr("start", Delay.format(Micros.toInstant(call.start())))
                .attr("end", Delay.format(Micros.toInstant(call.end())));
        Message offer = before == null ? null : before.offer();
        return Message.of(
                new Header(account, call.peer(), null, null),
                Message.Type.CHAT,
                Payload.of(missed.attrIfPresent("media", offer == null ? null : media(offer))));
    }

    /** The kinds of media of an offer, separated by spaces; null if it names none. */
    private static @Nullable String media(Message offer) {
        CallWord word = CallWord.of(offer);
        if (word == null) {
            return null;
        }
        String media = word.element().children(CallWord.DESCRIPTION).stream()
                .map(description -> description.attr("media"))
                .filter(each -> "audio".equals(each) || "video".equals(each))
                .distinct()
                .collect(Collectors.joining(" "));
        return media.isEmpty() ? null : media;
    }
}
