// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The log's record of a call that nobody answered, where no client's last word is archived (docs/protocol/calls.md). */
public final class MissedCall {
    static final Name NAME = Name.of(Ns.CALLS, "missed");

    private static final Name REJECT = Name.of(Ns.JINGLE_MESSAGE, "reject");
    private static final Name CALL = Name.of(Ns.JINGLE_MESSAGE, "call");
    private static final Element STORE = Element.of(Name.of(Ns.HINTS, "store"));

    private MissedCall() {}

    /**
     * The record, as a message from the caller.
     *
     * @param reason why it ended
     * @param media what was offered, separated by spaces; null if that is not known
     */
    public static Message message(
            BareJid caller,
            BareJid account,
            String sid,
            String reason,
            Instant start,
            Instant end,
            @Nullable String media) {
        Element missed = Element.of(NAME)
                .attr("sid", sid)
                .attr("reason", reason)
                .attr("start", Delay.format(start))
                .attr("end", Delay.format(end))
                .attrIfPresent("media", media);
        return Message.of(new Header(account, caller, null, null), Message.Type.CHAT, Payload.of(missed));
    }

    /**
     * An archived message as Xabber's clients are to see it: they know a missed call by the {@code <reject/>} that their own
     * kind would have sent. Any other message is itself.
     */
    public static Message forXabber(Message archived) {
        Element missed = archived.payload().first(NAME);
        Jid caller = archived.from();
        String sid = missed == null ? null : missed.attr("sid");
        if (missed == null || caller == null || sid == null) {
            return archived;
        }
        Element call = Element.of(CALL)
                .attr("initiator", caller.bare().toString())
                .attrIfPresent("start", missed.attr("start"))
                .attrIfPresent("end", missed.attr("end"))
                .attr("end-reason", "missed");
        return archived.withPayload(
                Payload.of(Element.of(REJECT).attr("id", sid).child(call), STORE));
    }
}
