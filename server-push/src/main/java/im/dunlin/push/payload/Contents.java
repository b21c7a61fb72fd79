// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.jid.BareJid;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What our own clients read when they have opened a push, in JSON with short names (docs/protocol/push.md). What does not fit is
 * cut in this order: the offer of a call, the nick, the sender where he alone is too long, and as much of the text as it takes.
 */
final class Contents {
    /** Code points that are left of a nick. */
    static final int NICK = 64;

    private static final int VERSION = 1;

    private static final String CUT = "tr";
    private static final int SHORTENED = 1;
    private static final int REMOVED = 2;

    private final ObjectNode json = Json.object();
    private final int most;

    private Contents(int most) {
        this.most = most;
    }

    /**
     * @param sequence larger than that of any earlier push of the device
     * @param most bytes that it may have
     * @return null if what must be there is longer
     */
    static byte @Nullable [] of(Notice notice, Recipient recipient, long sequence, int most) {
        Contents contents = new Contents(most);
        contents.json
                .put("v", VERSION)
                .put("t", type(notice))
                .put("q", sequence)
                .put("ts", notice.created().getEpochSecond())
                .put("x", notice.expires().getEpochSecond());
        if (notice instanceof Notice.Message message) {
            return contents.message(message, recipient);
        } else if (notice instanceof Notice.Call call) {
            return contents.call(call);
        } else if (notice instanceof Notice.CallEnd end) {
            return contents.end(end);
        } else if (notice instanceof Notice.Read read) {
            return contents.read(read, recipient);
        }
        return contents.fitting();
    }

    private static String type(Notice notice) {
        return notice instanceof Notice.Message message
                ? message.kind().type()
                : notice.noticeClass().wire();
    }

    private byte @Nullable [] message(Notice.Message message, Recipient recipient) {
        BareJid conversation = message.conversation();
        String nick = message.nick();
        json.put("h", Hidden.of(conversation.toString(), recipient)).put("u", message.badge());
        if (message.archiveId() != null) {
            json.put("i", message.archiveId());
        }
        json.put("f", message.sender().toString());
        if (!message.sender().bare().equals(conversation) || nick != null) {
            json.put("g", conversation.toString());
        }
        if (message.isEncrypted()) {
            json.put("enc", 1);
        }
        if (nick != null) {
            json.put("n", Json.clean(nick));
            if (!fits()) {
                json.put("n", Json.clean(Cut.toCodePoints(nick, NICK)));
            }
        }
        if (!fits()) {
            json.remove("f");
            json.remove("g");
        }
        if (message.text() != null && !message.isEncrypted()) {
            text(Json.clean(message.text()));
        }
        return fitting();
    }

    private void text(String text) {
        // Longer than that it cannot fit, and need not be written to see it.
        if (text.length() < most && fits(json.put("b", text))) {
            return;
        }
        json.put(CUT, SHORTENED);
        String cut = Cut.toFit(text, most, shorter -> fits(json.put("b", shorter)));
        json.put("b", cut);
        if (cut.isEmpty()) {
            json.remove("b");
            json.put(CUT, REMOVED);
        }
    }

    private byte @Nullable [] call(Notice.Call call) {
        json.put("f", call.caller().toString()).put("s", Json.clean(call.sid()));
        media(call.media());
        if (call.offer() != null && !fits(json.put("d", call.offer()))) {
            json.remove("d");
        }
        return withoutSenderIfNeeded();
    }

    private byte @Nullable [] end(Notice.CallEnd end) {
        json.put("f", end.caller().toString())
                .put("s", Json.clean(end.sid()))
                .put("r", end.reason().wire());
        media(end.media());
        return withoutSenderIfNeeded();
    }

    private void media(Iterable<String> media) {
        ArrayNode array = json.putArray("m");
        for (String each : media) {
            array.add(Json.clean(each));
        }
        if (!fits()) {
            json.putArray("m");
        }
    }

    private byte @Nullable [] withoutSenderIfNeeded() {
        if (!fits()) {
            json.remove("f");
        }
        return fitting();
    }

    private byte @Nullable [] read(Notice.Read read, Recipient recipient) {
        json.put("h", Hidden.of(read.conversation().toString(), recipient)).put("u", read.badge());
        ArrayNode ids = json.putArray("rd");
        read.archiveIds().forEach(ids::add);
        while (!fits() && !ids.isEmpty()) {
            // The newest is the last: whoever knows it knows the rest.
            ids.remove(0);
        }
        return fitting();
    }

    private boolean fits() {
        return fits(json);
    }

    private boolean fits(ObjectNode object) {
        return Json.bytes(object).length <= most;
    }

    private byte @Nullable [] fitting() {
        byte[] bytes = Json.bytes(json);
        return bytes.length <= most ? bytes : null;
    }
}
