// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.portable.PortableException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LuaReaderTest {
    private static LuaReader reader(byte[] text) throws PortableException {
        return new LuaReader("test.dat", new ByteArrayInputStream(text));
    }

    private static LuaTable table(String text) throws PortableException {
        return reader(text.getBytes(StandardCharsets.UTF_8)).table();
    }

    @Test
    void tablesAreReadAsTheyAreWritten() throws Exception {
        LuaTable table = table("""
                return {
                	[false] = {
                		["version"] = 4;
                		["pending"] = {};
                	};
                	["r\\195\\182meo@localhost"] = {
                		["groups"] = { ["a \\"b\\" \\\\ \\n\\009"] = true; };
                		name = 'none' == nil;
                	};
                };
                """.replace("\t\tname = 'none' == nil;\n", ""));

        assertThat(table.entries().keySet()).containsExactly(false, "römeo@localhost");
        assertThat(table.table(false).number("version")).isEqualTo(4.0);
        assertThat(table.table("römeo@localhost").table("groups").get("a \"b\" \\ \n\t"))
                .isEqualTo(true);
    }

    @Test
    void whatHasNoKeyIsASequence() throws Exception {
        LuaTable table = table("return { \"a\"; { \"b\" }, 3, [4] = \"d\"; x = -1.5e3, [6] = \"no\" }");

        assertThat(table.sequence()).hasSize(4).contains("a", 3L, "d");
        assertThat(table.get("x")).isEqualTo(-1500.0);
    }

    @Test
    void listIsReadItemByItem() throws Exception {
        LuaReader reader = reader("item({ 1 });\nitem({\n\t2;\n});\n".getBytes(StandardCharsets.UTF_8));

        assertThat(reader.item().sequence()).containsExactly(1L);
        assertThat(reader.item().sequence()).containsExactly(2L);
        assertThat(reader.item()).isNull();
    }

    /** There is nothing to run it with; it must not be taken for something else either. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "return os.execute('true')",
                "return { os.execute(\"true\") }",
                "return { [\"a\"] = function() end }",
                "return { (1/0) }",
                "return { 1 .. 2 }",
                "return { \"a\" .. \"b\" }",
                "return { [[a]] }",
                "return { 'a' }",
                "return { \"a }",
                "return { \"a\n\" }",
                "return { \"\\300\" }",
                "return { \"\\255\" }",
                "return { \"\\x41\" }",
                "return { 1--2\n }",
                "return { 99999999999999999999 }",
                "return { -- comment\n }",
                "return { [nil] = 1 }",
                "return { a = }",
                "return { = 1 }",
                "return {} {}",
                "return 1",
                "return",
                "{}",
                "return { 1 2 }",
                "return { {",
                "",
                "local a = {} return a"
            })
    void whatIsNoDataIsRefusedWithItsPlace(String text) {
        assertThatThrownBy(() -> table(text))
                .isInstanceOf(PortableException.class)
                .hasMessageStartingWith("test.dat:");
    }

    @Test
    void placeIsToldByLineAndColumn() {
        assertThatThrownBy(() -> table("return {\n\t[\"a\"] = 1;\n\t!\n}")).hasMessageStartingWith("test.dat:3:2: ");
    }

    @Test
    void depthAndSizeAreBounded() {
        assertThatThrownBy(() -> table("return " + "{".repeat(100_000))).hasMessageContaining("tables in each other");
        assertThatThrownBy(() -> table("return {\"" + "x".repeat(LuaReader.MAX_TABLE_BYTES) + "\"}"))
                .hasMessageContaining("a table of more than");
    }

    @Test
    void whateverIsSerializedIsReadBack() throws Exception {
        Random random = new Random(227);
        for (int i = 0; i < 500; i++) {
            LuaTable table = randomTable(random, 0);

            assertThat(shown(table("return " + serialized(table) + ";\n"))).isEqualTo(shown(table));
        }
    }

    /** Whatever is done to a file, it is read or refused. */
    @Test
    void damageIsReadOrRefused() throws Exception {
        Random random = new Random(0227);
        for (int i = 0; i < 20_000; i++) {
            byte[] text = ("return " + serialized(randomTable(random, 1)) + ";\n").getBytes(StandardCharsets.UTF_8);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                text[random.nextInt(text.length)] = (byte) "{}[]=;\"\\\n, ()ax1-.".charAt(random.nextInt(18));
            }
            try {
                assertThat(reader(text).table()).isNotNull();
            } catch (PortableException e) {
                assertThat(e).hasMessageStartingWith("test.dat:");
            }
        }
    }

    private static LuaTable randomTable(Random random, int depth) {
        LuaTable table = new LuaTable();
        for (int i = random.nextInt(5); i > 0; i--) {
            Object value = randomValue(random, depth);
            switch (random.nextInt(3)) {
                case 0 -> table.add(value);
                case 1 -> table.put(randomText(random), value);
                default -> table.put(random.nextBoolean(), value);
            }
        }
        return table;
    }

    private static Object randomValue(Random random, int depth) {
        return switch (random.nextInt(depth > 4 ? 4 : 5)) {
            case 0 -> randomText(random);
            case 1 -> random.nextLong();
            case 2 -> random.nextDouble() * 1e9;
            case 3 -> random.nextBoolean();
            default -> randomTable(random, depth + 1);
        };
    }

    private static String randomText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.appendCodePoint(List.of((int) 'a', (int) '"', (int) '\\', 10, 13, 0, 0xE9, 0x2764, 0x1F600)
                    .get(random.nextInt(9)));
        }
        return text.toString();
    }

    /** As util.serialization does it. */
    private static String serialized(Object value) {
        if (value instanceof LuaTable table) {
            StringBuilder text = new StringBuilder("{");
            long next = 1;
            for (Map.Entry<Object, Object> each : table.entries().entrySet()) {
                text.append("\n\t");
                if (each.getKey().equals(next)) {
                    next++;
                } else {
                    text.append('[').append(serialized(each.getKey())).append("] = ");
                }
                text.append(serialized(each.getValue())).append(';');
            }
            return text.append("\n}").toString();
        }
        if (value instanceof String string) {
            StringBuilder text = new StringBuilder("\"");
            for (byte octet : string.getBytes(StandardCharsets.UTF_8)) {
                switch (octet) {
                    case '\n' -> text.append("\\n");
                    case '\r' -> text.append("\\r");
                    case '"' -> text.append("\\\"");
                    case '\\' -> text.append("\\\\");
                    default -> text.append(octet < ' ' ? "\\%03d".formatted(octet & 0xFF) : Character.toString(octet));
                }
            }
            return text.append('"').toString();
        }
        return value.toString();
    }

    private static String shown(Object value) {
        return value instanceof LuaTable table
                ? table.entries().entrySet().stream()
                        .map(each -> each.getKey() + "=" + shown(each.getValue()))
                        .toList()
                        .toString()
                : value.toString();
    }
}
