// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** XEP-0133 §4.23: something is told to the users of a host who are online now, and is not kept for anybody. */
final class Announcement {
    private static final Logger log = LoggerFactory.getLogger(Announcement.class);

    private static final String TEXT = "announcement";

    private static final Form FORM = Form.of(
                    AdminCommand.NS,
                    "Making an announcement",
                    Field.text("subject", "Subject").with("Announcement"),
                    Field.lines(TEXT, "Announcement").mandatory())
            .instructing("Everybody who is online on this host is told.");

    private final Setup setup;
    private final UserLists users;

    Announcement(Setup setup, UserLists users) {
        this.setup = setup;
        this.users = users;
    }

    CommandStep begin(CommandCall call, Turn turn) {
        return CommandStep.lastForm(FORM, (form, sent, now) -> {
            String subject = form.one("subject");
            Element body = Element.of(Message.BODY, form.lines(TEXT));
            Message message = (subject == null
                            ? Message.of(Message.Type.HEADLINE, null, body)
                            : Message.of(Message.Type.HEADLINE, null, Element.of(Message.SUBJECT, subject), body))
                    .withId(now.randomId())
                    .withFrom(BareJid.ofDomain(sent.host()));
            BareJid asker = now.jid();
            users.online(
                    sent.host(),
                    online -> setup.submit(asker, later -> {
                        later.routeToSessions(message, online);
                        log.info("{} announced something to {} users of {}", asker, online.size(), sent.host());
                        sent.answer(CommandStep.done("Told " + online.size() + " users"), later);
                    }));
            return null;
        });
    }
}
