// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.Micros;
import im.dunlin.push.payload.Notice;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A push that is to be sent, or a call's that was. It names what it is about; what there is to read is read again from the archive
 * when it is sent. Times are microseconds since 1970.
 *
 * @param created when the first that it stands for happened
 * @param kind of a message
 * @param archiveId of the newest message, 0 if the archive does not have it
 * @param count of messages that it stands for
 * @param isMention one of them names the user, or answers what the user wrote
 * @param ended why a call rings no more; null before
 * @param rang the device was woken for the call that ended
 * @param details media of a call that ended; ids in the archive of what was read or taken back, the newest last
 * @param due when it is sent
 * @param attempts that were not successful
 * @param isSent the service has it; kept until the call is over, so that nothing rings twice
 */
record Pending(
        long created,
        Notice.Message.Kind kind,
        long archiveId,
        int count,
        boolean isMention,
        Notice.CallEnd.@Nullable Reason ended,
        boolean rang,
        List<String> details,
        long due,
        int attempts,
        boolean isSent) {
    static final int MOST_DETAILS = 20;

    static final ValueCodec<Pending> CODEC = Values.versioned(1, Pending::write, Pending::read);

    static Pending message(Notice.Message.Kind kind, long archiveId, boolean isMention, Instant now) {
        long at = Micros.of(now);
        return new Pending(at, kind, archiveId, 1, isMention, null, false, List.of(), at, 0, false);
    }

    static Pending call(Instant now) {
        long at = Micros.of(now);
        return new Pending(at, Notice.Message.Kind.CHAT, 0, 1, false, null, false, List.of(), at, 0, false);
    }

    static Pending read(List<String> ids, Instant now) {
        long at = Micros.of(now);
        return new Pending(at, Notice.Message.Kind.CHAT, 0, 1, false, null, false, ids, at, 0, false);
    }

    static Pending callEnd(Notice.CallEnd.Reason reason, boolean rang, List<String> media, Instant now) {
        long at = Micros.of(now);
        return new Pending(at, Notice.Message.Kind.CHAT, 0, 1, false, reason, rang, media, at, 0, false);
    }

    /** With one more message; it is sent when it would have been. */
    Pending and(Pending next) {
        return new Pending(
                created,
                next.kind,
                next.archiveId,
                count + next.count,
                isMention || next.isMention,
                ended,
                rang,
                union(details, next.details),
                due,
                attempts,
                isSent);
    }

    private static List<String> union(List<String> some, List<String> more) {
        List<String> all =
                Stream.concat(some.stream(), more.stream()).distinct().toList();
        return all.subList(Math.max(0, all.size() - MOST_DETAILS), all.size());
    }

    /** Without those that were sent. */
    Pending less(Pending other) {
        return new Pending(
                created,
                kind,
                archiveId,
                count - other.count,
                isMention && !other.isMention,
                ended,
                rang,
                details.stream().filter(each -> !other.details.contains(each)).toList(),
                due,
                0,
                isSent);
    }

    Pending dueAt(Instant when) {
        return new Pending(
                created, kind, archiveId, count, isMention, ended, rang, details, Micros.of(when), attempts, isSent);
    }

    Pending failed(Instant again) {
        return new Pending(
                created,
                kind,
                archiveId,
                count,
                isMention,
                ended,
                rang,
                details,
                Micros.of(again),
                attempts + 1,
                isSent);
    }

    Pending sent() {
        return new Pending(created, kind, archiveId, count, isMention, ended, rang, details, due, attempts, true);
    }

    Instant createdAt() {
        return Micros.toInstant(created);
    }

    boolean isDue(Instant now) {
        return due <= Micros.of(now);
    }

    private static void write(ValueWriter out, Pending pending) {
        Notice.CallEnd.Reason ended = pending.ended;
        out.fixed64(pending.created)
                .u8(pending.kind.ordinal())
                .varint(pending.archiveId)
                .varint(pending.count)
                .bool(pending.isMention)
                .u8(ended == null ? 0 : ended.ordinal() + 1)
                .bool(pending.rang)
                .list(pending.details, ValueWriter::text)
                .fixed64(pending.due)
                .varint(pending.attempts)
                .bool(pending.isSent);
    }

    private static Pending read(ValueReader in) {
        return new Pending(
                in.fixed64(),
                kind(in.u8()),
                in.varint(),
                in.size(),
                in.bool(),
                reason(in.u8()),
                in.bool(),
                in.list(ValueReader::text),
                in.fixed64(),
                in.size(),
                in.bool());
    }

    private static Notice.Message.Kind kind(int ordinal) {
        if (ordinal >= Notice.Message.Kind.values().length) {
            throw new CorruptionException("a message of kind " + ordinal);
        }
        return Notice.Message.Kind.values()[ordinal];
    }

    private static Notice.CallEnd.@Nullable Reason reason(int code) {
        if (code > Notice.CallEnd.Reason.values().length) {
            throw new CorruptionException("the end " + code + " of a call");
        }
        return code == 0 ? null : Notice.CallEnd.Reason.values()[code - 1];
    }
}
