// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.admin;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Accounts.Outcome;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.Passwords;
import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.form.Submission;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.CommandStep.Note;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** XEP-0133 §4.1–§4.7: what an administrator does to accounts. What was done to whom by whom goes to the log. */
final class AccountCommands {
    private static final Logger log = LoggerFactory.getLogger(AccountCommands.class);

    private static final String ACCOUNT = "accountjid";
    private static final String ACCOUNTS = "accountjids";
    private static final String PASSWORD = "password";
    private static final String AGAIN = "password-verify";

    private static final Form ADD = Form.of(
                    AdminCommand.NS,
                    "Adding a user",
                    Field.jid(ACCOUNT, "Address of the account").mandatory(),
                    Field.secret(PASSWORD, "Password").mandatory(),
                    Field.secret(AGAIN, "Password again").mandatory())
            .instructing("The user can log in when this is done.");
    private static final Form CHANGE_PASSWORD = Form.of(
                    AdminCommand.NS,
                    "Changing a password",
                    Field.jid(ACCOUNT, "Address of the account").mandatory(),
                    Field.secret(PASSWORD, "New password").mandatory())
            .instructing("Devices of the user have to log in with the new password.");

    private static final Form STATISTICS = Form.of(
            AdminCommand.NS,
            "Statistics of a user",
            Field.jid(ACCOUNT, "Address of the account").mandatory());

    /** What one account's part of a command came to. */
    private record Done(Jid account, @Nullable Outcome outcome) {}

    private final Setup setup;
    private final Accounts accounts;
    private final Passwords passwords;
    private final RosterView roster;

    AccountCommands(Setup setup) {
        this.setup = setup;
        this.accounts = setup.require(Accounts.class);
        this.passwords = setup.require(Passwords.class);
        this.roster = setup.require(RosterView.class);
    }

    // ---- one account and its password
    // ----------------------------------------------------------------------------------

    CommandStep add(CommandCall call, Turn turn) {
        return CommandStep.lastForm(ADD, (form, sent, now) -> {
            if (!form.text(PASSWORD).equals(form.text(AGAIN))) {
                throw StanzaError.notAcceptable()
                        .withText("the passwords differ")
                        .toException();
            }
            return withPassword(form, sent, now, "added", accounts::create);
        });
    }

    CommandStep changePassword(CommandCall call, Turn turn) {
        return CommandStep.lastForm(
                CHANGE_PASSWORD,
                (form, sent, now) -> withPassword(form, sent, now, "given another password", accounts::setPassword));
    }

    private @Nullable CommandStep withPassword(
            Submission form,
            CommandCall call,
            Turn turn,
            String what,
            BiFunction<BareJid, Credentials, CompletableFuture<Outcome>> change) {
        BareJid account = account(form.jid(ACCOUNT), call);
        String password = Credentials.preparedPassword(form.text(PASSWORD));
        if (password == null) {
            throw StanzaError.notAcceptable()
                    .withText("that cannot be a password")
                    .toException();
        }
        BareJid asker = turn.jid();
        boolean begun = passwords.hash(
                password,
                keys -> change.apply(account, keys)
                        .whenComplete((outcome, failure) -> setup.submit(asker, later -> {
                            if (outcome == Outcome.DONE) {
                                log.info("{} was {} by {}", account, what, asker);
                                call.answer(CommandStep.done(account + " was " + what), later);
                            } else {
                                call.refuse(error(outcome), later);
                            }
                        })));
        if (!begun) {
            throw StanzaError.resourceConstraint("too many passwords wait, try later")
                    .toException();
        }
        return null;
    }

    private static StanzaError error(@Nullable Outcome outcome) {
        return outcome == null
                ? StanzaError.internalServerError()
                : switch (outcome) {
                    case DONE -> throw new IllegalArgumentException("nothing is wrong");
                    case TAKEN -> StanzaError.conflict();
                    case RESERVED -> StanzaError.conflict().withText("the name is kept since its account was removed");
                    case UNKNOWN -> StanzaError.itemNotFound();
                    case NO_ACCOUNT_NAME -> StanzaError.jidMalformed();
                };
    }

    /** A bare address at the host that is asked. */
    private static BareJid account(@Nullable Jid given, CommandCall call) {
        if (!(given instanceof BareJid account) || account.local() == null) {
            throw StanzaError.jidMalformed("accounts are user@host").toException();
        }
        checkHost(account, call);
        return account;
    }

    private static void checkHost(Jid account, CommandCall call) {
        if (!account.domain().equals(call.host())) {
            throw StanzaError.notAllowed()
                    .withText(account + " is not of " + call.host())
                    .toException();
        }
    }

