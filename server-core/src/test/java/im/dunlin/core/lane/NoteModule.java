// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Writes down, under the owner's clock, what happens to an owner: message bodies, timers, answers. */
final class NoteModule {
    static final Name FAIL = Name.of("urn:example:test", "fail");
    static final Name ASK = Name.of("urn:example:test", "ask");
    static final String KIND = "test.note";

    private final Table<Long, String> notes;
    private int failures;

    NoteModule(Setup setup) {
        notes = setup.table(new TableSpec<>("notes", Shape.LOG, Keys.NUMBER, Values.TEXT));
        setup.message(Stage.RECORD, (passage, turn) -> {
                    note(turn, passage.way() + " " + passage.message().body());
                    return Verdict.PASS;
                })
                .iqSet(FAIL, Set.of(OWN_ACCOUNT), (iq, turn) -> {
                    note(turn, "must not stay");
                    throw StanzaError.conflict().toException();
                })
                .iqSet(ASK, Set.of(ACCOUNT), (iq, turn) -> {
                    note(turn, "asked");
                    return iq.result();
                })
                .timer(KIND, (data, turn) -> {
                    note(turn, "timer " + text(data));
                    if (text(data).startsWith("fail") && failures++ == 0) {
                        throw new IllegalStateException("a timer's turn fails");
                    }
                })
                .continuation(
                        KIND,
                        (data, answer, turn) -> note(
                                turn, "answer to " + text(data) + ": " + (answer == null ? "none" : answer.type())));
    }

    void note(Turn turn, String text) {
        turn.put(notes, turn.stamp(), text);
    }

    List<String> notes(Turn turn) {
        return turn.scan(notes, Range.all(), Direction.FORWARD, 1_000).stream()
                .map(row -> row.value())
                .toList();
    }

    static List<String> of(im.dunlin.core.testing.TestServer server, NoteModule module, String owner) {
        List<String> found = server.turn((BareJid) im.dunlin.core.jid.Jid.of(owner), module::notes);
        return found == null ? List.of() : found;
    }

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8);
    }
}
