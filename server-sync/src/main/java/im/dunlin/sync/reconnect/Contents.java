// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.Digest;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogReader.DigestRange;
import im.dunlin.sync.reconnect.Deltas.Source;
import im.dunlin.sync.synchronization.SynchronizationView;
import java.util.HexFormat;

/** How many entries a conversation has, and the digest by which a client proves that it has them all. */
final class Contents {
    static final Name CONTENTS = Name.of(ReconnectModule.NAMESPACE, "contents");

    private static final Name RANGE = Name.of(ReconnectModule.NAMESPACE, "range");
    private static final int MOST_RANGES = 250;

    private final LogReader log;

    Contents(LogReader log) {
        this.log = log;
    }

    /** The conversation with this too, unless it is a tombstone. */
    Element into(Element conversation, ConversationHead head) {
        if (head.status() == ConversationHead.Status.DELETED) {
            return conversation;
        }
        Element metadata = Element.builder(SynchronizationView.METADATA)
                .attr("node", ReconnectModule.NAMESPACE)
                .child(digest(Element.builder(CONTENTS), head.digest()).build())
                .build();
        return conversation.child(metadata);
    }

    /** @param below only ranges of lower ids */
    Element ranges(Source source, ConversationKey key, ConversationHead head, long below) {
        ElementBuilder contents = digest(
                Element.builder(CONTENTS)
                        .attr("jid", key.peer().toString())
                        .attr("type", key.type().wire()),
                head.digest());
        contents.attr("stamp", ArchiveId.format(log.stamp(source.rows(), source.account())));
        for (DigestRange range : log.digests(source.rows(), source.account(), head, below, MOST_RANGES)) {
            ElementBuilder element = Element.builder(RANGE)
                    .attr("from", ArchiveId.format(range.from()))
                    .attr("to", ArchiveId.format(range.to()));
            contents.child(digest(element, range.digest()).build());
        }
        return contents.build();
    }

    private static ElementBuilder digest(ElementBuilder element, Digest digest) {
        return element.attr("count", Long.toString(digest.count()))
                .attr("digest", HexFormat.of().toHexDigits(digest.sum()));
    }
}
