// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.Values;
import org.jspecify.annotations.Nullable;

/**
 * How a room behaves (XEP-0045 §10.2). Immutable.
 *
 * @param name empty without one
 * @param isPublic whether the service lists it
 * @param isPersistent whether it stays when the last occupant leaves
 * @param isModerated whether whoever is nothing to the room may only listen
 * @param isOpenSubject whether participants may change the subject
 * @param isOpenInvitation whether members may invite to a members-only room
 * @param isNonAnonymous whether everybody sees real addresses, and not only moderators
 * @param password null without one
 * @param maxOccupants at most that of the host
 * @param history messages that a newcomer is shown at most
 */
record RoomConfig(
        String name,
        String description,
        boolean isPublic,
        boolean isPersistent,
        boolean isModerated,
        boolean isMembersOnly,
        boolean isOpenSubject,
        boolean isOpenInvitation,
        boolean isNonAnonymous,
        @Nullable String password,
        int maxOccupants,
        int history) {

    static final ValueCodec<RoomConfig> CODEC = Values.versioned(
            1,
            (out, config) -> out.text(config.name)
                    .text(config.description)
                    .bool(config.isPublic)
                    .bool(config.isPersistent)
                    .bool(config.isModerated)
                    .bool(config.isMembersOnly)
                    .bool(config.isOpenSubject)
                    .bool(config.isOpenInvitation)
                    .bool(config.isNonAnonymous)
                    .nullableText(config.password)
                    .varint(config.maxOccupants)
                    .varint(config.history),
            RoomConfig::read);

    private static RoomConfig read(ValueReader in) {
        return new RoomConfig(
                in.text(),
                in.text(),
                in.bool(),
                in.bool(),
                in.bool(),
                in.bool(),
                in.bool(),
                in.bool(),
                in.bool(),
                in.nullableText(),
                in.size(),
                in.size());
    }

    /** Of a room of which nothing else is said. */
    static RoomConfig usual(int maxOccupants, int history) {
        return new RoomConfig("", "", true, false, false, false, false, false, false, null, maxOccupants, history);
    }
}
