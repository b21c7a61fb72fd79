// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Writes notices for push services elsewhere, one method for each of the ways in which a device can have enabled them. What such
 * a service may read is that something happened, and whether a person should see it. Any thread.
 */
public final class RemoteEncoder {
    private static final String PUSH = "urn:xmpp:push:0";
    private static final String PUSH2 = "urn:xmpp:push2:0";
    private static final String SUMMARY = "urn:xmpp:push:summary";
    private static final String XABBER_INFO = XabberKey.NAMESPACE + "#info";

    private static final Name NOTIFICATION = Name.of(PUSH, "notification");
    private static final Name PRIORITY = Name.of("tigase:push:priority:0", "priority");
    private static final Name JINGLE = Name.of("tigase:push:jingle:0", "jingle");
    private static final Name MEDIA = Name.of("tigase:push:jingle:0", "media");
    private static final Name ENCRYPTED = Name.of(TigaseKey.NAMESPACE, "encrypted");

    private static final Name OWN_ENCRYPTED = Name.of("https://dunlin.im/protocol/push/1", "encrypted");

    private static final Name XABBER_NOTIFICATION = Name.of(XabberKey.NAMESPACE, "notification");
    private static final Name XABBER_ENCRYPTED = Name.of(XabberKey.NAMESPACE, "encrypted");

    private static final Name PUSH2_NOTIFICATION = Name.of(PUSH2, "notification");
    private static final Name PUSH2_CLIENT = Name.of(PUSH2, "client");
    private static final Name PUSH2_PRIORITY = Name.of(PUSH2, "priority");
    private static final Name PUSH2_VOIP = Name.of(PUSH2, "voip");
    private static final Name SCE_ENCRYPTED = Name.of("urn:xmpp:sce:rfc8291:0", "encrypted");
    private static final Name SCE_PAYLOAD = Name.of("urn:xmpp:sce:rfc8291:0", "payload");

    /** What services show where they show what they get, and the sign that they should show something. */
    private static final String NEW_MESSAGE = "New message";

    /** Bytes of a text that the account wants in the clear: more than any provider shows. */
    private static final int MAX_PLAIN_TEXT = 1_024;

    /** What the service has room for whatever its provider is; the longest of {@link Buckets#TOKEN} is. */
    private static final int MAX_BODY = 3_000;

    private final OwnSeal own;
    private final TigaseSeal tigase;
    private final XabberSeal xabber;

    public RemoteEncoder(SecureRandom random) {
        own = new OwnSeal(random);
        tigase = new TigaseSeal(random);
        xabber = new XabberSeal(random);
    }

    /**
     * XEP-0357 §6, with what the device asked for of Tigase's extensions or of ours.
     *
     * @param sequence larger than that of any earlier push of the device
     * @return null if the device cannot be told that by its service
     */
    public @Nullable RemotePush standard(Notice notice, Recipient recipient, long sequence) {
        ElementBuilder notification = Element.builder(NOTIFICATION);
        if (recipient.key() instanceof TigaseKey key && !(notice instanceof Notice.Test)) {
            Element encrypted = encrypted(notice, recipient, key);
            if (encrypted == null) {
                return null;
            }
            notification.child(encrypted);
        } else {
            notification.child(summary(notice, recipient));
        }
        if (recipient.key() instanceof WebPushKey key) {
            notification.childIfPresent(encrypted(notice, recipient, key, sequence));
        }
        if (recipient.can(Capability.TIGASE_PRIORITY)) {
            notification.child(PRIORITY, isToBeSeen(notice) ? "high" : "low");
        }
        if (notice instanceof Notice.Call call && recipient.can(Capability.TIGASE_JINGLE)) {
            notification.child(jingle(call));
        }
        return new RemotePush(notification.build(), notice.expires());
    }

    /** Whether a person should see it: services show a push that has a body, and no other. */
    private static boolean isToBeSeen(Notice notice) {
        return switch (notice.noticeClass()) {
            case MESSAGE, CALL, TEST -> true;
            case CALL_END -> notice instanceof Notice.CallEnd end && end.isMissed();
            case READ -> false;
        };
    }

    private static Element summary(Notice notice, Recipient recipient) {
        ElementBuilder form = form(SUMMARY);
        if (notice instanceof Notice.Message message) {
            form.child(field("message-count", String.valueOf(message.badge())));
            if (message.kind() == Notice.Message.Kind.SUBSCRIPTION) {
                form.child(field("pending-subscription-count", "1"));
            }
        } else if (notice instanceof Notice.Read read) {
            form.child(field("message-count", String.valueOf(read.badge())));
        }
        if (notice instanceof Notice.Message message && recipient.mayReadPlainly()) {
            form.child(field("last-message-sender", message.sender().toString()));
            form.child(field("last-message-body", plainText(message)));
        } else if (isToBeSeen(notice)) {
            form.child(field("last-message-body", NEW_MESSAGE));
        }
        return form.build();
    }

