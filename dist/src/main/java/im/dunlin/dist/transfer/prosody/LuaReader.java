// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.Position;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads what Prosody's serializer writes: {@code return TABLE;} in one file, {@code item(TABLE);} any number of times in another.
 *
 * <p>That is Lua, but nothing is run: there are tables, strings, numbers and truths, and whatever else comes is a mistake with line
 * and column. The size of a table and its depth are bounded.
 */
final class LuaReader implements Closeable {
    /** Bytes of one table in its file: a roster, an archived message. */
    static final int MAX_TABLE_BYTES = 8 << 20;

    private static final int MAX_DEPTH = 128;

    private final String file;
    private final InputStream in;
    private int line = 1;
    private int column;
    private long read;
    private int ahead;

    /** @param in buffered; closed with this */
    LuaReader(String file, InputStream in) throws PortableException {
        this.file = file;
        this.in = in;
        advance();
    }

    /** The table of a file that has one. */
    LuaTable table() throws PortableException {
        read = 0;
        skipSpace();
        word("return");
        LuaTable table = wholeTable();
        skipSpace();
        if (ahead == ';') {
            advance();
            skipSpace();
        }
        if (ahead >= 0) {
            throw wrong("something behind the table");
        }
        return table;
    }

    /** The table of the next item of a list; null behind the last. */
    @Nullable
    LuaTable item() throws PortableException {
        read = 0;
        skipSpace();
        while (ahead == ';') {
            advance();
            skipSpace();
        }
        if (ahead < 0) {
            return null;
        }
        word("item");
        skipSpace();
        expect('(');
        LuaTable table = wholeTable();
        skipSpace();
        expect(')');
        return table;
    }

    Position position() {
        return new Position(file, line, column);
    }

    private LuaTable wholeTable() throws PortableException {
        skipSpace();
        if (value(0) instanceof LuaTable table) {
            return table;
        }
        throw wrong("no table");
    }

    private @Nullable Object value(int depth) throws PortableException {
        if (ahead == '{') {
            return table(depth);
        }
        if (ahead == '"') {
            return string();
        }
        if (ahead == '-' || isDigit(ahead)) {
            return number();
        }
        return switch (name()) {
            case "true" -> Boolean.TRUE;
            case "false" -> Boolean.FALSE;
            case "nil" -> null;
            default -> throw wrong("a word that is no value");
        };
    }

    private LuaTable table(int depth) throws PortableException {
        if (depth == MAX_DEPTH) {
            throw wrong("more than " + MAX_DEPTH + " tables in each other");
        }
        expect('{');
        LuaTable table = new LuaTable();
        skipSpace();
        while (ahead != '}') {
            field(table, depth);
            skipSpace();
            if (ahead == ';' || ahead == ',') {
                advance();
                skipSpace();
            } else if (ahead != '}') {
                throw wrong(shown() + " (expected: ; or })");
            }
        }
        advance();
        return table;
    }

    private void field(LuaTable table, int depth) throws PortableException {
        if (ahead == '[') {
            advance();
            skipSpace();
            Object key = value(depth + 1);
            skipSpace();
            expect(']');
            put(table, key, depth);
        } else if (isLetter(ahead)) {
            String name = name();
            skipSpace();
            if (ahead == '=') {
                put(table, name, depth);
            } else {
                switch (name) {
                    case "true" -> table.add(true);
                    case "false" -> table.add(false);
                    default -> throw wrong("a word that is no value");
                }
            }
        } else {
            Object value = value(depth + 1);
            if (value != null) {
                table.add(value);
            }
        }
    }

    private void put(LuaTable table, @Nullable Object key, int depth) throws PortableException {
        skipSpace();
        expect('=');
        skipSpace();
        Object value = value(depth + 1);
        if (key == null) {
            throw wrong("nil as a key");
        }
        if (value != null) {
            table.put(key, value);
        }
    }

    // ---- strings and numbers
    // -----------------------------------------------------------------------------------------

    private String string() throws PortableException {
        expect('"');
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (ahead != '"') {
            if (ahead < 0 || ahead == '\n') {
                throw wrong("a string without end");
            }
            if (ahead == '\\') {
                advance();
                bytes.write(escaped());
            } else {
                bytes.write(ahead);
                advance();
            }
        }
        advance();
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong("a string that is not UTF-8");
        }
    }

    private int escaped() throws PortableException {
        int escape = ahead;
        if (isDigit(escape)) {
            int octet = 0;
            for (int i = 0; i < 3 && isDigit(ahead); i++) {
                octet = 10 * octet + ahead - '0';
                advance();
            }
            if (octet > 255) {
                throw wrong("an octet of " + octet);
            }
            return octet;
        }
        advance();
        return switch (escape) {
            case 'a' -> 7;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n', '\n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 11;
            case '\\', '"', '\'' -> escape;
            default -> throw wrong("an escape that is none");
        };
    }

    private Number number() throws PortableException {
        StringBuilder digits = new StringBuilder();
        while (isDigit(ahead) || ahead == '-' || ahead == '+' || ahead == '.' || ahead == 'e' || ahead == 'E') {
            digits.append((char) ahead);
            advance();
            if (digits.length() > 40) {
                throw wrong("a number that is none");
            }
        }
        String text = digits.toString();
        try {
            boolean isWhole = text.chars().allMatch(c -> c == '-' || isDigit(c));
            if (isWhole) {
                return Long.valueOf(text);
            }
            return Double.valueOf(text);
        } catch (NumberFormatException e) {
            throw wrong("a number that is none");
        }
    }

    // ---- characters
    // --------------------------------------------------------------------------------------------------

    private String name() throws PortableException {
        StringBuilder name = new StringBuilder();
        while (isLetter(ahead) || isDigit(ahead)) {
            name.append((char) ahead);
            advance();
            if (name.length() > 100) {
                throw wrong("a word of more than 100 characters");
            }
        }
        if (name.isEmpty()) {
            throw wrong(shown() + " (expected: a value)");
        }
        return name.toString();
    }

    private void word(String expected) throws PortableException {
        String found = isLetter(ahead) ? name() : shown();
        if (!found.equals(expected)) {
            throw wrong(found + " (expected: " + expected + ")");
        }
    }

    private void expect(char expected) throws PortableException {
        if (ahead != expected) {
            throw wrong(shown() + " (expected: " + expected + ")");
        }
        advance();
    }

    private String shown() {
        return ahead < 0 ? "the end" : ahead > ' ' && ahead < 127 ? Character.toString(ahead) : "octet " + ahead;
    }

    private void skipSpace() throws PortableException {
        while (ahead == ' ' || ahead == '\t' || ahead == '\n' || ahead == '\r') {
            advance();
        }
    }

    private static boolean isLetter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private void advance() throws PortableException {
        if (ahead == '\n') {
            line++;
            column = 0;
        }
        try {
            ahead = in.read();
        } catch (IOException e) {
            throw wrong("cannot be read (" + e.getMessage() + ")");
        }
        column++;
        if (++read > MAX_TABLE_BYTES) {
            throw wrong("a table of more than " + MAX_TABLE_BYTES + " bytes");
        }
    }

    PortableException wrong(String what) {
        return new PortableException(position(), what);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
