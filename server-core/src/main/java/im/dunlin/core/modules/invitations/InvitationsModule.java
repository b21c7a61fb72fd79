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
import im.dunlin.core.modules.invitations.Invitations.Wish;
import im.dunlin.core.modules.registration.Registrations;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.StanzaError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
                .command(new CreateAccount(), SERVER);
        new InvitationPage(setup, invitations);
        setup.require(RosterView.class).approveBy(invitations);
        setup.require(Registrations.class).invitedBy(invitations);
    }

    private boolean mayInviteToRegister(BareJid inviter, String host) {
        return setup.config().host(host).admins().contains(inviter)
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
        private final Form form = Form.of(
                        null,
                        "Inviting somebody to make an account",
                        Field.text(USERNAME, "User name; empty if they may choose"),
                        Field.truth(SUBSCRIPTION, "Become contacts", false))
                .instructing("Whoever has the link may make an account.");

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
            return CommandStep.lastForm(form, (filled, sent, now) -> {
                Purpose purpose = filled.isTrue(SUBSCRIPTION) ? Purpose.ACCOUNT_AND_CONTACT : Purpose.ACCOUNT;
                return make(new Wish(sent.host(), account(filled.one(USERNAME), sent.host()), purpose), sent, now);
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
}
