// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.Setting;
import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Command;
import im.dunlin.core.module.CommandCall;
import im.dunlin.core.module.CommandStep;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.invitations.Invitations.Made;
import im.dunlin.core.modules.invitations.Invitations.Wish;
import im.dunlin.core.modules.registration.Registrations;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.StanzaError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0401: Ad-hoc Account Invitation Generation, and XEP-0379: Pre-Authenticated Roster Subscription done by the server for its
 * users. Everybody may invite people to become their contacts; who may invite them to the server, the operator says.
 */
public final class InvitationsModule {
    /** Its name in the configuration. */
    public static final String KEY = "invitations";

    /** Where invitations are shown; the token follows. */
    static final String PATH = "/invite/";

    private static final String USERNAME = "username";
    private static final String SUBSCRIPTION = "roster-subscription";
    private static final String DAYS = "days";
    private static final String INVITATIONS = "invitations";
    private static final long MAX_DAYS = 365;

    /** How many invitations there may be, and to what. */
    public record Options(
            @Setting(says = "How long an invitation is good.", byDefault = "7d", min = 60, max = 365L * 86_400)
            Duration lifetime,

            @Setting(
                    says = "Invitations of one account within that time, used ones included.",
                    byDefault = "20",
                    max = 10_000)
            int perAccount,

            @Setting(
                    says = "Whether every user may invite people to make accounts on this host. Without it only admins"
                            + " and the command line may, and users invite people to become their contacts.",
                    byDefault = "false")
            boolean accountsByUsers) {}

    private final Setup setup;
    private final Invitations invitations;

    public InvitationsModule(Setup setup) {
        this.setup = setup;
        invitations = new Invitations(setup);
        setup.implementing(401, "0.6.0")
                .implementing(379, "0.3.3")
                .provide(Invitations.class, invitations)
                .command(new Invite(), SERVER)
                .command(new CreateAccount(), SERVER)
                .command(new TakeBack(), SERVER);
        new InvitationPage(setup, invitations);
        setup.require(RosterView.class).approveBy(invitations);
        setup.require(Registrations.class).invitedBy(invitations);
    }

    private boolean isAdmin(BareJid somebody, String host) {
        return setup.config().host(host).admins().contains(somebody);
    }

    private boolean mayInviteToRegister(BareJid inviter, String host) {
        return isAdmin(inviter, host)
                || inviter.domain().equals(host)
                        && setup.config().host(host).options(KEY, Options.class).accountsByUsers();
    }

    private @Nullable CommandStep make(Wish wish, CommandCall call, Turn turn) {
        invitations.make(
                wish,
                turn,
                (later, link) -> call.answer(CommandStep.done(result(link).result()), later),
                (later, error) -> call.refuse(error, later));
        return null;
    }

    private static Form result(Link link) {
        List<Field> fields = new ArrayList<>();
        fields.add(Field.text("uri", "Link for a client").with(link.uri()));
        if (link.page() != null) {
            fields.add(Field.text("landing-url", "Link for a browser").with(link.page()));
        }
        fields.add(Field.text("expire", "Good until").with(Delay.format(link.expires())));
        return new Form("urn:xmpp:invite#invitation", "Invitation", null, fields);
    }

    /** XEP-0401 §5.1. */
    private final class Invite implements Command {
        @Override
        public String node() {
            return "urn:xmpp:invite#invite";
        }

        @Override
        public String name() {
            return "Invite somebody to become your contact";
        }

        @Override
        public boolean isFor(Jid asker, String host, Turn turn) {
            return turn.jid().equals(asker.bare()) && asker.domain().equals(host);
        }

        @Override
        public @Nullable CommandStep begin(CommandCall call, Turn turn) {
            Purpose purpose =
                    mayInviteToRegister(turn.jid(), call.host()) ? Purpose.CONTACT_OR_ACCOUNT : Purpose.CONTACT;
            return make(new Wish(call.host(), null, purpose), call, turn);
        }
    }

