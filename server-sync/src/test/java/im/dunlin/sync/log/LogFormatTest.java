// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.sync.log.ConversationHead.Positions;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.LogTables.Lookup;
import im.dunlin.sync.log.LogTables.Place;
import im.dunlin.sync.log.LogTables.Rewrite;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is on disk stays readable. A change here needs a new format of the value, or a migration of the key. */
class LogFormatTest {
    private static final OwnerKey JULIET = new OwnerKey(287, 5);
    private static final long ID = 1_760_000_300_000_000L;
    private static final ConversationKey ROMEO =
            new ConversationKey(BareJid.of("romeo@montague.example"), ConversationType.OMEMO);

    private final Map<String, String> rows = new LinkedHashMap<>();

    @Test
    void keysAndValuesAreAsTheyWere() throws IOException {
        row(
                LogTables.LOG,
                ID,
                new LogEntry(
                        ID - 5,
                        ConversationType.OMEMO,
                        false,
                        LogEntry.State.KEPT,
                        ID - 1,
                        0,
                        "their-id",
                        "o-1",
                        TestStanzas.message("<message type='chat' id='m-1' from='romeo@montague.example/orchard'"
                                + " to='juliet@capulet.example'><body>Art thou not Romeo?</body></message>"),
                        0,
                        0));
        row(
                LogTables.LOG,
                ID + 1,
                new LogEntry(
                        ID - 5,
                        ConversationType.CHAT,
                        true,
                        LogEntry.State.RETRACTED,
                        ID,
                        ID + 9,
                        null,
                        null,
                        TestStanzas.message("<message to='romeo@montague.example'/>"),
                        0,
                        0));
        row(
                LogTables.LOG,
                ID + 2,
                new LogEntry(
                        ID - 5,
                        ConversationType.CHAT,
                        false,
                        LogEntry.State.GONE,
                        ID,
                        ID + 9,
                        null,
                        null,
                        TestStanzas.message("<message id='m-2' from='romeo@montague.example'/>"),
                        ID,
                        ID + 9));
        row(LogTables.CLEARING, ID - 5, true);
        row(LogTables.CLEARED, im.dunlin.storage.Keys.Single.ROW, ID + 10);
        row(LogTables.BY_CONVERSATION, new Place(ID - 5, ID), new EntryFlags(39));
        row(LogTables.LOOKUP, new Lookup(0x0123_4567_89ab_cdefL, ID), 3);
        row(LogTables.DIGESTS, new Place(ID - 5, 1600), new Digest(300, -2));
        row(
                LogTables.CONVERSATIONS,
                ROMEO,
                new ConversationHead(
                        ID - 5,
                        Status.ARCHIVED,
                        ID,
                        ID + 1,
                        1_759_000_000_000L,
                        1_760_086_700,
                        new Positions(ID - 4, ID - 3, ID - 2),
                        2,
                        ID,
                        ID,
                        ID + 1,
                        4_711,
                        new Digest(3, 4),
                        1600,
                        new Digest(1, -1)));
        row(LogTables.BY_ORDER, ID, ROMEO);
        row(LogTables.BY_CHANGE, ID + 1, ROMEO);
        row(LogTables.COUNT, im.dunlin.storage.Keys.Single.ROW, 113L);
        row(LogTables.UNREAD, ID, ROMEO);
        row(LogTables.UNREAD_SUMS, Keys.Single.ROW, new LogTables.UnreadSums(3, 300));
        row(LogTables.GONE_COUNT, Keys.Single.ROW, 300L);
        row(LogTables.PEERS, im.dunlin.storage.Keys.Single.ROW, 112L);
        row(LogTables.REWRITES, ID + 2, new Rewrite(Rewrite.Kind.RETRACTED, ROMEO, ID, ID + 2));
        row(LogTables.REWRITES_BY_CONVERSATION, new Place(ID - 5, ID + 2), true);
        row(LogTables.SKEW, im.dunlin.storage.Keys.Single.ROW, 7_200_000_000L);

        assertThat(rows).isEqualTo(golden());
    }

    @Test
    void digestIsASumOfHashesOfIdAndChange() {
        Digest one = Digest.EMPTY.plus(ID, ID);

        assertThat(one.sum()).isEqualTo(0xb9aef9388c470ff5L);
        assertThat(one.plus(ID + 1, ID + 5).minus(ID, ID)).isEqualTo(Digest.EMPTY.plus(ID + 1, ID + 5));
    }

    @Test
    void idIsSixteenDigits() {
        assertThat(ArchiveId.format(ID)).isEqualTo("1760000300000000");
        assertThat(ArchiveId.format(7)).isEqualTo("0000000000000007");
        assertThat(ArchiveId.parse("1760000300000000")).isEqualTo(ID);
        assertThat(Arrays.asList(
                        "", "7", "-760000300000000", "17600003000000000", "176000030000000x", "\u0661760000300000000"))
                .allMatch(junk -> ArchiveId.parse(junk) == null);
    }

    private <K, V> void row(TableSpec<K, V> spec, K key, V value) {
        Table<K, V> table = new Table<>(spec);
        byte[] keyBytes = table.key(JULIET, key);
        byte[] valueBytes = table.value(value);
        assertThat(table.row(keyBytes, valueBytes).key()).isEqualTo(key);
        assertThat(table.row(keyBytes, valueBytes).value()).isEqualTo(value);
        String name = spec.name();
        for (int i = 2; rows.containsKey(name); i++) {
            name = spec.name() + " " + i;
        }
        rows.put(name, HexFormat.of().formatHex(keyBytes) + " " + HexFormat.of().formatHex(valueBytes));
    }

    private static Map<String, String> golden() throws IOException {
        try (InputStream in = LogFormatTest.class.getResourceAsStream("/golden/log.txt")) {
            Map<String, String> lines = new LinkedHashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" = ", 2))
                    .forEach(parts -> lines.put(parts[0], parts[1]));
            return lines;
        }
    }
}
