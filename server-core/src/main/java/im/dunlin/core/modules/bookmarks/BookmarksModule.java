// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.bookmarks;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.privatexml.PrivateXmlView;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0402: PEP Native Bookmarks, and the same rooms for clients that keep them in private storage (XEP-0048 in XEP-0049).
 *
 * <p>The items of the node are the truth. Private storage keeps what is no room; who sets the list there changes, adds and removes
 * items, and removes none that it has not been shown.
 */
public final class BookmarksModule implements PrivateXmlView.ElementFilter {
    private static final String NODE = "urn:xmpp:bookmarks:1";
    private static final Name CONFERENCE = Name.of(NODE, "conference");
    private static final Name NICK = Name.of(NODE, "nick");
    private static final Name PASSWORD = Name.of(NODE, "password");

    private static final String OLD = "storage:bookmarks";
    private static final Name OLD_STORAGE = Name.of(OLD, "storage");
    private static final Name OLD_CONFERENCE = Name.of(OLD, "conference");
    private static final Name OLD_NICK = Name.of(OLD, "nick");
    private static final Name OLD_PASSWORD = Name.of(OLD, "password");

    /** Rooms in one list from private storage: each is an item and an event. */
    static final int MAX_LISTED = 500;

    /** Rooms that the session was shown in its last list: what is missing from the next it has removed. */
    private static final SessionKey<Set<String>> SHOWN = new SessionKey<>("bookmarks.shown");

    private final Setup setup;
    private final PubSub pubsub;

    public BookmarksModule(Setup setup) {
        this.setup = setup;
        pubsub = setup.require(PubSub.class);
        pubsub.presetPrivate(NODE, Map.of("pubsub#max_items", "max", "pubsub#send_last_published_item", "never"));
        pubsub.presetPrivate(OLD, Map.of());
        setup.require(PrivateXmlView.class).filter(OLD_STORAGE, this);
        setup.implementing(402, "1.2.0")
                .implementing(48, "1.2")
                .implementing(492, "0.2.0")
                .feature(NODE + "#compat", OWN_ACCOUNT, ACCOUNT);
    }

    private boolean isOn(Turn turn) {
        return setup.config().host(turn.jid().domain()).hasModule(PepModule.KEY)
                && setup.config().host(turn.jid().domain()).hasModule("bookmarks");
    }

    // ---- to private storage
    // -----------------------------------------------------------------------------------------

    @Override
    public Element shown(Element stored, Turn turn) {
        if (!isOn(turn)) {
            return stored;
        }
        ElementBuilder list = Element.builder(OLD_STORAGE).children(stored.children());
        Set<String> shown = new HashSet<>();
        for (Item item : pubsub.items(NODE, turn)) {
            Element conference = item.content();
            if (conference != null) {
                list.child(old(item.id(), conference));
                shown.add(item.id());
            }
        }
        remember(shown, turn);
        return list.build();
    }

    private static Element old(String jid, Element conference) {
        ElementBuilder old = Element.builder(OLD_CONFERENCE)
                .attr("jid", jid)
                .attrIfPresent("name", conference.attr("name"))
                .attr("autojoin", Boolean.toString(isTrue(conference.attr("autojoin"))));
        copy(conference, NICK, old, OLD_NICK);
        copy(conference, PASSWORD, old, OLD_PASSWORD);
        return old.build();
    }

    private static void copy(Element from, Name source, ElementBuilder to, Name target) {
        String text = from.text(source);
        if (text != null) {
            to.child(target, text);
        }
    }

    private static void remember(Set<String> rooms, Turn turn) {
        ClientSession session = turn.origin();
        if (session != null) {
            turn.set(session, SHOWN, Set.copyOf(rooms));
        }
    }

    // ---- from private storage
    // ---------------------------------------------------------------------------------------

    @Override
    public Element stored(Element given, Turn turn) {
        if (!isOn(turn)) {
            return given;
        }
        if (given.children(OLD_CONFERENCE).size() > MAX_LISTED) {
            throw StanzaError.resourceConstraint("more than " + MAX_LISTED + " rooms")
                    .toException();
        }
        ElementBuilder rest = Element.builder(OLD_STORAGE);
        Set<String> listed = new HashSet<>();
        for (Element child : given.children()) {
            String room = child.is(OLD_CONFERENCE) ? room(child) : null;
            if (room == null) {
                rest.child(child);
            } else if (listed.add(room)) {
                publish(room, child, turn);
            }
        }
        ClientSession session = turn.origin();
        Set<String> before = session == null ? null : turn.get(session, SHOWN);
        for (String room : Objects.requireNonNullElse(before, Set.<String>of())) {
            if (!listed.contains(room)) {
                pubsub.retract(NODE, room, turn);
            }
        }
        remember(listed, turn);
        return rest.build();
    }

    /** Null for what is no address: it stays what it is. */
    private static @Nullable String room(Element conference) {
        try {
            String jid = conference.attr("jid");
            return jid == null ? null : Jid.parse(jid).bare().toString();
        } catch (JidException e) {
            return null;
        }
    }

    /** Publishes a room that is new or changed; what old clients do not know of it is kept (§4.4). */
    private void publish(String room, Element old, Turn turn) {
        Item item = pubsub.item(NODE, room, turn);
        Element before = item == null ? null : item.content();
        if (before != null && old(room, before).equals(normal(room, old))) {
            return;
        }
        ElementBuilder conference = Element.builder(CONFERENCE)
                .attrIfPresent("name", old.attr("name"))
                .attr("autojoin", Boolean.toString(isTrue(old.attr("autojoin"))));
        copy(old, OLD_NICK, conference, NICK);
        copy(old, OLD_PASSWORD, conference, PASSWORD);
        List<Element> known = before == null ? List.of() : before.children();
        known.stream().filter(child -> !child.is(NICK) && !child.is(PASSWORD)).forEach(conference::child);
        pubsub.publish(NODE, room, conference.build(), Map.of(), turn);
    }

    /** As {@link #old} writes it. */
    private static Element normal(String room, Element old) {
        ElementBuilder normal = Element.builder(OLD_CONFERENCE)
                .attr("jid", room)
                .attrIfPresent("name", old.attr("name"))
                .attr("autojoin", Boolean.toString(isTrue(old.attr("autojoin"))));
        copy(old, OLD_NICK, normal, OLD_NICK);
        copy(old, OLD_PASSWORD, normal, OLD_PASSWORD);
        return normal.build();
    }

    private static boolean isTrue(@Nullable String value) {
        return "true".equals(value) || "1".equals(value);
    }
}