    /** XEP-0401 §5.4. */
    private final class CreateAccount implements Command {
        private Form form(String host) {
            long usual = Math.max(
                    1,
                    setup.config()
                            .host(host)
                            .options(KEY, Options.class)
                            .lifetime()
                            .toDays());
            return Form.of(
                            null,
                            "Inviting somebody to make an account",
                            Field.text(USERNAME, "User name; empty if they may choose"),
                            Field.truth(SUBSCRIPTION, "Become contacts", false),
                            Field.number(DAYS, "Days for which the link is good", 1, MAX_DAYS)
                                    .with(Long.toString(usual)))
                    .instructing("Whoever has the link may make an account.");
        }

        @Override
        public String node() {
            return "urn:xmpp:invite#create-account";
        }

        @Override
        public String name() {
            return "Invite somebody to make an account";
        }

        @Override
        public boolean isFor(Jid asker, String host, Turn turn) {
            return turn.jid().equals(asker.bare()) && mayInviteToRegister(asker.bare(), host);
        }

        @Override
        public CommandStep begin(CommandCall call, Turn turn) {
            return CommandStep.lastForm(form(call.host()), (filled, sent, now) -> {
                Purpose purpose = filled.isTrue(SUBSCRIPTION) ? Purpose.ACCOUNT_AND_CONTACT : Purpose.ACCOUNT;
                BareJid account = account(filled.one(USERNAME), sent.host());
                Duration lifetime = filled.one(DAYS) == null ? null : Duration.ofDays(filled.number(DAYS));
                return make(new Wish(sent.host(), account, purpose, lifetime), sent, now);
            });
        }

        private static @Nullable BareJid account(@Nullable String username, String host) {
            try {
                return username == null ? null : BareJid.of(username, host);
            } catch (JidException e) {
                throw StanzaError.notAcceptable()
                        .withText("no user name: " + e.getMessage())
                        .toException();
            }
        }
    }

    /** What one has made, and of administrators what anybody has, to be taken back. */
    private final class TakeBack implements Command {
        @Override
        public String node() {
            return "https://dunlin.im/protocol/invitations#take-back";
        }

        @Override
        public String name() {
            return "See invitations and take them back";
        }

        @Override
        public boolean isFor(Jid asker, String host, Turn turn) {
            return turn.jid().equals(asker.bare()) && (asker.domain().equals(host) || isAdmin(asker.bare(), host));
        }

        @Override
        public @Nullable CommandStep begin(CommandCall call, Turn turn) {
            BareJid asker = turn.jid();
            if (!isAdmin(asker, call.host())) {
                return listed(invitations.of(call.host(), turn), asker);
            }
            invitations.list(call.host(), made -> setup.submit(asker, later -> call.answer(listed(made, null), later)));
            return null;
        }

        /** @param by who may take back their own alone; null for an administrator */
        private CommandStep listed(List<Made> all, @Nullable BareJid by) {
            List<Field.Option> open = all.stream()
                    .filter(made -> made.usedBy() == null)
                    .map(made -> new Field.Option(made.id(), made.toString()))
                    .toList();
            if (open.isEmpty()) {
                return CommandStep.done("There is no invitation that somebody could use");
            }
            Form form = Form.of(
                    null,
                    "Invitations",
                    Field.someOf(INVITATIONS, "Take back", open).mandatory());
            return CommandStep.lastForm(form, (filled, sent, now) -> {
                takeBack(filled.all(INVITATIONS), by, sent, now.jid());
                return null;
            });
        }

        private void takeBack(List<String> ids, @Nullable BareJid by, CommandCall call, BareJid asker) {
            AtomicInteger left = new AtomicInteger(ids.size());
            AtomicInteger done = new AtomicInteger();
            for (String id : ids) {
                invitations.takeBack(call.host(), id, by, gone -> {
                    int all = done.addAndGet(gone ? 1 : 0);
                    if (left.decrementAndGet() == 0) {
                        setup.submit(asker, later -> call.answer(CommandStep.done("Taken back: " + all), later));
                    }
                });
            }
        }
    }
}
