// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.sync.calls.Call.Reason;
import im.dunlin.sync.calls.Call.State;
import im.dunlin.sync.calls.CallTables.Ended;
import im.dunlin.sync.calls.CallTables.Live;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What is on disk stays readable. */
class CallFormatTest {
    private static final OwnerKey JULIET = new OwnerKey(287, 5);
    private static final BareJid ROMEO = BareJid.of("romeo@montague.example");
    private static final FullJid PHONE = FullJid.of("juliet@capulet.example/phone");
    private static final FullJid ORCHARD = FullJid.of("romeo@montague.example/orchard");
    private static final long START = 1_760_000_300_000_000L;
    private static final long END = 1_760_000_312_000_000L;
    private static final String SID = "ca3cf894-5325-482f-a412-a6e9f832298d";

    private final Map<String, String> rows = new LinkedHashMap<>();

    @Test
    void keysAndValuesAreAsTheyWere() throws IOException {
        Call offered = new Call(
                SID,
                false,
                ROMEO,
                null,
                ORCHARD,
                State.RINGING,
                START,
                START + 1,
                0,
                null,
                "1760000300000000",
                "c0",
                null,
                TestStanzas.message("<message type='chat' from='" + ORCHARD + "' to='juliet@capulet.example'>"
                        + "<propose xmlns='urn:xmpp:jingle-message:0' id='" + SID + "'/></message>"));
        Call over = new Call(
                SID,
                true,
                ROMEO,
                PHONE,
                ORCHARD,
                State.ENDED,
                START,
                END,
                END,
                Reason.MIGRATED,
                null,
                null,
                "c2",
                null);
        row("offered", CallTables.CALLS, SID, offered);
        row("over", CallTables.CALLS, SID, over);
        row("live", CallTables.LIVE, new Live(ROMEO, SID), true);
        row("ended", CallTables.ENDED, new Ended(END, SID), true);

        assertThat(rows).isEqualTo(golden());
    }

    @Test
    void ordinalsOnDiskKeepTheirMeaning() {
        assertThat(State.values()).containsExactly(State.PROPOSED, State.RINGING, State.ANSWERED, State.ENDED);
        assertThat(Reason.values())
                .containsExactly(
                        Reason.REJECTED,
                        Reason.RETRACTED,
                        Reason.TIMEOUT,
                        Reason.FINISHED,
                        Reason.MIGRATED,
                        Reason.TIE_BREAK,
                        Reason.BLOCKED,
                        Reason.LOST);
    }

    private <K, V> void row(String name, TableSpec<K, V> spec, K key, V value) {
        Table<K, V> table = new Table<>(spec);
        byte[] keyBytes = table.key(JULIET, key);
        byte[] valueBytes = table.value(value);
        assertThat(table.row(keyBytes, valueBytes).key()).isEqualTo(key);
        assertThat(table.row(keyBytes, valueBytes).value()).isEqualTo(value);
        rows.put(name, HexFormat.of().formatHex(keyBytes) + " " + HexFormat.of().formatHex(valueBytes));
    }

    private static Map<String, String> golden() throws IOException {
        try (InputStream in = CallFormatTest.class.getResourceAsStream("/golden/calls.txt")) {
            Map<String, String> lines = new LinkedHashMap<>();
            new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" = ", 2))
                    .forEach(parts -> lines.put(parts[0], parts[1]));
            return lines;
        }
    }
}
