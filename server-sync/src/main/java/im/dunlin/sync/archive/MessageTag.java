// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Xabber's clients look for in an archive: calls, invitations and kinds of media. Judged by what a message says now, so that
 * an edit changes it.
 *
 * <p>Files are told by the media type that the message gives them, as XEP-0446 and Xabber's clients do; a link alone says nothing.
 */
enum MessageTag {
    VOIP,
    INVITE,
    IMAGE,
    VIDEO,
    AUDIO,
    /** Something that was spoken into the client. */
    VOICE,
    /** A file of any other kind. */
    DOCUMENT,
    GEO,
    STICKER;

    private static final String VOICE_MESSAGES = "https://xabber.com/protocol/voice-messages";
    private static final String GEOLOC = "http://jabber.org/protocol/geoloc";

    /** Elements of one message that are looked at. */
    private static final int MAX_ELEMENTS = 1_000;

    static @Nullable MessageTag parse(String wire) {
        for (MessageTag tag : values()) {
            if (tag.name().toLowerCase(Locale.ROOT).equals(wire)) {
                return tag;
            }
        }
        return null;
    }

    /** Whether the message is at least one of these. */
    static boolean isAny(Set<MessageTag> tags, Message message) {
        if (tags.contains(VOIP) && message.traits().isCall()
                || tags.contains(INVITE) && message.traits().isInvite()) {
            return true;
        }
        if (EnumSet.of(VOIP, INVITE).containsAll(tags)) {
            return false;
        }
        Media media = new Media();
        message.payload().children().forEach(child -> media.look(child, false));
        return media.found.stream().anyMatch(tags::contains);
    }

    private static final class Media {
        private final Set<MessageTag> found = EnumSet.noneOf(MessageTag.class);
        private int looked;

        void look(Element element, boolean spoken) {
            if (++looked > MAX_ELEMENTS) {
                return;
            }
            String local = element.name().local();
            String namespace = element.name().namespace();
            boolean isVoice = spoken || namespace.equals(VOICE_MESSAGES);
            if (isVoice) {
                found.add(VOICE);
            }
            if (local.equals("geoloc") && namespace.equals(GEOLOC)) {
                found.add(GEO);
            } else if (local.equals("sticker")) {
                found.add(STICKER);
            } else if (local.equals("media-type") && !isVoice) {
                found.add(ofType(element.text().strip().toLowerCase(Locale.ROOT)));
            }
            element.children().forEach(child -> look(child, isVoice));
        }

        private static MessageTag ofType(String type) {
            return type.startsWith("image/")
                    ? IMAGE
                    : type.startsWith("video/") ? VIDEO : type.startsWith("audio/") ? AUDIO : DOCUMENT;
        }
    }
}
