// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Positions;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What conversations are beside their messages, for servers of this kind: XEP-0227 has nothing for it and lets others pass over it.
 *
 * <pre>{@code
 * <conversation xmlns='https://dunlin.im/protocol/portable/1' jid='romeo@montague.net' type='urn:xabber:chat'
 *     status='archived' pin='1' muted='1700000000' read='1690000000000000' delivered='…' displayed='…'/>
 * }</pre>
 */
final class ConversationsPart implements AccountPart {
    private static final Name CONVERSATION = Name.of("https://dunlin.im/protocol/portable/1", "conversation");

    private final ConversationLog log;

    ConversationsPart(ConversationLog log) {
        this.log = log;
    }

    @Override
    public Set<Name> elements() {
        return Set.of(CONVERSATION);
    }

    @Override
    public void export(Owner account, Reader reader, Consumer<Element> out) {
        log.reader().forEachConversation(reader, account.key(), row -> out.accept(element(row)));
    }

    private static Element element(Row<ConversationKey, ConversationHead> row) {
        ConversationHead head = row.value();
        Positions at = head.positions();
        String status =
                head.status() == Status.ACTIVE ? null : head.status().name().toLowerCase(Locale.ROOT);
        return Element.of(CONVERSATION)
                .attr("jid", row.key().peer().toString())
                .attr("type", row.key().type().wire())
                .attrIfPresent("status", status)
                .attrIfPresent("pin", head.pin() == 0 ? null : Long.toString(head.pin()))
                .attrIfPresent("muted", head.mutedUntil() == 0 ? null : Long.toString(head.mutedUntil()))
                .attrIfPresent("read", id(at.read()))
                .attrIfPresent("delivered", id(at.delivered()))
                .attrIfPresent("displayed", id(at.displayed()));
    }

    private static @Nullable String id(long id) {
        return id == 0 ? null : ArchiveId.format(id);
    }

    @Override
    public void take(Element piece, Turn turn) {
        BareJid peer = piece.requireJid("jid").bare();
        ConversationType type = ConversationType.parse(piece.requireAttr("type"));
        if (type == null) {
            throw StanzaError.badRequest("type='" + piece.attr("type") + "'").toException();
        }
        Positions positions =
                new Positions(number(piece, "read"), number(piece, "delivered"), number(piece, "displayed"));
        log.restore(
                turn,
                new ConversationKey(peer, type),
                status(piece.attr("status")),
                number(piece, "pin"),
                number(piece, "muted"),
                positions);
    }

    private static long number(Element element, String name) {
        Long number = element.optionalLong(name, 0, Long.MAX_VALUE);
        return number == null ? 0 : number;
    }

    private static Status status(@Nullable String text) {
        if (text == null) {
            return Status.ACTIVE;
        }
        return switch (text) {
            case "active" -> Status.ACTIVE;
            case "archived" -> Status.ARCHIVED;
            case "deleted" -> Status.DELETED;
            default -> throw StanzaError.badRequest("status='" + text + "'").toException();
        };
    }
}
