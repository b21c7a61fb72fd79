// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.push.gateway.PushRequest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes notices for apps that this server reaches by itself: one method for each provider. Whoever carries a push reads its class
 * and which registration it is for, never who wrote what; unless the account asked for texts in the clear. Any thread; takes
 * about a millisecond.
 */
public final class DeviceEncoder {
    /** What APNs and FCM take. */
    private static final int MAX_BYTES = 4096;

    /** What a system shows of a text in the clear, at the most. */
    private static final int MAX_PLAIN_TEXT = 1_024;

    private static final int MAX_PLAIN_CONTENTS = 2_048;

    /** What {@code encrypted} and {@code iv} take beside the ciphertext. */
    private static final int TIGASE_NAMES_BYTES = 48;

    private static final int VERSION = 1;
    private static final String READ = "read";

    private final OwnSeal own;
    private final TigaseSeal tigase;

    public DeviceEncoder(SecureRandom random) {
        own = new OwnSeal(random);
        tigase = new TigaseSeal(random);
    }

    // ---- APNs
    // --------------------------------------------------------------------------------------------------------

    /**
     * For an app of Apple's: what a person should see is an alert, which the app's extension opens; a call starts the app.
     *
     * @param sequence larger than that of any earlier push of the device
     * @return null if the device cannot be told that so that nobody sees what is not for the eye
     */
    public @Nullable EncodedPush apns(Notice notice, Recipient recipient, long sequence) {
        if (!canBeSeenOrSwallowed(notice, recipient)) {
            return null;
        }
        PushRequest.Kind kind = kind(notice, recipient);
        ObjectNode json = Json.object();
        ObjectNode aps = json.putObject("aps");
        switch (kind) {
            case ALERT -> alert(aps, notice, recipient);
            case BACKGROUND -> aps.put("content-available", 1);
            case VOIP -> {}
        }
        return push(notice, kind, apnsCollapse(notice, kind, recipient), apnsBody(json, notice, recipient, sequence));
    }

    private static @Nullable String apnsCollapse(Notice notice, PushRequest.Kind kind, Recipient recipient) {
        if (notice instanceof Notice.Message message && !message.isCoalesced()) {
            // An edit takes the place of what it names.
            return message.stanzaId() == null ? null : Hidden.of(message.stanzaId(), recipient);
        }
        return kind == PushRequest.Kind.VOIP ? null : collapse(notice, recipient);
    }

    private static boolean canBeSeenOrSwallowed(Notice notice, Recipient recipient) {
        return switch (notice.noticeClass()) {
            case MESSAGE, CALL, TEST -> true;
            case CALL_END ->
                notice instanceof Notice.CallEnd end && end.isMissed()
                        || recipient.can(Capability.CALL_END) && recipient.can(Capability.FILTERING);
            case READ -> recipient.can(Capability.READ);
        };
    }

    private static PushRequest.Kind kind(Notice notice, Recipient recipient) {
        return switch (notice.noticeClass()) {
            // And nothing but a call: iOS punishes an app whose pushes of this kind are anything else.
            case CALL -> recipient.can(Capability.VOIP) ? PushRequest.Kind.VOIP : PushRequest.Kind.ALERT;
            case READ -> PushRequest.Kind.BACKGROUND;
            case MESSAGE, CALL_END, TEST -> PushRequest.Kind.ALERT;
        };
    }

    private static void alert(ObjectNode aps, Notice notice, Recipient recipient) {
        ObjectNode alert = aps.putObject("alert");
        Words words = Words.of(notice);
        String text = notice instanceof Notice.Message message ? plainText(message, recipient) : null;
        if (notice instanceof Notice.Message message && text != null) {
            alert.put("title", plainTitle(message)).put("body", text);
        } else if (recipient.locale() == null) {
            alert.put("loc-key", words.key());
        } else {
            alert.put("body", words.in(recipient.locale()));
        }
        aps.put("mutable-content", 1);
        if (notice instanceof Notice.Message message) {
            aps.put("thread-id", Hidden.of(message.conversation().toString(), recipient));
            if (message.kind() != Notice.Message.Kind.EDIT) {
                aps.put("sound", "default");
            }
            if (!recipient.can(Capability.MUTABLE)) {
                // With an extension, that counts: there may be several accounts on the phone.
                aps.put("badge", message.badge());
            }
        } else {
            aps.put("sound", "default");
        }
    }

    private static @Nullable String plainText(Notice.Message message, Recipient recipient) {
        String text = message.text();
        if (!recipient.mayReadPlainly() || message.isEncrypted() || text == null || text.isBlank()) {
            return null;
        }
        String clean = Json.clean(text);
        return isShort(clean) ? clean : Cut.toFit(clean, MAX_PLAIN_TEXT, DeviceEncoder::isShort);
    }

    private static boolean isShort(String text) {
        return text.length() <= MAX_PLAIN_TEXT && Json.bytes(Json.object().put("b", text)).length <= MAX_PLAIN_TEXT;
    }

    private static String plainTitle(Notice.Message message) {
        String nick = message.nick();
        return Json.clean(
                Cut.toCodePoints(nick == null ? message.sender().bare().toString() : nick, Contents.NICK));
    }

    private byte @Nullable [] apnsBody(ObjectNode json, Notice notice, Recipient recipient, long sequence) {
        if (recipient.key() instanceof TigaseKey key) {
            return tigase(json, notice, recipient, key) ? limited(Json.bytes(json)) : null;
        }
        ObjectNode envelope = json.putObject("p");
        return envelope(envelope.put("v", VERSION), json, notice, recipient, sequence)
                ? limited(Json.bytes(json))
                : null;
    }

    // ---- FCM
    // ---------------------------------------------------------------------------------------------------------

