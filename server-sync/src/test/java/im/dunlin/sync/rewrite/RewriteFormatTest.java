// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is on disk stays readable. */
class RewriteFormatTest {
    private static final OwnerKey JULIET = new OwnerKey(287, 5);
    private static final long ID = 1_760_000_300_000_000L;

    private final Map<String, String> rows = new LinkedHashMap<>();

    @Test
    void keysAndValuesAreAsTheyWere() throws IOException {
        row(Asked.ASKED, new Asked.Question(ID, ID + 5), true);

        assertThat(rows).isEqualTo(golden());
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
        try (InputStream in = RewriteFormatTest.class.getResourceAsStream("/golden/rewrite.txt")) {
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
