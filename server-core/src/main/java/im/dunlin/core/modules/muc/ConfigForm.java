// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.form.Submission;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A room's configuration as its owners see and change it (XEP-0045 §10.2, §15.5.3). */
final class ConfigForm {
    private static final String PREFIX = "muc#roomconfig_";
    private static final String NAME = PREFIX + "roomname";
    private static final String DESCRIPTION = PREFIX + "roomdesc";
    private static final String PUBLIC = PREFIX + "publicroom";
    private static final String PERSISTENT = PREFIX + "persistentroom";
    private static final String MODERATED = PREFIX + "moderatedroom";
    private static final String MEMBERS_ONLY = PREFIX + "membersonly";
    private static final String CHANGE_SUBJECT = PREFIX + "changesubject";
    private static final String ALLOW_INVITES = PREFIX + "allowinvites";
    private static final String WHO_IS = PREFIX + "whois";
    private static final String HAS_PASSWORD = PREFIX + "passwordprotectedroom";
    private static final String PASSWORD = PREFIX + "roomsecret";
    private static final String MAX_USERS = PREFIX + "maxusers";
    private static final String HISTORY = "muc#maxhistoryfetch";
    private static final String ANYONE = "anyone";
    private static final String MODERATORS = "moderators";

    private ConfigForm() {}

    static Element of(RoomConfig config, Options options) {
        return form(config, options).element();
    }

    /** What was submitted; what is left out stays as it is. */
    static RoomConfig submitted(Element submission, RoomConfig before, Options options) {
        Submission form = form(before, options).submitted(submission);
        return new RoomConfig(
                Objects.requireNonNullElse(form.one(NAME), ""),
                Objects.requireNonNullElse(form.one(DESCRIPTION), ""),
                form.isTrue(PUBLIC),
                form.isTrue(PERSISTENT),
                form.isTrue(MODERATED),
                form.isTrue(MEMBERS_ONLY),
                form.isTrue(CHANGE_SUBJECT),
                form.isTrue(ALLOW_INVITES),
                ANYONE.equals(form.one(WHO_IS)),
                password(form, before),
                (int) form.number(MAX_USERS),
                (int) form.number(HISTORY));
    }

    /** The password that is there is not shown, so that none at all means the same one. */
    private static @Nullable String password(Submission form, RoomConfig before) {
        if (!form.isTrue(HAS_PASSWORD)) {
            return null;
        }
        String password = Objects.requireNonNullElse(form.one(PASSWORD), before.password());
        if (password == null) {
            throw StanzaError.notAcceptable().withText("a password is needed").toException();
        }
        return password;
    }

    private static Form form(RoomConfig config, Options options) {
        return Form.of(
                Muc.ROOM_CONFIG,
                "Configuration of the room",
                Field.text(NAME, "Name").with(some(config.name())),
                Field.text(DESCRIPTION, "Description").with(some(config.description())),
                Field.truth(PUBLIC, "Is listed by the service", config.isPublic()),
                Field.truth(PERSISTENT, "Stays when the last occupant leaves", config.isPersistent()),
                Field.truth(MEMBERS_ONLY, "Is for members only", config.isMembersOnly()),
                Field.truth(ALLOW_INVITES, "Members may invite others", config.isOpenInvitation()),
                Field.truth(MODERATED, "Newcomers may only listen", config.isModerated()),
                Field.truth(CHANGE_SUBJECT, "Participants may change the subject", config.isOpenSubject()),
                Field.oneOf(
                                WHO_IS,
                                "Who sees real addresses",
                                List.of(
                                        new Field.Option(MODERATORS, "Moderators"),
                                        new Field.Option(ANYONE, "Everybody")))
                        .mandatory()
                        .with(config.isNonAnonymous() ? ANYONE : MODERATORS),
                Field.truth(HAS_PASSWORD, "Needs a password", config.password() != null),
                Field.secret(PASSWORD, "Password"),
                Field.number(MAX_USERS, "Occupants at most", 1, options.occupants())
                        .mandatory()
                        .with(Integer.toString(Math.min(config.maxOccupants(), options.occupants()))),
                Field.number(HISTORY, "Messages that newcomers are shown at most", 0, options.history())
                        .mandatory()
                        .with(Integer.toString(Math.min(config.history(), options.history()))));
    }

    private static String[] some(String text) {
        return text.isEmpty() ? new String[0] : new String[] {text};
    }
}