    /**
     * The data of a message for an app of Android: strings only, and nothing that the system shows by itself.
     *
     * @param sequence larger than that of any earlier push of the device
     * @return null if the device did not ask to be told that
     */
    public @Nullable EncodedPush fcm(Notice notice, Recipient recipient, long sequence) {
        if (!isAskedFor(notice, recipient)) {
            return null;
        }
        ObjectNode data = Json.object();
        boolean isWritten = recipient.key() instanceof TigaseKey key
                ? tigase(data, notice, recipient, key)
                : envelope(data.put("v", String.valueOf(VERSION)), data, notice, recipient, sequence);
        // A device has few keys to collapse by, and so none is spent on what is read anyway.
        String collapse = notice instanceof Notice.Read ? READ : null;
        return isWritten ? push(notice, PushRequest.Kind.ALERT, collapse, limited(Json.bytes(data))) : null;
    }

    // ---- Web Push
    // ----------------------------------------------------------------------------------------------------

    /**
     * The body of a message for a push service of RFC 8030.
     *
     * @param sequence larger than that of any earlier push of the device
     * @return null if the device has no key for it, or did not ask to be told that
     */
    public @Nullable EncodedPush webPush(Notice notice, Recipient recipient, long sequence) {
        if (!(recipient.key() instanceof WebPushKey key) || !isAskedFor(notice, recipient)) {
            return null;
        }
        byte[] body = own.seal(notice, recipient, key, sequence, Buckets.WEB_PUSH, Aes128Gcm.MAX_BYTES);
        return push(notice, PushRequest.Kind.ALERT, collapse(notice, recipient), body);
    }

    // ---- of all
    // ------------------------------------------------------------------------------------------------------

    private static boolean isAskedFor(Notice notice, Recipient recipient) {
        return switch (notice.noticeClass()) {
            case MESSAGE, CALL, TEST -> true;
            case CALL_END ->
                notice instanceof Notice.CallEnd end && end.isMissed() || recipient.can(Capability.CALL_END);
            case READ -> recipient.can(Capability.READ);
        };
    }

    /**
     * Writes which registration it is for, the class, and the contents as far as the device has a key or reads plainly.
     *
     * @param whole the payload that the envelope is in
     */
    private boolean envelope(ObjectNode envelope, ObjectNode whole, Notice notice, Recipient recipient, long sequence) {
        envelope.put("n", recipient.node()).put("c", notice.noticeClass().wire());
        if (recipient.key() instanceof WebPushKey key) {
            envelope.put("k", key.id()).put("e", "");
            int characters = MAX_BYTES - Json.bytes(whole).length;
            byte[] body = own.seal(notice, recipient, key, sequence, Buckets.TOKEN, characters / 4 * 3);
            if (body == null) {
                return false;
            }
            envelope.put("e", Base64.getUrlEncoder().withoutPadding().encodeToString(body));
        } else if (recipient.mayReadPlainly()) {
            byte[] contents = Contents.of(notice, recipient, sequence, MAX_PLAIN_CONTENTS);
            if (contents != null) {
                envelope.put("o", new String(contents, StandardCharsets.UTF_8));
                if (Json.bytes(whole).length > MAX_BYTES) {
                    envelope.remove("o");
                }
            }
        }
        return true;
    }

    /** The form of Tigase's component, which its clients look for beside {@code aps} or in the data. */
    private boolean tigase(ObjectNode json, Notice notice, Recipient recipient, TigaseKey key) {
        json.put("account", recipient.account().toString());
        if (notice instanceof Notice.Test) {
            return true;
        }
        int room = MAX_BYTES - TIGASE_NAMES_BYTES - Json.bytes(json).length;
        byte[] content = TigaseContent.of(notice, TigaseSeal.contentFitting(Math.min(room, key.maxSize())));
        if (content == null) {
            return false;
        }
        TigaseSeal.Sealed sealed = tigase.seal(key, content);
        json.put("encrypted", sealed.ciphertext()).put("iv", sealed.nonce());
        return true;
    }

    private static byte @Nullable [] limited(byte[] payload) {
        return payload.length <= MAX_BYTES ? payload : null;
    }

    private static @Nullable EncodedPush push(
            Notice notice, PushRequest.Kind kind, @Nullable String collapse, byte @Nullable [] payload) {
        if (payload == null) {
            return null;
        }
        return new EncodedPush(kind, rank(notice), urgency(notice), collapse, notice.expires(), payload);
    }

    private static PushRequest.Rank rank(Notice notice) {
        return switch (notice.noticeClass()) {
            case CALL -> PushRequest.Rank.CALL;
            case CALL_END -> PushRequest.Rank.CALL_END;
            case MESSAGE, TEST -> PushRequest.Rank.MESSAGE;
            case READ -> PushRequest.Rank.QUIET;
        };
    }

    private static PushRequest.Urgency urgency(Notice notice) {
        return switch (notice.noticeClass()) {
            case CALL, CALL_END, TEST -> PushRequest.Urgency.HIGH;
            case MESSAGE ->
                notice instanceof Notice.Message message && message.isUrgent()
                        ? PushRequest.Urgency.HIGH
                        : PushRequest.Urgency.NORMAL;
            case READ -> PushRequest.Urgency.LOW;
        };
    }

    /** What an undelivered one of the same value gives way to: a call to its end, what was read to what is now. */
    private static @Nullable String collapse(Notice notice, Recipient recipient) {
        if (notice instanceof Notice.Message message && message.isCoalesced()) {
            return Hidden.of(message.conversation().toString(), recipient);
        } else if (notice instanceof Notice.Call call) {
            return Hidden.of(call.sid(), recipient);
        } else if (notice instanceof Notice.CallEnd end) {
            return Hidden.of(end.sid(), recipient);
        }
        return notice instanceof Notice.Read ? READ : null;
    }
}
