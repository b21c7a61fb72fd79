// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * XEP-0133 §4.24–§4.26: what a host tells each of its users once, who is online at once and the others when they come.
 *
 * <pre>
 * motd        host · number    → the message
 * motd-told   account · number → the stamp of the last one that the user was told
 * </pre>
 */
final class MessageOfTheDay {
    private static final Logger log = LoggerFactory.getLogger(MessageOfTheDay.class);

    private static final String FIELD = "motd";

    /** @param stamp another one for each that is set; 0 for none */
    private record Motd(long stamp, String text) {
        static final Motd NONE = new Motd(0, "");

        static final ValueCodec<Motd> CODEC = Values.versioned(
                1, (out, motd) -> out.fixed64(motd.stamp).text(motd.text), in -> new Motd(in.fixed64(), in.text()));
    }

    private final Setup setup;
    private final UserLists users;
    private final PresenceView presence;
    private final Table<Keys.Single, Motd> messages;
    private final Table<Keys.Single, Long> told;

    /** By host; what nobody has asked for since the start is not there. */
    private final Map<String, Motd> known = new ConcurrentHashMap<>();

    MessageOfTheDay(Setup setup, UserLists users) {
        this.setup = setup;
        this.users = users;
        presence = setup.require(PresenceView.class);
        messages = setup.table(new TableSpec<>("motd", Shape.POINT, Keys.SINGLE, Motd.CODEC));
        told = setup.table(new TableSpec<>("motd-told", Shape.POINT, Keys.SINGLE, Values.LONG));
        setup.presence(PresenceStage.NOTICE, this::notice);
    }

    // ---- commands
    // ----------------------------------------------------------------------------------------------------

    private static Form form(String title, String text) {
        return Form.of(
                        AdminCommand.NS,
                        title,
                        Field.lines(FIELD, "Message")
                                .with(text.isEmpty() ? List.of() : List.of(text.split("\n", -1)))
                                .mandatory())
                .instructing("Each user of this host is told once.");
    }

    CommandStep set(CommandCall call, Turn turn) {
        return CommandStep.lastForm(form("Setting the message of the day", ""), (filled, sent, now) -> {
            String text = filled.lines(FIELD);
            BareJid asker = now.jid();
            change(sent.host(), there -> new Motd(there.stamp(), text), () -> {
                users.online(sent.host(), online -> online.forEach(user -> setup.submit(user, this::tellAll)));
                log.info("{} set the message of the day of {}", asker, sent.host());
                setup.submit(asker, later -> sent.answer(CommandStep.done("The message is set"), later));
            });
            return null;
        });
    }

    /** Who was told the message is not told what was put right in it. */
    @Nullable
    CommandStep edit(CommandCall call, Turn turn) {
        withCurrent(
                call,
                turn,
                motd -> CommandStep.lastForm(
                        form("Editing the message of the day", motd.text()), (filled, sent, now) -> {
                            String text = filled.lines(FIELD);
                            BareJid asker = now.jid();
                            change(
                                    sent.host(),
                                    there -> new Motd(motd.stamp(), text),
                                    () -> setup.submit(
                                            asker,
                                            later -> sent.answer(CommandStep.done("The message is changed"), later)));
                            return null;
                        }));
        return null;
    }

    @Nullable
    CommandStep delete(CommandCall call, Turn turn) {
        BareJid asker = turn.jid();
        change(
                call.host(),
                there -> Motd.NONE,
                () -> setup.submit(
                        asker, later -> call.answer(CommandStep.done("There is no message of the day"), later)));
        return null;
    }

    private interface Change {
        Motd in(Turn hosts);
    }

    private void change(String host, Change change, Runnable then) {
        setup.submit(BareJid.ofDomain(host), there -> {
            Motd motd = change.in(there);
            there.put(messages, Keys.Single.ROW, motd);
            there.afterwards(() -> {
                known.put(host, motd);
                then.run();
            });
        });
    }

    private interface Step {
        CommandStep of(Motd motd);
    }

    private void withCurrent(CommandCall call, Turn turn, Step step) {
        find(call.host(), turn, (motd, later) -> {
            if (motd.equals(Motd.NONE)) {
                call.refuse(StanzaError.itemNotFound(), later);
            } else {
                call.answer(step.of(motd), later);
            }
        });
    }

    // ---- users
    // -------------------------------------------------------------------------------------------------------

    private Presence notice(Presence sent, Way way, Turn turn) {
        ClientSession session = turn.origin();
        if (way == Way.OUTBOUND
                && session != null
                && sent.type() == Presence.Type.AVAILABLE
                && sent.to() == null
                && turn.exists()) {
            String host = turn.jid().domain();
            Motd motd = known.get(host);
            if (motd == null) {
                find(host, turn, (found, later) -> tellAll(later));
            } else {
                tell(List.of(session), motd, turn);
            }
        }
        return sent;
    }

    private interface Found {
        void then(Motd motd, Turn turn);
    }

    private void find(String host, Turn turn, Found found) {
        turn.askOwner(
                BareJid.ofDomain(host),
                there -> Objects.requireNonNullElse(there.get(messages, Keys.Single.ROW), Motd.NONE),
                (later, motd) -> {
                    Motd current = motd == null ? Motd.NONE : motd;
                    if (motd != null) {
                        known.putIfAbsent(host, motd);
                    }
                    found.then(current, later);
                });
    }

    private void tellAll(Turn turn) {
        Motd motd = known.get(turn.jid().domain());
        if (motd != null && turn.exists()) {
            tell(presence.available(turn), motd, turn);
        }
    }

    private void tell(List<ClientSession> sessions, Motd motd, Turn turn) {
        Long last = motd.stamp() == 0 || sessions.isEmpty() ? motd.stamp() : turn.get(told, Keys.Single.ROW);
        if (last != null && last == motd.stamp()) {
            return;
        }
        turn.put(told, Keys.Single.ROW, motd.stamp());
        Message message = Message.of(Message.Type.HEADLINE, null, Element.of(Message.BODY, motd.text()))
                .withId(turn.randomId())
                .withFrom(BareJid.ofDomain(turn.jid().domain()));
        sessions.forEach(session -> turn.send(session, message.withTo(session.jid())));
    }
}
