// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.delivery;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.MicroTime;
import java.util.List;

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

    private ArchivedElements() {}

    /** @param id in the archive of the account */
    public static List<Element> of(long id, BareJid account) {
        Element archived = Element.of(ARCHIVED).attr("by", account.toString()).attr("id", ArchiveId.format(id));
        return List.of(archived, new StanzaId(ArchiveId.format(id), account).element(), time(id, account));
    }

    static Element time(long id, BareJid account) {
        return Element.of(TIME).attr("by", account.toString()).attr("stamp", MicroTime.format(Micros.toInstant(id)));
    }
}
