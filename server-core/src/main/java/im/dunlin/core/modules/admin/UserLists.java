// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Accounts;
import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.CommandStep.Note;
import im.dunlin.core.module.Setup;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** XEP-0133 §4.13–§4.20: how many users there are, and who. */
final class UserLists {
    /** In one list; who needs more has the command line. */
    static final int MAX_LISTED = 500;

    /** Of all addresses in one list, so that the answer is one that clients take. */
    private static final int MAX_BYTES = 64 * 1024;

    /** Users that are counted or listed. */
    enum Which {
        REGISTERED("registereduser", "Registered users"),
        DISABLED("disableduser", "Disabled users"),
        /** With a session, whether or not it is connected at this moment. */
        ONLINE("onlineuser", "Online users");

        private final String var;
        private final String title;

        Which(String var, String title) {
            this.var = var;
            this.title = title;
        }
    }

    private final Setup setup;
    private final Accounts accounts;

    UserLists(Setup setup) {
        this.setup = setup;
        this.accounts = setup.require(Accounts.class);
    }

    AdminCommand.Begin number(Which which) {
        return (call, turn) -> {
            find(which, call, turn, (users, later) -> {
                Field number = Field.text(which.var + "snum", which.title).with(Integer.toString(users.size()));
                call.answer(
                        CommandStep.done(
                                Form.of(AdminCommand.NS, which.title, number).result()),
                        later);
            });
            return null;
        };
    }

    AdminCommand.Begin list(Which which) {
        return (call, turn) -> {
            find(which, call, turn, (users, later) -> call.answer(listed(which, users), later));
            return null;
        };
    }

    private static CommandStep listed(Which which, SortedSet<BareJid> users) {
        List<String> listed = new ArrayList<>();
        int bytes = 0;
        for (BareJid user : users) {
            String jid = user.toString();
            bytes += jid.getBytes(StandardCharsets.UTF_8).length;
            if (listed.size() == MAX_LISTED || bytes > MAX_BYTES) {
                break;
            }
            listed.add(jid);
        }
        Field field = Field.jids(which.var + "jids", which.title).with(listed);
        List<Note> notes = listed.size() == users.size()
                ? List.of()
                : List.of(
                        new Note(Note.Type.WARN, "These are the first " + listed.size() + " of " + users.size() + "."));
        return new CommandStep.Done(Form.of(AdminCommand.NS, which.title, field).result(), notes);
    }

    /** Finds users of the host that is asked, off the lane, and goes on in a turn of the asker. */
    private void find(Which which, CommandCall call, Turn turn, BiConsumer<SortedSet<BareJid>, Turn> then) {
        String host = call.host();
        if (which == Which.ONLINE) {
            BareJid asker = turn.jid();
            online(host, users -> setup.submit(asker, later -> then.accept(new TreeSet<>(users), later)));
        } else {
            turn.read(
                    reader -> {
                        SortedSet<BareJid> users = new TreeSet<>();
                        accounts.forEach(host, owner -> {
                            if (which == Which.REGISTERED || accounts.state(owner) == AccountState.DISABLED) {
                                users.add(owner.jid());
                            }
                        });
                        return users;
                    },
                    (later, users) -> then.accept(users, later));
        }
    }

    /** Accounts of a host that have sessions. @param then on a lane; must only post work */
    void online(String host, Consumer<Set<BareJid>> then) {
        Set<BareJid> users = ConcurrentHashMap.newKeySet();
        setup.sessions()
                .forEach(
                        session -> {
                            if (session.jid().domain().equals(host)) {
                                users.add(session.jid().bare());
                            }
                        },
                        () -> then.accept(users));
    }
}
