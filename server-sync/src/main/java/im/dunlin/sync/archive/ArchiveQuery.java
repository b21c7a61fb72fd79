// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks its archive for (XEP-0313 §4). Ids are known to be ids here, and not yet to be in the archive.
 *
 * @param start microseconds since 1970; {@link Long#MIN_VALUE} without
 * @param end as {@code start}; {@link Long#MAX_VALUE} without
 * @param type null without; a field of Xabber's clients, as the next
 * @param tags empty without; the answer then has only what is one of these
 * @param text null without; the answer then has only what says this
 * @param counted whether the client wants to know how many match, which is only counted for who asks
 * @param ids null without; the answer then has only these
 */
record ArchiveQuery(
        @Nullable String queryId,
        boolean flipped,
        @Nullable Jid with,
        @Nullable ConversationType type,
        Set<MessageTag> tags,
        @Nullable TextSearch text,
        boolean counted,
        long start,
        long end,
        @Nullable Long afterId,
        @Nullable Long beforeId,
        @Nullable List<Long> ids,
        PageRequest page,
        @Nullable Long pageAfter,
        @Nullable Long pageBefore) {

    static final Name QUERY = Name.of(Ns.MAM, "query");
    private static final Name FLIP_PAGE = Name.of(Ns.MAM, "flip-page");

    static final String CONVERSATION_TYPE = "conversation-type";
    static final String WITH_TAGS = "with-tags";

    static final String WITH_TEXT = "withtext";
    static final String RSM_COUNTER = "rsm-counter";

    private static final Set<String> FIELDS = Set.of(
            "with",
            "start",
            "end",
            "before-id",
            "after-id",
            "ids",
            "include-groupchat",
            CONVERSATION_TYPE,
            WITH_TAGS,
            WITH_TEXT,
            RSM_COUNTER);

    static ArchiveQuery parse(Element query, AccountLimits limits) {
        if (query.attr("node") != null) {
            // Nodes are those of pubsub archives (XEP-0442).
            throw StanzaError.featureNotImplemented().toException();
        }
        FormFields fields = FormFields.parse(query.first(FormFields.FORM), Ns.MAM);
        for (String name : fields.names()) {
            if (!FIELDS.contains(name)) {
                throw StanzaError.featureNotImplemented()
                        .withText("unknown field")
                        .toException();
            }
        }
        Instant start = fields.time("start");
        Instant end = fields.time("end");
        PageRequest page =
                PageRequest.parse(query.first(PageRequest.SET), limits.archivePage(), limits.archivePageMax());
        String before = page.before();
        return new ArchiveQuery(
                query.attr("queryid"),
                query.has(FLIP_PAGE),
                fields.jid("with"),
                type(fields.one(CONVERSATION_TYPE)),
                tags(fields.all(WITH_TAGS)),
                TextSearch.parse(fields.one(WITH_TEXT)),
                fields.bool(RSM_COUNTER),
                start == null ? Long.MIN_VALUE : Micros.of(start),
                end == null ? Long.MAX_VALUE : Micros.of(end),
                id(fields.one("after-id")),
                id(fields.one("before-id")),
                ids(fields.all("ids")),
                page,
                id(page.after()),
                before == null || before.isEmpty() ? null : id(before));
    }

    /** The same, not from a page on. */
    ArchiveQuery fromTheEnd() {
        return new ArchiveQuery(
                queryId, flipped, with, type, tags, text, counted, start, end, afterId, beforeId, ids, page, null,
                null);
    }

    private static @Nullable ConversationType type(@Nullable String wire) {
        ConversationType type = wire == null ? null : ConversationType.parse(wire);
        if (wire != null && type == null) {
            throw StanzaError.badRequest("no such conversation type").toException();
        }
        return type;
    }

    private static Set<MessageTag> tags(List<String> texts) {
        Set<MessageTag> tags = EnumSet.noneOf(MessageTag.class);
        for (String text : texts) {
            MessageTag tag = MessageTag.parse(text);
            if (tag == null) {
                throw StanzaError.featureNotImplemented()
                        .withText("unknown tag")
                        .toException();
            }
            tags.add(tag);
        }
        return tags;
    }

    private static @Nullable List<Long> ids(List<String> texts) {
        if (texts.isEmpty()) {
            return null;
        }
        List<Long> ids = new ArrayList<>(texts.size());
        for (String text : texts) {
            Long id = id(text);
            if (id != null) {
                ids.add(id);
            }
        }
        return ids.stream().distinct().sorted().toList();
    }

    /** What is no id of ours is not in the archive. */
    private static @Nullable Long id(@Nullable String text) {
        if (text == null) {
            return null;
        }
        Long id = ArchiveId.parse(text);
        if (id == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return id;
    }
}
