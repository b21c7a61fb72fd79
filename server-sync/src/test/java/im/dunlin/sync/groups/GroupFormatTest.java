// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.groups;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is on disk stays readable. */
class GroupFormatTest {
    private static final OwnerKey JULIET = new OwnerKey(287, 5);
    private static final long ID = 1_760_000_300_000_000L;

    private final Map<String, String> rows = new LinkedHashMap<>();

    @Test
    void keysAndValuesAreAsTheyWere() throws IOException {
        row(
                GroupsModule.STATES,
                new ConversationKey(BareJid.of("tea@groups.example"), ConversationType.GROUP),
                new GroupState(
                        TestStanzas.message(
                                        "<message><user xmlns='https://xabber.com/protocol/groups' id='me'/></message>")
                                .payload()
                                .children()
                                .get(0),
                        GroupState.Privacy.INCOGNITO,
                        BareJid.of("all@groups.example"),
                        ID,
                        42));

        assertThat(rows).isEqualTo(golden());
    }

    @Test
    void whatIsUnknownIsRead() {
        assertThat(new Table<>(GroupsModule.STATES).value(GroupState.UNKNOWN)).hasSize(6);
        row(
                GroupsModule.STATES,
                new ConversationKey(BareJid.of("tea@groups.example"), ConversationType.CHANNEL),
                GroupState.UNKNOWN);
    }

    private <K, V> void row(TableSpec<K, V> spec, K key, V value) {
        Table<K, V> table = new Table<>(spec);
        byte[] keyBytes = table.key(JULIET, key);
        byte[] valueBytes = table.value(value);
        assertThat(table.row(keyBytes, valueBytes).key()).isEqualTo(key);
        assertThat(table.row(keyBytes, valueBytes).value()).isEqualTo(value);
        rows.put(
                spec.name(),
                HexFormat.of().formatHex(keyBytes) + " " + HexFormat.of().formatHex(valueBytes));
    }

    private static Map<String, String> golden() throws IOException {
        try (InputStream in = GroupFormatTest.class.getResourceAsStream("/golden/groups.txt")) {
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
