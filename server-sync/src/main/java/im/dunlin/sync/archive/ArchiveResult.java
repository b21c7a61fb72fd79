// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.MissedCall;
import org.jspecify.annotations.Nullable;

/** An archived message as a client is shown it (XEP-0313 §4.2). */
public final class ArchiveResult {
    private static final Name RESULT = Name.of(Ns.MAM, "result");

    /** What it adds around an archived message, about, in bytes. */
    public static final int WRAPPER_BYTES = 600;

    private ArchiveResult() {}

    /**
     * @param queryId what the client called its query; null if it did not
     * @param toXabber whether it is for a session of Client Synchronization
     */
    public static Element of(@Nullable String queryId, Row<Long, LogEntry> row, BareJid account, boolean toXabber) {
        Message archived = row.value().identified(account, row.key());
        return Element.builder(RESULT)
                .attrIfPresent("queryid", queryId)
                .attr("id", ArchiveId.format(row.key()))
                .child(Forwarded.of(
                        toXabber ? MissedCall.forXabber(archived) : archived,
                        new Delay(Micros.toInstant(row.value().received()), null)))
                .build();
    }
}
