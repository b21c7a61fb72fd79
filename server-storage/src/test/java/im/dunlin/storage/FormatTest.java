// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.storage.memory.MemoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What is on disk stays readable: golden files, and the vectors of the decisions that describe them. A change here
 * needs a new format and a migration.
 */
class FormatTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Path DECISIONS = Path.of("..", "docs", "adr");
    private static final Pattern VECTOR = Pattern.compile("\\| `([^`]*)` \\| `([0-9a-f]+)` \\|");

    private static Map<String, String> golden(String file) throws IOException {
        try (InputStream in = FormatTest.class.getResourceAsStream("/golden/" + file)) {
            Map<String, String> lines = new LinkedHashMap<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(" = ", 2))
                    .forEach(parts -> lines.put(parts[0], parts[1]));
            return lines;
        }
    }

    private static Map<String, String> vectors(String decision) throws IOException {
        Map<String, String> vectors = new LinkedHashMap<>();
        Matcher matcher = VECTOR.matcher(Files.readString(DECISIONS.resolve(decision)));
        while (matcher.find()) {
            vectors.put(matcher.group(1), matcher.group(2));
        }
        return vectors;
    }

    private static Batch sampleBatch() {
        MemoryStore store = new MemoryStore();
        Table<SampleTables.Entry, String> entries = store.open(SampleTables.ENTRIES);
        Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
        OwnerKey juliet = new OwnerKey(287, 5);
        Changes changes = new Changes(store, 287);
        changes.put(entries, juliet, new SampleTables.Entry("romeo", 2), "\u00e9t\u00e9");
        changes.put(nicknames, juliet, "romeo", "Montague");
        changes.delete(entries, juliet, new SampleTables.Entry("romeo", 1));
        changes.deletePrefix(entries, juliet, k -> k.text("tybalt"));
        return changes.toBatch();
    }

    @Test
    void keysAreAsTheyWere() throws IOException {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("owner", hex(new KeyWriter().u16(287).u64(5)));
        keys.put("owner slot", HEX.formatHex(OwnerKey.ofSlot(1023).toBytes()));
        keys.put("owner cluster", HEX.formatHex(OwnerKey.CLUSTER.toBytes()));
        keys.put("u8", hex(new KeyWriter().u8(200)));
        keys.put("u16", hex(new KeyWriter().u16(40_000)));
        keys.put("u32", hex(new KeyWriter().u32(3_000_000_000L)));
        keys.put("u64", hex(new KeyWriter().u64(1_800_000_000_000_000L)));
        keys.put("descending", hex(new KeyWriter().descending(1_800_000_000_000_000L)));
        keys.put("text", hex(new KeyWriter().text("a\u00e9\u4f8b\uD83D\uDE00")));
        keys.put("text empty", hex(new KeyWriter().text("")));
        keys.put("bytes", hex(new KeyWriter().bytes(new byte[] {0, -1})));

        assertThat(keys).isEqualTo(golden("keys.txt"));
    }

    @Test
    void valuesAreAsTheyWere() throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("present", HEX.formatHex(Values.PRESENT.write(true)));
        values.put("long", HEX.formatHex(Values.LONG.write(1_800_000_000_000_000L)));
        values.put("text", HEX.formatHex(Values.TEXT.write("a\u00e9")));
        values.put("bytes", HEX.formatHex(Values.BYTES.write(new byte[] {0, -1})));
        values.put("epoch", HEX.formatHex(Epoch.CODEC.write(new Epoch(1, 2))));
        ValueWriter parts = new ValueWriter(7)
                .u8(200)
                .bool(true)
                .varint(0)
                .varint(300)
                .varint(-1)
                .fixed64(-2)
                .nullableText(null)
                .nullableText("x")
                .list(List.of("p", "q"), ValueWriter::text);
        values.put("parts", HEX.formatHex(parts.toBytes()));

        assertThat(values).isEqualTo(golden("values.txt"));
    }

    @Test
    void batchIsAsItWas() throws IOException {
        String encoded = golden("batch.txt").get("batch");

        assertThat(HEX.formatHex(sampleBatch().encode())).isEqualTo(encoded);
        assertThat(Batch.decode(HEX.parseHex(encoded))).isEqualTo(sampleBatch());
    }

    @Test
    void slotsAreThoseOfTheDecision() throws IOException {
        Matcher matcher = Pattern.compile("\\| `([^`]*)` \\| ([0-9]+) \\|")
                .matcher(Files.readString(DECISIONS.resolve("0001-keys-and-owner-numbers.md")));
        int count = 0;
        while (matcher.find()) {
            assertThat(Slots.of(matcher.group(1))).as(matcher.group(1)).isEqualTo(Integer.parseInt(matcher.group(2)));
            count++;
        }
        assertThat(count).isGreaterThanOrEqualTo(8);
    }

    @Test
    void keysAreThoseOfTheDecision() throws IOException {
        Map<String, String> vectors = vectors("0001-keys-and-owner-numbers.md");

        assertThat(vectors).isNotEmpty();
        assertThat(golden("keys.txt")).containsAllEntriesOf(vectors);
    }

    @Test
    void batchIsThatOfTheDecision() throws IOException {
        assertThat(vectors("0002-batch.md")).containsValue(golden("batch.txt").get("batch"));
    }

    private static String hex(KeyWriter key) {
        return HEX.formatHex(key.toBytes());
    }
}