    /** §4.10: what an operator may know of a user without reading over their shoulder. */
    CommandStep statistics(CommandCall call, Turn turn) {
        return CommandStep.lastForm(STATISTICS, (form, sent, now) -> {
            BareJid account = account(form.jid(ACCOUNT), sent);
            now.askOwner(account, this::statistics, (later, found) -> {
                if (found == null) {
                    sent.refuse(StanzaError.itemNotFound(), later);
                } else {
                    sent.answer(CommandStep.done(found.result()), later);
                }
            });
            return null;
        });
    }

    /** In a turn of the account. */
    private @Nullable Form statistics(Turn there) {
        if (accounts.find(there) == null) {
            return null;
        }
        List<String> resources = there.sessions().stream()
                .map(session -> session.jid().resource())
                .toList();
        return Form.of(
                AdminCommand.NS,
                "User " + there.jid(),
                Field.text("rostersize", "Contacts").with(Integer.toString(roster.size(there))),
                Field.lines("onlineresources", "Online with").with(resources));
    }

    // ---- several accounts
    // ----------------------------------------------------------------------------------------------

    CommandStep delete(CommandCall call, Turn turn) {
        return several("Deleting users", "deleted", "All that they have is erased.", true, jid -> accounts::remove);
    }

    CommandStep disable(CommandCall call, Turn turn) {
        return several(
                "Disabling users",
                "disabled",
                "Their sessions end, and they cannot log in. All that they have is kept.",
                true,
                jid -> there -> accounts.setState(there, AccountState.DISABLED));
    }

    CommandStep reenable(CommandCall call, Turn turn) {
        return several(
                "Re-enabling users",
                "re-enabled",
                "They can log in again.",
                false,
                jid -> there -> accounts.setState(there, AccountState.ACTIVE));
    }

    CommandStep endSessions(CommandCall call, Turn turn) {
        return several(
                "Ending sessions",
                "disconnected",
                "All sessions of user@host, and that of user@host/resource. They may log in again.",
                false,
                jid -> there -> end(jid, there));
    }

    private Outcome end(Jid jid, Turn there) {
        if (accounts.find(there) == null) {
            return Outcome.UNKNOWN;
        }
        boolean found = jid instanceof BareJid;
        for (ClientSession session : List.copyOf(there.sessions())) {
            if (jid instanceof BareJid || session.jid().equals(jid)) {
                setup.sessions().end(session, StreamError.of(StreamError.Condition.NOT_AUTHORIZED), there);
                found = true;
            }
        }
        return found ? Outcome.DONE : Outcome.UNKNOWN;
    }

    /**
     * Asks for addresses, and has something done in a turn of each.
     *
     * @param bareOnly whether an address with a resource is refused, and one's own: nobody locks themselves out by mistake
     */
    private CommandStep several(
            String title, String what, String says, boolean bareOnly, Function<Jid, Function<Turn, Outcome>> change) {
        Form form = Form.of(
                        AdminCommand.NS,
                        title,
                        Field.jids(ACCOUNTS, "Addresses of the accounts").mandatory())
                .instructing(says);
        return CommandStep.lastForm(form, (filled, call, turn) -> {
            List<Jid> jids = filled.jids(ACCOUNTS);
            for (Jid jid : jids) {
                checkHost(jid, call);
                if (jid.local() == null || bareOnly && jid instanceof FullJid) {
                    throw StanzaError.jidMalformed("accounts are user@host").toException();
                }
                if (bareOnly && jid.equals(turn.jid())) {
                    throw StanzaError.notAllowed().withText("that is yourself").toException();
                }
            }
            List<Done> done = new ArrayList<>();
            for (Jid jid : jids) {
                turn.askOwner(jid.bare(), change.apply(jid), (later, outcome) -> {
                    done.add(new Done(jid, outcome));
                    if (outcome == Outcome.DONE) {
                        log.info("{} was {} by {}", jid, what, later.jid());
                    }
                    if (done.size() == jids.size()) {
                        finish(done, what, call, later);
                    }
                });
            }
            return null;
        });
    }

    private static void finish(List<Done> all, String what, CommandCall call, Turn turn) {
        List<Note> notes = new ArrayList<>();
        for (Done each : all) {
            if (each.outcome() == Outcome.DONE) {
                notes.add(new Note(Note.Type.INFO, each.account() + " was " + what));
            } else {
                String why = each.outcome() == null ? "the server failed" : "not found";
                notes.add(new Note(Note.Type.WARN, each.account() + ": " + why));
            }
        }
        if (all.stream().noneMatch(each -> each.outcome() == Outcome.DONE)) {
            call.refuse(error(all.get(0).outcome()), turn);
        } else {
            call.answer(new CommandStep.Done(null, notes), turn);
        }
    }
}