    private static String plainText(Notice.Message message) {
        String text = message.text();
        if (text == null || text.isBlank() || message.isEncrypted()) {
            return NEW_MESSAGE;
        }
        return isShort(text) ? text : Cut.toFit(text, MAX_PLAIN_TEXT, RemoteEncoder::isShort);
    }

    private static boolean isShort(String text) {
        return text.length() <= MAX_PLAIN_TEXT && text.getBytes(StandardCharsets.UTF_8).length <= MAX_PLAIN_TEXT;
    }

    private @Nullable Element encrypted(Notice notice, Recipient recipient, TigaseKey key) {
        boolean isCall = notice instanceof Notice.Call;
        if (isCall && !recipient.can(Capability.TIGASE_JINGLE)) {
            return null;
        }
        byte[] content = TigaseContent.of(notice, TigaseSeal.contentFitting(key.maxSize()));
        if (content == null) {
            return null;
        }
        TigaseSeal.Sealed sealed = tigase.seal(key, content);
        // Of a call alone: iOS punishes an app whose pushes of this type are anything else.
        return Element.of(ENCRYPTED, sealed.ciphertext())
                .attr("iv", sealed.nonce())
                .attrIfPresent("type", isCall ? "voip" : null);
    }

    private @Nullable Element encrypted(Notice notice, Recipient recipient, WebPushKey key, long sequence) {
        byte[] body = own.seal(notice, recipient, key, sequence, Buckets.TOKEN, MAX_BODY);
        return body == null
                ? null
                : Element.of(OWN_ENCRYPTED, Base64.getEncoder().encodeToString(body))
                        .attr("alg", key.algorithm())
                        .attr("kid", key.id())
                        .attr("class", notice.noticeClass().wire());
    }

    private static Element jingle(Notice.Call call) {
        ElementBuilder jingle =
                Element.builder(JINGLE).attr("action", "propose").attr("sid", call.sid());
        call.media().forEach(media -> jingle.child(MEDIA, media));
        return jingle.build();
    }

    /**
     * The same in Xabber's words.
     *
     * @return null if the device cannot be told that by its service
     */
    public @Nullable RemotePush xabber(Notice notice, Recipient recipient) {
        XabberContent content = XabberContent.of(notice, recipient);
        if (content == null) {
            return null;
        }
        Element encrypted = null;
        if (recipient.key() instanceof XabberKey key) {
            // Stands alone when the client opens it, so that it declares its namespace.
            CanonicalWriter writer = new CanonicalWriter("");
            content.element().writeTo(writer);
            encrypted = Element.of(XABBER_ENCRYPTED, xabber.seal(key, writer.toByteArray()))
                    .attr("iv-length", String.valueOf(XabberSeal.IV_BYTES));
        }
        return new RemotePush(
                Element.builder(XABBER_NOTIFICATION)
                        .child(form(XABBER_INFO)
                                .child(field("type", content.type()))
                                .build())
                        .childIfPresent(encrypted)
                        .build(),
                notice.expires());
    }

    /**
     * What the message to a service of {@code urn:xmpp:push2:0} holds; with the stanza where the device gave a key for it
     * (send profile {@code sce+rfc8291+rfc8292}).
     *
     * @param token by which the device's push server knows us ({@link SenderKey}); null if it need not
     */
    public RemotePush push2(Notice notice, Recipient recipient, @Nullable Element token) {
        boolean isCall = notice instanceof Notice.Call;
        return new RemotePush(
                Element.builder(PUSH2_NOTIFICATION)
                        .child(PUSH2_CLIENT, recipient.node())
                        .child(PUSH2_PRIORITY, isCall ? "high" : isToBeSeen(notice) ? "normal" : "low")
                        .childIfPresent(isCall ? Element.of(PUSH2_VOIP) : null)
                        .childIfPresent(
                                recipient.key() instanceof WebPushKey key ? stanza(notice, recipient, key) : null)
                        .childIfPresent(token)
                        .build(),
                notice.expires());
    }

    private @Nullable Element stanza(Notice notice, Recipient recipient, WebPushKey key) {
        byte[] content = Push2Content.of(notice, recipient, Push2Content.MAX_BYTES);
        if (content == null) {
            return null;
        }
        byte[] body = own.seal(content, key, Buckets.TOKEN);
        return Element.of(SCE_ENCRYPTED).child(SCE_PAYLOAD, Base64.getEncoder().encodeToString(body));
    }

    private static ElementBuilder form(String type) {
        return Element.builder(FormFields.FORM).attr("type", "submit").child(field("FORM_TYPE", type));
    }

    private static Element field(String name, String value) {
        return Element.of(FormFields.FIELD).attr("var", name).child(FormFields.VALUE, value);
    }
}
