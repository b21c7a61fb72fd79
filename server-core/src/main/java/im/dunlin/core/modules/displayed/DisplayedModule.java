// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.displayed;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.NodeObserver;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0490: Message Displayed Synchronization. A private node with an item for each chat; a client that tells its peer what it has
 * displayed may leave the publication to the server (§5.5).
 */
public final class DisplayedModule implements DisplayedChats {
    /** Its name in the configuration. */
    public static final String KEY = "displayed";

    public static final String NODE = "urn:xmpp:mds:displayed:0";

    private static final Name DISPLAYED = Name.of(NODE, "displayed");

    /** Ids of this server's archives: 16 digits, so that their order is that of the archive. */
    private static final int ARCHIVE_ID_DIGITS = 16;

    private final Setup setup;
    private final PubSub pubsub;

    public DisplayedModule(Setup setup) {
        this.setup = setup;
        pubsub = setup.require(PubSub.class);
        pubsub.presetPrivate(NODE, Map.of("pubsub#max_items", "max", "pubsub#send_last_published_item", "never"));
        setup.provide(DisplayedChats.class, this)
                .implementing(490, "1.0.1")
                .feature("urn:xmpp:mds:server-assist:0", OWN_ACCOUNT, ACCOUNT)
                .message(Stage.ANNOTATE, this::annotate);
    }

    /** The peer must not see it, nor any archive or copy: it is taken off before all of these (§6.2). */
    private Verdict annotate(Passage passage, Turn turn) {
        Message message = passage.message();
        if (passage.way() != Way.OUTBOUND || !message.payload().has(DISPLAYED)) {
            return Verdict.PASS;
        }
        Element displayed = message.payload().first(DISPLAYED);
        passage.replace(message.withPayload(message.payload().without(DISPLAYED::equals)));
        if (displayed != null && message.to() != null && isOn(turn)) {
            String chat = message.to().toString();
            if (isNews(displayed, pubsub.item(NODE, chat, turn), turn)) {
                pubsub.publish(NODE, chat, displayed, Map.of(), turn);
            }
        }
        return passage.message().payload().isEmpty() ? Verdict.drop("only told the server") : Verdict.PASS;
    }

    private boolean isOn(Turn turn) {
        HostConfig host = setup.config().host(turn.jid().domain());
        return host.hasModule(KEY) && host.hasModule(PepModule.KEY);
    }

    @Override
    public void observe(Observer observer) {
        pubsub.observe(NODE, new NodeObserver() {
            @Override
            public void published(Item item, @Nullable Item before, Turn turn) {
                BareJid chat = chat(item.id());
                Element displayed = item.content();
                StanzaId upTo = displayed == null ? null : upTo(displayed);
                if (chat != null && upTo != null && isOn(turn)) {
                    observer.displayed(chat, upTo, turn);
                }
            }
        });
    }

    @Override
    public void displayed(BareJid chat, StanzaId upTo, Turn turn) {
        Element displayed = Element.of(DISPLAYED).child(upTo.element());
        Item before = pubsub.item(NODE, chat.toString(), turn);
        if (isOn(turn) && !isOfRoom(chat, before) && isNews(displayed, before, turn)) {
            pubsub.publish(NODE, chat.toString(), displayed, Map.of(), turn);
        }
    }

    /** The item's id is whatever a client wrote. */
    private static @Nullable BareJid chat(String id) {
        try {
            return Jid.parse(id) instanceof BareJid chat ? chat : null;
        } catch (JidException e) {
            return null;
        }
    }

    /** In a room it is the room's archive whose ids count. */
    private static boolean isOfRoom(BareJid chat, @Nullable Item item) {
        Element displayed = item == null ? null : item.content();
        StanzaId upTo = displayed == null ? null : upTo(displayed);
        return upTo != null && upTo.by().equals(chat);
    }

    /** "MUST contain exactly one stanza-id element"; null for what does not. */
    private static @Nullable StanzaId upTo(Element displayed) {
        List<Element> ids = displayed.children(StanzaId.NAME);
        return displayed.is(DISPLAYED) && ids.size() == 1 ? StanzaId.parse(ids.get(0)) : null;
    }

    /** "The displayed state only moves forward": of ids in the account's own archive it is known which is the later. */
    private static boolean isNews(Element displayed, @Nullable Item before, Turn turn) {
        Element last = before == null ? null : before.content();
        String older = last == null ? null : archiveId(last, turn);
        String newer = archiveId(displayed, turn);
        // Ids and stamps are of one clock: an id that was not yet when it was published names nothing.
        boolean isReal = before != null && older != null && Long.parseLong(older) < before.stamp();
        return !isReal || newer == null || newer.compareTo(older) > 0;
    }

    private static @Nullable String archiveId(Element displayed, Turn turn) {
        StanzaId id = upTo(displayed);
        if (id == null || !id.by().equals(turn.jid()) || id.id().length() != ARCHIVE_ID_DIGITS) {
            return null;
        }
        return id.id().chars().allMatch(c -> c >= '0' && c <= '9') ? id.id() : null;
    }
}
