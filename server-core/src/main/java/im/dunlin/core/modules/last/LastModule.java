// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.last;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;
import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** XEP-0012: Last Activity, of accounts and of the server. */
public final class LastModule {
    private static final String NS = "jabber:iq:last";
    private static final Name QUERY = Name.of(NS, "query");
    private static final int MAX_STATUS_CHARS = 1_024;

    /**
     * When the last available session left. To the minute: enough for "seen five minutes ago", and no exact log of somebody's
     * days on the disk.
     */
    record LastSeen(long epochSecond, @Nullable String status) {}

    static final TableSpec<Keys.Single, LastSeen> SPEC = new TableSpec<>(
            "last-seen", Shape.POINT, Keys.SINGLE, Values.versioned(1, LastModule::write, LastModule::read));

    private final Table<Keys.Single, LastSeen> lastSeen;
    private final RosterView roster;
    private final PresenceView presence;

    public LastModule(Setup setup) {
        lastSeen = setup.table(SPEC);
        roster = setup.require(RosterView.class);
        presence = setup.require(PresenceView.class);
        setup.implementing(12, "2.0")
                .feature(NS, SERVER, OWN_ACCOUNT, ACCOUNT)
                .iqGet(QUERY, Set.of(SERVER), (iq, turn) -> iq.result(seconds(uptime())))
                .iqGet(QUERY, Set.of(OWN_ACCOUNT), this::answer)
                .iqGet(QUERY, Set.of(ACCOUNT), (iq, turn) -> {
                    checkMaySee(iq.from(), turn);
                    return answer(iq, turn);
                })
                .presence(PresenceStage.NOTICE, this::notice)
                .sessionEnded((session, unacknowledged, turn) -> {
                    if (presence.isAvailable(session, turn)) {
                        left(null, turn);
                    }
                });
    }

    private static Duration uptime() {
        return Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
    }

    /** The document's forbidden would tell a stranger that the account exists (threat S14). */
    private void checkMaySee(@Nullable Jid asker, Turn turn) {
        if (asker == null || !roster.sendsPresenceTo(asker.bare(), turn)) {
            throw StanzaError.serviceUnavailable().toException();
        }
    }

    private Iq answer(Iq iq, Turn turn) {
        if (!presence.available(turn).isEmpty()) {
            return iq.result(seconds(Duration.ZERO));
        }
        LastSeen seen = turn.get(lastSeen, Keys.Single.ROW);
        if (seen == null) {
            throw StanzaError.itemNotFound().toException();
        }
        Element query = seconds(Duration.between(Instant.ofEpochSecond(seen.epochSecond()), turn.now()));
        return iq.result(seen.status() == null ? query : query.text(seen.status()));
    }

    private static Element seconds(Duration ago) {
        return Element.of(QUERY).attr("seconds", Long.toString(Math.max(0, ago.toSeconds())));
    }

    private Presence notice(Presence sent, Way way, Turn turn) {
        if (way == Way.OUTBOUND && sent.type() == Presence.Type.UNAVAILABLE && sent.to() == null) {
            left(sent.payload().text(Presence.STATUS), turn);
        }
        return sent;
    }

    private void left(@Nullable String status, Turn turn) {
        if (turn.exists() && presence.available(turn).isEmpty()) {
            String said = status == null || status.length() > MAX_STATUS_CHARS ? null : status;
            long minute = turn.now().truncatedTo(ChronoUnit.MINUTES).getEpochSecond();
            LastSeen seen = new LastSeen(minute, said);
            // A client that comes and goes several times a minute is not worth a sync each time.
            if (!seen.equals(turn.get(lastSeen, Keys.Single.ROW))) {
                turn.put(lastSeen, Keys.Single.ROW, seen);
            }
        }
    }

    private static void write(ValueWriter out, LastSeen seen) {
        out.varint(seen.epochSecond()).nullableText(seen.status());
    }

    private static LastSeen read(ValueReader in) {
        return new LastSeen(in.varint(), in.nullableText());
    }
}
