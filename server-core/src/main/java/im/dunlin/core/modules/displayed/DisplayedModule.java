// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.displayed;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0490: Message Displayed Synchronization. A private node with an item for each chat; a client that tells its peer what it has
 * displayed may leave the publication to the server (§5.5).
 */
public final class DisplayedModule {
    /** Whoever keeps read positions observes it. */
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
        setup.implementing(490, "1.0.1")
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
        return setup.config().host(turn.jid().domain()).hasModule(PepModule.KEY);
    }

    /** "The displayed state only moves forward": of ids in the account's own archive it is known which is the later. */
    private static boolean isNews(Element displayed, @Nullable Item before, Turn turn) {
        Element last = before == null ? null : before.content();
        String older = last == null ? null : archiveId(last, turn);
        String newer = archiveId(displayed, turn);
        return older == null || newer == null || newer.compareTo(older) > 0;
    }

    private static @Nullable String archiveId(Element displayed, Turn turn) {
        Element element = displayed.first(StanzaId.NAME);
        StanzaId id = element == null ? null : StanzaId.parse(element);
        if (id == null || !id.by().equals(turn.jid()) || id.id().length() != ARCHIVE_ID_DIGITS) {
            return null;
        }
        return id.id().chars().allMatch(c -> c >= '0' && c <= '9') ? id.id() : null;
    }
}
