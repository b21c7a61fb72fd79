// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.reports;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.List;

/**
 * What somebody said about somebody else.
 *
 * @param time microseconds since 1970
 * @param reason a URI; that of spam, that of abuse, or one that we do not know
 * @param text for people; may be empty
 * @param messages ids of messages that are meant, as their archives know them
 */
public record Report(BareJid by, Jid about, long time, String reason, String text, List<String> messages) {
    /** Format 1: the parts in order. */
    static final ValueCodec<Report> CODEC = Values.versioned(1, Report::write, Report::read);

    public Report {
        messages = List.copyOf(messages);
    }

    private static void write(ValueWriter out, Report report) {
        out.text(report.by.toString())
                .text(report.about.toString())
                .varint(report.time)
                .text(report.reason)
                .text(report.text)
                .list(report.messages, ValueWriter::text);
    }

    private static Report read(ValueReader in) {
        return new Report(
                (BareJid) Jid.prepared(in.text()),
                Jid.prepared(in.text()),
                in.varint(),
                in.text(),
                in.text(),
                in.list(ValueReader::text));
    }
}
