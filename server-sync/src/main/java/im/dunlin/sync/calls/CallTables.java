// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import im.dunlin.sync.calls.Call.Reason;
import im.dunlin.sync.calls.Call.State;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the call ledger. Every key begins with its owner, the account.
 *
 * <pre>
 * calls         session id          → the call
 * calls-live    peer, session id    → nothing; one row for each call that is not over
 * calls-ended   end, session id     → nothing; one row for each call that is over
 * </pre>
 */
final class CallTables {
    record Live(BareJid peer, String sid) {}

    record Ended(long at, String sid) {}

    static final TableSpec<String, Call> CALLS =
            new TableSpec<>("calls", Shape.POINT, Keys.TEXT, Values.versioned(1, CallTables::write, CallTables::read));

    static final TableSpec<Live, Boolean> LIVE =
            new TableSpec<>("calls-live", Shape.QUEUE, new LiveKeys(), Values.PRESENT);

    static final TableSpec<Ended, Boolean> ENDED =
            new TableSpec<>("calls-ended", Shape.QUEUE, new EndedKeys(), Values.PRESENT);

    final Table<String, Call> calls;
    final Table<Live, Boolean> live;
    final Table<Ended, Boolean> ended;

    CallTables(Setup setup) {
        calls = setup.table(CALLS);
        live = setup.table(LIVE);
        ended = setup.table(ENDED);
    }

    private static void write(ValueWriter out, Call call) {
        Reason reason = call.reason();
        out.text(call.sid()).bool(call.isOutgoing()).text(call.peer().toString());
        jid(out, call.device());
        jid(out, call.peerDevice());
        out.u8(call.state().ordinal())
                .fixed64(call.start())
                .fixed64(call.revision())
                .nullable(reason, (o, why) -> o.u8(why.ordinal()).fixed64(call.end()))
                .nullableText(call.archiveId())
                .nullableText(call.continues())
                .nullableText(call.migratedTo())
                .nullable(call.offer(), StanzaCodec::write);
    }

    private static void jid(ValueWriter out, @Nullable FullJid jid) {
        out.nullableText(jid == null ? null : jid.toString());
    }

    /** Why and when. */
    private record End(@Nullable Reason reason, long at) {
        static final End NONE = new End(null, 0);
    }

    private static Call read(ValueReader in) {
        String sid = in.text();
        boolean outgoing = in.bool();
        BareJid peer = bare(in.text());
        FullJid device = full(in.nullableText());
        FullJid peerDevice = full(in.nullableText());
        State state = ordinal(State.values(), in.u8());
        long start = in.fixed64();
        long revision = in.fixed64();
        End read = in.nullable(i -> new End(ordinal(Reason.values(), i.u8()), i.fixed64()));
        End end = read == null ? End.NONE : read;
        return new Call(
                sid,
                outgoing,
                peer,
                device,
                peerDevice,
                state,
                start,
                revision,
                end.at(),
                end.reason(),
                in.nullableText(),
                in.nullableText(),
                in.nullableText(),
                in.nullable(CallTables::message));
    }

    private static Message message(ValueReader in) {
        if (StanzaCodec.read(in) instanceof Message message) {
            return message;
        }
        throw new CorruptionException("a call that was not proposed by a message");
    }

    private static <E> E ordinal(E[] values, int ordinal) {
        if (ordinal >= values.length) {
            throw new CorruptionException("number " + ordinal + " of " + values.length);
        }
        return values[ordinal];
    }

    private static BareJid bare(String text) {
        if (Jid.prepared(text) instanceof BareJid jid) {
            return jid;
        }
        throw new CorruptionException("a caller with a resource");
    }

    private static @Nullable FullJid full(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (Jid.prepared(text) instanceof FullJid jid) {
            return jid;
        }
        throw new CorruptionException("a device without a resource");
    }

    private static final class LiveKeys implements KeyCodec<Live> {
        @Override
        public void write(Live key, KeyWriter out) {
            out.text(key.peer().toString()).text(key.sid());
        }

        @Override
        public Live read(KeyReader in) {
            return new Live(bare(in.text()), in.text());
        }
    }

    private static final class EndedKeys implements KeyCodec<Ended> {
        @Override
        public void write(Ended key, KeyWriter out) {
            out.u64(key.at()).text(key.sid());
        }

        @Override
        public Ended read(KeyReader in) {
            return new Ended(in.u64(), in.text());
        }
    }
}
