// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.access.RevokedClients;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ends registrations that no client ends: a push service says that the account has nothing to publish to a node any more (XEP-0357
 * §8), the account's owner has taken a client's access back, or nobody may log in to the account any more.
 */
public final class Revocations {
    private static final Name PUBSUB = Name.of("http://jabber.org/protocol/pubsub", "pubsub");
    private static final Name AFFILIATION = Name.of("http://jabber.org/protocol/pubsub", "affiliation");

    private final Registrations registrations;

    public Revocations(Setup setup, Registrations registrations) {
        this.registrations = registrations;
        setup.message(Stage.ANNOTATE, this::hear).require(RevokedClients.class).follow(this::revoked);
        setup.require(Accounts.class).whenDisabled(turn -> registrations.disable(any -> true, turn));
    }

    private void revoked(@Nullable String device, List<ClientSession> sessions, Turn turn) {
        Set<String> devices = new HashSet<>();
        if (device != null) {
            devices.add(Devices.of(device));
        }
        sessions.forEach(session -> devices.add(Devices.of(session, turn)));
        registrations.disable(registration -> devices.contains(registration.device()), turn);
    }

    /** Believed of the service itself alone. For others it is a message as any. */
    private Verdict hear(Passage passage, Turn turn) {
        if (passage.way() == Way.OUTBOUND
                || !registrations.mayHave(turn)
                || !passage.message().payload().has(PUBSUB)) {
            return Verdict.PASS;
        }
        Element pubsub = passage.message().payload().first(PUBSUB);
        String node = pubsub == null ? null : pubsub.attr("node");
        Element affiliation = pubsub == null ? null : pubsub.first(AFFILIATION);
        Jid service = passage.message().from();
        if (node == null || !isNone(affiliation, turn)) {
            return Verdict.PASS;
        }
        boolean isOfService = registrations.of(turn).stream()
                .anyMatch(each -> each.service().equals(service) && each.node().equals(node));
        if (!isOfService) {
            return Verdict.PASS;
        }
        registrations.disable(
                each -> each.service().equals(service) && each.node().equals(node), turn);
        return Verdict.drop("the push service says that the node is gone");
    }

    private static boolean isNone(@Nullable Element affiliation, Turn turn) {
        if (affiliation == null || !"none".equals(affiliation.attr("affiliation"))) {
            return false;
        }
        try {
            String jid = affiliation.attr("jid");
            return jid != null && Jid.parse(jid).bare().equals(turn.jid());
        } catch (JidException e) {
            return false;
        }
    }
}
