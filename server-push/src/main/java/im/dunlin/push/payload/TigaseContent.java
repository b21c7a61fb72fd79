// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.jid.BareJid;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What Tigase's clients read in a push ({@code tigase:push:encrypt:0}). */
final class TigaseContent {
    /** A client that reads zero takes away all that it shows. */
    private static final int AT_LEAST = 1;

    private TigaseContent() {}

    /**
     * In JSON of at most so many bytes.
     *
     * @return null for what these clients have no words for, or if not even who wrote fits
     */
    static byte @Nullable [] of(Notice notice, int most) {
        if (notice instanceof Notice.Call call) {
            return fitting(call(call), most);
        }
        if (notice instanceof Notice.CallEnd end && end.isMissed()) {
            return fitting(message(AT_LEAST, end.caller().bare(), "chat", null, "Missed call"), most);
        }
        if (notice instanceof Notice.Message message) {
            return fitting(text -> of(message, text), text(message), most);
        }
        return null;
    }

    private static ObjectNode call(Notice.Call call) {
        ObjectNode json = Json.object()
                .put("unread", AT_LEAST)
                .put("sender", call.caller().toString())
                .put("type", "call")
                .put("sid", Json.clean(call.sid()));
        // Also when nothing is in it: without it these clients end the call.
        ArrayNode media = json.putArray("media");
        call.media().forEach(each -> media.add(Json.clean(each)));
        return json;
    }

    private static ObjectNode of(Notice.Message message, String text) {
        String type = message.kind() == Notice.Message.Kind.SUBSCRIPTION
                ? "subscribe"
                : message.nick() == null ? "chat" : "groupchat";
        return message(Math.max(AT_LEAST, message.badge()), message.conversation(), type, message.nick(), text);
    }

    private static ObjectNode message(int unread, BareJid sender, String type, @Nullable String nick, String text) {
        ObjectNode json = Json.object()
                .put("unread", unread)
                .put("sender", sender.toString())
                .put("type", type);
        if (nick != null) {
            json.put("nickname", Json.clean(Cut.toCodePoints(nick, Contents.NICK)));
        }
        return json.put("message", text);
    }

    private static String text(Notice.Message message) {
        String text = message.text();
        if (text != null && !message.isEncrypted()) {
            return Json.clean(text);
        }
        return switch (message.kind()) {
            case SUBSCRIPTION -> "Wants to add you as a contact";
            case INVITATION -> "Invites you to a group";
            default -> message.isEncrypted() ? "Encrypted message" : "New message";
        };
    }

    private static byte @Nullable [] fitting(ObjectNode json, int most) {
        byte[] bytes = Json.bytes(json);
        return bytes.length <= most ? bytes : null;
    }

    private static byte @Nullable [] fitting(Function<String, ObjectNode> json, String text, int most) {
        byte[] whole = fitting(json.apply(text), most);
        if (whole != null) {
            return whole;
        }
        String cut = Cut.toFit(text, most, shorter -> fitting(json.apply(shorter), most) != null);
        return fitting(json.apply(cut), most);
    }
}
