// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.delivery;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Attribute;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.MicroTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Xabber's clients find before the payload of an archived message: its id in the archive, twice, and its time.
 *
 * <p>The time is the id's, which is that of the reception unless the wall clock was set back; so the order of times is always
 * that of ids, and one message has one time wherever it is shown.
 */
public final class ArchivedElements {
    public static final String DELIVERY = "https://xabber.com/protocol/delivery";

    static final Name ARCHIVED = Name.of("urn:xmpp:mam:tmp", "archived");
    static final Name TIME = Name.of(DELIVERY, "time");

    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");

    /** What carries a message that is or was in the archive: copies to other devices, and pages of the archive. */
    private static final Set<Name> WRAPPERS =
            Set.of(Name.of(Ns.CARBONS, "sent"), Name.of(Ns.CARBONS, "received"), Name.of(Ns.MAM, "result"));

    private ArchivedElements() {}

    /** @param id in the archive of the account */
    public static List<Element> of(long id, BareJid account) {
        Element archived = Element.of(ARCHIVED).attr("by", account.toString()).attr("id", ArchiveId.format(id));
        return List.of(archived, new StanzaId(ArchiveId.format(id), account).element(), time(id, account));
    }

    /** The message with these elements beside each id that the account's archive gave it, also inside a copy or a result. */
    static Message added(Message message, BareJid account) {
        List<Element> additions = withElements(message.additions(), account);
        Message added = additions == null ? message : message.withAdditions(additions);
        boolean isWrapper = account.equals(message.from())
                && message.payload().count() == 1
                && message.payload().names().stream().anyMatch(WRAPPERS::contains);
        return isWrapper
                ? added.withPayload(
                        Payload.of(inside(message.payload().children().get(0), account, Forwarded.NAME, MESSAGE)))
                : added;
    }

    /** The element with its first child of the first name replaced so, and in that its child of the next. */
    private static Element inside(Element element, BareJid account, Name... path) {
        if (path.length == 0) {
            List<Element> children = withElements(element.children(), account);
            return children == null ? element : withChildren(element, children);
        }
        Name[] rest = Arrays.copyOfRange(path, 1, path.length);
        List<Element> children = new ArrayList<>();
        for (Element child : element.children()) {
            children.add(child.is(path[0]) ? inside(child, account, rest) : child);
        }
        return withChildren(element, children);
    }

    private static Element withChildren(Element element, List<Element> children) {
        ElementBuilder changed = Element.builder(element.name()).lang(element.lang());
        for (Attribute attribute : element.attributes()) {
            changed.attr(attribute.prefix(), attribute.name(), attribute.value());
        }
        return changed.children(children).build();
    }

    /** Null if none of them is an id that the account's archive gave. */
    private static @Nullable List<Element> withElements(List<Element> children, BareJid account) {
        for (int i = 0; i < children.size(); i++) {
            StanzaId stanzaId = children.get(i).is(StanzaId.NAME) ? StanzaId.parse(children.get(i)) : null;
            Long id = stanzaId == null || !stanzaId.by().equals(account) ? null : ArchiveId.parse(stanzaId.id());
            if (id != null) {
                List<Element> added = new ArrayList<>(children);
                added.remove(i);
                added.addAll(i, of(id, account));
                return added;
            }
        }
        return null;
    }

    static Element time(long id, BareJid account) {
        return Element.of(TIME).attr("by", account.toString()).attr("stamp", MicroTime.format(Micros.toInstant(id)));
    }
}
