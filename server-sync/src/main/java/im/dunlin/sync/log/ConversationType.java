// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.CorruptionException;
import org.jspecify.annotations.Nullable;

/**
 * What kind of conversation a message belongs to. One peer may have one conversation of each kind.
 *
 * <p>Only kinds that clients show as conversations of their own are here; whatever else is encrypted stands among the plain
 * messages, so that it cannot hide them.
 */
public enum ConversationType {
    CHAT(1, "urn:xabber:chat"),
    GROUP(2, "https://xabber.com/protocol/groups"),
    CHANNEL(3, "https://xabber.com/protocol/channels"),
    /** XEP-0384 since 0.8. */
    OMEMO_2(4, "urn:xmpp:omemo:2"),
    OMEMO_1(5, "urn:xmpp:omemo:1"),
    /** XEP-0384 0.3, which most clients speak. */
    OMEMO(6, "eu.siacs.conversations.axolotl"),
    FAVORITES(7, "urn:xabber:favorites:0"),
    NOTIFICATIONS(8, "urn:xabber:xen:0"),
    /** Messages of a server itself. */
    SERVER(9, "jabber:server");

    private static final Name ENCRYPTION = Name.of(Ns.EXPLICIT_ENCRYPTION, "encryption");
    static final String GROUP_SYSTEM_MESSAGE = "https://xabber.com/protocol/groups#system-message";

    private final int code;
    private final String wire;

    ConversationType(int code, String wire) {
        this.code = code;
        this.wire = wire;
    }

    /** The number on disk, never reused. */
    int code() {
        return code;
    }

    public String wire() {
        return wire;
    }

    /** Whether it is one of many people, whose messages have their ids from another archive than the account's. */
    public boolean isGroup() {
        return this == GROUP || this == CHANNEL;
    }

    public static @Nullable ConversationType parse(String wire) {
        for (ConversationType type : values()) {
            if (type.wire.equals(wire)) {
                return type;
            }
        }
        return null;
    }

    static ConversationType ofCode(int code) {
        for (ConversationType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new CorruptionException("a conversation of type " + code);
    }

    /** What the message itself says; null if it says nothing, which is plain chat unless its peer is known to be special. */
    static @Nullable ConversationType named(Message message, boolean outbound) {
        ConversationType encrypted = null;
        for (Name child : message.payload().names()) {
            String namespace = child.namespace();
            if (!outbound && child.local().equals("x")) {
                if (namespace.equals(CHANNEL.wire)) {
                    return CHANNEL;
                }
                boolean isGroup = namespace.equals(GROUP.wire) || namespace.equals(GROUP_SYSTEM_MESSAGE);
                // Whoever invites to a group says of the group what it is, and is none.
                if (isGroup && !GroupInvitation.isToAnother(message)) {
                    return GROUP;
                }
            }
            if (child.local().equals("encrypted")) {
                encrypted = encryption(namespace);
            }
        }
        Element hint = message.payload().first(ENCRYPTION);
        String namespace = hint == null ? null : hint.attr("namespace");
        return namespace == null ? encrypted : encryption(namespace);
    }

    private static @Nullable ConversationType encryption(String namespace) {
        ConversationType type = parse(namespace);
        return type == OMEMO_2 || type == OMEMO_1 || type == OMEMO ? type : null;
    }
}
