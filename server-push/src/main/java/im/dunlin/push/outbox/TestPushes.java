// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Name;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.PushNames;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** Shows a user whether pushes arrive: a client asks, and its own device is sent one (docs/protocol/push.md). */
final class TestPushes {
    private static final Name TEST = Name.of(PushNames.OWN, "test");
    private static final CacheKey<Map<String, Allowance>> ASKED = new CacheKey<>("push.tests");

    /** Devices of an account of which it is remembered; when there are more, they are forgotten together. */
    private static final int MOST_DEVICES = 20;

    private final Registrations registrations;
    private final WayOut wayOut;

    TestPushes(Setup setup, Registrations registrations, WayOut wayOut) {
        this.registrations = registrations;
        this.wayOut = wayOut;
        setup.iqSet(TEST, Set.of(Addressee.OWN_ACCOUNT), this::test);
    }

    /** Answered at once: what became of it, the device shows. Whoever chose the endpoint learns nothing of where it leads. */
    private Iq test(Iq iq, Turn turn) {
        String device = Devices.of(Objects.requireNonNull(turn.origin()), turn);
        List<Registration> own = registrations.of(turn).stream()
                .filter(registration -> registration.device().equals(device)
                        && registration.health().isUsable(turn.now()))
                .toList();
        if (own.isEmpty()) {
            throw StanzaError.itemNotFound().toException();
        }
        spend(device, turn);
        Notice notice = new Notice.Test(turn.now());
        boolean isSent = false;
        for (Registration registration : own) {
            isSent |= wayOut.send(registration, notice, UUID.randomUUID(), turn, (later, outcome) -> {});
        }
        return isSent ? iq.result() : iq.error(StanzaError.featureNotImplemented());
    }

    private static void spend(String device, Turn turn) {
        Map<String, Allowance> asked = turn.cached(ASKED, HashMap::new);
        Allowance left = Allowance.spend(asked.get(device), 1, 1, turn.now());
        if (left == null) {
            throw StanzaError.policyViolation("one test in a minute")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        if (asked.size() >= MOST_DEVICES) {
            asked.clear();
        }
        asked.put(device, left);
    }
}
