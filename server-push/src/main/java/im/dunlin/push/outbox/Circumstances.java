// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.blocking.BlockingView;
import im.dunlin.core.modules.csi.ClientStateView;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.policy.DeviceState;
import im.dunlin.push.policy.Notify;
import im.dunlin.push.policy.Situation;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.Registration;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How things are when it has to be decided whether a device is woken. */
final class Circumstances {
    /** How long a device may take to acknowledge a message, and a call. */
    static final Duration MESSAGE_ACK = Duration.ofSeconds(10);

    static final Duration CALL_ACK = Duration.ofSeconds(2);

    private static final String BOOKMARKS = "urn:xmpp:bookmarks:1";
    private static final Name EXTENSIONS = Name.of(BOOKMARKS, "extensions");
    private static final Name NICK = Name.of(BOOKMARKS, "nick");
    private static final Name NOTIFY = Name.of("urn:xmpp:notification-settings:1", "notify");

    private final BlockingView blocking;
    private final RosterView roster;
    private final ClientStateView clients;
    private final PubSub pubsub;
    private final Activity activity;
    private final Function<String, Situation.StrangersCalls> strangers;

    /** @param strangers what their calls do at a domain */
    Circumstances(Setup setup, Activity activity, Function<String, Situation.StrangersCalls> strangers) {
        blocking = setup.require(BlockingView.class);
        roster = setup.require(RosterView.class);
        clients = setup.require(ClientStateView.class);
        pubsub = setup.require(PubSub.class);
        this.activity = activity;
        this.strangers = strangers;
    }

    /** @param usual for a chat of which the user said nothing */
    Situation of(Registration registration, Place place, BareJid peer, Notify usual, boolean isMuted, Turn turn) {
        return new Situation(
                state(registration, place, turn),
                blocking.isBlocked(peer, turn),
                isMuted,
                wanted(peer, usual, turn),
                registration.wishes().filters(),
                strangers.apply(turn.jid().domain()),
                activity.pause(registration, turn));
    }

    boolean isStranger(BareJid peer, Turn turn) {
        return roster.item(peer, turn) == null;
    }

    // ---- the device
    // --------------------------------------------------------------------------------------------------

    /** @param place for a call it counts whether that one is acknowledged, since it does not wait for others to be late */
    DeviceState state(Registration registration, Place place, Turn turn) {
        ClientSession session = Devices.session(registration.device(), turn);
        if (session == null) {
            return DeviceState.OFFLINE;
        }
        if (!session.outbound().isAttached()) {
            return DeviceState.HIBERNATED;
        }
        Watch watch = turn.get(session, Watch.KEY);
        boolean isLate = watch != null
                && (watch.isLate(null, MESSAGE_ACK, session.outbound(), turn.now())
                        || place.isCall() && watch.isLate(place, CALL_ACK, session.outbound(), turn.now()));
        if (isLate) {
            return DeviceState.LATE;
        }
        return clients.isInactive(session, turn) ? DeviceState.INACTIVE : DeviceState.ACTIVE;
    }

    // ---- what the user chose
    // -----------------------------------------------------------------------------------------

    /** XEP-0492 §3, as a phone has to read it. */
    private Notify wanted(BareJid peer, Notify usual, Turn turn) {
        Element bookmark = bookmark(peer, turn);
        Element extensions = bookmark == null ? null : bookmark.first(EXTENSIONS);
        Element notify = extensions == null ? null : extensions.first(NOTIFY);
        Notify chosen = notify == null ? null : chosen(notify);
        return chosen == null ? usual : chosen;
    }

    private @Nullable Element bookmark(BareJid peer, Turn turn) {
        Item item = pubsub.item(BOOKMARKS, peer.toString(), turn);
        return item == null ? null : item.content();
    }

    /** The most specific that holds for a phone; null if none does. */
    private static @Nullable Notify chosen(Element notify) {
        Notify chosen = null;
        int best = 0;
        for (Element each : notify.children()) {
            Notify says = each.name().namespace().equals(NOTIFY.namespace())
                    ? switch (each.name().local()) {
                        case "always" -> Notify.ALWAYS;
                        case "on-mention" -> Notify.ON_MENTION;
                        case "never" -> Notify.NEVER;
                        default -> null;
                    }
                    : null;
            int rank = says == null ? 0 : rank(each.attr("identity-category"), each.attr("identity-type"));
            if (rank > best) {
                best = rank;
                chosen = says;
            }
        }
        return chosen;
    }

    /** 0 if it is for others. */
    private static int rank(@Nullable String category, @Nullable String type) {
        if (category == null) {
            return type == null ? 1 : 0;
        }
        if (!category.equals("client")) {
            return 0;
        }
        return type == null ? 2 : type.equals("phone") ? 3 : 0;
    }

    /** What the user is called in a room, as far as the account's bookmarks or the device's client say; null otherwise. */
    @Nullable
    String nick(Registration registration, BareJid room, Turn turn) {
        var rooms = registration.wishes().filters().rooms();
        var listed = rooms == null ? null : rooms.get(room);
        if (listed != null && listed.nick() != null) {
            return listed.nick();
        }
        Element bookmark = bookmark(room, turn);
        return bookmark == null ? null : bookmark.text(NICK);
    }
}
