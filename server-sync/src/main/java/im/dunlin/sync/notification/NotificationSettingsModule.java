// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.notification;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.NodeObserver;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who wants no notification of a chat (XEP-0492, in its bookmark) mutes its conversation for Xabber's clients, and ends that when the
 * setting is another. What the bookmark does not change of the setting changes nothing, so that a mute by one of these clients stays.
 *
 * <p>A mute is for all clients of the account; so it is the setting for all that counts, not one for phones or for desktops.
 */
public final class NotificationSettingsModule implements NodeObserver {
    /** Its name in the configuration. */
    public static final String KEY = "notification-settings";

    private static final String BOOKMARKS = "urn:xmpp:bookmarks:1";
    private static final Name EXTENSIONS = Name.of(BOOKMARKS, "extensions");
    private static final Name NOTIFY = Name.of("urn:xmpp:notification-settings:1", "notify");
    private static final Name NEVER = Name.of(NOTIFY.namespace(), "never");

    /** Conversations that began in this turn. */
    private static final CacheKey<Set<ConversationKey>> BEGUN = new CacheKey<>("notification-settings.begun");

    private final ServerConfig config;
    private final ConversationLog log;
    private final PubSub pubsub;

    public NotificationSettingsModule(Setup setup) {
        config = setup.config();
        log = setup.require(ConversationLog.class);
        pubsub = setup.require(PubSub.class);
        pubsub.observe(BOOKMARKS, this);
        log.observe(this::changed);
    }

    /** What was said of a chat before there was a conversation holds for it, too. */
    private void changed(Turn turn, ConversationKey key, ConversationHead head, Cause cause) {
        if (cause == Cause.MESSAGE && head.number() == head.changeStamp()) {
            turn.atEnd(BEGUN, LinkedHashSet::new, begun -> begun.forEach(each -> begun(each, turn)))
                    .add(key);
        }
    }

    private void begun(ConversationKey key, Turn turn) {
        Item item = pubsub.item(BOOKMARKS, key.peer().toString(), turn);
        if (item != null && isNever(item)) {
            mute(key, true, turn);
        }
    }

    @Override
    public void published(Item item, @Nullable Item before, Turn turn) {
        boolean isNever = isNever(item);
        if (isNever != (before != null && isNever(before))) {
            mute(item, isNever, turn);
        }
    }

    @Override
    public void retracted(Item item, Turn turn) {
        if (isNever(item)) {
            mute(item, false, turn);
        }
    }

    private static boolean isNever(Item item) {
        Element bookmark = item.content();
        Element extensions = bookmark == null ? null : bookmark.first(EXTENSIONS);
        Element notify = extensions == null ? null : extensions.first(NOTIFY);
        return notify != null
                && notify.children(NEVER).stream()
                        .anyMatch(never ->
                                never.attr("identity-category") == null && never.attr("identity-type") == null);
    }

    private void mute(Item item, boolean isMuted, Turn turn) {
        BareJid chat = chat(item.id());
        if (chat != null) {
            log.reader().conversations(turn.reader(), turn.owner().key(), chat).stream()
                    .filter(row -> row.value().isLive())
                    .forEach(row -> mute(row.key(), isMuted, turn));
        }
    }

    private void mute(ConversationKey key, boolean isMuted, Turn turn) {
        if (!config.host(turn.jid().domain()).hasModule(KEY)) {
            return;
        }
        long until = isMuted ? turn.now().getEpochSecond() + ConversationHead.MUTED_FOREVER : 0;
        log.change(turn, key, Cause.STATE, head -> head.withMutedUntil(until));
    }

    /** The item's id is whatever a client wrote. */
    private static @Nullable BareJid chat(String id) {
        try {
            return Jid.parse(id).bare();
        } catch (JidException e) {
            return null;
        }
    }
}
