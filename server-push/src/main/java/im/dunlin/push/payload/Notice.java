// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a push says, before anybody knows who carries it to whom. */
public sealed interface Notice {
    /** How long a notice that a person is to see waits for the device. */
    Duration SEEN_WITHIN = Duration.ofDays(28);

    Instant created();

    /** After that it is not worth delivering. */
    Instant expires();

    /** What the device must know before it opens anything; no more than the kind of push tells already. */
    NoticeClass noticeClass();

    /**
     * Something to read.
     *
     * @param conversation what the phone groups by: the contact, or the group
     * @param sender who wrote; of a group the member if it is known, else the group
     * @param nick of the sender in a group
     * @param text as it was sent; null if there is none, or none that the server can read
     * @param isEncrypted the text is for the device to decrypt
     * @param archiveId under which the account's archive has it
     * @param stanzaId what an edit of it names, so that it takes its place
     * @param badge what is unread, this included
     * @param isUrgent written to the person: directly, or mentioned by name
     * @param isCoalesced stands for several; takes the place of the last one of the conversation
     */
    record Message(
            Kind kind,
            Instant created,
            BareJid conversation,
            Jid sender,
            @Nullable String nick,
            @Nullable String text,
            boolean isEncrypted,
            @Nullable String archiveId,
            @Nullable String stanzaId,
            int badge,
            boolean isUrgent,
            boolean isCoalesced)
            implements Notice {

        /** What there is to read. */
        public enum Kind {
            CHAT("msg"),
            GROUP("group"),
            SUBSCRIPTION("sub"),
            INVITATION("invite"),
            EDIT("edit");

            private final String type;

            Kind(String type) {
                this.type = type;
            }

            /** As the device reads it. */
            String type() {
                return type;
            }
        }

        /** The same for who finds the text elsewhere. */
        public Message withoutText() {
            return new Message(
                    kind,
                    created,
                    conversation,
                    sender,
                    nick,
                    null,
                    isEncrypted,
                    archiveId,
                    stanzaId,
                    badge,
                    isUrgent,
                    isCoalesced);
        }

        @Override
        public Instant expires() {
            return created.plus(SEEN_WITHIN);
        }

        @Override
        public NoticeClass noticeClass() {
            return NoticeClass.MESSAGE;
        }
    }

    /**
     * Somebody calls.
     *
     * @param expires when it stops ringing
     * @param caller the device that calls
     * @param sid the session id
     * @param media what the offer describes, in its order
     * @param offer the {@code propose} in canonical form if the device needs more of it than {@code media}
     */
    record Call(
            Instant created,
            Instant expires,
            FullJid caller,
            String sid,
            List<String> media,
            @Nullable String offer) implements Notice {
        public Call {
            media = List.copyOf(media);
        }

        Call withoutOffer() {
            return new Call(created, expires, caller, sid, media, null);
        }

        @Override
        public NoticeClass noticeClass() {
            return NoticeClass.CALL;
        }
    }

    /**
     * A call rings no more; {@code caller}, {@code sid} and {@code media} are those of its {@link Call}.
     *
     * @param archiveId of what the account's archive says of that; null if it does not
     */
    record CallEnd(
            Instant created,
            Jid caller,
            String sid,
            List<String> media,
            Reason reason,
            @Nullable String archiveId) implements Notice {
        private static final Duration STOPS_RINGING_WITHIN = Duration.ofSeconds(60);

        public CallEnd {
            media = List.copyOf(media);
        }

        /** Why it rings no more. */
        public enum Reason {
            RETRACT,
            ELSEWHERE,
            REJECT,
            TIMEOUT,
            FINISH;

            /** As the device reads it. */
            String wire() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        /** Nobody of the account took note of it. */
        public boolean isMissed() {
            return reason == Reason.RETRACT || reason == Reason.TIMEOUT;
        }

        @Override
        public Instant expires() {
            return created.plus(isMissed() ? SEEN_WITHIN : STOPS_RINGING_WITHIN);
        }

        @Override
        public NoticeClass noticeClass() {
            return NoticeClass.CALL_END;
        }
    }

    /**
     * What another device displayed, or what was retracted: notifications to take away.
     *
     * @param conversation of what was read
     * @param archiveIds of what was read, the newest last
     * @param badge what is still unread
     */
    record Read(Instant created, BareJid conversation, List<String> archiveIds, int badge) implements Notice {
        public static final Duration FRESH = Duration.ofHours(1);

        public Read {
            archiveIds = List.copyOf(archiveIds);
        }

        @Override
        public Instant expires() {
            return created.plus(FRESH);
        }

        @Override
        public NoticeClass noticeClass() {
            return NoticeClass.READ;
        }
    }

    /** The device's own user asked whether pushes arrive. */
    record Test(Instant created) implements Notice {
        private static final Duration PATIENCE = Duration.ofMinutes(5);

        @Override
        public Instant expires() {
            return created.plus(PATIENCE);
        }

        @Override
        public NoticeClass noticeClass() {
            return NoticeClass.TEST;
        }
    }
}
