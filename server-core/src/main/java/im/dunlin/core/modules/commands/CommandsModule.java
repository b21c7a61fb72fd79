// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.commands;

import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;
import static im.dunlin.core.module.Addressee.SERVICE;

import im.dunlin.core.form.Form;
import im.dunlin.core.form.NumberRange;
import im.dunlin.core.form.Submission;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Command;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.CommandStep.Done;
import im.dunlin.core.module.CommandStep.Note;
import im.dunlin.core.module.CommandStep.Show;
import im.dunlin.core.module.Declared;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0050: Ad-Hoc Commands, of the server, of its services and of the asker's own account; with forms that say what may be in
 * their fields (XEP-0122).
 */
public final class CommandsModule {
    private static final Name COMMAND = Name.of(Ns.COMMANDS, "command");
    private static final Name ACTIONS = Name.of(Ns.COMMANDS, "actions");
    private static final Name NOTE = Name.of(Ns.COMMANDS, "note");
    private static final Name ITEM = Name.of(Ns.DISCO_ITEMS, "item");
    private static final Name IDENTITY = Name.of(Ns.DISCO_INFO, "identity");
    private static final Name FEATURE = Name.of(Ns.DISCO_INFO, "feature");

    /** Forms one behind the other; no command of ours has as many. */
    private static final int MAX_FORMS = 20;

    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,8}");
    private static final Pattern OUR_ID = Pattern.compile("[0-9a-f]{32}");

    private final Declared declared;
    private final Dialogues dialogues = new Dialogues();

    public CommandsModule(Setup setup) {
        declared = setup.declared();
        setup.implementing(4, "2.13.2")
                .implementing(50, "1.3.0")
                .implementing(68, "1.3.0")
                .implementing(122, "1.0.2");
        for (Addressee of : List.of(SERVER, OWN_ACCOUNT, SERVICE)) {
            setup.iqSet(COMMAND, Set.of(of), (iq, turn) -> handle(iq, of, turn)).discoNodes(new Listing(of), of);
        }
    }

    // ---- a request
    // ---------------------------------------------------------------------------------------------------

    private @Nullable Iq handle(Iq iq, Addressee of, Turn turn) {
        Element request = iq.request();
        String lang = request.lang();
        if (lang != null && !lang.isEmpty() && !LANGUAGE.matcher(lang).matches()) {
            throw error(Condition.BAD_REQUEST, "bad-locale");
        }
        Action action = Action.parse(request.attr("action"));
        String id = request.attr("sessionid");
        Call call = new Call(iq, of, find(request.requireAttr("node"), iq, of, turn), turn);
        if (id == null) {
            if (action != Action.EXECUTE) {
                throw error(Condition.BAD_REQUEST, "bad-action");
            }
            return call.begin(turn);
        }
        Dialogue dialogue = dialogues.take(id, call.asker(), turn.now());
        if (dialogue == null) {
            // One of somebody else looks like one that is over.
            throw OUR_ID.matcher(id).matches()
                    ? error(Condition.NOT_ALLOWED, "session-expired")
                    : error(Condition.BAD_REQUEST, "bad-sessionid");
        }
        if (!dialogue.entity().equals(call.entity()) || !dialogue.node().equals(call.command.node())) {
            dialogues.add(dialogue, turn.now());
            throw error(Condition.BAD_REQUEST, "bad-sessionid");
        }
        return call.goOn(dialogue, action, turn);
    }

    private Command find(String node, Iq iq, Addressee of, Turn turn) {
        for (Command command : declared.commands(of, domain(iq, turn))) {
            if (command.node().equals(node)) {
                if (!command.isFor(asker(iq), host(domain(iq, turn), of), turn)) {
                    throw StanzaError.forbidden().toException();
                }
                return command;
            }
        }
        throw StanzaError.itemNotFound().toException();
    }

    private static String domain(Iq iq, Turn turn) {
        Jid to = iq.to();
        return to == null ? turn.jid().domain() : to.domain();
    }

    private String host(String domain, Addressee of) {
        Service service = of == SERVICE ? declared.service(domain) : null;
        return service == null ? domain : domain.substring(domain.indexOf('.') + 1);
    }

    private static Jid asker(Iq iq) {
        Jid from = iq.from();
        if (from == null) {
            throw StanzaError.badRequest().toException();
        }
        return from;
    }

    private static StanzaException error(Condition condition, String ours) {
        return StanzaError.of(condition)
                .withApplication(Element.of(Name.of(Ns.COMMANDS, ours)))
                .toException();
    }

    /** What the user wants (XEP-0050 §3.3). */
    private enum Action {
        EXECUTE,
        NEXT,
        PREV,
        COMPLETE,
        CANCEL;

        static Action parse(@Nullable String wire) {
            return wire == null
                    ? EXECUTE
                    : switch (wire) {
                        case "execute" -> EXECUTE;
                        case "next" -> NEXT;
                        case "prev" -> PREV;
                        case "complete" -> COMPLETE;
                        case "cancel" -> CANCEL;
                        default -> throw error(Condition.BAD_REQUEST, "malformed-action");
                    };
        }
    }

    // ---- a call
    // ------------------------------------------------------------------------------------------------------

    private final class Call implements CommandCall {
        private final Iq iq;
        private final Command command;
        private final Jid asker;
        private final Jid entity;
        private final String host;

        /** What came with the request and has not been read yet. */
        private @Nullable Element sent;

        private @Nullable Dialogue taken;

        /** Forms that were filled in before. */
        private List<Show> before = List.of();

        Call(Iq iq, Addressee of, Command command, Turn turn) {
            this.iq = iq;
            this.command = command;
            this.asker = CommandsModule.asker(iq);
            Jid to = iq.to();
            this.entity = to == null ? turn.jid() : to;
            this.host = CommandsModule.this.host(entity.domain(), of);
            this.sent = iq.request().first(FormFields.FORM);
        }

        @Override
        public Iq iq() {
            return iq;
        }

        @Override
        public Jid asker() {
            return asker;
        }

        @Override
        public String host() {
            return host;
        }

        Jid entity() {
            return entity;
        }

        @Nullable
        Iq begin(Turn turn) {
            return reply(command.begin(this, turn), turn);
        }

        @Nullable
        Iq goOn(Dialogue dialogue, Action action, Turn turn) {
            taken = dialogue;
            before = dialogue.before();
            try {
                boolean canceled = sent != null && "cancel".equals(sent.attr("type"));
                if (action == Action.CANCEL || canceled) {
                    return iq.result(answer(dialogue.id(), "canceled").build());
                }
                if (action == Action.PREV) {
                    return back(turn);
                }
                Show shown = dialogue.shown();
                if (action != Action.EXECUTE && action != (shown.last() ? Action.COMPLETE : Action.NEXT)) {
                    throw error(Condition.BAD_REQUEST, "bad-action");
                }
                Element form = sent == null ? Element.of(FormFields.FORM).attr("type", "submit") : sent;
                sent = null;
                return reply(submit(shown, form, turn), turn);
            } catch (StanzaException e) {
                dialogues.add(dialogue, turn.now());
                throw e;
            }
        }

        private Iq back(Turn turn) {
            if (before.isEmpty()) {
                throw error(Condition.BAD_REQUEST, "bad-action");
            }
            sent = null;
            Show shown = before.get(before.size() - 1);
            before = before.subList(0, before.size() - 1);
            return iq.result(show(shown, turn));
        }

        private @Nullable CommandStep submit(Show shown, Element form, Turn turn) {
            Submission submission;
            try {
                submission = shown.form().submitted(form);
            } catch (StanzaException e) {
                throw e.error()
                        .withApplication(Element.of(Name.of(Ns.COMMANDS, "bad-payload")))
                        .toException();
            }
            CommandStep step = shown.then().apply(submission, this, turn);
            Form filled = shown.form().filledWith(submission);
            before = new ArrayList<>(before);
            before.add(new Show(filled, shown.last(), shown.then()));
            return step;
        }

        /** Null if the answer comes later. */
        private @Nullable Iq reply(@Nullable CommandStep step, Turn turn) {
            CommandStep reached = step;
            Element form = sent;
            if (reached instanceof Show show && form != null) {
                sent = null;
                reached = submit(show, form, turn);
            }
            if (reached instanceof Show show) {
                return iq.result(show(show, turn));
            }
            return reached instanceof Done done ? iq.result(done(done, turn)) : null;
        }

        private Element show(Show shown, Turn turn) {
            if (before.size() >= MAX_FORMS) {
                throw new IllegalStateException(command.node() + " shows form after form");
            }
            String id = id(turn);
            dialogues.add(
                    new Dialogue(
                            id,
                            asker,
                            entity,
                            command.node(),
                            before,
                            shown,
                            turn.now().plus(Dialogues.LIFETIME)),
                    turn.now());
            String usual = shown.last() ? "complete" : "next";
            ElementBuilder actions = Element.builder(ACTIONS).attr("execute", usual);
            if (!before.isEmpty()) {
                actions.child(Element.of(Name.of(Ns.COMMANDS, "prev")));
            }
            actions.child(Element.of(Name.of(Ns.COMMANDS, usual)));
            return answer(id, "executing")
                    .child(actions.build())
                    .child(shown.form().element())
                    .build();
        }

        private Element done(Done done, Turn turn) {
            ElementBuilder answer = answer(id(turn), "completed").childIfPresent(done.result());
            for (Note note : done.notes()) {
                answer.child(
                        Element.of(NOTE, note.text()).attr("type", note.type().wire()));
            }
            return answer.build();
        }

        private String id(Turn turn) {
            return taken == null ? turn.randomId() : taken.id();
        }

        private ElementBuilder answer(String id, String status) {
            return Element.builder(COMMAND)
                    .attr("node", command.node())
                    .attr("sessionid", id)
                    .attr("status", status)
                    .lang("en");
        }

        // ---- later

        @Override
        public void answer(CommandStep step, Turn turn) {
            try {
                Iq answer = reply(step, turn);
                if (answer != null) {
                    send(answer, turn);
                }
            } catch (StanzaException e) {
                refuse(e.error(), turn);
            }
        }

        @Override
        public void refuse(StanzaError error, Turn turn) {
            if (taken != null) {
                dialogues.add(taken, turn.now());
            }
            send(iq.error(error), turn);
        }

        /** To a session of this owner at once, so that it does not overtake what was sent to it before. */
        private void send(Iq answer, Turn turn) {
            ClientSession session = asker.bare().equals(turn.jid()) ? turn.session(asker.resource()) : null;
            if (session != null) {
                turn.send(session, answer);
            } else {
                turn.route(answer);
            }
        }
    }

    // ---- disco
    // -------------------------------------------------------------------------------------------------------

    /** Which commands there are, for whom they are. */
    private final class Listing implements DiscoNodes {
        private final Addressee of;

        Listing(Addressee of) {
            this.of = of;
        }

        @Override
        public Set<String> features(String domain) {
            return declared.commands(of, domain).isEmpty()
                    ? Set.of()
                    : Set.of(Ns.COMMANDS, Ns.DATA_FORMS, NumberRange.NS);
        }

        @Override
        public @Nullable List<Element> items(String node, Iq iq, Turn turn) {
            if (!node.equals(Ns.COMMANDS) || all(iq, turn).isEmpty()) {
                return null;
            }
            String entity = (iq.to() == null ? turn.jid() : Objects.requireNonNull(iq.to())).toString();
            return all(iq, turn).stream()
                    .filter(command -> isForAsker(command, iq, turn))
                    .map(command -> Element.of(ITEM)
                            .attr("jid", entity)
                            .attr("node", command.node())
                            .attr("name", command.name()))
                    .toList();
        }

        private List<Command> all(Iq iq, Turn turn) {
            return declared.commands(of, domain(iq, turn));
        }

        @Override
        public @Nullable List<Element> info(String node, Iq iq, Turn turn) {
            List<Command> all = all(iq, turn);
            if (node.equals(Ns.COMMANDS) && !all.isEmpty()) {
                return List.of(
                        identity("command-list", "Commands"),
                        Element.of(FEATURE).attr("var", Ns.COMMANDS),
                        Element.of(FEATURE).attr("var", Ns.DISCO_INFO),
                        Element.of(FEATURE).attr("var", Ns.DISCO_ITEMS));
            }
            for (Command command : all) {
                if (command.node().equals(node) && isForAsker(command, iq, turn)) {
                    return List.of(
                            identity("command-node", command.name()),
                            Element.of(FEATURE).attr("var", Ns.COMMANDS),
                            Element.of(FEATURE).attr("var", Ns.DATA_FORMS),
                            Element.of(FEATURE).attr("var", Ns.DISCO_INFO));
                }
            }
            return null;
        }

        private boolean isForAsker(Command command, Iq iq, Turn turn) {
            return command.isFor(asker(iq), host(domain(iq, turn), of), turn);
        }

        private static Element identity(String type, String name) {
            return Element.of(IDENTITY)
                    .attr("category", "automation")
                    .attr("type", type)
                    .attr("name", name);
        }
    }
}
