// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.registration;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.Passwords;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0077: In-Band Registration.
 *
 * <p>Who has logged in may change the password of the account, or remove it: of the session's own account, whatever name the
 * request gives (threat T14). Whether strangers may make accounts is the operator's decision, and by default they may not.
 */
public final class RegistrationModule implements Registrations {
    /** Its name in the configuration. */
    public static final String KEY = "registration";

    /** The session's new password is being hashed; one at a time, since it costs much. */
    private static final SessionKey<Boolean> HASHING = new SessionKey<>("registration.hashing");

    private final Setup setup;
    private final Accounts accounts;
    private final Passwords passwords;
    private final RegistrationFeature feature;

    public RegistrationModule(Setup setup) {
        this.setup = setup;
        this.accounts = setup.require(Accounts.class);
        this.passwords = setup.require(Passwords.class);
        this.feature = new RegistrationFeature(KEY, setup, accounts, passwords);
        Set<Addressee> here = Set.of(Addressee.SERVER, Addressee.OWN_ACCOUNT);
        setup.implementing(77, "2.4")
                .feature(RegistrationQuery.NS, Addressee.SERVER)
                .provide(Registrations.class, this)
                .streamFeature(feature)
                .iqGet(RegistrationQuery.QUERY, here, this::get)
                .iqSet(RegistrationQuery.QUERY, here, this::set)
                .timer(Accounts.REMOVAL, (data, turn) -> accounts.remove(turn));
    }

    @Override
    public void invitedBy(Invitations invitations) {
        feature.invitedBy(invitations);
        setup.implementing(445, "0.2.0").streamFeature(new PreAuthFeature(invitations));
    }

    private Iq get(Iq iq, Turn turn) {
        session(turn);
        return iq.result(RegistrationQuery.registered(String.valueOf(turn.jid().local())));
    }

    /** Only sessions of the account itself, never another server's or another account's user. */
    private static ClientSession session(Turn turn) {
        ClientSession session = turn.origin();
        if (session == null) {
            throw StanzaError.notAllowed().toException();
        }
        return session;
    }

    private @Nullable Iq set(Iq iq, Turn turn) {
        try {
            ClientSession session = session(turn);
            Element query = iq.request();
            if (query.has(RegistrationQuery.REMOVE)) {
                return remove(iq, query, turn);
            }
            changePassword(iq, query, session, turn);
            return null;
        } catch (StanzaException e) {
            return RegistrationQuery.refusal(iq, e.error());
        }
    }

    private Iq remove(Iq iq, Element query, Turn turn) {
        if (query.children().size() != 1) {
            throw StanzaError.badRequest("remove stands alone").toException();
        }
        // In a turn of its own, so that this answer goes out before the stream ends.
        accounts.removeSoon(turn);
        return iq.result();
    }

    private void changePassword(Iq iq, Element query, ClientSession session, Turn turn) {
        String username = RegistrationQuery.username(query);
        if (username != null && !isOwn(username, turn.jid())) {
            throw StanzaError.forbidden().toException();
        }
        String password = RegistrationQuery.password(query);
        BareJid account = turn.jid();
        if (turn.get(session, HASHING) != null
                || !passwords.hash(
                        password, keys -> setup.submit(account, later -> changed(iq, keys, session, later)))) {
            throw StanzaError.resourceConstraint("one change at a time").toException();
        }
        turn.set(session, HASHING, true);
    }

    private static boolean isOwn(String username, BareJid account) {
        try {
            return BareJid.of(username, account.domain()).equals(account);
        } catch (JidException e) {
            return false;
        }
    }

    private void changed(Iq iq, Credentials keys, ClientSession session, Turn turn) {
        if (!turn.sessions().contains(session)) {
            // Whoever asked has gone, and may not know that it happened: it does not.
            return;
        }
        turn.set(session, HASHING, null);
        accounts.setPassword(turn, keys, session);
        turn.send(session, iq.result());
    }
}
