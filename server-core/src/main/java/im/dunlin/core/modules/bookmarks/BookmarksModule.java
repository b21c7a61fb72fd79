// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.bookmarks;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.caps.CapsView;
import im.dunlin.core.modules.privatexml.PrivateXmlView;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.NodeObserver;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0402: PEP Native Bookmarks, and the same rooms for clients that keep them all in one element (XEP-0048), in private storage
 * (XEP-0049) or in an item of its own node (XEP-0411).
 *
 * <p>The items of the node are the truth. The other places keep what is no room; who sets the list there changes, adds and removes
 * items, and removes none that it cannot have seen.
 */
public final class BookmarksModule implements PrivateXmlView.ElementFilter {
    private static final String NODE = "urn:xmpp:bookmarks:1";
    private static final Name CONFERENCE = Name.of(NODE, "conference");
    private static final Name NICK = Name.of(NODE, "nick");
    private static final Name PASSWORD = Name.of(NODE, "password");

    /** The namespace of the list, and the node that has it in its one item. */
    private static final String OLD = "storage:bookmarks";

    private static final String OLD_ITEM = "current";
    private static final Name OLD_STORAGE = Name.of(OLD, "storage");
    private static final Name OLD_CONFERENCE = Name.of(OLD, "conference");
    private static final Name OLD_NICK = Name.of(OLD, "nick");
    private static final Name OLD_PASSWORD = Name.of(OLD, "password");

    private static final String CONVERSION = "urn:xmpp:bookmarks-conversion:0";

    /** Rooms in one list that a client sets: each is an item and an event. */
    static final int MAX_LISTED = 500;

    /** Rooms that the session was shown in its last list: what is missing from the next it has removed. */
    private static final SessionKey<Set<String>> SHOWN = new SessionKey<>("bookmarks.shown");

    private static final CacheKey<BookmarksModule> CHANGED = new CacheKey<>("bookmarks.changed");

    private final Setup setup;
    private final PubSub pubsub;

    public BookmarksModule(Setup setup) {
        this.setup = setup;
        pubsub = setup.require(PubSub.class);
        pubsub.presetPrivate(NODE, Map.of("pubsub#max_items", "max", "pubsub#send_last_published_item", "never"));
        pubsub.presetPrivate(OLD, Map.of());
        pubsub.observe(NODE, new NodeObserver() {
            @Override
            public void published(Item item, @Nullable Item before, Turn turn) {
                copySoon(turn);
            }

            @Override
            public void retracted(Item item, Turn turn) {
                copySoon(turn);
            }

            @Override
            public void emptied(Turn turn) {
                copySoon(turn);
            }
        });
        pubsub.observe(OLD, new NodeObserver() {
            @Override
            public void published(Item item, @Nullable Item before, Turn turn) {
                listPublished(item, before, turn);
            }
        });
        // Accounts that come from elsewhere have no list yet.
        setup.require(CapsView.class).follow((session, names, turn) -> {
            if (names.contains(OLD)) {
                copySoon(turn);
            }
        });
        setup.require(PrivateXmlView.class).filter(OLD_STORAGE, this);
        setup.implementing(402, "1.2.0")
                .implementing(48, "1.2")
                .implementing(411, "1.1.0")
                .implementing(492, "0.2.0")
                .feature(NODE + "#compat", OWN_ACCOUNT, ACCOUNT)
                .feature(NODE + "#compat-pep", OWN_ACCOUNT, ACCOUNT)
                .feature(CONVERSION, OWN_ACCOUNT, ACCOUNT);
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
        Map<String, Element> rooms = rooms(turn);
        remember(rooms.keySet(), turn);
        return Element.builder(OLD_STORAGE)
                .children(stored.children())
                .children(rooms.values())
                .build();
    }

    /** As old clients write them. An item whose id is no address of a room is none of theirs. */
    private Map<String, Element> rooms(Turn turn) {
        Map<String, Element> rooms = new LinkedHashMap<>();
        for (Item item : pubsub.items(NODE, turn)) {
            Element conference = item.content();
            if (conference != null && item.id().equals(room(item.id()))) {
                rooms.put(item.id(), old(item.id(), conference));
            }
        }
        return rooms;
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
        ClientSession session = turn.origin();
        Set<String> before = session == null ? null : turn.get(session, SHOWN);
        Map<String, Element> listed = listed(given);
        take(listed, Objects.requireNonNullElse(before, Set.of()), turn);
        remember(listed.keySet(), turn);
        return Element.builder(OLD_STORAGE).children(others(given)).build();
    }

    /** The rooms of a list, each once. @throws im.dunlin.core.stanza.StanzaException if there are too many */
    private static Map<String, Element> listed(Element list) {
        List<Element> conferences = list.children(OLD_CONFERENCE);
        if (conferences.size() > MAX_LISTED) {
            throw StanzaError.resourceConstraint("more than " + MAX_LISTED + " rooms")
                    .toException();
        }
        Map<String, Element> listed = new LinkedHashMap<>();
        for (Element conference : conferences) {
            String room = room(conference.attr("jid"));
            if (room != null) {
                listed.putIfAbsent(room, conference);
            }
        }
        return listed;
    }

    /** What is in a list and no room: it stays what and where it is. */
    private static List<Element> others(Element list) {
        return list.children().stream()
                .filter(child -> !child.is(OLD_CONFERENCE) || room(child.attr("jid")) == null)
                .toList();
    }

    /** Null for what is no address. */
    private static @Nullable String room(@Nullable String jid) {
        try {
            return jid == null ? null : Jid.parse(jid).bare().toString();
        } catch (JidException e) {
            return null;
        }
    }

    /** Changes items into what a client has listed. @param before what it has removed if it does not list it */
    private void take(Map<String, Element> listed, Set<String> before, Turn turn) {
        listed.forEach((room, old) -> publish(room, old, turn));
        for (String room : before) {
            if (!listed.containsKey(room)) {
                pubsub.retract(NODE, room, turn);
            }
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

    // ---- the node of old clients
    // -------------------------------------------------------------------------------------

    /** Whoever lists rooms there has seen the list before. Our own copy is taken up as well, and changes nothing. */
    private void listPublished(Item item, @Nullable Item before, Turn turn) {
        Element list = item.content();
        if (list == null || !list.is(OLD_STORAGE) || !isOn(turn) || isSame(list, rooms(turn))) {
            return;
        }
        Element replaced = before == null ? null : before.content();
        take(listed(list), replaced == null ? Set.of() : listed(replaced).keySet(), turn);
        copySoon(turn);
    }

    private static boolean isSame(Element list, Map<String, Element> rooms) {
        Map<String, Element> normal = new HashMap<>();
        list.children(OLD_CONFERENCE).forEach(each -> {
            String room = room(each.attr("jid"));
            if (room != null) {
                normal.put(room, normal(room, each));
            }
        });
        return normal.equals(rooms);
    }

    /** When the turn has done all that it does to the rooms, the list is written once. */
    private void copySoon(Turn turn) {
        if (isOn(turn)) {
            turn.atEnd(CHANGED, () -> this, self -> self.copy(turn));
        }
    }

    private void copy(Turn turn) {
        Map<String, Element> rooms = rooms(turn);
        Item item = pubsub.last(OLD, turn);
        Element before = item == null ? null : item.content();
        boolean same = before == null ? rooms.isEmpty() : isSame(before, rooms);
        if (!same) {
            Element list = Element.builder(OLD_STORAGE)
                    .children(before == null ? List.of() : others(before))
                    .children(rooms.values())
                    .build();
            pubsub.publish(OLD, OLD_ITEM, list, Map.of(), turn);
        }
    }
}
