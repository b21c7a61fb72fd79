// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.push.app.Apps;
import im.dunlin.push.payload.ClientKey;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.Direct;
import im.dunlin.push.registration.Health;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What an operator may know of pushes: everything but secrets and what was written. */
public final class PushRecords {
    private final Registrations registrations;
    private final Outbox outbox;
    private final History history;
    private final Dispatcher dispatcher;
    private final Apps apps;

    PushRecords(Registrations registrations, Outbox outbox, History history, Dispatcher dispatcher, Apps apps) {
        this.apps = apps;
        this.dispatcher = dispatcher;
        this.registrations = registrations;
        this.outbox = outbox;
        this.history = history;
    }

    /** The registrations of the turn's account, each a line for the device and indented ones for how it fares. */
    public List<String> devices(Turn turn) {
        List<String> lines = new ArrayList<>();
        for (Registration registration : registrations.of(turn)) {
            ClientKey key = registration.wishes().key();
            lines.add("device " + Devices.label(registration.device()) + ", by " + registration.service() + " ("
                    + registration.dialect().name().toLowerCase(Locale.ROOT) + "), "
                    + (key == null ? "not encrypted" : "encrypted by " + key.algorithm() + " key " + key.id()) + ":");
            lines.add("  registered " + time(registration.registered()) + ", last connected "
                    + time(registration.seen()).truncatedTo(ChronoUnit.DAYS) + " or a day later");
            Direct direct = registration.wishes().direct();
            if (direct != null) {
                lines.add("  app " + direct.app() + reached(direct));
            }
            lines.add("  " + fares(registration.health()));
            int waiting = outbox.waiting(registration.number(), turn);
            if (waiting > 0) {
                lines.add("  " + waiting + " pushes wait");
            }
        }
        return lines;
    }

    private static String reached(Direct direct) {
        if (direct.address() == null) {
            return direct.callAddress() == null ? ", by no token any more" : ", by a token for calls alone";
        }
        return direct.callAddress() == null ? "" : ", with a token for calls";
    }

    private static String fares(Health health) {
        if (health.isDisabled()) {
            return "disabled since " + time(health.disabled()) + ": " + health.reason();
        }
        if (health.waits() > 0 || health.failures() > 0) {
            return (health.waits() + health.failures()) + " attempts in vain, the last " + time(health.last()) + ": "
                    + health.reason();
        }
        return "good";
    }

    private static Instant time(long micros) {
        return Micros.toInstant(micros).truncatedTo(ChronoUnit.SECONDS);
    }

    /** How pushes of all accounts fare, by what it is about. Any thread. */
    public Map<String, String> status() {
        Map<String, String> facts = new LinkedHashMap<>(dispatcher.summary());
        for (Apps.App app : apps.all()) {
            facts.put("push app " + app.key(), apps.state(app));
        }
        return facts;
    }

    /** @see History#explain */
    public List<String> explain(String event) {
        return history.explain(event);
    }
}
